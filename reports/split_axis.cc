#include "reports/split_axis.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/plot_words.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kNameCharacters = 30;
constexpr std::size_t kRemarkCharacters = 84;
constexpr std::size_t kTextRemarkCharacters = 46;
constexpr int kFirstLabel = 100;  // gnuplot's number of the first split's name
constexpr std::size_t kFew = 8;

int line_px(std::size_t lines) { return lines <= kFew ? 40 : 24; }

}  // namespace

SweepRows in_drawing_order(SweepRows sweep) {
  const auto rank = [](const SplitRow& split) {
    return split.tok_per_s ? 0 : !split.recorded.empty() ? 1 : 2;
  };
  std::stable_sort(sweep.splits.begin(), sweep.splits.end(), [&](const auto& a, const auto& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return rank(a) == 0 && *a.tok_per_s > *b.tok_per_s;
  });
  return sweep;
}

std::vector<SplitLine> split_lines(const SweepRows& sweep, const std::vector<bool>& has_points) {
  std::vector<SplitLine> lines;
  for (std::size_t i = 0; i < sweep.splits.size(); ++i) {
    const SplitRow& split = sweep.splits[i];
    SplitLine line{.name = shown(split.name, kNameCharacters - 10),
                   .is_grey = is_out(split),
                   .is_tied = split.is_tied};
    if (split.is_control) line.name += " (control)";
    if (!has_points[i]) {
      line.remark = is_out(split)          ? "out: " + split.reason
                    : split.reason.empty() ? std::string("not measured")
                                           : "not measured: " + split.reason;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

void fit_frame(const std::vector<SplitLine>& lines, Frame& frame) {
  std::size_t longest = 6;
  for (const SplitLine& line : lines) longest = std::max(longest, characters(line.name));
  frame.left = longest + 3;
  frame.size.height = 185 + static_cast<int>(lines.size()) * line_px(lines.size());
}

PlotSize text_size_for(const std::vector<SplitLine>& lines, const Frame& frame) {
  const std::size_t each = lines.size() <= kFew ? 2 : 1;
  return {80, static_cast<int>(lines.size() * each + text_lines_around(frame))};
}

std::string axis_commands(const std::vector<SplitLine>& lines) {
  std::string text = fmt::format("set yrange [{}:-0.5]\nunset ytics\n",
                                 figure(static_cast<double>(lines.size()) - 0.5));
  std::string in_text;
  std::string picture;
  int label = kFirstLabel;
  for (std::size_t y = 0; y < lines.size(); ++y) {
    const SplitLine& line = lines[y];
    const std::string name =
        fmt::format("set label {} {} at graph 0, first {} right offset character -1, 0 noenhanced",
                    label++, single_quoted(line.name), y);
    in_text += fmt::format("  {}\n", name);
    picture += fmt::format("  {} font ',11' textcolor rgb '{}'\n", name,
                           line.is_grey ? colour::kMuted : colour::kText);
    if (line.is_tied && lines.size() > 1) {
      picture += fmt::format(
          "  set object {} rectangle from graph 0, first {} to graph 1, first {} behind fillcolor "
          "rgb '{}' fillstyle solid 1 noborder\n",
          y + 1, figure(static_cast<double>(y) - 0.5), figure(static_cast<double>(y) + 0.5),
          colour::kTieBand);
    }
    if (line.remark.empty()) continue;
    const auto remark = [&](std::size_t most) {
      return fmt::format(
          "set label {} {} at graph 0, first {} left offset character 1, 0 noenhanced", label,
          single_quoted(wrap(line.remark, most, 1).front(), 2 * most), y);
    };
    in_text += fmt::format("  {}\n", remark(kTextRemarkCharacters));
    picture += fmt::format("  {} font ',10' textcolor rgb '{}'\n", remark(kRemarkCharacters),
                           colour::kMuted);
    ++label;
  }
  return text + fmt::format("if (is_text) {{\n{}}} else {{\n{}}}\n", in_text, picture);
}

}  // namespace fusesweep
