#include "reports/segments_plot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "harness/stats/quantile.h"
#include "reports/gnuplot_script.h"
#include "reports/optimize_csv.h"
#include "reports/optimize_words.h"
#include "reports/shown_text.h"
#include "topologies/split.h"

namespace fusesweep {
namespace {

using Rows = std::vector<std::vector<double>>;

constexpr double kShareInScale = 0.9;  // of the segments; the dearest ones share the darkest colour
constexpr double kLeastScale = 2;      // %; less is not drawn as if it were much
constexpr double kMostPercent = 1e6;   // a store may hold any number
constexpr double kSmall = 0.25;        // half the width of a predicted one
constexpr std::string_view kHalo = "#FFFFFF";

// Cividis, whose lightness falls evenly: the same order in grey and to colour-blind eyes. Nunez, Anderton,
// Renslow, PLOS ONE 13 (2018) e0199239.
constexpr const char* kPalette =
    "set palette defined (0 '#fee838', 0.125 '#c3b369', 0.25 '#a59c74', 0.375 '#8a8678', 0.5 "
    "'#707173', 0.625 '#575d6d', 0.75 '#3b496c', 0.875 '#123570', 1 '#00224e')\n";

struct Cells {
  Rows measured;  // begin, layers, the box's edges, percent against the best
  Rows predicted;
  Rows excluded;       // stretches of one beginning: begin, layers in the middle, edges
  Rows each_excluded;  // begin, layers: for characters
  Rows unknown;        // neither time nor exclusion; the same
  Rows path;           // begin, layers
  std::vector<double> percents;
  int longest = 1;
  int longest_usable = 0;
};

std::vector<double> box(double begin, double layers, double half) {
  return {begin, layers, begin - half, begin + half, layers - half, layers + half};
}

// Lengthens the stretch before it where it goes on.
void add_excluded(Rows& stretches, int begin, int layers) {
  if (!stretches.empty() && stretches.back()[0] == begin && stretches.back()[5] == layers - 0.5) {
    stretches.back()[5] = layers + 0.5;
    stretches.back()[1] = (stretches.back()[4] + stretches.back()[5]) / 2;
  } else {
    stretches.push_back(box(begin, layers, 0.5));
  }
}

Cells cells_of(const OptimizeReport& report) {
  Cells cells;
  for (const SegmentFinding& finding : report.segments) {
    const int begin = finding.segment.begin;
    const int layers = finding.segment.layers();
    cells.longest = std::max(cells.longest, layers);
    if (finding.standing == SegmentStanding::kExcluded) {
      add_excluded(cells.excluded, begin, layers);
      cells.each_excluded.push_back({static_cast<double>(begin), static_cast<double>(layers)});
      continue;
    }
    cells.longest_usable = std::max(cells.longest_usable, layers);
    const std::optional<double> cost = relative_cost(report, finding);
    if (!cost) {
      cells.unknown.push_back({static_cast<double>(begin), static_cast<double>(layers)});
      continue;
    }
    const bool is_measured = finding.standing == SegmentStanding::kMeasured;
    std::vector<double> row = box(begin, layers, is_measured ? 0.5 : kSmall);
    cells.percents.push_back(std::clamp(100 * *cost, -kMostPercent, kMostPercent));
    row.push_back(cells.percents.back());
    (is_measured ? cells.measured : cells.predicted).push_back(std::move(row));
  }
  if (const Result<Split> split = parse_split(answer_of(report), report.n_layers)) {
    for (const Segment& segment : split->segments())
      cells.path.push_back(
          {static_cast<double>(segment.begin), static_cast<double>(segment.layers())});
  }
  return cells;
}

// What lies far beyond the longest that may be used is all the same.
int top_of(const Cells& cells) {
  if (cells.longest_usable == 0) return cells.longest;
  return std::min(cells.longest, cells.longest_usable * 5 / 4 + 2);
}

std::string source_of(const OptimizeReport& report) {
  std::vector<std::string> parts = {
      fmt::format("{} on {}", shown(report.model, 40), shown(report.runner, 40))};
  if (report.is_recorded)
    parts.emplace_back("RECORDED: others measured this and wrote it down, fusesweep did not");
  const SegmentCounts counts = count_segments(report);
  parts.push_back(fmt::format("{} measured, {} predicted, {} excluded", counts.measured,
                              counts.predicted, counts.excluded));
  if (!report.emulated.empty())
    parts.push_back("EMULATED, no property of the device: " +
                    shown(fmt::format("{}", fmt::join(report.emulated, ", ")), 80));
  return fmt::format("{}", fmt::join(parts, " · "));
}

std::string colours(const Cells& cells) {
  const double low = *std::min_element(cells.percents.begin(), cells.percents.end());
  const double high =
      std::max(quantile(cells.percents, kShareInScale).value_or(low), low + kLeastScale);
  const bool is_cut = *std::max_element(cells.percents.begin(), cells.percents.end()) > high;
  return fmt::format(
      "{}set cbrange [{}:{}]\nset cbtics font ',11'\nset cblabel {} noenhanced offset 1,0\n",
      kPalette, figure(low), figure(high),
      single_quoted(is_cut ? "% slower a layer than the best split; the dearest alike"
                           : "% slower a layer than the best split"));
}

// What the key says of squares of colour.
void add_key(std::vector<Layer>& layers, const Rows& rows, int mark, double size,
             std::string_view ink, const char* title) {
  if (!rows.empty()) layers.push_back({"NaN", "points", ink, mark, 0, size, title});
}

std::vector<Layer> picture_layers(const OptimizeReport& report, const Cells& cells) {
  std::vector<Layer> layers;
  const auto boxes = [&](const Rows& rows, const char* what, std::string_view ink,
                         const char* style) {
    if (!rows.empty()) layers.push_back({what, "boxxyerror", ink, 0, 0, 1, "", style});
  };
  boxes(cells.excluded, "$excluded using 1:2:3:4:5:6", colour::kText,
        "fillstyle pattern 5 noborder");
  boxes(cells.predicted, "$predicted using 1:2:3:4:5:6:7", {},
        "linecolor palette fillstyle solid 1 noborder");
  boxes(cells.measured, "$measured using 1:2:3:4:5:6:7", {},
        "linecolor palette fillstyle solid 1 border linecolor rgb '#1A1A1A'");
  if (!cells.unknown.empty())
    layers.push_back({"$unknown using 1:2", "points", colour::kFaint, 1, 0, 0.4, "not known"});
  if (!cells.path.empty()) {
    layers.push_back({"$path using 1:2", "lines", kHalo, 0, 0, 1, "", "linewidth 6"});
    layers.push_back({"$path using 1:2", "points", kHalo, 7, 0, 2.2, ""});
    layers.push_back({"$path using 1:2", "linespoints", colour::kVermillion, 7, 0, 1.4,
                      shown(answer_of(report), 40), "linewidth 2.5"});
  }
  add_key(layers, cells.measured, 5, 1.8, colour::kMuted, "measured");
  add_key(layers, cells.predicted, 5, 0.8, colour::kMuted, "predicted, never built");
  if (!cells.excluded.empty()) {
    layers.push_back({"NaN", "boxes", colour::kText, 0, 0, 1, "excluded", "fillstyle pattern 5"});
  }
  return layers;
}

std::vector<Layer> text_layers(const OptimizeReport& report, const Cells& cells) {
  std::vector<Layer> layers;
  const auto add = [&](const Rows& rows, const char* what, char letter, const std::string& title) {
    if (!rows.empty()) layers.push_back({what, "points", colour::kText, 7, letter, 1, title});
  };
  add(cells.each_excluded, "$each_excluded using 1:2", 'x', "excluded");
  add(cells.unknown, "$unknown using 1:2", '?', "not known");
  add(cells.predicted, "$predicted using 1:2", '.', "predicted, never built");
  add(cells.measured, "$measured using 1:2", 'M', "measured");
  add(cells.path, "$path using 1:2", 'O', shown(answer_of(report), 40));
  return layers;
}

}  // namespace

Plot segments_plot(const OptimizeReport& report) {
  Plot plot{.name = "segments", .title = headline(report), .csv = to_csv(segments_csv(report))};
  const SegmentCounts counts = count_segments(report);
  plot.about = fmt::format(
      "Time of segments by their first layer and their length, a layer, against the best split's "
      "own; {} measured, {} predicted, {} excluded: {}.",
      counts.measured, counts.predicted, counts.excluded, plot.title);
  const Cells cells = cells_of(report);
  const int top = top_of(cells);
  Frame frame{.title = plot.title,
              .subtitle = source_of(report),
              .size = {960, std::clamp(230 + 18 * top, 400, 860)},
              .left = 8,
              .right = 13,
              .x_label = "first layer of the segment",
              .y_label = "layers in it"};
  plot.size = frame.size;
  plot.text_size = {80, std::clamp(14 + top, 26, 48)};
  if (report.segments.empty()) {
    plot.size = frame.size = {960, 240};
    plot.text_size = {80, 12};
    plot.script = empty_script(frame, "No segment was looked at.");
    return plot;
  }
  const std::vector<Layer> picture = picture_layers(report, cells);
  frame.key = key_of(picture);
  plot.script =
      frame_commands(frame) + fmt::format("set xrange [-0.5:{}]\nset yrange [0.5:{}]\nunset grid\n",
                                          figure(report.n_layers - 0.5), figure(top + 0.5));
  plot.script += cells.percents.empty() ? std::string("unset colorbox\n") : colours(cells);
  plot.script += datablock("measured", cells.measured) + datablock("predicted", cells.predicted) +
                 datablock("excluded", cells.excluded) +
                 datablock("each_excluded", cells.each_excluded) +
                 datablock("unknown", cells.unknown) + datablock("path", cells.path);
  plot.script += plot_command(text_layers(report, cells), picture);
  return plot;
}

}  // namespace fusesweep
