#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/bytes.h"
#include "reports/csv.h"
#include "reports/gnuplot_script.h"
#include "reports/plot_words.h"
#include "reports/sweep_plots.h"

namespace fusesweep {
namespace {

using Rows = std::vector<std::vector<double>>;

struct Share {
  double value = 0;  // of the operations that compute, or of the convolutions
  bool is_counted = false;
};

// Operations where they were counted, convolutions otherwise; by the run rather than by the plan.
std::optional<Share> counted_share(const SweepRows& sweep, const Segment& segment) {
  static constexpr const char* kFigures[] = {"compute_resident_run",      "compute_resident_plan",
                                             "compute_resident_recorded", "conv_resident_run",
                                             "conv_resident_plan",        "conv_resident_recorded"};
  const std::string text = to_text(segment);
  for (const char* wanted : kFigures) {
    for (const GateRow& gate : sweep.gates) {
      if (gate.kind != "shard" || gate.text != text || gate.verdict.gate != "residency") continue;
      for (const GateFigure& found : gate.verdict.figures) {
        if (found.name == wanted && found.value && found.at_least && *found.at_least > 0)
          return Share{std::clamp(*found.value / *found.at_least, 0.0, 1.0), true};
      }
    }
  }
  return std::nullopt;
}

Share share_of(const SweepRows& sweep, const ProbeAnswer& answer) {
  return counted_share(sweep, answer.probe.segment)
      .value_or(Share{answer.is_resident ? 1.0 : 0.0, false});
}

struct Marks {
  Rows resident;  // fronts: length, percent
  Rows not_resident;
  Rows elsewhere_resident;  // shards that begin at another layer
  Rows elsewhere_not;
  Rows unknown;
};

Marks marks_of(const SweepRows& sweep, const CliffResult& cliff) {
  Marks marks;
  for (const ProbeAnswer& answer : cliff.answers) {
    const double length = answer.probe.segment.layers();
    if (!answer.is_recorded) {
      marks.unknown.push_back({length, 50});
      continue;
    }
    const bool is_front = answer.probe.segment.begin == 0;
    Rows& rows = answer.is_resident ? (is_front ? marks.resident : marks.elsewhere_resident)
                                    : (is_front ? marks.not_resident : marks.elsewhere_not);
    rows.push_back({length, 100 * share_of(sweep, answer).value});
  }
  return marks;
}

// Weight bytes of a layer, where all probes agree on it: then the upper axis can tell bytes.
std::optional<double> bytes_per_layer(const CliffResult& cliff) {
  std::optional<double> each;
  for (const ProbeAnswer& answer : cliff.answers) {
    if (answer.weight_bytes == 0) continue;
    const double here = static_cast<double>(answer.weight_bytes) / answer.probe.segment.layers();
    if (each && std::abs(here / *each - 1) > 0.01) return std::nullopt;
    if (!each) each = here;
  }
  return each;
}

std::string edge_words(const CliffEdge& edge, int n_layers) {
  if (edge.last_resident == 0) return "not even one layer is resident";
  if (n_layers > 0 && edge.first_not_resident > n_layers)
    return fmt::format("no cliff: all {} layers fit one shard", n_layers);
  if (edge.first_not_resident == edge.last_resident + 1)
    return fmt::format("shards of up to {} layers are resident, of {} they are not",
                       edge.last_resident, edge.first_not_resident);
  return fmt::format("the cliff lies between {} layers, resident, and {}, not resident",
                     edge.last_resident, edge.first_not_resident);
}

std::string title_of(const SweepRows& sweep) {
  if (!sweep.cliff) return "No cliff was looked for";
  if (!sweep.cliff->edge) return "No cliff is known: no answer about a single length";
  std::string words = edge_words(*sweep.cliff->edge, sweep.n_layers);
  if (const std::optional<double> each = bytes_per_layer(*sweep.cliff);
      each && sweep.cliff->edge->last_resident > 0) {
    words += fmt::format(
        " ({} of weights)",
        format_bytes(static_cast<std::uint64_t>(*each * sweep.cliff->edge->last_resident)));
  }
  if (!sweep.cliff->surprises.empty()) words += "; answers contradict it";
  if (sweep.is_recorded) return "Recorded: " + words;
  words.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(words.front())));
  return words;
}

std::string csv_of(const SweepRows& sweep) {
  CsvTable table{
      .columns = {"segment", "begin", "layers", "weight_bytes", "operations", "attempt", "is_known",
                  "is_resident", "resident_share", "share_is_counted", "failure", "reason"},
      .rows = {}};
  if (!sweep.cliff) return to_csv(table);
  for (const ProbeAnswer& answer : sweep.cliff->answers) {
    const Share share = share_of(sweep, answer);
    table.rows.push_back(
        {to_text(answer.probe.segment), std::int64_t{answer.probe.segment.begin},
         std::int64_t{answer.probe.segment.layers()},
         static_cast<std::int64_t>(answer.weight_bytes),
         answer.operations ? CsvCell(static_cast<std::int64_t>(*answer.operations)) : CsvCell(),
         std::int64_t{answer.probe.attempt}, std::int64_t{answer.is_recorded},
         answer.is_recorded ? CsvCell(std::int64_t{answer.is_resident}) : CsvCell(),
         answer.is_recorded ? CsvCell(share.value) : CsvCell(), std::int64_t{share.is_counted},
         answer.failure ? CsvCell(std::string(to_text(*answer.failure))) : CsvCell(),
         answer.reason});
  }
  return to_csv(table);
}

std::string bytes_axis(double each, int last) {
  const double most = each * last;
  const bool is_gib = most >= 0x1p30;
  const double unit = is_gib ? 0x1p30 : 0x1p20;
  return fmt::format(
      "set x2range [0:{}]\nset x2tics out scale 0.5\nset format x2 '%g'\nset x2label {} "
      "noenhanced\n"
      "if (!is_text) {{ set x2tics font ',11' textcolor rgb '{}' }}\n",
      figure(most / unit),
      single_quoted(is_gib ? "weights of the shard, GiB" : "weights of the shard, MiB"),
      colour::kText);
}

std::string band(const CliffEdge& edge) {
  const auto [low, high] = edge;
  std::string text = fmt::format(
      "  set object 1 rectangle from first {}, graph 0 to first {}, graph 1 behind fillcolor rgb "
      "'{}' "
      "fillstyle solid 1 noborder\n",
      low, high, colour::kCliffBand);
  // On the side where there is room for it.
  const bool is_right = low < 12;
  return text + fmt::format(
                    "  set label 30 'the cliff' at first {}, graph 0.36 {} offset character {}, 0 "
                    "noenhanced font ',11' textcolor rgb '{}' front\n",
                    is_right ? high : low, is_right ? "left" : "right", is_right ? 0.8 : -0.8,
                    colour::kVermillion);
}

}  // namespace

Plot cliff_plot(const SweepRows& sweep) {
  Plot plot{.name = "cliff", .title = title_of(sweep), .csv = csv_of(sweep)};
  plot.about = fmt::format(
      "Share of a shard's operations that run on the target device, by the "
      "number of its layers and the bytes of its weights: {}.",
      plot.title);
  Frame frame{.title = plot.title,
              .subtitle = source_line(sweep),
              .size = {960, 460},
              .left = 9,
              .right = 5,
              .above = 3,
              .x_label = "layers in the shard",
              .y_label = "operations on the device, %"};
  plot.size = frame.size;
  plot.text_size = {80, 27};
  if (!sweep.cliff || sweep.cliff->answers.empty()) {
    plot.size = frame.size = {960, 240};
    plot.text_size = {80, 12};
    plot.script = empty_script(frame, "No shard was probed.");
    return plot;
  }
  const CliffResult& cliff = *sweep.cliff;
  int last = sweep.n_layers;
  for (const ProbeAnswer& answer : cliff.answers)
    last = std::max(last, answer.probe.segment.layers());
  last += 1;
  const Marks marks = marks_of(sweep, cliff);
  std::vector<Layer> layers;
  const auto add = [&](const Rows& rows, const char* name, std::string_view ink, int mark,
                       char letter, double size, const char* title) {
    if (!rows.empty())
      layers.push_back({fmt::format("${} using 1:2", name), "points", ink, mark, letter, size,
                        title, "linewidth 2"});
  };
  add(marks.resident, "resident", colour::kBlue, 7, 'R', 1.5, "resident");
  add(marks.not_resident, "not_resident", colour::kVermillion, 2, 'X', 1.5, "not resident");
  add(marks.elsewhere_resident, "elsewhere_resident", colour::kBlue, 6, 'r', 1.9,
      "resident, from another layer on");
  add(marks.elsewhere_not, "elsewhere_not", colour::kVermillion, 4, 'x', 1.9,
      "not resident, from another layer on");
  add(marks.unknown, "unknown", colour::kMuted, 3, '?', 1.2, "not recorded");
  frame.key = key_of(layers);
  plot.script = frame_commands(frame) +
                fmt::format("set xrange [0:{}]\nset yrange [-8:108]\nset ytics 0,25,100\n", last);
  if (const std::optional<double> each = bytes_per_layer(cliff))
    plot.script += bytes_axis(*each, last);
  if (cliff.edge) plot.script += fmt::format("if (!is_text) {{\n{}}}\n", band(*cliff.edge));
  plot.script +=
      datablock("resident", marks.resident) + datablock("not_resident", marks.not_resident) +
      datablock("elsewhere_resident", marks.elsewhere_resident) +
      datablock("elsewhere_not", marks.elsewhere_not) + datablock("unknown", marks.unknown);
  plot.script += plot_command(layers);
  return plot;
}

}  // namespace fusesweep
