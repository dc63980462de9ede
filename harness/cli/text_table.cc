#include "harness/cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kWidest = 40;  // bytes of a cell

}  // namespace

std::string cell(std::string_view text) {
  const std::string line = one_line(text);
  if (line.empty()) return "-";
  if (line.size() <= kWidest) return line;
  std::string cut;
  for (std::string_view rest = line; !rest.empty();) {
    const std::string_view next = first_character(rest);
    if (cut.size() + next.size() > kWidest - 3) break;
    cut += next;
    rest.remove_prefix(next.size());
  }
  return cut + "...";
}

std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
    text += line + '\n';
  }
  return text;
}

}  // namespace fusesweep
