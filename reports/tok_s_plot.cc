#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
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

// What is drawn, x first, then the line of the split.
struct Marks {
  Rows tied;   // with the ends of the interval
  Rows other;  // the same of those that are not in the tie
  Rows processes;
  Rows recorded;
  Rows old;  // recorded under a contract that the model no longer has
  std::optional<double> control;
};

// Processes of a split stand a little apart, so that equal ones are seen to be several.
double spread(std::size_t index, double width) {
  return width * (static_cast<double>((index * 7) % 5) - 2) / 2;
}

bool is_of_old_contract(const RecordedDecodeRow& run) {
  return std::any_of(run.notes.begin(), run.notes.end(), [](const std::string& note) {
    return note.find("old contract") != std::string::npos;
  });
}

Marks marks_of(const SweepRows& sweep) {
  Marks marks;
  for (std::size_t i = 0; i < sweep.splits.size(); ++i) {
    const SplitRow& split = sweep.splits[i];
    const auto y = static_cast<double>(i);
    if (split.tok_per_s) {
      const Interval interval =
          tok_per_s_interval(sweep, split).value_or(Interval{*split.tok_per_s, *split.tok_per_s});
      (split.is_tied ? marks.tied : marks.other)
          .push_back({*split.tok_per_s, y, interval.low, interval.high});
      if (split.is_control) marks.control = split.tok_per_s;
    }
    for (std::size_t k = 0; k < split.processes.size(); ++k)
      marks.processes.push_back({split.processes[k].tok_per_s, y + spread(k, 0.2)});
    for (std::size_t k = 0; k < split.recorded.size(); ++k) {
      const RecordedDecodeRow& run = split.recorded[k];
      (is_of_old_contract(run) ? marks.old : marks.recorded)
          .push_back({run.tok_per_s, y + spread(k, 0.2)});
    }
  }
  return marks;
}

Interval range_of(const Marks& marks) {
  double low = std::numeric_limits<double>::max();
  double high = 0;
  const auto see = [&](double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  };
  for (const Rows* rows : {&marks.tied, &marks.other}) {
    for (const auto& row : *rows) {
      see(row[0]);
      see(row[2]);
      see(row[3]);
    }
  }
  for (const Rows* rows : {&marks.processes, &marks.recorded, &marks.old}) {
    for (const auto& row : *rows) see(row[0]);
  }
  const double pad = std::max((high - low) * 0.06, high * 0.002);
  return {low - pad, high + pad};
}

std::string csv_of(const SweepRows& sweep) {
  CsvTable table{.columns = {"evidence", "split", "standing", "reason", "is_control", "is_tied",
                             "block", "tok_per_s", "low_tok_per_s", "high_tok_per_s", "note"},
                 .rows = {}};
  for (const SplitRow& split : sweep.splits) {
    const auto row = [&](const char* evidence, const CsvCell& block, const CsvCell& value,
                         const CsvCell& low, const CsvCell& high, const std::string& note) {
      table.rows.push_back({std::string(evidence), split.name, split.standing, split.reason,
                            std::int64_t{split.is_control}, std::int64_t{split.is_tied}, block,
                            value, low, high, note});
    };
    const std::optional<Interval> interval = tok_per_s_interval(sweep, split);
    row(split.tok_per_s ? "measured" : "none", {}, csv_cell(split.tok_per_s),
        interval ? CsvCell(interval->low) : CsvCell(),
        interval ? CsvCell(interval->high) : CsvCell(), {});
    for (const ProcessRow& process : split.processes)
      row("process", std::int64_t{process.block}, process.tok_per_s, {}, {}, {});
    for (const RecordedDecodeRow& run : split.recorded)
      row("recorded", {}, run.tok_per_s, {}, {}, fmt::format("{}", fmt::join(run.notes, "; ")));
  }
  return to_csv(table);
}

std::vector<Layer> layers_of(const Marks& marks) {
  std::vector<Layer> layers;
  if (!marks.processes.empty())
    layers.push_back(
        {"$processes using 1:2", "points", colour::kMuted, 6, '.', 0.6, "one process each", ""});
  if (!marks.other.empty())
    layers.push_back({"$other using 1:2:3:4", "xerrorbars", colour::kVermillion, 5, 'o', 1.1,
                      marks.tied.empty() ? "measured, not ranked; 99.9 % interval"
                                         : "not in the tie; 99.9 % interval",
                      "linewidth 1.5"});
  if (!marks.tied.empty())
    layers.push_back(
        {"$tied using 1:2:3:4", "xerrorbars", colour::kBlue, 7, '*', 1.4,
         marks.tied.size() > 1 ? "the tie set: each may be the fastest" : "the fastest",
         "linewidth 2"});
  if (!marks.recorded.empty())
    layers.push_back({"$recorded using 1:2", "points", colour::kOrange, 9, 'R', 1.3,
                      "recorded run of others", "linewidth 1.5"});
  if (!marks.old.empty())
    layers.push_back({"$old using 1:2", "points", colour::kOrange, 8, 'r', 1.3,
                      "recorded run of others, with an older contract", "linewidth 1.5"});
  return layers;
}

std::string script_of(const Marks& marks, const std::vector<Layer>& layers, const Frame& frame,
                      const std::vector<SplitLine>& lines) {
  std::string script = frame_commands(frame) + axis_commands(lines);
  script += datablock("tied", marks.tied) + datablock("other", marks.other) +
            datablock("processes", marks.processes) + datablock("recorded", marks.recorded) +
            datablock("old", marks.old);
  const Interval range = range_of(marks);
  script += fmt::format("set xrange [{}:{}]\n", figure(range.low), figure(range.high));
  if (marks.control)
    script += fmt::format(
        "if (!is_text) {{ set arrow 1 from first {0}, graph 0 to first {0}, graph 1 nohead back "
        "linewidth 1 dashtype 2 linecolor rgb '{1}' }}\n",
        figure(*marks.control), colour::kMuted);
  return script + plot_command(layers);
}

}  // namespace

Plot tok_s_plot(const SweepRows& rows) {
  const SweepRows sweep = in_drawing_order(rows);
  Plot plot{.name = "tok-s", .title = finding(sweep), .csv = csv_of(sweep)};
  Frame frame{.title = plot.title,
              .subtitle = source_line(sweep),
              .x_label = "decode tokens per second (higher is better)"};
  const Marks marks = marks_of(sweep);
  std::vector<bool> has_points;
  for (const SplitRow& split : sweep.splits)
    has_points.push_back(split.tok_per_s || !split.recorded.empty());
  const bool is_empty =
      marks.tied.empty() && marks.other.empty() && marks.recorded.empty() && marks.old.empty();
  plot.about = fmt::format("Decode speed of {} in tokens per second: {}.",
                           count_text(sweep.splits.size(), "split"), plot.title);
  const std::vector<SplitLine> lines = split_lines(sweep, has_points);
  if (sweep.splits.empty()) {
    plot.size = frame.size = {960, 240};
    plot.text_size = {80, 12};
    plot.script = empty_script(frame, "No candidate was measured.");
    return plot;
  }
  const std::vector<Layer> layers = layers_of(marks);
  frame.key = key_of(layers);
  fit_frame(lines, frame);
  plot.size = frame.size;
  plot.text_size = text_size_for(lines, frame);
  if (is_empty) {
    plot.script = frame_commands(frame) + axis_commands(lines) +
                  "unset key\nunset xtics\nunset xlabel\nset xrange [0:1]\nplot NaN notitle\n";
    return plot;
  }
  plot.script = script_of(marks, layers, frame, lines);
  return plot;
}

}  // namespace fusesweep
