#include "reports/speculation_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "reports/csv.h"
#include "reports/gnuplot_script.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

std::optional<double> tokens_per_pass(std::uint64_t tokens, std::uint64_t passes) {
  if (passes == 0) return std::nullopt;
  return static_cast<double>(tokens) / static_cast<double>(passes);
}

std::optional<double> simulated(const SpeculationReport& report, const SpeculativeArm& arm) {
  if (!arm.simulated_passes) return std::nullopt;
  return tokens_per_pass(static_cast<std::uint64_t>(report.decode_tokens), *arm.simulated_passes);
}

std::string csv_of(const SpeculationReport& report) {
  CsvTable table{.columns = {"tokens", "exactness", "ms_per_token", "speed_up", "low", "high",
                             "outcome", "tokens_per_pass", "simulated_tokens_per_pass", "proposed",
                             "accepted", "draft_rel", "guard_calls", "fallbacks"},
                 .rows = {}};
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  for (const SpeculativeArm& arm : report.arms) {
    const auto& speed_up = arm.speed_up;
    table.rows.push_back(
        {std::int64_t{arm.tokens}, std::string(to_text(arm.exactness.outcome)),
         csv_cell(arm.ms_per_token), speed_up ? CsvCell(speed_up->factor) : CsvCell(),
         speed_up ? csv_cell(speed_up->low) : CsvCell(),
         speed_up ? csv_cell(speed_up->high) : CsvCell(),
         speed_up ? CsvCell(speed_up->outcome) : CsvCell(),
         csv_cell(tokens_per_pass(arm.counts.targets, arm.counts.passes)),
         csv_cell(simulated(report, arm)), count(arm.counts.proposed), count(arm.counts.accepted),
         csv_cell(arm.draft_rel), count(arm.guard_calls), count(arm.fallbacks)});
  }
  return to_csv(table);
}

std::string title_of(const SpeculationReport& report) {
  const SpeculativeArm* best = nullptr;
  for (const SpeculativeArm& arm : report.arms) {
    if (arm.speed_up && (best == nullptr || arm.speed_up->factor > best->speed_up->factor))
      best = &arm;
  }
  if (best == nullptr) return "No verifier was exact and measured";
  const SpeedUp& speed_up = *best->speed_up;
  if (!report.dirt.empty()) return "The trial is dirty and ranks nothing";
  std::string text = fmt::format("{} prompt: T={} takes {:.2f} times as long as greedy decoding",
                                 shown(report.workload, 20), best->tokens, 1 / speed_up.factor);
  if (speed_up.factor >= 1) {
    text = fmt::format("{} prompt: T={} is {:.2f} times as fast as greedy decoding",
                       shown(report.workload, 20), best->tokens, speed_up.factor);
  }
  return text + fmt::format(" ({})", shown(speed_up.outcome, 20));
}

}  // namespace

Plot speculation_plot(const SpeculationReport& report) {
  Plot plot{.name = "speculation", .title = title_of(report), .csv = csv_of(report)};
  plot.about = fmt::format(
      "Speed-up of speculative over greedy decoding by the tokens of a verifier's call, and tokens "
      "per "
      "pass: {}.",
      plot.title);
  Frame frame{.title = plot.title,
              .subtitle = fmt::format("of {}, exact on 20 prompts; bars: 99.9 %, simultaneous",
                                      shown(report.split, 60)),
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
    add(measured, tokens_per_pass(arm.counts.targets, arm.counts.passes));
    add(bounds, simulated(report, arm));
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

Result<SpeculationReport> read_newest_speculation(const Store& store) {
  const Result<std::vector<StoredSweep>> all = store.sweeps();
  if (!all) return fail(all.error());
  for (auto one = all->rbegin(); one != all->rend(); ++one) {
    if (kind_of(one->sweep) == "speculate" && one->ended_unix_ms && !one->answer.is_null())
      return read_speculation_report(one->answer);
  }
  return invalid_input("found no speculation that has ended: fusesweep speculate makes one");
}

}  // namespace fusesweep
