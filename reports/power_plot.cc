#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "harness/stats/binomial_interval.h"
#include "reports/csv.h"
#include "reports/gnuplot_script.h"
#include "reports/plot_words.h"
#include "reports/shown_text.h"
#include "reports/sweep_plots.h"

namespace fusesweep {
namespace {

constexpr double kLevel = 0.95;  // of TrialRate's interval as well

// By the length of the trials; the open mark is the one before.
struct Ink {
  std::string_view colour;
  int filled_mark;
};
constexpr std::array<Ink, 5> kInks = {{{colour::kBlue, 7},
                                       {colour::kVermillion, 5},
                                       {colour::kGreen, 9},
                                       {colour::kOrange, 13},
                                       {colour::kPurple, 11}}};
constexpr int kCross = 2;  // of trials of their own, which are few and make no line

// What stands for one line: condition, whether trials of their own, length, the group that was delayed.
using LineKey = std::tuple<std::string, bool, double>;

// Of a delay, that it was found: the candidate is slower. Of none, a false alarm: either way.
TrialRate found(const SelfcheckTrials& trials) {
  if (trials.injected_rel != 0) return trials.slower;
  TrialRate rate{.count = trials.slower.count + trials.faster.count,
                 .trials = trials.slower.trials};
  if (rate.trials > 0 && rate.count <= rate.trials) {
    const Interval interval = binomial_interval(static_cast<std::uint64_t>(rate.count),
                                                static_cast<std::uint64_t>(rate.trials), kLevel);
    rate.low = interval.low;
    rate.high = interval.high;
  }
  return rate;
}

std::map<LineKey, std::vector<const SelfcheckTrials*>> lines_of(const SelfcheckFigures& selfcheck) {
  std::map<LineKey, std::vector<const SelfcheckTrials*>> lines;
  for (const SelfcheckTrials& trials : selfcheck.trials) {
    if (trials.slower.trials > 0)
      lines[{trials.condition, trials.is_physical, trials.seconds}].push_back(&trials);
  }
  for (auto& [key, line] : lines) {
    std::stable_sort(line.begin(), line.end(), [](const auto* a, const auto* b) {
      return a->injected_rel < b->injected_rel;
    });
  }
  return lines;
}

// Their number where there is none.
template <typename List, typename Value>
std::size_t place_in(const List& list, const Value& value) {
  return static_cast<std::size_t>(
      std::distance(list.begin(), std::find(list.begin(), list.end(), value)));
}

std::string csv_of(const SelfcheckFigures& selfcheck) {
  CsvTable table{.columns = {"condition", "is_physical", "seconds", "blocks", "injected_rel",
                             "group", "found", "trials", "share", "low", "high"},
                 .rows = {}};
  for (const SelfcheckTrials& trials : selfcheck.trials) {
    const TrialRate rate = found(trials);
    table.rows.push_back(
        {trials.condition, std::int64_t{trials.is_physical}, trials.seconds, trials.blocks,
         trials.injected_rel, trials.group, std::int64_t{rate.count}, std::int64_t{rate.trials},
         rate.trials > 0 ? CsvCell(static_cast<double>(rate.count) / rate.trials) : CsvCell(),
         rate.low, rate.high});
  }
  return to_csv(table);
}

// The smallest delay that the longest trials find, under the first condition.
std::string title_of(const SelfcheckFigures& selfcheck) {
  const SelfcheckSmallest* longest = nullptr;
  for (const SelfcheckSmallest& smallest : selfcheck.smallest) {
    const bool is_first = smallest.condition == selfcheck.smallest.front().condition;
    if (is_first && (longest == nullptr || smallest.seconds > longest->seconds))
      longest = &smallest;
  }
  int alarms = 0;
  int trials = 0;
  for (const SelfcheckTrials& row : selfcheck.trials) {
    if (row.injected_rel != 0) continue;
    alarms += found(row).count;
    trials += row.slower.trials;
  }
  if (selfcheck.trials.empty()) return "No trial was made";
  std::string text = "How often a delay is found";
  if (longest != nullptr && longest->injected_rel) {
    text = fmt::format("A delay of {} is found in 95 % of trials of {:.0f} s ({})",
                       short_share_text(*longest->injected_rel), longest->seconds,
                       shown(longest->condition, 30));
  } else if (longest != nullptr) {
    text = fmt::format("No delay that was tried is found in 95 % of trials of {:.0f} s ({})",
                       longest->seconds, shown(longest->condition, 30));
  }
  if (trials > 0) text += fmt::format("; equal arms told apart in {} of {} trials", alarms, trials);
  return text;
}

}  // namespace

Plot power_plot(const SelfcheckFigures& selfcheck) {
  Plot plot{.name = "power", .title = title_of(selfcheck), .csv = csv_of(selfcheck)};
  plot.about = fmt::format(
      "Share of trials that found an injected delay, by its size, with 95 % "
      "intervals of Clopper and Pearson: {}.",
      plot.title);
  const auto lines = lines_of(selfcheck);
  Frame frame{
      .title = plot.title,
      .subtitle = fmt::format("of {}; bars: Clopper and Pearson, 95 %", shown(selfcheck.split, 60)),
      .size = {960, 480},
      .left = 9,
      .right = 4,
      .x_label = "injected delay, % of a token (0: equal arms, false alarms)",
      .y_label = "found, % of trials"};
  plot.size = frame.size;
  plot.text_size = {80, 28};
  if (lines.empty()) {
    plot.size = frame.size = {960, 240};
    plot.text_size = {80, 12};
    plot.script = empty_script(frame, "No trial was made.");
    return plot;
  }
  double most = 0;
  for (const auto& [key, line] : lines) most = std::max(most, 100 * line.back()->injected_rel);
  if (most <= 0) most = 1;
  std::set<double> lengths;
  std::vector<std::string> conditions;  // in the order in which they were measured
  for (const SelfcheckTrials& trials : selfcheck.trials) {
    lengths.insert(trials.seconds);
    if (place_in(conditions, trials.condition) == conditions.size())
      conditions.push_back(trials.condition);
  }
  std::vector<Layer> layers;
  std::string blocks;
  std::size_t number = 0;
  for (const auto& [key, line] : lines) {
    const auto& [condition, is_physical, seconds] = key;
    // Lines that say the same stand beside one another.
    const double aside =
        most * 0.004 * (static_cast<double>(number) - static_cast<double>(lines.size() - 1) / 2);
    std::vector<std::vector<double>> rows;
    for (const SelfcheckTrials* trials : line) {
      const TrialRate rate = found(*trials);
      rows.push_back({100 * trials->injected_rel + aside, 100.0 * rate.count / rate.trials,
                      100 * rate.low, 100 * rate.high});
    }
    const std::string name = fmt::format("line{}", number);
    blocks += datablock(name, rows);
    const Ink& ink = kInks[place_in(lengths, seconds) % kInks.size()];
    const std::size_t other = place_in(conditions, condition);  // 0: the first
    if (!is_physical) {
      layers.push_back({fmt::format("${} using 1:2", name), "lines", ink.colour, 0, 0, 1, "",
                        fmt::format("linewidth 1.5 dashtype {}", other % 4 + 1)});
    }
    const int mark = is_physical ? kCross : ink.filled_mark - (other > 0 ? 1 : 0);
    const char letter = static_cast<char>('a' + number % 26);
    layers.push_back({fmt::format("${} using 1:2:3:4", name), "yerrorbars", ink.colour, mark,
                      letter, 1.2,
                      fmt::format("{:.0f} s, {}{}", seconds, shown(condition, 24),
                                  is_physical ? ", trials of their own" : ""),
                      "linewidth 1.2"});
    ++number;
  }
  frame.key = key_of(layers);
  plot.script = frame_commands(frame) +
                fmt::format(
                    "set xrange [{}:{}]\nset yrange [-4:104]\nset ytics 0,20,100\n"
                    "set arrow 1 from graph 0, first 95 to graph 1, first 95 nohead back "
                    "dashtype 2 linecolor rgb '{}'\n",
                    figure(-most * 0.05), figure(most * 1.05), colour::kMuted) +
                blocks + plot_command(layers);
  return plot;
}

}  // namespace fusesweep
