// Rows of every kind, and a store that is filled with them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/core/contract.h"
#include "results/store.h"

namespace fusesweep {

// Where writing to disk costs nothing: these tests commit thousands of times.
inline std::filesystem::path memory_folder() {
  const std::filesystem::path shared = "/dev/shm";
  return std::filesystem::is_directory(shared) ? shared : std::filesystem::temp_directory_path();
}

inline RunStart sample_run() {
  return {.command = "gate",
          .arguments = {"--split", "16+16", "a \"quoted\" one", ""},
          .seed = 18'446'744'073'709'551'615U,
          .provenance = {.program_version = "0.1.0",
                         .git_revision = std::string(40, 'a'),
                         .git_dirty = true,
                         .compiler = "GNU 12.2.0",
                         .compiler_flags = "-O3",
                         .build_type = "Release",
                         .host = "box",
                         .cpu = "a CPU",
                         .os = "an OS",
                         .kernel = "a kernel",
                         .machine = {{"cpus_usable", 2}, {"governors", {"performance"}}}}};
}

inline RunnerRow sample_runner() {
  return {.name = "cpu",
          .version = "0.1.0",
          .device = "a CPU, 2 cores",
          .device_kind = "cpu",
          .evidence = "measured",
          .emulated = {"residency limit"},
          .toolchain = "fusesweep-cpu 0.1.0"};
}

inline Conditions sample_conditions() {
  return {.runner = fingerprint_of(sample_runner()), .options_hash = std::string(32, 'f')};
}

inline ModelRow sample_model() {
  return {.hash = std::string(32, '1'), .name = "nano", .contract = *known_model("nano")};
}

inline ShardIdentity sample_shard(Segment segment = {0, 16}) {
  return {.model_hash = std::string(32, '1'),
          .contract_hash = std::string(32, '2'),
          .kind = segment,
          .builder_version = 3,
          .tokens = 4,
          .encoding = Encoding::kShiftScaleChannel,
          .context = 2048,
          .kv_form = KvForm::kSlice};
}

inline ArtifactRow sample_artifact() {
  return {.shard = sample_shard(),
          .content_hash = std::string(32, '3'),
          .path = "artifacts/x",
          .bytes = 1U << 31U,
          .weight_bytes = 1U << 30U,
          .build_ns = 123'456'789'012};
}

inline VerdictRow sample_verdict(std::string gate = "golden") {
  return {.subject = {.kind = "shard", .key = hash_of(sample_shard()), .text = "[0,16)"},
          .content_hash = std::string(32, '3'),
          .conditions = sample_conditions(),
          .verdict = {.gate = std::move(gate),
                      .outcome = GateOutcome::kFail,
                      .reason = "relative_l2 0.1, want at most 0.05",
                      .figures = {{.name = "relative_l2", .value = 0.1, .at_most = 0.05},
                                  {.name = "cosine", .value = 1.0 / 3, .at_least = 0.995},
                                  {.name = "rmse"}}}};
}

inline ProbeRow sample_probe() {
  return {.shard = sample_shard(),
          .conditions = sample_conditions(),
          .answer = {.probe = {.segment = {0, 16}, .attempt = 2},
                     .is_recorded = true,
                     .is_resident = false,
                     .failure = ProbeFailure::kTimeOut,
                     .weight_bytes = 1'000'000,
                     .operations = 42,
                     .reason = "too slow",
                     .wrong = "values are not finite"}};
}

inline FailureRow sample_failure(Segment segment = {0, 16}) {
  return {.shard = sample_shard(segment),
          .conditions = sample_conditions(),
          .stage = "inspect",
          .reason = "it died"};
}

inline DecodeRow sample_decode() {
  return {.model = std::string(32, '1'),
          .contract_hash = std::string(32, '2'),
          .split = "16+16",
          .split_key = std::string(32, '4'),
          .conditions = sample_conditions(),
          .workload = {{"tokens", 1}, {"encoding", "int8"}},
          .evidence = "measured",
          .prompt_tokens = 16,
          .ids = {1, 200'063, 0, -1},
          .prefill_ns = 1'500'000'000,
          .groups = {"[0,16)", "[16,32)"},
          .token_ns = {1, 256, 9'000'000'000'000},
          .group_ns = {{1, 2}, {-3, 4}, {5, 9'000'000'000'000}},
          .counters = {{"major_faults", 0}, {"steal_ns", 5}}};
}

inline DecodeSum sample_sum() {
  return {.tokens = 63,
          .ns = 4'850'000'000,
          .forward_calls = 95,
          .forward_ns = 9'000'000'000'000,
          .group_calls = 95,
          .groups = {{"layers", 5'000'000'000}, {"head", 0}}};
}

// One of a runner that tells times only in sum.
inline DecodeRow decode_in_sum() {
  DecodeRow row = sample_decode();
  row.groups.clear();
  row.token_ns.clear();
  row.group_ns.clear();
  row.sum = sample_sum();
  return row;
}

inline SweepRow sample_sweep(std::string spec_hash = std::string(32, '5')) {
  return {.spec_hash = std::move(spec_hash), .spec = {{"model", "nano"}, {"margin_rel", 0.01}}};
}

inline Json sample_answer() { return {{"best", "16+16"}, {"tied", {"16+16", "32"}}}; }

inline CellRow sample_cell(std::string arm, int round, int position) {
  return {.arm = std::move(arm),
          .split_key = std::string(32, '4'),
          .round = round,
          .position = position,
          .prefill_ns = 1'500'000'000,
          .groups = {"[0,16)", "[16,32)"},
          .token_ns = {1, 256, 9'000'000'000'000},
          .group_ns = {{1, 2}, {-3, 4}, {5, 9'000'000'000'000}},
          .ids = {1, 200'063, 0, -1},
          .counters = {{"major_faults", 0}, {"steal_ns", 5}}};
}

// Two rounds of three arms, of which the last runs another split, and tells little.
inline BlockRow sample_block(int block = 0, std::string trial = "16+16 and 32, T=1") {
  const auto silent = [](int round, int position) {
    return CellRow{
        .arm = "32", .split_key = std::string(32, '6'), .round = round, .position = position};
  };
  return {.block = block,
          .trial = std::move(trial),
          .seed = 18'446'744'073'709'551'615U,
          .began_unix_ms = 1'700'000'000'123,
          .wall_ns = 2'345'678'901,
          .noise = {{"steal_ns", 7}, {"governors", {"performance"}}},
          .loads = {{.arm = "twin",
                     .load_ns = 123'456'789,
                     .activation_ns = {{"[0,16)", 1000}, {"[16,32)", 2000}}},
                    {.arm = "control", .load_ns = 1, .activation_ns = {{"[0,16)", 3}}},
                    {.arm = "32"}},
          .cells = {sample_cell("control", 0, 0), silent(0, 1), sample_cell("twin", 0, 2),
                    sample_cell("twin", 1, 0), sample_cell("control", 1, 1), silent(1, 2)}};
}

inline RecordedRunRow sample_recorded(int position = 0) {
  return {.facts = "a record",
          .facts_hash = std::string(32, '7'),
          .position = position,
          .device = "a device",
          .accelerator = "its accelerator",
          .os = "its OS",
          .model = "phi4-mini",
          .n_layers = 32,
          .rope_dim = 96,
          .encoding = Encoding::kInt8,
          .split = "16+16",
          .tok_per_s = 50.0 / 3,
          .decode_tokens = 63,
          .layers_ms_per_token = 54.865,
          .head_ms_per_token = 5.09,
          .groups = {{"[0,16)", 27.5}, {"[16,32)", 27.365}},
          .prefill_tok_per_s = 16.113,
          .request_s = 3.111,
          .date_unix_ms = 1'777'248'000'000,
          .source = "journal:29",
          .source_title = "Entry 29",
          .note = "short"};
}

// A run of which little was written down.
inline RecordedRunRow silent_recorded() {
  RecordedRunRow row = sample_recorded(1);
  row.decode_tokens = std::nullopt;
  row.layers_ms_per_token = row.head_ms_per_token = std::nullopt;
  row.groups.clear();
  row.prefill_tok_per_s = row.request_s = std::nullopt;
  row.date_unix_ms = std::nullopt;
  row.note.clear();
  return row;
}

inline JournalIntent sample_intent(std::string name = "an-entry") {
  return {.name = std::move(name),
          .intent = "Which is the fastest?\nOr is none?",
          .setup = "this machine",
          .hypotheses = {"tok_s(16+16) > tok_s(32)", "cliff in [20,24]"},
          .stop_rule = "12 blocks"};
}

// All that can be read from a store.
struct Everything {
  std::vector<RunRow> runs;
  std::vector<ModelRow> models;
  std::vector<RunnerRow> runners;  // those of the verdicts
  std::vector<ArtifactRow> artifacts;
  std::vector<VerdictRow> verdicts;
  std::vector<ProbeRow> probes;
  std::vector<FailureRow> failures;
  std::vector<DecodeRow> decodes;
  std::vector<RecordedRunRow> recorded;
  std::vector<StoredSweep> sweeps;
  std::vector<BlockRow> blocks;
  std::vector<JournalEntryRow> journal_entries;
  std::vector<JournalOutcomeRow> journal_outcomes;

  bool operator==(const Everything&) const = default;
};

template <typename T>
void append(std::vector<T>& to, Result<std::vector<T>> rows, std::vector<std::string>& errors) {
  if (!rows) return errors.push_back(rows.error().message);
  to.insert(to.end(), rows->begin(), rows->end());
}

// Errors are noted, and what can still be read is.
inline Everything read_everything(const Store& store, std::vector<std::string>& errors) {
  Everything all;
  append(all.runs, store.runs(), errors);
  append(all.models, store.models(), errors);
  for (const RunRow& run : all.runs) {
    append(all.artifacts, store.artifacts_of(run.id), errors);
    append(all.verdicts, store.verdicts_of(run.id), errors);
    append(all.probes, store.probes_of(run.id), errors);
    append(all.failures, store.failures_of(run.id), errors);
    append(all.decodes, store.decodes_of(run.id), errors);
    append(all.recorded, store.recorded_of(run.id), errors);
  }
  append(all.sweeps, store.sweeps(), errors);
  for (const StoredSweep& sweep : all.sweeps) {
    if (const auto newest = store.find_sweep(sweep.run, sweep.sweep.spec_hash); !newest)
      errors.push_back(newest.error().message);
    std::vector<std::string> trials;
    append(trials, store.trials_of(sweep.id), errors);
    for (const std::string& trial : trials)
      append(all.blocks, store.blocks_of(sweep.id, trial), errors);
  }
  append(all.journal_entries, store.journal_entries(), errors);
  append(all.journal_outcomes, store.journal_outcomes(), errors);
  for (const StoredSweep& sweep : all.sweeps) {
    if (const auto evidence = store.evidence_of(sweep.id); !evidence)
      errors.push_back(evidence.error().message);
  }
  // The narrow reads, for their errors.
  const auto note = [&](const Result<void>& done) {
    if (!done) errors.push_back(done.error().message);
  };
  note(store.each_run([](const RunOrigin&) {}));
  for (const TimesOf times : {TimesOf::kSteps, TimesOf::kPrefill, TimesOf::kGroups}) {
    note(store.each_decode_times({.times = times}, [](const DecodeTimes&) {}));
    note(store.each_cell_times({.times = times}, [](const CellTimes&) {}));
  }
  if (const auto recorded = store.recorded_runs(); !recorded)
    errors.push_back(recorded.error().message);
  for (const VerdictRow& verdict : all.verdicts) {
    const auto runner = store.find_runner(verdict.conditions.runner);
    if (!runner) errors.push_back(runner.error().message);
    if (runner && *runner) all.runners.push_back(**runner);
  }
  return all;
}

// A sweep with two blocks, that has ended.
inline bool fill_sweep(Store& store, const Uuid& run) {
  const Result<Uuid> sweep = store.begin_sweep(run, sample_sweep());
  return sweep && store.put_block(run, *sweep, sample_block(0)) &&
         store.put_block(run, *sweep, sample_block(1)) &&
         store.end_sweep(*sweep, "done", sample_answer());
}

// What was meant by the newest sweep, and what came of it; and an outcome that nobody meant.
inline bool fill_journal(Store& store, const Uuid& run) {
  const auto sweeps = store.sweeps();
  if (!sweeps || sweeps->empty()) return false;
  const std::string name = "entry-" + std::to_string(sweeps->size());
  const Result<JournalEntryRow> entry = store.put_journal_entry(run, sample_intent(name));
  return entry &&
         store.put_journal_outcome(run, {.name = name,
                                         .entry = entry->id,
                                         .sweep = sweeps->back().id,
                                         .lesson = "Measure more.",
                                         .next = "32"}) &&
         store.put_journal_outcome(run, {.name = "no-" + name, .sweep = sweeps->back().id});
}

// One row of each kind, and so many verdicts. False when something could not be stored.
inline bool fill(Store& store, int verdicts) {
  const Result<Uuid> run = store.begin_run(sample_run());
  bool stored =
      run && store.put_runner(sample_runner()) && store.put_model(sample_model()) &&
      store.put_artifact(*run, sample_artifact()) && store.put_probe(*run, sample_probe()) &&
      store.put_failure(*run, sample_failure()) && store.put_decode(*run, sample_decode()) &&
      store.put_recorded(*run, {sample_recorded(), silent_recorded()});
  for (int i = 0; i < verdicts; ++i)
    stored = stored && store.put_verdict(*run, sample_verdict("golden " + std::to_string(i)));
  return stored && fill_sweep(store, *run) && fill_journal(store, *run) &&
         store.end_run(*run, "done");
}

}  // namespace fusesweep
