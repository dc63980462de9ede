#include "harness/core/decode_sum.h"

#include <cmath>
#include <limits>

namespace fusesweep {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Json or_null(const std::optional<std::int64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<std::int64_t> read_optional(const JsonField& object, const char* key,
                                          std::int64_t low) {
  const std::optional<JsonField> field = object.find(key);
  if (!field) return std::nullopt;
  return field->integer(low, kMost);
}

std::int64_t mean(std::int64_t sum, std::int64_t n) {
  return std::llround(static_cast<double>(sum) / static_cast<double>(n));
}

}  // namespace

Json to_json(const DecodeSum& sum) {
  Json groups = Json::array();
  for (const GroupSum& group : sum.groups)
    groups.push_back({{"group", group.group}, {"ns", group.ns}});
  return {{"tokens", sum.tokens},
          {"ns", sum.ns},
          {"forward_calls", or_null(sum.forward_calls)},
          {"forward_ns", or_null(sum.forward_ns)},
          {"group_calls", or_null(sum.group_calls)},
          {"groups", std::move(groups)}};
}

DecodeSum read_decode_sum(const JsonField& field) {
  DecodeSum sum{.tokens = field.at("tokens").integer(1, kMost),
                .ns = field.at("ns").integer(1, kMost),
                .forward_calls = read_optional(field, "forward_calls", 1),
                .forward_ns = read_optional(field, "forward_ns", 0),
                .group_calls = read_optional(field, "group_calls", 1)};
  if (const auto groups = field.find("groups")) {
    for (const JsonField& group : groups->items())
      sum.groups.push_back({group.at("group").text(), group.at("ns").integer(0, kMost)});
    if (!sum.groups.empty() && !sum.group_calls)
      groups->reject("sums of groups", "group_calls beside them");
  }
  return sum;
}

std::vector<std::int64_t> times_of_steps(const std::vector<std::int64_t>& token_ns,
                                         const std::optional<DecodeSum>& sum) {
  if (!token_ns.empty() || !sum) return token_ns;
  return {mean(sum->ns, sum->tokens)};
}

std::vector<GroupSum> mean_of_call(const DecodeSum& sum) {
  std::vector<GroupSum> means;
  if (!sum.group_calls) return means;
  for (const GroupSum& group : sum.groups)
    means.push_back({group.group, mean(group.ns, *sum.group_calls)});
  return means;
}

}  // namespace fusesweep
