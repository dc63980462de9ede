#include "topologies/family.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

struct Range {
  int low = 0;
  int high = 0;
};

// The KEY=VALUE,... part of a family. Values are asked for by key; the first thing that is wrong is
// kept and the answers after it are defaults, so that a family reads all its options before it asks
// ok() once.
class Options {
 public:
  Options(std::string_view family, std::string_view text,
          std::initializer_list<std::string_view> known)
      : family_(family) {
    if (text.empty()) return;
    for (const std::string_view option : split_text(text, ',')) {
      const std::size_t equals = option.find('=');
      if (equals == std::string_view::npos) {
        reject(fmt::format("found {}, want KEY=VALUE", quote(option)));
        return;
      }
      const std::string_view key = option.substr(0, equals);
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        reject(fmt::format("found the key {}, want one of {}", quote(key), fmt::join(known, ", ")));
      } else if (!values_.emplace(key, option.substr(equals + 1)).second) {
        reject(fmt::format("found the key {} twice, want it once", quote(key)));
      }
    }
  }

  int integer(std::string_view key, int otherwise, int high) {
    const auto found = values_.find(key);
    return found == values_.end() ? otherwise : read_integer(key, found->second, high);
  }

  // "12..24", or "16" for 16..16.
  Range range(std::string_view key, Range otherwise, int high) {
    const auto found = values_.find(key);
    if (found == values_.end()) return otherwise;
    const std::string_view value = found->second;
    const std::size_t dots = value.find("..");
    if (dots == std::string_view::npos) {
      const int only = read_integer(key, value, high);
      return {only, only};
    }
    const Range range{read_integer(key, value.substr(0, dots), high),
                      read_integer(key, value.substr(dots + 2), high)};
    if (range.low > range.high)
      reject(fmt::format("{}: found {}, want LOW..HIGH", key, quote(value)));
    return range;
  }

  std::optional<std::string_view> text(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

  void reject(std::string message) {
    if (!error_) error_ = fmt::format("{}: {}", family_, message);
  }

  bool ok() const { return !error_; }
  Failure failure() const { return invalid_input(*error_); }

 private:
  int read_integer(std::string_view key, std::string_view value, int high) {
    const Result<std::int64_t> integer = parse_integer(value, 1, high);
    if (integer) return static_cast<int>(*integer);
    reject(fmt::format("{}: {}", key, integer.error().message));
    return 1;
  }

  std::string_view family_;
  std::map<std::string_view, std::string_view> values_;
  std::optional<std::string> error_;
};

constexpr std::string_view kDefaultTail = "6+2";
constexpr std::string_view kNoTail = "none";

Result<Family> front_fused(std::string_view text, int n_layers) {
  Options options("front-fused", text, {"tail", "front", "step"});
  std::vector<int> tail;
  const std::string_view tail_text = options.text("tail").value_or(kDefaultTail);
  if (tail_text != kNoTail) {
    const Result<Split> parsed = parse_split(tail_text);
    if (parsed) {
      tail.assign(parsed->lengths().begin(), parsed->lengths().end());
    } else {
      options.reject(fmt::format("tail: {}, or 'none'", parsed.error().message));
    }
  }
  int body = n_layers;
  for (const int length : tail) body -= length;
  if (body < 1) {
    options.reject(fmt::format("tail: found {} layers, want fewer than the model's {}",
                               n_layers - body, n_layers));
  }
  const Range front = options.range("front", {1, n_layers}, n_layers);
  const int step = options.integer("step", 1, n_layers);
  if (!options.ok()) return options.failure();

  std::vector<Split> splits;
  for (int f = front.low; f <= std::min(front.high, body); f += step) {
    const int rest = body - f;
    if (f < rest) continue;
    std::vector<int> lengths{f};
    if (rest > 0) lengths.push_back(rest);
    lengths.insert(lengths.end(), tail.begin(), tail.end());
    splits.emplace_back(std::move(lengths));
  }
  return splits;
}

Result<Family> uniform(std::string_view text, int n_layers) {
  Options options("uniform", text, {"length", "step"});
  const Range length = options.range("length", {1, n_layers}, n_layers);
  const int step = options.integer("step", 1, n_layers);
  if (!options.ok()) return options.failure();

  std::vector<Split> splits;
  for (int l = length.low; l <= length.high; l += step) {
    std::vector<int> lengths(static_cast<std::size_t>(n_layers / l), l);
    if (n_layers % l != 0) lengths.push_back(n_layers % l);
    splits.emplace_back(std::move(lengths));
  }
  return splits;
}

Result<Family> all(std::string_view text, int n_layers) {
  Options options("all", text, {"min-shard", "max-shard", "min-shards", "max-shards", "multiple"});
  const SplitLimits limits{.min_shard = options.integer("min-shard", 1, n_layers),
                           .max_shard = options.integer("max-shard", n_layers, n_layers),
                           .min_shards = options.integer("min-shards", 1, n_layers),
                           .max_shards = options.integer("max-shards", n_layers, n_layers),
                           .multiple = options.integer("multiple", 1, n_layers)};
  const auto reject_reversed = [&options](std::string_view key, int low, int high) {
    if (low > high)
      options.reject(
          fmt::format("min-{}: found {}, want at most max-{}, which is {}", key, low, key, high));
  };
  reject_reversed("shard", limits.min_shard, limits.max_shard);
  reject_reversed("shards", limits.min_shards, limits.max_shards);
  if (!options.ok()) return options.failure();
  return BoundedSplits(n_layers, limits);
}

Result<Family> list(std::string_view text, int n_layers) {
  Result<std::vector<Split>> splits = parse_split_list(text, n_layers);
  if (!splits) return fail_with_context(std::move(splits).error(), "list");
  return *std::move(splits);
}

}  // namespace

Result<Family> parse_family(std::string_view text, int n_layers) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (name == "front-fused") return front_fused(rest, n_layers);
  if (name == "uniform") return uniform(rest, n_layers);
  if (name == "list") return list(rest, n_layers);
  if (name == "all") return all(rest, n_layers);
  return invalid_input(
      fmt::format("found the family {}, want front-fused, uniform, list or all", quote(name)));
}

Result<std::vector<Split>> parse_split_list(std::string_view text, int n_layers) {
  if (text.empty()) {
    return invalid_input(
        "found an empty list, want splits separated by commas, such as 16+8+6+2,8x4");
  }
  std::vector<Split> splits;
  for (const std::string_view item : split_text(text, ',')) {
    Result<Split> split = parse_split(item, n_layers);
    if (!split) return fail(std::move(split).error());
    splits.push_back(*std::move(split));
  }
  return splits;
}

BigCount count(const Family& family) {
  if (const auto* listed = std::get_if<std::vector<Split>>(&family)) return listed->size();
  return std::get<BoundedSplits>(family).count();
}

Split split_at(const Family& family, const BigCount& rank) {
  if (const auto* listed = std::get_if<std::vector<Split>>(&family))
    return listed->at(rank.convert_to<std::size_t>());
  return std::get<BoundedSplits>(family).at(rank);
}

}  // namespace fusesweep
