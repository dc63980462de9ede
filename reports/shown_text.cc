#include "reports/shown_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kHead = 110;  // characters kept at the front of a long text
constexpr std::size_t kTail = 40;   // and at its end
constexpr std::string_view kIsolate = "\u2068";
constexpr std::string_view kEndOfIsolate = "\u2069";
constexpr std::string_view kEllipsis = "…";

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    all.push_back(first_character(text));
    text.remove_prefix(all.back().size());
  }
  return all;
}

// Of a text of `all` characters, those at the front and at the end, with `gap` between them.
std::string without_middle(std::string_view text, const std::vector<std::string_view>& all,
                           std::size_t head, std::size_t tail, std::string_view gap) {
  const char* after_head = all[head].data();
  const char* before_tail = all[all.size() - tail].data();
  return fmt::format("{}{}{}", text.substr(0, static_cast<std::size_t>(after_head - text.data())),
                     gap, text.substr(static_cast<std::size_t>(before_tail - text.data())));
}

}  // namespace

std::string shown(std::string_view text) {
  std::string line = one_line(text);
  const std::vector<std::string_view> all = characters_of(line);
  if (all.size() > kHead + kTail + 40) {
    line =
        without_middle(line, all, kHead, kTail,
                       fmt::format("...({} characters left out)...", all.size() - kHead - kTail));
  }
  const bool is_ascii = std::none_of(line.begin(), line.end(),
                                     [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  return is_ascii ? line : fmt::format("{}{}{}", kIsolate, line, kEndOfIsolate);
}

std::string shown(std::string_view text, std::size_t most) {
  FUSESWEEP_CHECK(most >= 5);
  const std::string line = one_line(text);
  const std::vector<std::string_view> all = characters_of(line);
  if (all.size() <= most) return line;
  const std::size_t tail = (most - 1) / 3;
  return without_middle(line, all, most - 1 - tail, tail, kEllipsis);
}

std::size_t characters(std::string_view text) { return characters_of(text).size(); }

std::string visible_line(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t mark = std::min({text.find(kIsolate), text.find(kEndOfIsolate), text.size()});
    out += one_line(text.substr(0, mark));
    out += text.substr(mark, kIsolate.size());
    text.remove_prefix(std::min(mark + kIsolate.size(), text.size()));
  }
  return out;
}

std::string share_text(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string signed_share_text(double share) { return fmt::format("{:+.2f} %", 100 * share); }

std::string short_share_text(double share) {
  const double value = std::abs(100 * share);
  return fmt::format("{:.{}f} %", 100 * share, value < 0.1 ? 2 : value < 10 ? 1 : 0);
}

std::string fixed(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

std::string count_text(std::size_t count, std::string_view one, std::string_view several) {
  if (count == 1) return fmt::format("1 {}", one);
  return several.empty() ? fmt::format("{} {}s", count, one) : fmt::format("{} {}", count, several);
}

}  // namespace fusesweep
