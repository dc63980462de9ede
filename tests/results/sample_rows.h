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
  }
  for (const VerdictRow& verdict : all.verdicts) {
    const auto runner = store.find_runner(verdict.conditions.runner);
    if (!runner) errors.push_back(runner.error().message);
    if (runner && *runner) all.runners.push_back(**runner);
  }
  return all;
}

// One row of each kind, and so many verdicts. False when something could not be stored.
inline bool fill(Store& store, int verdicts) {
  const Result<Uuid> run = store.begin_run(sample_run());
  bool stored =
      run && store.put_runner(sample_runner()) && store.put_model(sample_model()) &&
      store.put_artifact(*run, sample_artifact()) && store.put_probe(*run, sample_probe()) &&
      store.put_failure(*run, sample_failure()) && store.put_decode(*run, sample_decode());
  for (int i = 0; i < verdicts; ++i)
    stored = stored && store.put_verdict(*run, sample_verdict("golden " + std::to_string(i)));
  return stored && store.end_run(*run, "done");
}

}  // namespace fusesweep
