#include "reports/shown_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kHead = 110;  // characters kept at the front of a long text
constexpr std::size_t kTail = 40;   // and at its end

// What turns the direction of text, is not seen, or ends a line: by code point in UTF-8.
std::string_view escape_of(std::string_view character) {
  constexpr std::pair<std::string_view, std::string_view> kEscapes[] = {
      {"\u061C", "\\u061c"}, {"\u200B", "\\u200b"}, {"\u200C", "\\u200c"}, {"\u200D", "\\u200d"},
      {"\u200E", "\\u200e"}, {"\u200F", "\\u200f"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"},
      {"\u202A", "\\u202a"}, {"\u202B", "\\u202b"}, {"\u202C", "\\u202c"}, {"\u202D", "\\u202d"},
      {"\u202E", "\\u202e"}, {"\u2066", "\\u2066"}, {"\u2067", "\\u2067"}, {"\u2068", "\\u2068"},
      {"\u2069", "\\u2069"}, {"\uFEFF", "\\ufeff"}};
  for (const auto& [found, escape] : kEscapes) {
    if (found == character) return escape;
  }
  return character;
}

}  // namespace

std::string shown(std::string_view text) {
  const std::string line = one_line(text);
  std::vector<std::string_view> characters;
  bool is_ascii = true;
  for (std::string_view rest = line; !rest.empty();) {
    const std::string_view character = first_character(rest);
    characters.push_back(escape_of(character));
    is_ascii = is_ascii && static_cast<unsigned char>(characters.back().front()) < 0x80;
    rest.remove_prefix(character.size());
  }
  std::string out;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    if (characters.size() > kHead + kTail + 40 && i == kHead) {
      const std::size_t left_out = characters.size() - kHead - kTail;
      out += fmt::format("...({} characters left out)...", left_out);
      i += left_out;
    }
    out += characters[i];
  }
  return is_ascii ? out : "\u2068" + out + "\u2069";
}

std::string visible_line(std::string_view text) {
  const std::string line = one_line(text);
  std::string out;
  for (std::string_view rest = line; !rest.empty();) {
    const std::string_view character = first_character(rest);
    const bool is_isolate = character == "\u2068" || character == "\u2069";
    out += is_isolate ? character : escape_of(character);
    rest.remove_prefix(character.size());
  }
  return out;
}

std::string share_text(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string signed_share_text(double share) { return fmt::format("{:+.2f} %", 100 * share); }

std::string fixed(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

std::string utc_time(std::int64_t unix_ms) {
  constexpr std::int64_t kEnd = 253'402'300'800'000;  // of the year 9999
  if (unix_ms < 0 || unix_ms >= kEnd) return "at an unknown time";
  using std::chrono::sys_days;
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_ms / 1000)};
  const sys_days day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string count_text(std::size_t count, std::string_view one, std::string_view several) {
  if (count == 1) return fmt::format("1 {}", one);
  return several.empty() ? fmt::format("{} {}s", count, one) : fmt::format("{} {}", count, several);
}

}  // namespace fusesweep
