#include "reports/draw_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/base/check.h"
#include "harness/base/program_path.h"
#include "harness/base/text.h"
#include "reports/gnuplot_process.h"
#include "reports/gnuplot_script.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr double kPixelsPerInch = 96;

// For ids: of a name of ours only what every browser takes.
std::string id_of(const std::string& name) {
  std::string id;
  for (const char c : name) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    id += is_plain ? c : '_';
  }
  return id;
}

std::string terminal(const Plot& plot, PlotFormat format, const PlotSize& size) {
  switch (format) {
    case PlotFormat::kSvg:
      return fmt::format(
          "set terminal svg noenhanced size {},{} fixed name '{}' background rgb 'white' "
          "font 'sans-serif,12'\n",
          size.width, size.height, id_of(plot.name));
    case PlotFormat::kPng:
      return fmt::format(
          "set terminal pngcairo noenhanced size {},{} background rgb 'white' font 'Sans,12' "
          "fontscale 0.75\n",
          size.width, size.height);
    case PlotFormat::kPdf:
      return fmt::format(
          "set terminal pdfcairo noenhanced size {}in,{}in background rgb 'white' font 'Sans,12' "
          "fontscale 0.75\n",
          figure(size.width / kPixelsPerInch), figure(size.height / kPixelsPerInch));
    case PlotFormat::kText:
      return fmt::format("set terminal dumb noenhanced size {},{} mono\n", size.width, size.height);
  }
  FUSESWEEP_UNREACHABLE();
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : shown(text, 2000)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

// The lines of a pattern have a style of their own, which a page's policy forbids: the same as attributes.
std::string without_style(std::string line) {
  constexpr std::string_view kBefore = "<path style='fill:none; stroke:";
  const std::size_t begin = line.find(kBefore);
  if (begin == std::string::npos) return line;
  line.replace(begin, kBefore.size(), "<path fill='none' stroke='");
  return line;
}

// gnuplot's ids are the same in each of its pictures, and a page has several. Lines with text on them
// are left as they are.
std::string with_own_ids(std::string line, const std::string& id) {
  if (line.find("<text>") != std::string::npos) return line;
  for (const char* quoting : {"'", "\""}) {
    for (const char* word : {"gp", "textbox", "greybox"}) {
      replace_all(line, fmt::format("id={}{}", quoting, word),
                  fmt::format("id={}{}_{}", quoting, id, word));
      replace_all(line, fmt::format("href={}#{}", quoting, word),
                  fmt::format("href={}#{}_{}", quoting, id, word));
    }
  }
  for (const char* word : {"gp", "textbox", "greybox"})
    replace_all(line, fmt::format("url(#{}", word), fmt::format("url(#{}_{}", id, word));
  replace_all(line, "id=\"gnuplot_canvas\"", fmt::format("id=\"{}_canvas\"", id));
  // A tool tip that says "tok_s_plot_3" tells nobody anything.
  const std::size_t tip = line.find(fmt::format("<title>{}_plot_", id));
  const std::size_t end = line.find("</title>");
  if (tip != std::string::npos && end != std::string::npos)
    line.erase(tip, end + std::string_view("</title>").size() - tip);
  return line;
}

// Says what it shows to those who cannot see it, and may stand in a page beside others.
Result<std::string> as_own_picture(const std::string& svg, const Plot& plot) {
  const std::string id = id_of(plot.name);
  const std::size_t root = svg.find("<svg ");
  const std::size_t title = svg.find("<title>");
  const std::size_t desc_end = svg.find("</desc>");
  if (root == std::string::npos || title == std::string::npos || desc_end == std::string::npos ||
      !(root < title && title < desc_end))
    return unavailable("gnuplot: found no SVG in what it drew");
  const std::size_t rest = desc_end + std::string_view("</desc>").size();
  std::string out =
      svg.substr(0, root) +
      fmt::format("<svg role=\"img\" aria-labelledby=\"{0}_title {0}_desc\"", id) +
      svg.substr(root + 4, title - root - 4) +
      fmt::format("<title id=\"{0}_title\">{1}</title>\n<desc id=\"{0}_desc\">{2}</desc>", id,
                  escaped(plot.title), escaped(plot.about));
  for (const std::string_view line : split_text(std::string_view(svg).substr(rest), '\n'))
    out += with_own_ids(without_style(std::string(line)), id) + '\n';
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

// gnuplot pads every line, and says a form feed first.
std::string trimmed(const std::string& text) {
  std::string out;
  for (std::string_view line : split_text(text, '\n')) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\f' || line.back() == '\r'))
      line.remove_suffix(1);
    while (!line.empty() && line.front() == '\f') line.remove_prefix(1);
    if (out.empty() && line.empty()) continue;
    out += line;
    out += '\n';
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

// A file's name as it is, whatever is in it: pieces in single quotes, with the quotes between them.
std::string name_expression(const std::string& name) {
  std::string expression;
  for (const std::string_view piece : split_text(name, '\''))
    expression += fmt::format("{}'{}'", expression.empty() ? "" : ".\"'\".", one_line(piece));
  return expression;
}

PlotSize size_for(const Plot& plot, PlotFormat format) {
  return format == PlotFormat::kText ? plot.text_size : plot.size;
}

}  // namespace

Result<std::string> draw(const Plot& plot, PlotFormat format, std::optional<PlotSize> size) {
  const std::optional<std::string> program = find_on_path("gnuplot");
  if (!program) {
    return unavailable(
        "found no gnuplot in $PATH, want it for pictures: apt-get install gnuplot-nox, or brew "
        "install gnuplot");
  }
  const std::string commands =
      terminal(plot, format, size.value_or(size_for(plot, format))) + "set output\n" + plot.script;
  Result<std::string> drawn = run_gnuplot(*program, commands);
  if (!drawn) return drawn;
  if (drawn->empty()) return unavailable("gnuplot: drew nothing");
  if (format == PlotFormat::kSvg) return as_own_picture(*drawn, plot);
  if (format == PlotFormat::kText) return trimmed(*drawn);
  return drawn;
}

std::string script_of(const Plot& plot, PlotFormat format, const std::string& file_name) {
  return fmt::format("# gnuplot draws {} with this, in the current folder.\n",
                     shown(file_name, 200)) +
         terminal(plot, format, size_for(plot, format)) +
         // A name that begins with | would be a command.
         fmt::format("set output {}\n",
                     name_expression(file_name.starts_with('|') ? "./" + file_name : file_name)) +
         plot.script + "unset output\n";
}

bool can_draw() { return find_on_path("gnuplot").has_value(); }

}  // namespace fusesweep
