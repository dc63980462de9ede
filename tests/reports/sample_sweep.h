// Sweeps as reports see them, made by hand: one of each kind of answer.
#pragma once

#include <string>
#include <utility>

#include "harness/core/contract.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

inline SplitRow measured_split(std::string name, double tok_per_s) {
  SplitRow split{.name = name, .split = std::move(name), .standing = "qualified"};
  split.tok_per_s = tok_per_s;
  split.ms_per_token = 1000 / tok_per_s;
  split.ttft_ms = 240.5;
  split.load_ms = 300.25;
  split.activation_ms = 14;
  split.groups = {{"embed", 0.01}, {"[0,16)", 8.5}, {"[16,32)", 8.25}, {"head", 2}};
  for (int block = 0; block < 2; ++block)
    split.processes.push_back({.block = block, .tok_per_s = tok_per_s + block, .ttft_ms = 240});
  return split;
}

// 16+16 is the fastest, the control 16+8+8 takes longer, 32 is out.
inline SweepRows sample_sweep_rows() {
  SweepRows sweep{.started_unix_ms = 1'700'000'000'123, .ended_unix_ms = 1'700'000'060'123};
  for (std::size_t i = 0; i < 16; ++i) sweep.id.data[i] = static_cast<std::uint8_t>(i + 1);
  sweep.run.start = {.command = "sweep",
                     .arguments = {"sweep", "--splits", "16+16,16+8+8,32"},
                     .provenance = {.program_version = "0.1.0",
                                    .git_revision = std::string(40, 'a'),
                                    .git_dirty = false,
                                    .compiler = "GNU 12.2.0",
                                    .compiler_flags = "-O3",
                                    .build_type = "Release",
                                    .host = "box",
                                    .cpu = "a CPU",
                                    .os = "an OS",
                                    .kernel = "a kernel"}};
  sweep.model =
      ModelRow{.hash = std::string(32, '1'), .name = "nano.gguf", .contract = *known_model("nano")};
  sweep.runner = RunnerRow{.name = "cpu",
                           .version = "0.1.0",
                           .device = "a CPU, 2 cores",
                           .device_kind = "cpu",
                           .evidence = "measured",
                           .emulated = {"residency_limit_bytes"},
                           .toolchain = "fusesweep-cpu 0.1.0"};
  sweep.spec = {{"prompt_tokens", 16}, {"decode_tokens", 64}, {"decodings", 2},    {"seed", 1},
                {"target_rel", 0.01},  {"margin_rel", 0.01},  {"budget_ms", 40000}};
  sweep.n_layers = 32;
  sweep.cliff = CliffResult{
      .edge = CliffEdge{21, 22},
      .is_confirmed = true,
      .explanations = {{CliffExplanation::Quantity::kWeightBytes, 33'030'144, 34'603'008}},
      .answers = {{.probe = {.segment = {0, 21}},
                   .is_resident = true,
                   .weight_bytes = 33'030'144,
                   .reason = "all of it"},
                  {.probe = {.segment = {0, 22}},
                   .failure = ProbeFailure::kPlan,
                   .weight_bytes = 34'603'008,
                   .reason = "beyond the limit"}}};
  sweep.gates = {
      {"shard", "[0,16)", {.gate = "residency", .outcome = GateOutcome::kPass}},
      {"shard",
       "[0,32)",
       {.gate = "residency", .outcome = GateOutcome::kFail, .reason = "beyond the cliff"}},
      {"split",
       "32",
       {.gate = "full-stack", .outcome = GateOutcome::kNotRun, .reason = "residency"}}};
  SplitRow out{.name = "32",
               .split = "32",
               .standing = "disqualified",
               .reason = "residency of [0,32): beyond the cliff"};
  SplitRow best = measured_split("16+16", 52);
  best.is_tied = true;
  best.verdict = "faster";
  best.size_rel = -0.05;
  best.interval_rel = Interval{-0.07, -0.03};
  best.equivalence_interval_rel = Interval{-0.06, -0.04};
  SplitRow control = measured_split("16+8+8", 49.4);
  control.is_control = true;
  sweep.splits = {out, best, control};
  sweep.best = "16+16";
  sweep.manifest = "/home/me/manifests/16_16.json";
  sweep.blocks = sweep.wanted_blocks = 12;
  sweep.steal_rel = 0.001;
  sweep.twin_rel = 0.002;
  sweep.smallest_detectable_rel = 0.021;
  sweep.block_noise = {{0, 1'700'000'001'000, 5'000'000'000, {{"steal_rel", 0.001}}},
                       {1, 1'700'000'007'000, 5'100'000'000, Json::object()}};
  return sweep;
}

inline SelfcheckFigures sample_selfcheck() {
  const TrialRate none{.count = 0, .trials = 60, .low = 0, .high = 0.0596};
  const TrialRate all{.count = 60, .trials = 60, .low = 0.9404, .high = 1};
  return {.split = "16+16",
          .banks = {{.condition = "idle", .blocks = 40, .block_s = 5.5, .cell_sd = 0.02}},
          .trials = {{.condition = "idle",
                      .seconds = 40,
                      .blocks = 7,
                      .faster = none,
                      .slower = none,
                      .equivalent = all,
                      .inconclusive = none,
                      .dirty = none},
                     {.condition = "idle",
                      .is_physical = true,
                      .seconds = 40,
                      .blocks = 7,
                      .injected_rel = 0.05,
                      .group = "[0,16)",
                      .faster = none,
                      .slower = all,
                      .equivalent = none,
                      .inconclusive = none,
                      .dirty = none,
                      .size_rel = 0.049,
                      .smallest_detectable_rel = 0.03}},
          .smallest = {{.condition = "idle", .seconds = 40, .injected_rel = 0.031},
                       {.condition = "one core busy", .seconds = 40}}};
}

inline SweepRows tied_sweep_rows() {
  SweepRows sweep = sample_sweep_rows();
  sweep.best.reset();
  sweep.splits[2].is_tied = true;
  sweep.splits[1].verdict = "inconclusive";
  sweep.splits[1].interval_rel = Interval{-0.11, 0.02};
  return sweep;
}

inline SweepRows dirty_sweep_rows() {
  SweepRows sweep = sample_sweep_rows();
  sweep.best.reset();
  sweep.manifest.clear();
  sweep.dirt = {"the control's twin differs from it by 4.00 %, more than 1.00 %"};
  for (SplitRow& split : sweep.splits) {
    split.is_tied = false;
    if (split.verdict) split.verdict = "dirty";
  }
  return sweep;
}

inline SweepRows recorded_sweep_rows() {
  SweepRows sweep = sample_sweep_rows();
  sweep.is_recorded = true;
  sweep.runner->evidence = "recorded";
  sweep.runner->emulated.clear();
  sweep.best.reset();
  sweep.manifest.clear();
  sweep.blocks = sweep.wanted_blocks = 0;
  sweep.block_noise.clear();
  sweep.twin_rel = sweep.steal_rel = sweep.smallest_detectable_rel = std::nullopt;
  for (SplitRow& split : sweep.splits) {
    split = {.name = split.name,
             .split = split.split,
             .standing = split.standing,
             .reason = split.reason};
    if (split.standing == "qualified") split.standing = "ungated";
  }
  sweep.splits[1].recorded = {{.tok_per_s = 16.669, .notes = {"old contract"}},
                              {.tok_per_s = 17.171, .groups = {{"head", 5.095}}}};
  sweep.splits[2].recorded = {{.tok_per_s = 16.8}};
  return sweep;
}

inline SweepRows disqualified_sweep_rows() {
  SweepRows sweep = sample_sweep_rows();
  sweep.splits.resize(1);
  sweep.best.reset();
  sweep.blocks = sweep.wanted_blocks = 0;
  sweep.block_noise.clear();
  return sweep;
}

inline SweepRows interrupted_sweep_rows() {
  SweepRows sweep = sample_sweep_rows();
  SweepRows cut{.id = sweep.id, .started_unix_ms = sweep.started_unix_ms, .run = sweep.run};
  cut.model = sweep.model;
  cut.runner = sweep.runner;
  cut.spec = sweep.spec;
  cut.spec["candidates"] = {{{"split", "16+16"}}, {{"split", "32"}}};
  cut.block_noise = sweep.block_noise;
  return cut;
}

}  // namespace fusesweep
