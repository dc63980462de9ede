#include "topologies/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <numeric>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

// Reads one split from left to right. Every error is made in wanted(), so that all of them look
// alike.
class SplitParser {
 public:
  explicit SplitParser(std::string_view text) : text_(text) {}

  Result<Split> parse() {
    std::vector<int> lengths;
    int sum = 0;
    while (true) {
      const std::size_t term_at = at_;
      Result<int> length = number();
      if (!length) return fail(std::move(length).error());
      int count = 1;
      if (next_is('x')) {
        count = *length;
        length = number();
        if (!length) return fail(std::move(length).error());
      }
      // Both are at most kMaxLayers, so their product fits; it is checked before anything is
      // allocated.
      sum += count * *length;
      if (sum > kMaxLayers) {
        return invalid_input(
            fmt::format("{}: character {}: found {} layers so far, want at most {}", quote(text_),
                        term_at + 1, sum, kMaxLayers));
      }
      lengths.insert(lengths.end(), static_cast<std::size_t>(count), *length);
      if (at_ == text_.size()) return Split(std::move(lengths));
      if (!next_is('+')) return wanted("'+' or the end");
    }
  }

 private:
  bool next_is(char c) {
    const bool yes = at_ < text_.size() && text_[at_] == c;
    if (yes) ++at_;
    return yes;
  }

  Result<int> number() {
    const std::size_t digits_end =
        std::min(text_.find_first_not_of("0123456789", at_), text_.size());
    const std::string_view digits = text_.substr(at_, digits_end - at_);
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || value < 1 || value > kMaxLayers) {
      return wanted(fmt::format("an integer from 1 to {}", kMaxLayers), digits);
    }
    at_ = digits_end;
    return value;
  }

  Failure wanted(std::string_view what, std::string_view found = {}) const {
    const std::string shown =
        at_ == text_.size() ? std::string("the end")
                            : quote(found.empty() ? first_character(text_.substr(at_)) : found);
    return invalid_input(
        fmt::format("{}: character {}: found {}, want {}", quote(text_), at_ + 1, shown, what));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Split::Split(std::vector<int> lengths) : lengths_(std::move(lengths)) {
  FUSESWEEP_CHECK(!lengths_.empty());
  int sum = 0;
  for (const int length : lengths_) {
    FUSESWEEP_CHECK(length >= 1 && length <= kMaxLayers);
    sum += length;
  }
  FUSESWEEP_CHECK(sum <= kMaxLayers);
}

int Split::n_layers() const { return std::accumulate(lengths_.begin(), lengths_.end(), 0); }

std::vector<Segment> Split::segments() const {
  std::vector<Segment> segments;
  segments.reserve(lengths_.size());
  int begin = 0;
  for (const int length : lengths_) {
    segments.push_back({begin, begin + length});
    begin += length;
  }
  return segments;
}

bool is_preferred(const Split& split, const Split& other) {
  const auto longest = [](const Split& one) {
    return *std::max_element(one.lengths().begin(), one.lengths().end());
  };
  if (split.shards() != other.shards()) return split.shards() < other.shards();
  if (longest(split) != longest(other)) return longest(split) < longest(other);
  return to_text(split) < to_text(other);
}

std::string to_text(const Split& split) {
  return fmt::format("{}", fmt::join(split.lengths(), "+"));
}

Result<Split> parse_split(std::string_view text, std::optional<int> n_layers) {
  Result<Split> split = SplitParser(text).parse();
  if (split && n_layers && split->n_layers() != *n_layers) {
    return invalid_input(fmt::format("{}: found {} layers in all, want {}", quote(text),
                                     split->n_layers(), *n_layers));
  }
  return split;
}

}  // namespace fusesweep
