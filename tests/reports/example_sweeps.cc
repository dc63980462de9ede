#include "tests/reports/example_sweeps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/stats/binomial_interval.h"

namespace fusesweep {
namespace {

constexpr int kLayers = 32;

// Figures that look measured and are not: the same everywhere, since nothing but + * and / is in them.
double wobble(int index, double size) { return 1 + size * ((index * 7919) % 101 - 50) / 50.0; }

SweepRows empty_sweep() {
  SweepRows sweep{.started_unix_ms = 1, .ended_unix_ms = 2, .spec = Json::object()};
  sweep.model = ModelRow{.hash = std::string(32, 'a'), .name = "nano.gguf"};
  sweep.runner = RunnerRow{.name = "cpu",
                           .device = "example CPU, 2 cores",
                           .evidence = "measured",
                           .emulated = {"residency_limit_bytes"}};
  sweep.n_layers = kLayers;
  sweep.blocks = sweep.wanted_blocks = 12;
  return sweep;
}

SplitRow measured_split(const std::string& name, double tok_per_s, int seed) {
  SplitRow split{.name = name, .split = name, .standing = "qualified"};
  split.tok_per_s = tok_per_s;
  split.ms_per_token = 1000 / tok_per_s;
  split.ttft_ms = 17 * *split.ms_per_token * wobble(seed, 0.1);
  split.load_ms = 480 * wobble(seed + 1, 0.2);
  split.activation_ms = 39 * wobble(seed + 2, 0.2);
  split.groups.push_back({"embed", 0.001});
  split.groups.push_back({"host", 0.01});
  int begin = 0;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('+', at), name.size());
    const int layers = std::stoi(name.substr(at, end - at));
    split.groups.push_back({fmt::format("[{},{})", begin, begin + layers),
                            *split.ms_per_token * 0.92 * layers / kLayers});
    begin += layers;
    at = end + 1;
  }
  split.groups.push_back({"head", *split.ms_per_token * 0.07});
  for (int block = 0; block < 12; ++block)
    split.processes.push_back(
        {.block = block, .tok_per_s = tok_per_s * wobble(seed + block, 0.012)});
  return split;
}

SplitRow compared_split(const std::string& name, double tok_per_s, int seed, double control,
                        double half_width) {
  SplitRow split = measured_split(name, tok_per_s, seed);
  split.size_rel = control / tok_per_s - 1;
  split.interval_rel = Interval{*split.size_rel - half_width, *split.size_rel + half_width};
  split.verdict = "inconclusive";
  return split;
}

SplitRow out_split(const std::string& name, const std::string& reason) {
  return {.name = name, .split = name, .standing = "disqualified", .reason = reason};
}

CliffResult example_cliff(std::uint64_t bytes_per_layer) {
  CliffResult cliff{.edge = CliffEdge{21, 22}, .is_confirmed = true};
  for (const int length : {16, 24, 20, 22, 21}) {
    ProbeAnswer answer{.probe = {.segment = {0, length}},
                       .is_resident = length <= 21,
                       .weight_bytes = bytes_per_layer * static_cast<std::uint64_t>(length)};
    if (!answer.is_resident) answer.failure = ProbeFailure::kPlan;
    cliff.answers.push_back(answer);
  }
  cliff.answers.push_back(
      {.probe = {.segment = {8, 29}}, .is_resident = true, .weight_bytes = bytes_per_layer * 21});
  return cliff;
}

GateRow residency(const std::string& text, double resident, double total) {
  return {"shard",
          text,
          {.gate = "residency",
           .outcome = resident < total ? GateOutcome::kFail : GateOutcome::kPass,
           .reason = {},
           .figures = {{"compute_resident_plan", resident, total, std::nullopt}}}};
}

GateRow golden(const std::string& text, const char* gate, double relative_l2, double limit,
               double cosine) {
  return {"shard",
          text,
          {.gate = gate,
           .outcome = relative_l2 <= limit ? GateOutcome::kPass : GateOutcome::kFail,
           .reason = {},
           .figures = {{"cosine", cosine, 0.995, std::nullopt},
                       {"relative_l2", relative_l2, std::nullopt, limit}}}};
}

GateRow chain(const std::string& text, double relative_l2, double local) {
  return {"chain",
          "to " + text,
          {.gate = "error-budget",
           .outcome = GateOutcome::kPass,
           .reason = {},
           .figures = {{"relative_l2", relative_l2, std::nullopt, 0.005},
                       {"local_relative_l2", local, std::nullopt, std::nullopt}}}};
}

void add_gates(SweepRows& sweep) {
  sweep.gates.push_back(residency("[0,24)", 0, 96));
  double before = 0;
  for (const auto& [begin, end] :
       {std::pair{0, 12}, {12, 24}, {24, 30}, {30, 32}, {0, 16}, {16, 24}, {0, 20}, {20, 24}}) {
    const std::string text = fmt::format("[{},{})", begin, end);
    const double error = 0.0002 * (end - begin);
    sweep.gates.push_back(residency(text, 70.0 * (end - begin), 70.0 * (end - begin)));
    sweep.gates.push_back(golden(text, "golden-fidelity", error, 0.005, 1 - error * error / 2));
    sweep.gates.push_back(
        golden(text, "golden-quality", 20 * error, 0.15, 1 - 200 * error * error));
    before = begin == 0 ? error : before + error / 2;
    sweep.gates.push_back(chain(text, before, error));
  }
  sweep.gates.push_back(golden("head", "golden-fidelity", 0.0004, 0.005, 1 - 8e-8));
}

}  // namespace

SweepRows tied_sweep() {
  SweepRows sweep = empty_sweep();
  sweep.splits.push_back(measured_split("12+12+6+2", 122.0, 1));
  sweep.splits.push_back(compared_split("16+8+6+2", 123.1, 20, 122.0, 0.015));
  sweep.splits.push_back(compared_split("20+4+6+2", 123.464, 40, 122.0, 0.014));
  sweep.splits.push_back(out_split("24+6+2", "residency of [0,24): 0 of 96 convolutions"));
  sweep.splits[0].is_control = true;
  for (std::size_t i = 0; i < 3; ++i) sweep.splits[i].is_tied = true;
  sweep.cliff = example_cliff(std::uint64_t{3} << 19U);
  add_gates(sweep);
  return sweep;
}

SweepRows decided_sweep() {
  SweepRows sweep = tied_sweep();
  sweep.splits[2] = compared_split("20+4+6+2", 128.1, 40, 122.0, 0.014);
  sweep.splits[2].verdict = "faster";
  sweep.splits[2].is_tied = true;
  sweep.splits[0].is_tied = sweep.splits[1].is_tied = false;
  sweep.best = "20+4+6+2";
  return sweep;
}

SweepRows wide_sweep() {
  SweepRows sweep = empty_sweep();
  sweep.splits.push_back(measured_split("1+7+12+12", 118.0, 3));
  sweep.splits[0].is_control = true;
  for (int front = 2; front <= 20; ++front) {
    for (const int tail : {2, 4}) {
      const int rest = kLayers - front - tail;
      const std::string name = fmt::format("{}+{}+{}+{}", front, rest / 2, rest - rest / 2, tail);
      sweep.splits.push_back(
          compared_split(name, 110 + 0.7 * front - 0.9 * tail, front * 3 + tail, 118.0, 0.02));
    }
  }
  sweep.splits.push_back(out_split("24+6+2", "residency of [0,24): 0 of 96 convolutions"));
  sweep.splits[11] = out_split(sweep.splits[11].name,
                               "golden-fidelity of [7,19): relative_l2: found 0.0071, want at most "
                               "0.005, at the worst token 3");
  for (std::size_t i = 33; i < 39; ++i) sweep.splits[i].is_tied = true;
  sweep.cliff = example_cliff(std::uint64_t{96} << 20U);
  add_gates(sweep);
  return sweep;
}

SweepRows hopeless_sweep() {
  SweepRows sweep = empty_sweep();
  sweep.blocks = 0;
  sweep.splits.push_back(out_split("24+6+2", "residency of [0,24): 0 of 96 convolutions"));
  sweep.splits.push_back(out_split("16+16", "build of [16,32): the compiler died"));
  return sweep;
}

SweepRows recorded_sweep() {
  SweepRows sweep = empty_sweep();
  sweep.is_recorded = true;
  sweep.blocks = 0;
  sweep.model->name = "phi4-mini";
  sweep.runner =
      RunnerRow{.name = "replay:phi4-mini-m4max", .device = "Apple M4 Max", .evidence = "recorded"};
  sweep.splits.push_back(out_split("24+6+2", "residency of [0,24): 0 of 96 convolutions"));
  const struct {
    const char* name;
    std::vector<double> tok_per_s;
  } rows[] = {{"12+12+6+2", {16.598, 17.159, 16.659}},
              {"16+8+6+2", {16.669, 17.174, 17.143, 17.171, 16.596}},
              {"20+4+6+2", {16.697, 17.203, 16.602}}};
  for (const auto& row : rows) {
    SplitRow split{.name = row.name,
                   .split = row.name,
                   .standing = "ungated",
                   .reason = "contract of phi4-mini: a record has no model file"};
    for (const double value : row.tok_per_s)
      split.recorded.push_back({.tok_per_s = value, .notes = {"old contract: rope_dim 128"}});
    split.recorded.front().groups = {{"layers", 54.7}, {"head", 5.1}};
    split.recorded.back().notes = {};
    sweep.splits.push_back(split);
  }
  sweep.cliff = CliffResult{.edge = CliffEdge{20, 24}, .not_recorded = {21, 22, 23}};
  for (const int length : {12, 16, 20, 24, 22})
    sweep.cliff->answers.push_back(
        {.probe = {.segment = {0, length}},
         .is_recorded = length != 22,
         .is_resident = length <= 20,
         .weight_bytes = std::uint64_t{100663296} * static_cast<std::uint64_t>(length)});
  for (const char* text : {"[0,12)", "[0,16)", "[0,20)"})
    sweep.gates.push_back(
        {"shard",
         text,
         {.gate = "golden-quality",
          .outcome = GateOutcome::kPass,
          .reason = {},
          .figures = {{"cosine", 0.9987, 0.995, std::nullopt},
                      {"relative_l2", std::nullopt, std::nullopt, std::nullopt}}}});
  return sweep;
}

SweepRows interrupted_sweep() {
  SweepRows sweep = empty_sweep();
  sweep.ended_unix_ms.reset();
  sweep.blocks = 0;
  return sweep;
}

SweepRows unmeasured_sweep() {
  SweepRows sweep = empty_sweep();
  sweep.blocks = 0;
  sweep.splits.push_back({.name = "16+16", .split = "16+16", .standing = "qualified"});
  sweep.splits.push_back({.name = "8+8+8+8", .split = "8+8+8+8", .standing = "qualified"});
  return sweep;
}

SweepRows hostile_sweep(const std::string& name) {
  SweepRows sweep = tied_sweep();
  sweep.model->name = name;
  sweep.runner->name = sweep.runner->device = name;
  sweep.runner->emulated = {name};
  for (SplitRow& split : sweep.splits) {
    split.name = name;
    split.groups.push_back({name, 1});
  }
  sweep.splits.back().reason = name;
  sweep.splits.front().recorded.push_back({.tok_per_s = 120, .notes = {name}});
  sweep.dirt = {name};
  for (GateRow& gate : sweep.gates) gate.verdict.reason = name;
  sweep.gates.push_back({"shard", name + " [0,4)", sweep.gates[1].verdict});
  sweep.cliff->answers.front().reason = name;
  return sweep;
}

SelfcheckFigures example_selfcheck() {
  SelfcheckFigures figures{.split = "16+8+6+2"};
  const auto rate = [](int count, int trials) {
    const Interval interval = binomial_interval(static_cast<std::uint64_t>(count),
                                                static_cast<std::uint64_t>(trials), 0.95);
    return TrialRate{count, trials, interval.low, interval.high};
  };
  for (const char* condition : {"idle", "one core busy"}) {
    for (const double seconds : {20.0, 40.0}) {
      const bool is_idle = std::string_view(condition) == "idle";
      for (const double injected : {0.0, 0.005, 0.01, 0.02, 0.03, 0.05}) {
        const double reach = (is_idle ? 1.0 : 0.5) * (seconds / 40) * injected / 0.01;
        SelfcheckTrials trials{.condition = condition,
                               .seconds = seconds,
                               .blocks = seconds / 3,
                               .injected_rel = injected};
        trials.slower = rate(std::min(100, static_cast<int>(70 * reach)), 100);
        trials.faster = rate(0, 100);
        figures.trials.push_back(trials);
      }
      figures.smallest.push_back({condition, seconds, is_idle ? 0.014 : 0.03});
    }
  }
  return figures;
}

}  // namespace fusesweep
