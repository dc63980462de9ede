#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "reports/csv.h"
#include "reports/gnuplot_script.h"
#include "reports/plot_words.h"
#include "reports/shown_text.h"
#include "reports/split_axis.h"
#include "reports/sweep_plots.h"

namespace fusesweep {
namespace {

using Rows = std::vector<std::vector<double>>;

std::optional<double> cold_ms(const SplitRow& split) {
  if (!split.load_ms && !split.activation_ms && !split.ttft_ms) return std::nullopt;
  return split.load_ms.value_or(0) + split.activation_ms.value_or(0) + split.ttft_ms.value_or(0);
}

std::string csv_of(const SweepRows& sweep) {
  CsvTable table{.columns = {"split", "load_ms", "activation_ms", "ttft_ms", "ms_per_token"},
                 .rows = {}};
  for (const SplitRow& split : sweep.splits)
    table.rows.push_back({split.name, csv_cell(split.load_ms), csv_cell(split.activation_ms),
                          csv_cell(split.ttft_ms), csv_cell(split.ms_per_token)});
  return to_csv(table);
}

// Warm tokens that a cold start takes as long as, over all splits.
std::string title_of(const SweepRows& sweep) {
  double low = std::numeric_limits<double>::max();
  double high = 0;
  for (const SplitRow& split : sweep.splits) {
    const std::optional<double> cold = cold_ms(split);
    if (!cold || !split.ms_per_token) continue;
    low = std::min(low, *cold / *split.ms_per_token);
    high = std::max(high, *cold / *split.ms_per_token);
  }
  if (high <= 0) return "No cold start was measured";
  const std::string times = std::round(low) == std::round(high)
                                ? fmt::format("{:.0f}", high)
                                : fmt::format("{:.0f} to {:.0f}", low, high);
  return fmt::format(
      "A cold start (load, first calls, first token) takes as long as {} warm tokens", times);
}

// 1, 2, 5, 10, ...: a decade alone would leave most pictures with one tick.
std::string ticks(double low, double high) {
  std::string text;
  for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10) {
    for (const double step : {1.0, 2.0, 5.0}) {
      if (decade * step >= low && decade * step <= high)
        text += (text.empty() ? "" : ", ") + figure(decade * step);
    }
  }
  return "set xtics (" + text + ")\n";
}

}  // namespace

Plot cold_warm_plot(const SweepRows& unordered) {
  const SweepRows sweep = in_drawing_order(unordered);
  Plot plot{.name = "cold-warm", .title = title_of(sweep), .csv = csv_of(sweep)};
  plot.about = fmt::format(
      "Milliseconds for loading, for the first calls, to the first token and "
      "for a warm token of {}: {}.",
      count_text(sweep.splits.size(), "split"), plot.title);
  Frame frame{
      .title = plot.title, .subtitle = source_line(sweep), .x_label = "milliseconds, logarithmic"};
  Rows load, activation, ttft, warm, spans;
  std::vector<bool> has_points;
  double low = std::numeric_limits<double>::max();
  double high = 0;
  for (std::size_t i = 0; i < sweep.splits.size(); ++i) {
    const SplitRow& split = sweep.splits[i];
    const auto y = static_cast<double>(i);
    double least = std::numeric_limits<double>::max();
    double most = 0;
    const auto add = [&](Rows& rows, const std::optional<double>& ms) {
      if (!ms || !(*ms > 0)) return;  // no place on a logarithmic axis
      rows.push_back({*ms, y});
      least = std::min(least, *ms);
      most = std::max(most, *ms);
    };
    add(load, split.load_ms);
    add(activation, split.activation_ms);
    add(ttft, split.ttft_ms);
    add(warm, split.ms_per_token);
    has_points.push_back(most > 0);
    if (most <= 0) continue;
    spans.push_back({least, y, most - least, 0});
    low = std::min(low, least);
    high = std::max(high, most);
  }
  if (spans.empty()) {
    plot.size = frame.size = {960, 240};
    plot.text_size = {80, 12};
    plot.script = empty_script(frame, "No split has times of loading or of first calls.");
    return plot;
  }
  const std::vector<SplitLine> lines = split_lines(sweep, has_points);
  std::vector<Layer> layers = {
      {"$spans using 1:2:3:4", "vectors nohead", colour::kFaint, 7, 0, 1, "", "linewidth 1.5"}};
  const auto add = [&](const Rows& rows, const char* name, std::string_view ink, int mark,
                       char letter, const char* title) {
    if (!rows.empty())
      layers.push_back({fmt::format("${} using 1:2", name), "points", ink, mark, letter, 1.5, title,
                        "linewidth 1.5"});
  };
  add(warm, "warm", colour::kBlue, 7, 'w', "a warm token");
  add(ttft, "ttft", colour::kGreen, 9, 'T', "first token (TTFT, warm)");
  add(activation, "activation", colour::kOrange, 5, 'A', "first calls (activation)");
  add(load, "load", colour::kVermillion, 4, 'L', "loading");
  frame.key = key_of(layers);
  fit_frame(lines, frame);
  plot.size = frame.size;
  plot.text_size = text_size_for(lines, frame);
  plot.script = frame_commands(frame) + axis_commands(lines) +
                fmt::format("set logscale x\nset xrange [{}:{}]\nset format x '%g'\n",
                            figure(low / 1.5), figure(high * 1.5)) +
                ticks(low / 1.5, high * 1.5) + datablock("load", load) +
                datablock("activation", activation) + datablock("ttft", ttft) +
                datablock("warm", warm) + datablock("spans", spans);
  plot.script += plot_command(layers);
  return plot;
}

}  // namespace fusesweep
