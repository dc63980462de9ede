#include "reports/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

// What begins a formula in one spreadsheet or another; the last four are the full-width = + - @, which
// Japanese editions take for the others.
constexpr std::array<std::string_view, 11> kFormulaBeginnings = {
    "=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};

bool begins_as_formula(std::string_view text) {
  return std::any_of(kFormulaBeginnings.begin(), kFormulaBeginnings.end(),
                     [&](std::string_view beginning) { return text.starts_with(beginning); });
}

// Tabs and ends of lines stay: they are text, and quotes hold them.
std::string printable(std::string_view text) {
  constexpr std::string_view kKept = "\t\r\n";
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kKept), text.size());
    out += one_line(text.substr(0, end));
    if (end < text.size()) out += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string text_of(std::string_view text) {
  const std::string safe = (begins_as_formula(text) ? "'" : "") + printable(text);
  return safe.find_first_of(",\"\r\n") == std::string::npos ? safe : quoted(safe);
}

void append_line(std::string& out, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    out += cells[i];
  }
  out += '\n';
}

}  // namespace

std::string csv_text(const CsvCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return text_of(*text);
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *integer);
  if (const auto* number = std::get_if<double>(&cell); number != nullptr && std::isfinite(*number))
    return fmt::format("{}", *number);
  return {};
}

std::string to_csv(const CsvTable& table) {
  std::string out;
  std::vector<std::string> cells;
  for (const std::string& column : table.columns) cells.push_back(csv_text(column));
  append_line(out, cells);
  for (const std::vector<CsvCell>& row : table.rows) {
    FUSESWEEP_CHECK(row.size() == table.columns.size());
    cells.clear();
    for (const CsvCell& cell : row) cells.push_back(csv_text(cell));
    append_line(out, cells);
  }
  return out;
}

}  // namespace fusesweep
