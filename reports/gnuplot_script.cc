#include "reports/gnuplot_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

// In place of a quote: gnuplot 5.4 takes a doubled one at the beginning of a string for its end.
constexpr std::string_view kApostrophe = "’";
constexpr double kTitleCharacterPx = 9.0;     // of 15 px bold, as wide as browsers draw it
constexpr double kSubtitleCharacterPx = 6.4;  // of 11 px
constexpr double kKeyCharacterPx = 7;
constexpr std::size_t kTextColumns = 78;
constexpr std::size_t kBelow = 3;  // lines of tics and the label of the axis

std::size_t columns(double pixels, double character) {
  return static_cast<std::size_t>(std::max(20.0, pixels / character));
}

// Lines below the plot: tics, the label of the axis, the key.
std::size_t key_rows(const Frame& frame) {
  if (frame.key.empty()) return 0;
  std::size_t widest = 0;
  for (const std::string& entry : frame.key) widest = std::max(widest, characters(entry));
  const double plot_px =
      frame.size.width - kKeyCharacterPx * static_cast<double>(frame.left + frame.right);
  const std::size_t across =
      std::max<std::size_t>(1, columns(plot_px, kKeyCharacterPx) / (widest + 16));
  return (frame.key.size() + across - 1) / across;
}

std::string screen_lines(const std::vector<std::string>& lines, double first_line, int tag,
                         std::string_view font, std::string_view text_colour) {
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += fmt::format(
        "set label {} {} at screen 0, screen 1 offset character {}, character {} left noenhanced "
        "font ',{}' textcolor rgb '{}' front\n",
        tag + static_cast<int>(i), single_quoted(lines[i], 400), 2,
        figure(-first_line - static_cast<double>(i) * 1.25), font, text_colour);
  }
  return text;
}

}  // namespace

std::string single_quoted(std::string_view text, std::size_t most) {
  std::string quoted_text = "'";
  for (const char c : shown(text, most)) {
    if (c == '\'') {
      quoted_text += kApostrophe;
    } else {
      quoted_text += c;
    }
  }
  return quoted_text + '\'';
}

std::string figure(double value) {
  return std::isfinite(value) ? fmt::format("{:.10g}", value) : std::string("NaN");
}

std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t lines) {
  std::vector<std::string> wrapped(1);
  for (const std::string_view word : split_text(text, ' ')) {
    std::string& line = wrapped.back();
    if (line.empty()) {
      line = word;
    } else if (characters(line) + 1 + characters(word) <= width) {
      line += ' ';
      line += word;
    } else {
      wrapped.emplace_back(word);
    }
  }
  for (std::string& line : wrapped) line = shown(line, std::max<std::size_t>(width, 5));
  if (wrapped.size() > lines) {
    wrapped.resize(lines);
    std::string& last = wrapped.back();
    const std::size_t room = std::max<std::size_t>(width, 7) - 2;
    while (characters(last) > room && last.find(' ') != std::string::npos)
      last.erase(last.rfind(' '));
    last = shown(last, room) + " …";
  }
  return wrapped;
}

std::string datablock(std::string_view name, const std::vector<std::vector<double>>& rows) {
  std::string text = fmt::format("${} << EOD\n", name);
  for (const std::vector<double>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : " ") + figure(row[i]);
    text += '\n';
  }
  return text + "EOD\n";
}

std::string frame_commands(const Frame& frame) {
  const double width = frame.size.width - 32;
  const auto title = wrap(frame.title, columns(width, kTitleCharacterPx), 3);
  const auto subtitle = wrap(frame.subtitle, columns(width, kSubtitleCharacterPx), 3);
  const auto text_title = wrap(frame.title, kTextColumns - 2, 3);
  const auto text_subtitle = wrap(frame.subtitle, kTextColumns - 2, 3);
  const double title_end = 1.2 + static_cast<double>(title.size()) * 1.35;
  const double top = title_end + static_cast<double>(subtitle.size()) * 1.25 + 0.5 +
                     static_cast<double>(frame.above);
  std::string text =
      "set encoding utf8\n"
      "is_text = (GPVAL_TERM eq 'dumb')\n"
      "set datafile missing 'NaN'\n";
  text += "if (is_text) {\n";
  const auto plain = [&](const std::vector<std::string>& lines, std::size_t first, int tag) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      text += fmt::format(
          "set label {} {} at screen 0, screen 1 offset character 1, character -{} left "
          "noenhanced\n",
          tag + static_cast<int>(i), single_quoted(lines[i], 400), first + i);
  };
  plain(text_title, 1, 1);
  plain(text_subtitle, 1 + text_title.size(), 11);
  text += fmt::format("set tmargin {}\nset bmargin {}\nset lmargin {}\nset rmargin {}\n",
                      text_title.size() + text_subtitle.size() + 2 + frame.above,
                      kBelow + frame.key.size(), frame.left + 1, frame.right);
  text += "set errorbars 0\n";
  text += "} else {\n";
  text += screen_lines(title, 1.4, 1, "15", colour::kText);
  text += screen_lines(subtitle, title_end + 0.2, 11, "11", colour::kMuted);
  text += fmt::format("set tmargin {}\nset bmargin {}\nset lmargin {}\nset rmargin {}\n",
                      figure(top), figure(4.2 + static_cast<double>(key_rows(frame)) * 1.3),
                      frame.left, frame.right);
  text += fmt::format(
      "set border 3 linewidth 1 linecolor rgb '{}'\n"
      "set grid xtics ytics linetype 1 linewidth 1 linecolor rgb '{}'\n"
      "set tics nomirror out scale 0.5 font ',11' textcolor rgb '{}'\n",
      colour::kMuted, colour::kGrid, colour::kText);
  text += "}\n";
  text += "set key below center horizontal Left reverse noenhanced samplen 1.5 width 2\n";
  if (!frame.key.empty())
    text += fmt::format("if (!is_text) {{ set key maxrows {} }}\n", key_rows(frame));
  if (!frame.x_label.empty())
    text += fmt::format("set xlabel {} noenhanced\n", single_quoted(frame.x_label));
  if (!frame.y_label.empty())
    text += fmt::format("set ylabel {} noenhanced\n", single_quoted(frame.y_label));
  return text;
}

std::size_t text_lines_around(const Frame& frame) {
  return wrap(frame.title, kTextColumns - 2, 3).size() +
         wrap(frame.subtitle, kTextColumns - 2, 3).size() + 2 + frame.above + kBelow +
         frame.key.size() + 1;
}

std::vector<std::string> key_of(const std::vector<Layer>& layers) {
  std::vector<std::string> titles;
  for (const Layer& layer : layers) {
    if (!layer.title.empty()) titles.push_back(layer.title);
  }
  return titles;
}

std::string plot_command(const std::vector<Layer>& layers) { return plot_command(layers, layers); }

std::string plot_command(const std::vector<Layer>& text, const std::vector<Layer>& picture) {
  FUSESWEEP_CHECK(!picture.empty());
  const auto has_points = [](const Layer& layer) {
    return layer.with == "points" || layer.with.ends_with("bars") || layer.with == "linespoints";
  };
  const auto add = [](std::string& command, const Layer& layer, const std::string& style) {
    command += fmt::format("{} {} with {}{} {}", command.empty() ? "  plot" : ", \\\n      ",
                           layer.what, layer.with, style,
                           layer.title.empty() ? "notitle" : "title " + single_quoted(layer.title));
  };
  std::string in_text;
  for (const Layer& layer : text) {
    if (layer.letter == 0) continue;
    add(in_text, layer,
        has_points(layer) ? fmt::format(" linetype 7 pointtype '{}'", layer.letter)
                          : " linetype 7");
  }
  if (in_text.empty()) in_text = "  plot NaN notitle";
  std::string drawn;
  for (const Layer& layer : picture) {
    std::string style;
    if (has_points(layer))
      style += fmt::format(" pointtype {} pointsize {}", layer.mark, figure(layer.size));
    if (!layer.ink.empty()) style += fmt::format(" linecolor rgb '{}'", layer.ink);
    if (!layer.more.empty()) style += ' ' + layer.more;
    add(drawn, layer, style);
  }
  return fmt::format("if (is_text) {{\n{}\n}} else {{\n{}\n}}\n", in_text, drawn);
}

std::string empty_script(const Frame& frame, std::string_view sentence) {
  return frame_commands(frame) +
         fmt::format(
             "unset key\nunset tics\nunset border\nunset xlabel\nunset ylabel\n"
             "set label 30 {} at graph 0.5, graph 0.5 center noenhanced\n"
             "set xrange [0:1]\nset yrange [0:1]\nplot NaN notitle\n",
             single_quoted(sentence, 76));
}

}  // namespace fusesweep
