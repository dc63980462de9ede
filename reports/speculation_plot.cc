#include "reports/speculation_plot.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "reports/csv.h"
#include "reports/gnuplot_script.h"
#include "reports/shown_text.h"
#include "reports/speculation_csv.h"
#include "reports/speculation_words.h"

namespace fusesweep {

namespace {

std::string subtitle_of(const SpeculationReport& report) {
  std::string text = fmt::format("of {}, exact on 20 prompts; bars: 99.9 %, simultaneous",
                                 shown(report.split, 60));
  if (!report.emulated.empty())
    text += " · EMULATED, no property of the device: " +
            shown(fmt::format("{}", fmt::join(report.emulated, ", ")), 80);
  return text;
}

}  // namespace

Plot speculation_plot(const SpeculationReport& report) {
  Plot plot{
      .name = "speculation", .title = headline(report), .csv = to_csv(speculation_csv(report))};
  plot.about = fmt::format(
      "Speed-up of speculative over greedy decoding by the tokens of a verifier's call, and tokens "
      "per "
      "pass: {}.",
      plot.title);
  Frame frame{.title = plot.title,
              .subtitle = subtitle_of(report),
              .size = {960, 480},
              .left = 9,
              .right = 4,
              .x_label = "tokens a call, T",
              .y_label = "times greedy decoding"};
  std::vector<std::vector<double>> speeds;
  std::vector<std::vector<double>> measured;
  std::vector<std::vector<double>> bounds;
  double most = 1;
  for (const SpeculativeArm& arm : report.arms) {
    if (!arm.speed_up) continue;
    const double factor = arm.speed_up->factor;
    const double high = arm.speed_up->high.value_or(factor);
    speeds.push_back(
        {static_cast<double>(arm.tokens), factor, arm.speed_up->low.value_or(factor), high});
    most = std::max({most, factor, high});
    const auto add = [&](auto& rows, const std::optional<double>& value) {
      if (!value) return;
      rows.push_back({static_cast<double>(arm.tokens), *value});
      most = std::max(most, *value);
    };
    add(measured, tokens_per_pass(arm));
    add(bounds, simulated_tokens_per_pass(report, arm));
  }
  plot.size = frame.size;
  plot.text_size = {80, 24};
  if (speeds.empty()) {
    plot.size = frame.size = {960, 240};
    plot.text_size = {80, 12};
    plot.script = empty_script(frame, "Nothing was measured: no verifier is exact.");
    return plot;
  }
  std::vector<Layer> layers;
  if (!bounds.empty())
    layers.push_back({"$bounds using 1:2", "points", colour::kOrange, 6, 's', 2.2,
                      "tokens per pass, simulated", "linewidth 1.5"});
  layers.push_back({"$passes using 1:2", "points", colour::kGreen, 9, 'p', 1.2, "tokens per pass"});
  layers.push_back({"$speeds using 1:2:3:4", "yerrorbars", colour::kBlue, 7, 'o', 1.2, "speed-up",
                    "linewidth 1.5"});
  frame.key = key_of(layers);
  plot.script = frame_commands(frame) +
                fmt::format(
                    "set xrange [1:17]\nset xtics 2,2,16\nset yrange [0:{}]\n"
                    "set arrow 1 from graph 0, first 1 to graph 1, first 1 nohead back dashtype 2 "
                    "linecolor rgb '{}'\n",
                    figure(most * 1.1), colour::kMuted) +
                datablock("bounds", bounds) + datablock("passes", measured) +
                datablock("speeds", speeds) + plot_command(layers);
  return plot;
}

}  // namespace fusesweep
