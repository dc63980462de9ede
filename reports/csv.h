// A table as comma-separated values (RFC 4180, but for lines that end in LF), UTF-8, the first line
// being the names of the columns. For spreadsheets as well as for programs: a text that a spreadsheet
// would take for a formula is disarmed. Pure: what becomes of the text is up to the caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fusesweep {

// Nothing where something is absent, a text, or a number.
using CsvCell = std::variant<std::monostate, std::string, std::int64_t, double>;

template <typename T>
CsvCell csv_cell(const std::optional<T>& value) {
  return value ? CsvCell(*value) : CsvCell();
}

struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<CsvCell>> rows;
};

// One cell as it stands between commas. A text is quoted where a comma, a quote or an end of line is in
// it; one that begins with = + - @, a tab or an end of line gets an apostrophe before it, so that it
// stays a text (https://owasp.org/www-community/attacks/CSV_Injection); control characters but tabs
// and ends of lines, and bytes that are not UTF-8, are escaped as one_line() does. A number is the
// shortest text that reads as the same number, one that is not finite is nothing.
std::string csv_text(const CsvCell& cell);

// REQUIRES: every row has a cell for each column.
std::string to_csv(const CsvTable& table);

}  // namespace fusesweep
