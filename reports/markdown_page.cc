#include "reports/markdown_page.h"

#include <fmt/format.h>

#include <cctype>

#include "reports/shown_text.h"

namespace fusesweep {
namespace {

// A text that begins a line: what would make a list, a heading or a rule of it is escaped.
std::string at_line_start(std::string_view text) {
  std::string out = markdown_text(text);
  std::size_t digits = 0;
  while (digits < out.size() && std::isdigit(static_cast<unsigned char>(out[digits])) != 0)
    ++digits;
  const std::size_t mark = digits;
  if (mark >= out.size()) return out;
  const bool is_bullet = digits == 0 && (out[0] == '+' || out[0] == '-' || out[0] == '=');
  const bool is_number = digits > 0 && (out[mark] == '.' || out[mark] == ')');
  if (is_bullet || is_number) out.insert(mark, 1, '\\');
  return out;
}

void write_table(std::string& out, const DocumentTable& table) {
  out += fmt::format("{}\n\n|", at_line_start(table.caption));
  for (const TableColumn& column : table.columns)
    out += fmt::format(" {} |", markdown_text(column.title));
  out += "\n|";
  for (const TableColumn& column : table.columns) out += column.is_number ? "---:|" : "---|";
  out += '\n';
  for (const std::vector<TableCell>& row : table.rows) {
    out += '|';
    for (const TableCell& cell : row) {
      const std::string text = markdown_text(cell.text);
      out += cell.link.empty() ? fmt::format(" {} |", text)
                               : fmt::format(" [{}]({}) |", text, cell.link);
    }
    out += '\n';
  }
  out += '\n';
}

}  // namespace

std::string markdown_text(std::string_view text) {
  constexpr std::string_view kMarks = "\\`*_[]<>|~&$#!@";
  const std::string line = visible_line(text);
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    // "://" and "www." are taken for links where they stand.
    const bool is_link = line.compare(i, 3, "://") == 0 ||
                         (line[i] == '.' && i >= 3 && line.compare(i - 3, 3, "www") == 0);
    if (is_link || kMarks.find(line[i]) != std::string_view::npos) out += '\\';
    out += line[i];
  }
  return out;
}

std::string markdown_page(const Document& document) {
  std::string out = fmt::format("# {}\n\n", markdown_text(document.headline));
  out += fmt::format("{}: {}\n\n", at_line_start(document.kind), markdown_text(document.subject));
  for (const DocumentBadge& badge : document.badges)
    out += fmt::format("- **{}**\n", markdown_text(badge.text));
  if (!document.badges.empty()) out += '\n';
  for (const std::string& text : document.lead) out += at_line_start(text) + "\n\n";
  for (const KeyFigure& figure : document.figures) {
    out += fmt::format("- {}: {}{}{}{}\n", markdown_text(figure.label), markdown_text(figure.value),
                       figure.unit.empty() ? "" : " ", markdown_text(figure.unit),
                       figure.note.empty() ? "" : ", " + markdown_text(figure.note));
  }
  if (!document.figures.empty()) out += '\n';
  for (const DocumentSection& section : document.sections) {
    out += fmt::format("## {}\n\n", markdown_text(section.title));
    for (const std::string& text : section.sentences) out += at_line_start(text) + "\n\n";
    for (const DocumentFact& fact : section.facts)
      out += fmt::format("- {}: {}\n", markdown_text(fact.name), markdown_text(fact.value));
    if (!section.facts.empty()) out += '\n';
    for (const DocumentTable& table : section.tables) write_table(out, table);
  }
  for (const std::string& text : document.footer) out += at_line_start(text) + '\n';
  return out;
}

}  // namespace fusesweep
