// Days and times as people write them, in UTC: of stores, reports and what was typed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace fusesweep {

// "2026-11-21"; outside the years 1970 to 9999, as anybody may have written the number, "-1 ms".
std::string utc_day(std::int64_t unix_ms);

// "2026-11-21 22:13:45"; the same.
std::string utc_time(std::int64_t unix_ms);

// "2026-01-31" or "2026-01-31T22:13:20", in milliseconds since 1970. The error says what was found and
// wanted; the caller adds where.
Result<std::int64_t> parse_utc(std::string_view text);

}  // namespace fusesweep
