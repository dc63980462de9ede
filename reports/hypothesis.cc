#include "reports/hypothesis.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "topologies/split.h"

namespace fusesweep {
namespace {

constexpr std::size_t kLongest = 400;  // characters of a hypothesis
constexpr std::string_view kForms =
    "METRIC(SPLIT) > METRIC(SPLIT) or a number, cliff in [A,B], cliff confirmed, qualified(SPLIT), "
    "disqualified(SPLIT), best = SPLIT or tie(SPLIT, SPLIT)";

constexpr std::pair<std::string_view, SplitMetric> kMetrics[] = {
    {"tok_s", SplitMetric::kTokPerS},
    {"tok_per_s", SplitMetric::kTokPerS},  // as the store calls it
    {"ms_per_token", SplitMetric::kMsPerToken},
    {"ttft_ms", SplitMetric::kTtftMs},
    {"load_ms", SplitMetric::kLoadMs},
    {"activation_ms", SplitMetric::kActivationMs}};

// The longer ones first.
constexpr std::pair<std::string_view, Comparison> kComparisons[] = {{">=", Comparison::kAtLeast},
                                                                    {"<=", Comparison::kAtMost},
                                                                    {">", Comparison::kAbove},
                                                                    {"<", Comparison::kBelow}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
// Of a split and the words after it.
bool is_of_name(char c) {
  return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.' || c == '=' || c == ' ';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<SplitMetric> metric_of(std::string_view word) {
  for (const auto& [name, metric] : kMetrics) {
    if (name == word) return metric;
  }
  return std::nullopt;
}

// Reads from front to back. The first thing that does not fit is noted, and from then on every read
// answers with an empty value.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  const std::optional<Error>& error() const { return error_; }

  void reject(std::size_t at, std::string_view wanted) {
    if (error_) return;
    const std::string found =
        at < text_.size() ? quote(text_.substr(at, 24)) : std::string("the end");
    error_ = Error{ErrorCode::kInvalidInput, fmt::format("{}, at character {}: found {}, want {}",
                                                         quote(text_), at + 1, found, wanted)};
  }

  std::size_t skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_;
  }

  template <typename Is>
  std::string_view take_while(Is is) {
    const std::size_t begin = skip_spaces();
    while (at_ < text_.size() && is(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::string_view word() { return take_while(is_letter); }

  void expect(std::string_view sign) {
    const std::size_t begin = skip_spaces();
    if (text_.substr(begin).starts_with(sign)) {
      at_ = begin + sign.size();
    } else {
      reject(begin, quote(sign));
    }
  }

  std::string split() {
    const std::size_t begin = skip_spaces();
    const std::string_view name = trimmed(take_while(is_of_name));
    const std::size_t end = std::min(name.find(' '), name.size());
    const Result<Split> split = parse_split(name.substr(0, end));
    if (!split) {
      if (!error_ && !name.empty()) {
        error_ = Error{
            ErrorCode::kInvalidInput,
            fmt::format("{}, at character {}: {}", quote(text_), begin + 1, split.error().message)};
      }
      reject(begin, "a split such as 16+16");
      return {};
    }
    const std::string_view more = trimmed(name.substr(end));
    return more.empty() ? to_text(*split) : fmt::format("{} {}", to_text(*split), more);
  }

  std::string split_in_brackets() {
    expect("(");
    std::string name = split();
    expect(")");
    return name;
  }

  Comparison comparison() {
    const std::size_t begin = skip_spaces();
    for (const auto& [sign, comparison] : kComparisons) {
      if (!text_.substr(begin).starts_with(sign)) continue;
      at_ = begin + sign.size();
      return comparison;
    }
    reject(begin, ">, <, >= or <=");
    return Comparison::kAbove;
  }

  int length() {
    const std::size_t begin = skip_spaces();
    const Result<std::int64_t> value = parse_integer(take_while(is_digit), 0, kMaxLayers + 1);
    if (!value) reject(begin, fmt::format("a number of layers, at most {}", kMaxLayers + 1));
    return value ? static_cast<int>(*value) : 0;
  }

  bool is_at_number() {
    const std::size_t begin = skip_spaces();
    return begin < text_.size() && (is_digit(text_[begin]) || text_[begin] == '.');
  }

  double positive_number() {
    const std::size_t begin = skip_spaces();
    double value = 0;
    const auto [end, code] =
        std::from_chars(text_.data() + begin, text_.data() + text_.size(), value);
    at_ = static_cast<std::size_t>(end - text_.data());
    if (code != std::errc() || !std::isfinite(value) || value <= 0)
      reject(begin, "a number above 0");
    return value;
  }

  void expect_end() {
    const std::size_t begin = skip_spaces();
    if (begin < text_.size()) reject(begin, "nothing more");
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<Error> error_;
};

// What the number is multiplied by, to be in the metric's unit.
double read_unit(Scanner& scanner, SplitMetric metric) {
  const std::size_t begin = scanner.skip_spaces();
  const std::string_view unit = scanner.take_while([](char c) { return is_letter(c) || c == '/'; });
  if (unit.empty() || unit == unit_of(metric)) return 1;
  if (metric != SplitMetric::kTokPerS && unit == "s") return 1000;
  scanner.reject(begin, metric == SplitMetric::kTokPerS ? "tok/s or no unit" : "ms, s or no unit");
  return 1;
}

Claim read_comparison(Scanner& scanner, SplitMetric metric) {
  std::string left = scanner.split_in_brackets();
  const Comparison comparison = scanner.comparison();
  if (scanner.is_at_number()) {
    const double number = scanner.positive_number();
    return SplitBound{metric, std::move(left), comparison, number * read_unit(scanner, metric)};
  }
  const std::size_t begin = scanner.skip_spaces();
  if (metric_of(scanner.word()) != metric)
    scanner.reject(begin, fmt::format("{}(SPLIT) or a number", to_text(metric)));
  return SplitsComparison{metric, std::move(left), comparison, scanner.split_in_brackets()};
}

Claim read_cliff(Scanner& scanner) {
  const std::size_t begin = scanner.skip_spaces();
  const std::string_view word = scanner.word();
  if (word == "confirmed") return CliffIsConfirmed{};
  if (word != "in") {
    scanner.reject(begin, "in [A,B] or confirmed");
    return CliffIsConfirmed{};
  }
  scanner.expect("[");
  const int resident = scanner.length();
  scanner.expect(",");
  const std::size_t second = scanner.skip_spaces();
  const int not_resident = scanner.length();
  if (not_resident <= resident)
    scanner.reject(second, "a longer shard than the first, which is resident");
  scanner.expect("]");
  return CliffWithin{resident, not_resident};
}

Claim read_best(Scanner& scanner) {
  scanner.expect("=");
  return SplitIsBest{scanner.split()};
}

Claim read_tie(Scanner& scanner) {
  scanner.expect("(");
  std::string one = scanner.split();
  scanner.expect(",");
  std::string other = scanner.split();
  scanner.expect(")");
  return SplitsTie{std::move(one), std::move(other)};
}

Claim read_claim(Scanner& scanner) {
  const std::size_t begin = scanner.skip_spaces();
  const std::string_view word = scanner.word();
  if (const auto metric = metric_of(word)) return read_comparison(scanner, *metric);
  if (word == "cliff") return read_cliff(scanner);
  if (word == "best") return read_best(scanner);
  if (word == "tie") return read_tie(scanner);
  if (word == "qualified") return SplitQualifies{scanner.split_in_brackets(), true};
  if (word == "disqualified") return SplitQualifies{scanner.split_in_brackets(), false};
  scanner.reject(begin, kForms);
  return CliffIsConfirmed{};
}

}  // namespace

std::string_view to_text(SplitMetric metric) {
  switch (metric) {
    case SplitMetric::kTokPerS:
      return "tok_s";
    case SplitMetric::kMsPerToken:
      return "ms_per_token";
    case SplitMetric::kTtftMs:
      return "ttft_ms";
    case SplitMetric::kLoadMs:
      return "load_ms";
    case SplitMetric::kActivationMs:
      return "activation_ms";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string_view unit_of(SplitMetric metric) {
  return metric == SplitMetric::kTokPerS ? "tok/s" : "ms";
}

std::string_view to_text(Comparison comparison) {
  for (const auto& [sign, known] : kComparisons) {
    if (known == comparison) return sign;
  }
  FUSESWEEP_UNREACHABLE();
}

Result<Hypothesis> parse_hypothesis(std::string_view text) {
  if (text.size() > kLongest) {
    return invalid_input(fmt::format("{}: found {} characters, want at most {}", quote(text),
                                     text.size(), kLongest));
  }
  Scanner scanner(text);
  Hypothesis hypothesis{.text = one_line(text), .claim = read_claim(scanner)};
  scanner.expect_end();
  if (scanner.error()) return fail(*scanner.error());
  return hypothesis;
}

}  // namespace fusesweep
