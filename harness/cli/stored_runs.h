// Runs in a store, as `fusesweep runs` shows and exports them: found by the beginning of an id, with
// all that they lead to, as JSON and as a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "reports/csv.h"
#include "results/store.h"

namespace fusesweep {

// Everything that a run stored.
struct WholeRun {
  RunRow run;
  RunContents contents;
  std::vector<ArtifactRow> artifacts;
  std::vector<VerdictRow> verdicts;
  std::vector<ProbeRow> probes;
  std::vector<FailureRow> failures;
  std::vector<DecodeRow> decodes;
  std::vector<MeasuredTrial> trials;
};

Result<WholeRun> read_whole_run(const Store& store, const RunRow& run, const RunContents& contents);

struct WholeSweep {
  StoredSweep sweep;
  std::vector<BlockRow> blocks;  // of all trials, one after the other
};

Result<WholeSweep> read_whole_sweep(const Store& store, const StoredSweep& sweep);

// The one id that begins so, dashes or none. `what` ("run") is for the message.
Result<Uuid> find_id(const std::vector<Uuid>& ids, std::string_view beginning,
                     std::string_view what);

// So many characters tell all of them apart, and at least 8.
std::size_t short_id_length(const std::vector<Uuid>& ids);

// "2 verdicts, 1 decode"; "nothing".
std::string stored_text(const RunContents& contents);

struct DecodeFigures {
  std::optional<double> ms_per_token;  // median
  std::optional<double> tok_per_s;
  std::optional<double> ttft_ms;
};
DecodeFigures figures_of(const DecodeRow& decode);

Json to_json(const RunRow& run, const RunContents& contents);
Json to_json(const WholeRun& whole);
Json to_json(const WholeSweep& whole);

// A row for each candidate of an answer, each arm of a trial and each decode. Columns that llama-bench
// has too have its names where they mean the same: harness/docs/RUNS.md.
CsvTable csv_of(const std::vector<WholeRun>& runs, const std::vector<WholeSweep>& sweeps);

}  // namespace fusesweep
