#include "harness/cli/shard_arguments.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr int kMost = std::numeric_limits<int>::max();

}  // namespace

Result<ShardIdentity> read_shard_arguments(const std::string& tokens, const std::string& context,
                                           const std::string& encoding,
                                           const std::string& kv_form) {
  const Result<std::int64_t> token_count = parse_integer(tokens, 1, kMost);
  if (!token_count) return fail_with_context(token_count.error(), "--tokens");
  const Result<std::int64_t> positions = parse_integer(context, 1, kMost);
  if (!positions) return fail_with_context(positions.error(), "--context");
  const Result<Encoding> weights = parse_encoding(encoding);
  if (!weights) return fail_with_context(weights.error(), "--encoding");
  const Result<KvForm> form = parse_kv_form(kv_form);
  if (!form) return fail_with_context(form.error(), "--kv");
  return ShardIdentity{.tokens = static_cast<int>(*token_count),
                       .encoding = *weights,
                       .context = static_cast<int>(*positions),
                       .kv_form = *form};
}

Result<Segment> read_segment(const std::string& text, const Contract& contract) {
  const std::vector<std::string_view> parts = split_text(text, ':');
  if (parts.size() == 2) {
    const Result<std::int64_t> begin = parse_integer(parts[0], 0, contract.n_layers - 1);
    const Result<std::int64_t> end = parse_integer(parts[1], 1, contract.n_layers);
    if (begin && end && *begin < *end)
      return Segment{static_cast<int>(*begin), static_cast<int>(*end)};
  }
  return invalid_input(fmt::format("--segment: found {}, want A:B with 0 <= A < B <= {}",
                                   quote(text), contract.n_layers));
}

Result<int> read_head_shards(const std::string& count) {
  const Result<std::int64_t> slices = parse_integer(count, 1, kMost);
  if (!slices) return fail_with_context(slices.error(), "--head-shards");
  return static_cast<int>(*slices);
}

Result<std::vector<HeadSlice>> read_head_slices(const std::string& count,
                                                const Contract& contract) {
  const Result<int> slices = read_head_shards(count);
  if (!slices) return fail(slices.error());
  Result<std::vector<HeadSlice>> found = head_slices(contract, *slices);
  if (!found) return fail_with_context(found.error(), "--head-shards");
  return found;
}

}  // namespace fusesweep
