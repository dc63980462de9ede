// Reading and quoting short texts that a person typed: splits, limits, options. Not for documents
// (see json.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

// The text in single quotes as one printable line of at most about 80 characters, for messages:
// control characters, those that turn the direction of text or are not seen, and quotes are escaped, the
// middle of a long text is left out. Other characters beyond ASCII are kept when they are UTF-8.
std::string quote(std::string_view text);

// The text as one printable line: control characters, those that turn the direction of text or are not
// seen, and bytes that are not UTF-8 are escaped, nothing is left out.
std::string one_line(std::string_view text);

// The first character of a text: one byte, or a whole UTF-8 sequence.  REQUIRES: not empty.
std::string_view first_character(std::string_view text);

// A decimal integer and nothing else (no sign but '-', no spaces) with low <= value <= high.
// The error says what was found and wanted; the caller adds where.
Result<std::int64_t> parse_integer(std::string_view text, std::int64_t low, std::int64_t high);

// The parts between separators, empty ones included: "a,,b" has three, "" has one.
std::vector<std::string_view> split_text(std::string_view text, char separator);

}  // namespace fusesweep
