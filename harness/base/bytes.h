// Amounts of bytes as people write and read them: "2GiB", "1.50 GiB".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace fusesweep {

// A whole number with an optional unit, B, KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB
// (powers of 1000); a space between them is allowed. The error says what was found and wanted; the
// caller adds where.
Result<std::uint64_t> parse_bytes(std::string_view text);

// Rounded for reading, in powers of 1024: "96 B", "1.50 KiB", "96.00 MiB", "1.97 GiB".
std::string format_bytes(std::uint64_t bytes);

}  // namespace fusesweep
