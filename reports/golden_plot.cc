#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reports/csv.h"
#include "reports/gnuplot_script.h"
#include "reports/plot_words.h"
#include "reports/shown_text.h"
#include "reports/sweep_plots.h"

namespace fusesweep {
namespace {

using Rows = std::vector<std::vector<double>>;

constexpr double kFloor = 1e-9;  // what is exact has a place on a logarithmic axis too

// The layer boundary that an output lies at; those of a head, behind the last layer.
std::optional<double> boundary_of(const GateRow& gate, int n_layers) {
  if (gate.text.find("head") != std::string::npos) return n_layers + 1.5;
  const std::size_t at = gate.text.find('[');
  int begin = 0;
  int end = 0;
  if (at == std::string::npos || std::sscanf(gate.text.c_str() + at, "[%d,%d)", &begin, &end) != 2)
    return std::nullopt;
  return end;
}

struct OutputError {
  std::string series;  // a gate, or "local"
  double boundary = 0;
  double value = 0;
};

struct Panel {
  std::vector<OutputError> errors;
  std::map<std::string, double> limits;  // the one that most are held to, by series
  bool empty() const { return errors.empty(); }
};

struct Panels {
  Panel relative_l2;
  Panel cosine;  // as what is missing to 1
  Rows failed;   // boundaries without a figure
  int passed = 0;
  int failures = 0;
  double worst_of_limit = 0;  // the largest share of its limit that an error takes
};

void see(Panel& panel, Panels& all, const std::string& series, double boundary, double value,
         const std::optional<double>& limit) {
  panel.errors.push_back({series, boundary, std::max(value, kFloor)});
  if (!limit) return;
  panel.limits[series] = *limit;
  if (*limit > 0) all.worst_of_limit = std::max(all.worst_of_limit, value / *limit);
}

std::optional<double> missing_to_one(const std::optional<double>& cosine) {
  return cosine ? std::optional(1 - *cosine) : std::nullopt;
}

Panels panels_of(const SweepRows& sweep) {
  Panels panels;
  for (const GateRow& gate : sweep.gates) {
    const std::string& name = gate.verdict.gate;
    const bool is_golden =
        name == "golden-fidelity" || name == "golden-quality" || name == "error-budget";
    if (!is_golden || (gate.kind != "shard" && gate.kind != "chain")) continue;
    const std::optional<double> boundary = boundary_of(gate, sweep.n_layers);
    if (!boundary) continue;
    if (gate.verdict.outcome == GateOutcome::kPass) ++panels.passed;
    if (gate.verdict.outcome == GateOutcome::kFail) ++panels.failures;
    bool has_figure = false;
    for (const GateFigure& found : gate.verdict.figures) {
      if (!found.value || !std::isfinite(*found.value)) continue;
      if (found.name == "relative_l2") {
        see(panels.relative_l2, panels, name, *boundary, *found.value, found.at_most);
      } else if (found.name == "local_relative_l2") {
        see(panels.relative_l2, panels, "local", *boundary, *found.value, found.at_most);
      } else if (found.name == "cosine") {
        see(panels.cosine, panels, name, *boundary, 1 - *found.value,
            missing_to_one(found.at_least));
      } else {
        continue;
      }
      has_figure = true;
    }
    if (!has_figure && gate.verdict.outcome == GateOutcome::kFail)
      panels.failed.push_back({*boundary});
  }
  return panels;
}

struct Look {
  const char* series;
  const char* title;
  std::string_view ink;
  int mark;
  char letter;
};

// Titles are short: three of them stand beside one another.
constexpr Look kLooks[] = {
    {"golden-quality", "shard, to original weights", colour::kOrange, 13, 'Q'},
    {"error-budget", "chain up to here", colour::kGreen, 9, 'C'},
    {"golden-fidelity", "shard, to rounded weights", colour::kBlue, 7, 'F'},
    {"local", "its own part in the chain", colour::kBlue, 6, 'f'}};

std::string block_name(const char* panel, const Look& look) {
  std::string name = std::string(panel) + '_' + look.series;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string panel_data(const Panel& panel, const char* name) {
  std::string text;
  for (const Look& look : kLooks) {
    std::set<std::vector<double>> rows;  // many splits share a boundary, and then an error
    for (const OutputError& error : panel.errors) {
      if (error.series == look.series) rows.insert({error.boundary, error.value});
    }
    text += datablock(block_name(name, look), Rows(rows.begin(), rows.end()));
  }
  return text;
}

std::string key_title(const Panel& panel, const Look& look) {
  const auto limit = panel.limits.find(look.series);
  return limit == panel.limits.end()
             ? std::string(look.title)
             : fmt::format("{}, limit {}", look.title, figure(limit->second));
}

std::string panel_plot(const Panel& panel, const char* name, const char* y_label, double last) {
  double low = 1;
  double high = kFloor;
  for (const OutputError& error : panel.errors) {
    low = std::min(low, error.value);
    high = std::max(high, error.value);
  }
  std::vector<Layer> layers;
  for (const Look& look : kLooks) {
    const bool is_there =
        std::any_of(panel.errors.begin(), panel.errors.end(),
                    [&](const OutputError& error) { return error.series == look.series; });
    if (is_there)
      layers.push_back({fmt::format("${} using 1:2", block_name(name, look)), "points", look.ink,
                        look.mark, look.letter, look.mark == 6 ? 1.8 : 1.2, key_title(panel, look),
                        "linewidth 1.5"});
    const auto limit = panel.limits.find(look.series);
    if (!is_there || limit == panel.limits.end()) continue;
    low = std::min(low, limit->second);
    high = std::max(high, limit->second);
    layers.push_back({fmt::format("[0:{}] {}", figure(last), figure(limit->second)), "lines",
                      look.ink, 0, '-', 1, "", "linewidth 1.5 dashtype 2"});
  }
  return fmt::format("set ylabel {} noenhanced\nset yrange [{}:{}]\n", single_quoted(y_label),
                     figure(std::pow(10, std::floor(std::log10(low) - 0.1))),
                     figure(std::pow(10, std::ceil(std::log10(high) + 0.1)))) +
         plot_command(layers);
}

// Ticks at boundaries that have a figure, as many as fit.
std::string boundaries(const Panels& panels, int n_layers) {
  std::set<double> ends;
  for (const Panel* panel : {&panels.relative_l2, &panels.cosine}) {
    for (const OutputError& error : panel->errors) ends.insert(error.boundary);
  }
  std::string text = "set xtics (";
  double before = -10;
  const double room = (n_layers + 2) / 30.0;
  bool is_first = true;
  for (const double end : ends) {
    const bool is_head = end > n_layers;
    if (!is_head && end - before < room) continue;
    text += fmt::format("{}'{}' {}", is_first ? "" : ", ",
                        is_head ? "head" : fmt::format("{:.0f}", end), figure(end));
    is_first = false;
    before = end;
  }
  return text + ")\n";
}

std::string csv_of(const SweepRows& sweep) {
  CsvTable table{
      .columns = {"kind", "text", "gate", "outcome", "metric", "value", "at_least", "at_most"},
      .rows = {}};
  for (const GateRow& gate : sweep.gates) {
    if (gate.kind != "shard" && gate.kind != "chain") continue;
    for (const GateFigure& found : gate.verdict.figures) {
      if (found.name != "relative_l2" && found.name != "local_relative_l2" &&
          found.name != "cosine")
        continue;
      table.rows.push_back(
          {gate.kind, gate.text, gate.verdict.gate, std::string(to_text(gate.verdict.outcome)),
           found.name, csv_cell(found.value), csv_cell(found.at_least), csv_cell(found.at_most)});
    }
  }
  return to_csv(table);
}

std::string title_of(const SweepRows& sweep, const Panels& panels) {
  if (panels.passed + panels.failures == 0) return "No output was compared";
  const std::string where = sweep.is_recorded ? "Recorded: " : "";
  if (panels.failures > 0)
    return fmt::format("{}{} of {} comparisons of outputs failed", where, panels.failures,
                       panels.passed + panels.failures);
  std::string text = fmt::format(
      "{}{} of outputs passed", where,
      panels.passed == 1 ? std::string("1 of 1 comparison")
                         : fmt::format("{} of {} comparisons", panels.passed, panels.passed));
  if (panels.worst_of_limit > 0)
    text += fmt::format("; the largest error is {} of its limit",
                        short_share_text(panels.worst_of_limit));
  return text;
}

}  // namespace

Plot golden_plot(const SweepRows& sweep) {
  const Panels panels = panels_of(sweep);
  Plot plot{.name = "golden", .title = title_of(sweep, panels), .csv = csv_of(sweep)};
  plot.about = fmt::format(
      "Errors of outputs against the reference at the boundaries of shards, as "
      "relative L2 and as what the cosine lacks to 1, with their limits: {}.",
      plot.title);
  Frame frame{.title = plot.title,
              .subtitle = source_line(sweep),
              .size = {960, 460},
              .left = 10,
              .right = 4,
              .x_label = "layers behind the output"};
  plot.text_size = {80, 32};
  if (panels.relative_l2.empty() && panels.cosine.empty()) {
    plot.size = frame.size = {960, 240};
    plot.text_size = {80, 12};
    plot.script = empty_script(frame, "No shard has errors of its outputs.");
    return plot;
  }
  const bool has_both = !panels.relative_l2.empty() && !panels.cosine.empty();
  if (has_both) frame.size.height = 820;
  const Panel& keyed = panels.relative_l2.empty() ? panels.cosine : panels.relative_l2;
  for (const Look& look : kLooks) {
    if (std::any_of(keyed.errors.begin(), keyed.errors.end(),
                    [&](const OutputError& error) { return error.series == look.series; }))
      frame.key.push_back(key_title(keyed, look));
  }
  plot.size = frame.size;
  const double last = sweep.n_layers + 2.5;
  plot.script =
      frame_commands(frame) +
      fmt::format("set logscale y\nset format y '%.0e'\nset xrange [0:{}]\n", figure(last)) +
      boundaries(panels, sweep.n_layers) + panel_data(panels.relative_l2, "l2") +
      panel_data(panels.cosine, "cosine");
  const auto draw_l2 = [&] {
    return panel_plot(panels.relative_l2, "l2", "relative L2 (lower is better)", last);
  };
  const auto draw_cosine = [&] {
    return panel_plot(panels.cosine, "cosine", "1 - cosine (lower is better)", last);
  };
  if (!has_both) {
    plot.script += panels.cosine.empty() ? draw_l2() : draw_cosine();
    return plot;
  }
  // In characters there is room for one.
  plot.script +=
      "if (!is_text) {\n"
      "set multiplot\nset bmargin at screen 0.54\nunset xlabel\n"
      "set key at screen 0.5, screen 0.01 center bottom horizontal\n}\n" +
      draw_l2() +
      "if (!is_text) {\ndo for [i=1:30] { unset label i }\n"
      "set tmargin at screen 0.49\nset bmargin at screen 0.14\nunset key\n" +
      fmt::format("set xlabel {} noenhanced\n", single_quoted(frame.x_label)) + draw_cosine() +
      "unset multiplot\n}\n";
  return plot;
}

}  // namespace fusesweep
