// A baseline: splits as they were measured and gated once, frozen under a name, to be measured against
// later. It is a folder that leads to nothing outside itself:
//
//   baselines/NAME/baseline.json   this struct
//   baselines/NAME/store.db        the sweep that it was set from, with all its samples
//   baselines/NAME/artifacts/      the shards, as links to the same files where the file system can
//   baselines/NAME/runner/         the program that ran them, where it is one of ours
//
// baseline_document() and the functions beside it say where in the folder each of them lies.
//
// It appears under its name whole or not at all. What is read from it is taken for hostile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/core/placement.h"
#include "harness/core/shard_identity.h"
#include "harness/core/verdict.h"
#include "results/rows.h"

namespace fusesweep {

struct BaselineShard {
  ShardIdentity identity;
  std::string content_hash;
  std::uint64_t bytes = 0;
  std::optional<std::int64_t> build_ns;  // absent: nobody saw it built
  std::vector<PlacedKind> kinds;         // where its operations ran; empty: not told
  std::vector<GateVerdict> verdicts;

  bool operator==(const BaselineShard&) const = default;
};

// A split in the form in which it was measured.
struct BaselineSplit {
  std::string name;   // of the sweep's candidate: "16+8+6+2 T=4"
  std::string split;  // canonical text
  std::string split_key;
  ShardIdentity shape;  // tokens, context, encoding and kv_form of all shards
  int head_shards = 1;
  int threads = 0;                    // of the runner; 0: as many as there are
  std::vector<std::string> shards;    // identity hashes, in the order in which they run
  std::vector<GateVerdict> verdicts;  // of its chains and of the whole of it
  double ms_per_token = 0;            // as the sweep told it
  std::vector<int> ids;               // that it generated; empty: not known

  bool operator==(const BaselineSplit&) const = default;
};

// What ran it.
struct BaselineRunner {
  std::string kind;  // as it was typed: "cpu", "replay:NAME", "-- CMD ARGS"
  std::vector<std::string>
      words;                 // the command, with absolute paths; of one of ours without the program
  std::string program_hash;  // of the program's file; empty: it could not be read
  RunnerRow row;
  bool is_copied = false;  // the program is baseline_program() of the baseline's folder
  bool may_start = true;   // false: imported, and nobody said that its program is trusted

  bool operator==(const BaselineRunner&) const = default;
};

struct Baseline {
  Uuid id{};
  std::string name;
  std::int64_t set_unix_ms = 0;
  Uuid sweep{};
  ModelRow model;
  std::string model_file;  // absolute; empty: the runner's own model
  Provenance provenance;   // of the run that measured
  BaselineRunner runner;
  std::string options_hash;  // of the options that change placement
  std::optional<std::uint64_t> residency_limit_bytes;
  int prompt_tokens = 0;
  int decode_tokens = 0;
  int decodings = 0;
  int turn_tokens = 0;
  // Of the gates.
  int positions = 0;
  int prompts = 0;
  int gate_prompt_tokens = 0;
  int greedy_tokens = 0;
  std::vector<BaselineSplit> splits;     // at least one; the first that were asked for
  std::optional<BaselineSplit> control;  // of the sweep's trial, where it is none of them
  std::vector<BaselineShard> shards;     // of all of them, each once

  bool operator==(const Baseline&) const = default;
};

// Whether a baseline may be called so: the rule of is_journal_name, for it is the name of a folder.
bool is_baseline_name(std::string_view name);

// That baseline.json may have.
inline constexpr std::uint64_t kMaxBaselineBytes = 16 << 20;

// What stands in baseline.json, schema_version first.
Json to_json(const Baseline& baseline);

// Errors: anything that to_json does not write, and parts that do not belong together (a split whose
// shards are not all there, or of other layers, a shard of another model), with the place; `where`
// begins it. Of a split's shape only tokens, context, encoding and kv_form are written and read.
Result<Baseline> read_baseline(const Json& json, std::string_view where);
Result<Baseline> parse_baseline(std::string_view text, std::string_view where);

// Of the folder `baselines`: WORK/baselines.
std::filesystem::path baseline_folder(const std::filesystem::path& baselines,
                                      std::string_view name);

// Of such a folder, which may have any name while it is being made.
std::filesystem::path baseline_document(const std::filesystem::path& folder);   // baseline.json
std::filesystem::path baseline_store(const std::filesystem::path& folder);      // store.db
std::filesystem::path baseline_artifacts(const std::filesystem::path& folder);  // artifacts
std::filesystem::path baseline_program(const std::filesystem::path& folder);    // runner/fusesweep

Result<void> write_baseline(const Baseline& baseline, const std::filesystem::path& folder);

// Whatever the folder is called. A document that is a link is refused.
Result<Baseline> read_baseline_folder(const std::filesystem::path& folder);

// Reads baselines/NAME/baseline.json. Errors: there is none, and which there are; a damaged one, one of
// another name; a link in place of the folder or the document.
Result<Baseline> find_baseline(const std::filesystem::path& baselines, std::string_view name);

// One that is there, or why it cannot be read.
struct ListedBaseline {
  std::string name;  // of the folder
  Result<Baseline> baseline;
};

// By name; a folder that is not there has none. Names that begin with a dot are unfinished, and left out.
std::vector<ListedBaseline> list_baselines(const std::filesystem::path& baselines);

// Removes its folder, and what links in it lead to not; damaged ones too. Killed in the middle, what is
// left is called .NAME.gone-XXXXXX, which gc removes.  Errors: there is none; the system's reason.
Result<void> remove_baseline(const std::filesystem::path& baselines, std::string_view name);

// What a folder takes on the disk: of all files in it, and of those that are linked from nowhere else,
// which is what removing it gives back.
struct BaselineBytes {
  std::uint64_t all = 0;
  std::uint64_t alone = 0;

  bool operator==(const BaselineBytes&) const = default;
};

Result<BaselineBytes> bytes_of_folder(const std::filesystem::path& folder);

}  // namespace fusesweep
