#include "harness/base/utc_time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iterator>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

// Beyond it the calendar has no four digits.
constexpr std::int64_t kYear10000 = 253'402'300'800'000;

bool has_date(std::int64_t unix_ms) { return unix_ms >= 0 && unix_ms < kYear10000; }

std::tm calendar_of(std::int64_t unix_ms) {
  return fmt::gmtime(static_cast<std::time_t>(unix_ms / 1000));
}

}  // namespace

std::string utc_day(std::int64_t unix_ms) {
  if (!has_date(unix_ms)) return fmt::format("{} ms", unix_ms);
  return fmt::format("{:%Y-%m-%d}", calendar_of(unix_ms));
}

std::string utc_time(std::int64_t unix_ms) {
  if (!has_date(unix_ms)) return fmt::format("{} ms", unix_ms);
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", calendar_of(unix_ms));
}

Result<std::int64_t> parse_utc(std::string_view text) {
  using namespace std::chrono;
  const auto wrong = [&] {
    return invalid_input(fmt::format(
        "found {}, want a date such as 2026-01-31 or 2026-01-31T22:13:20 (UTC)", quote(text)));
  };
  const auto number = [&](std::size_t at, std::size_t digits, std::int64_t high) {
    const std::string_view part = text.substr(std::min(at, text.size()), digits);
    const Result<std::int64_t> value = parse_integer(part, 0, high);
    return part.size() == digits && part.front() != '-' && value ? *value : -1;
  };
  const bool has_time = text.size() == 19;
  if ((text.size() != 10 && !has_time) || text[4] != '-' || text[7] != '-') return wrong();
  if (has_time && (text[10] != 'T' || text[13] != ':' || text[16] != ':')) return wrong();
  const std::int64_t parts[] = {number(0, 4, 9999),
                                number(5, 2, 12),
                                number(8, 2, 31),
                                has_time ? number(11, 2, 23) : 0,
                                has_time ? number(14, 2, 59) : 0,
                                has_time ? number(17, 2, 59) : 0};
  if (std::any_of(std::begin(parts), std::end(parts), [](std::int64_t part) { return part < 0; }))
    return wrong();
  const year_month_day day{year(static_cast<int>(parts[0])), month(static_cast<unsigned>(parts[1])),
                           std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!day.ok()) return wrong();
  const auto when = sys_days(day) + hours(parts[3]) + minutes(parts[4]) + seconds(parts[5]);
  return duration_cast<milliseconds>(when.time_since_epoch()).count();
}

}  // namespace fusesweep
