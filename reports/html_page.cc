#include "reports/html_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "reports/page_parts.h"
#include "reports/shown_text.h"
#include "reports/svg_fragment.h"

namespace fusesweep {
namespace {

// "sha256-..." of a content security policy: hexadecimal digits in base 64.
std::string policy_hash(std::string_view hexadecimal) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "sha256-";
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : hexadecimal) {
    bits = bits << 4U | static_cast<std::uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    count += 4;
    if (count < 6) continue;
    count -= 6;
    out += kDigits[(bits >> count) & 63U];
  }
  if (count > 0) out += kDigits[(bits << (6 - count)) & 63U];
  while ((out.size() - 7) % 4 != 0) out += '=';
  return out;
}

std::string_view class_of(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "plain";
    case Tone::kGood:
      return "good";
    case Tone::kBad:
      return "bad";
    case Tone::kUnsure:
      return "unsure";
    case Tone::kRecorded:
      return "recorded";
    case Tone::kEmulated:
      return "emulated";
  }
  return "plain";
}

// Where a figure and its interval lie. The figures stand beside it, so it says nothing to a screen
// reader.
std::string mark_of(const RangeMark& mark) {
  constexpr double kWidth = 140;
  constexpr double kEdge = 5;
  const double span = mark.scale_high - mark.scale_low;
  const auto place = [&](double value) {
    const double share = span > 0 ? (value - mark.scale_low) / span : 0.5;
    return kEdge + (kWidth - 2 * kEdge) * std::clamp(share, 0.0, 1.0);
  };
  return fmt::format(
      "<svg class=\"mark\" viewBox=\"0 0 {0} 12\" aria-hidden=\"true\" focusable=\"false\">"
      "<line class=\"rail\" x1=\"0\" y1=\"6\" x2=\"{0}\" y2=\"6\"/>"
      "<line class=\"interval\" x1=\"{1:.1f}\" y1=\"6\" x2=\"{2:.1f}\" y2=\"6\"/>"
      "<circle cx=\"{3:.1f}\" cy=\"6\" r=\"3.5\"/></svg>",
      kWidth, place(mark.low), place(mark.high), place(mark.middle));
}

std::string cell_text(const TableCell& cell) {
  const std::string text = fmt::format("<bdi>{}</bdi>", html_text(cell.text));
  const std::string linked =
      cell.link.empty() ? text : fmt::format("<a href=\"{}\">{}</a>", html_text(cell.link), text);
  return (cell.mark ? mark_of(*cell.mark) : "") + linked;
}

class PageWriter {
 public:
  PageWriter(const Document& document, std::span<const PagePicture> pictures)
      : document_(document), pictures_(pictures) {}

  std::string write() {
    write_head();
    write_header();
    out_ += "<main id=\"content\">\n";
    for (const DocumentSection& section : document_.sections) write_section(section);
    out_ += "</main>\n<footer>\n";
    for (const std::string& text : document_.footer) write_paragraph(text);
    out_ += fmt::format("</footer>\n<script>{}</script>\n</body>\n</html>\n", page_script());
    return std::move(out_);
  }

 private:
  void write_head() {
    out_ += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    out_ += fmt::format(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'\">\n",
        policy_hash(page_script_sha256()), policy_hash(page_style_sha256()));
    out_ += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    out_ += "<meta name=\"color-scheme\" content=\"light dark\">\n";
    out_ += "<meta name=\"referrer\" content=\"no-referrer\">\n";
    out_ += fmt::format("<title>{}: {}</title>\n", html_text(document_.headline),
                        html_text(document_.subject));
    out_ += fmt::format("<style>{}</style>\n</head>\n<body>\n", page_style());
  }

  void write_header() {
    out_ += "<a class=\"skip\" href=\"#content\">Skip to the details</a>\n<header>\n";
    out_ += fmt::format("<p class=\"kind\">{} · <bdi>{}</bdi></p>\n", html_text(document_.kind),
                        html_text(document_.subject));
    out_ += fmt::format("<h1 class=\"answer\"><bdi>{}</bdi></h1>\n", html_text(document_.headline));
    if (!document_.badges.empty()) {
      out_ += "<ul class=\"badges\" aria-label=\"Kind of evidence\">\n";
      for (const DocumentBadge& badge : document_.badges) {
        out_ += fmt::format("<li class=\"badge {}\"><bdi>{}</bdi></li>\n", class_of(badge.tone),
                            html_text(badge.text));
      }
      out_ += "</ul>\n";
    }
    out_ += "<div class=\"lead\">\n";
    for (const std::string& text : document_.lead) write_paragraph(text);
    out_ += "</div>\n";
    write_figures();
    if (document_.sections.size() > 1) {
      out_ += "<nav aria-label=\"Sections\">\n<ul>\n";
      for (const DocumentSection& section : document_.sections) {
        out_ +=
            fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, html_text(section.title));
      }
      out_ += "</ul>\n</nav>\n";
    }
    out_ += "</header>\n";
  }

  void write_figures() {
    if (document_.figures.empty()) return;
    out_ += "<dl class=\"figures\">\n";
    for (const KeyFigure& figure : document_.figures) {
      out_ += fmt::format(
          "<div><dt>{}</dt><dd><span class=\"value\">{}</span> <span class=\"unit\">{}</span> "
          "<span class=\"note\"><bdi>{}</bdi></span></dd></div>\n",
          html_text(figure.label), html_text(figure.value), html_text(figure.unit),
          html_text(figure.note));
    }
    out_ += "</dl>\n";
  }

  void write_paragraph(const std::string& text) {
    out_ += fmt::format("<p>{}</p>\n", html_text(text));
  }

  void write_section(const DocumentSection& section) {
    out_ += fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n", section.id);
    out_ += fmt::format("<h2 id=\"{}-title\">{}</h2>\n", section.id, html_text(section.title));
    for (const std::string& text : section.sentences) write_paragraph(text);
    if (!section.facts.empty()) {
      out_ += "<dl class=\"facts\">\n";
      for (const DocumentFact& fact : section.facts) {
        out_ += fmt::format("<dt>{}</dt><dd><bdi>{}</bdi></dd>\n", html_text(fact.name),
                            html_text(fact.value));
      }
      out_ += "</dl>\n";
    }
    for (const DocumentTable& table : section.tables) {
      if (!table.is_detail) write_table(table);
    }
    for (const std::string& name : section.pictures) write_picture(name);
    for (const DocumentTable& table : section.tables) {
      if (!table.is_detail) continue;
      out_ += fmt::format("<details>\n<summary>{} ({})</summary>\n", html_text(table.caption),
                          table.rows.size());
      write_table(table);
      out_ += "</details>\n";
    }
    out_ += "</section>\n";
  }

  void write_table(const DocumentTable& table) {
    out_ += fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"{0}-caption\">\n"
        "<table id=\"{0}\" class=\"sortable\">\n<caption id=\"{0}-caption\">{1}</caption>\n"
        "<thead><tr>",
        table.id, html_text(table.caption));
    for (const TableColumn& column : table.columns) {
      out_ += fmt::format("<th scope=\"col\"{}>{}</th>",
                          column.is_number ? " class=\"number\"" : "", html_text(column.title));
    }
    out_ += "</tr></thead>\n<tbody>\n";
    for (const std::vector<TableCell>& row : table.rows) {
      out_ += "<tr>";
      for (std::size_t c = 0; c < row.size(); ++c) write_cell(row[c], table.columns[c], c == 0);
      out_ += "</tr>\n";
    }
    out_ += "</tbody>\n</table>\n</div>\n";
  }

  void write_cell(const TableCell& cell, const TableColumn& column, bool names_the_row) {
    const std::string_view element = names_the_row ? "th" : "td";
    constexpr std::size_t kShort = 28;  // bytes; up to there a text is not broken into lines
    std::string classes = column.is_number ? "number" : cell.text.size() < kShort ? "short" : "";
    if (cell.tone != Tone::kPlain)
      classes += fmt::format("{}{}", classes.empty() ? "" : " ", class_of(cell.tone));
    out_ += fmt::format("<{}{}", element, names_the_row ? " scope=\"row\"" : "");
    if (!classes.empty()) out_ += fmt::format(" class=\"{}\"", classes);
    if (cell.value) out_ += fmt::format(" data-value=\"{}\"", *cell.value);
    out_ += fmt::format(">{}</{}>", cell_text(cell), element);
  }

  void write_picture(const std::string& name) {
    const auto picture = std::find_if(pictures_.begin(), pictures_.end(),
                                      [&](const PagePicture& p) { return p.name == name; });
    if (picture == pictures_.end()) return;
    std::string error = picture->error;
    if (error.empty()) {
      const Result<std::string> drawn = svg_fragment(
          picture->svg,
          {.prefix = "plot-" + name + "-", .title = picture->title, .description = picture->about});
      if (drawn) {
        out_ += fmt::format(
            "<figure id=\"plot-{}\">\n<figcaption>{}"
            "</figcaption>\n<div class=\"plot\">{}</div>\n</figure>\n",
            name, html_text(picture->about), *drawn);
        return;
      }
      error = drawn.error().message;
    }
    write_paragraph(fmt::format("Not drawn, {}: {}.", picture->title, error));
  }

  const Document& document_;
  std::span<const PagePicture> pictures_;
  std::string out_;
};

}  // namespace

std::string html_page(const Document& document, std::span<const PagePicture> pictures) {
  return PageWriter(document, pictures).write();
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : visible_line(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace fusesweep
