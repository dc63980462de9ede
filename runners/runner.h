// The seam between fusesweep and whatever builds and runs shards. A Runner is one backend (the cpu
// executor, CoreML, a record, or somebody else's program behind runners/protocol); a Session is
// shards that one has loaded. harness/docs/RUNNERS.md has the same as JSON-RPC.
//
// Tensors travel as .npy files of float32 in the work folder, durations as nanoseconds of a monotonic
// clock taken where the work is done. Paths are absolute. A Runner and its Sessions are used by one
// thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/core/decode_sum.h"
#include "harness/core/placement.h"
#include "harness/core/shard_identity.h"
#include "topologies/recorded_facts.h"

namespace fusesweep {

// They travel with every call; a session has those that it was opened with.
struct RunnerOptions {
  int threads = 0;                                     // 0: as many as there are
  std::optional<std::uint64_t> residency_limit_bytes;  // absent: the runner's own
  // Of each group, after its first call, whose time is its activation; and before the calls of `time`.
  int warmup_calls = 1;
  bool stop_at_eos = false;                       // or else decode goes on through it
  std::map<std::string, std::int64_t> inject_ns;  // group -> waiting added to each of its calls
  Json own = Json::object();  // what a runner adds, under its name: {"cpu": {"isa": "avx2"}}

  bool operator==(const RunnerOptions&) const = default;
};

// Whether its figures are taken there and then, or read from a record.
enum class Evidence { kMeasured, kRecorded };

struct RunnerDescription {
  std::string name;  // stable: it is a database key
  std::string version;
  std::string device;       // "AMD EPYC, 2 cores"
  std::string device_kind;  // "cpu", "ane"
  std::optional<std::uint64_t> device_memory_bytes;
  Evidence evidence = Evidence::kMeasured;
  std::vector<std::string> capabilities;  // methods beyond describe: "build", "inspect", "run", ...
  std::vector<std::string> emulated;      // what is a rule of the runner, not of the device
  std::optional<std::uint64_t> graph_limit_bytes;    // of weights in one resident graph
  std::optional<std::uint64_t> process_limit_bytes;  // of weights loaded in one process
  // Calls that compile (build, inspect, open) which one process may answer before a fresh one must.
  std::optional<std::uint64_t> process_compiles;
  std::string
      toolchain;  // fingerprint: changes when the same shard might be placed or run otherwise
  std::string own_model;  // a runner that serves one model only (a record): its name, else empty

  bool operator==(const RunnerDescription&) const = default;
};

struct BuildRequest {
  ShardIdentity identity;
  std::filesystem::path model;      // the GGUF file
  std::filesystem::path artifacts;  // the folder; the artifact becomes <artifacts>/<identity hash>
  RunnerOptions options;
};

struct BuiltShard {
  std::filesystem::path artifact;  // the folder with artifact.json
  std::uint64_t bytes = 0;
  std::optional<std::int64_t> build_ns;  // absent when it was there before, or is only recorded
  std::string content_hash;
};

struct InspectRequest {
  std::filesystem::path artifact;  // such a folder, or a bare package
  RunnerOptions options;
};

// Either a manifest, which can decode, or artifacts, which run one after the other as they stand. A runner
// that exports (kExportCapability) is given both: it makes the manifest of the artifacts where there is none.
struct OpenRequest {
  std::filesystem::path manifest;  // empty: the artifacts
  std::vector<std::filesystem::path> artifacts;
  RunnerOptions options;
};

struct GroupLoad {
  std::string group;  // "[0,16)", "head"
  std::optional<std::int64_t> load_ns;
  std::optional<std::int64_t> activation_ns;  // of the first call
};

// Positions 0, 1, ... from an empty cache; the first artifact gets the ids' embeddings, or `hidden`.
struct RunRequest {
  std::vector<int> ids;          // of a manifest
  std::filesystem::path hidden;  // of artifacts: [n, d_model]
  std::filesystem::path folder;  // where outputs are written; it is there
};

// What one group gave: hidden [n, d_model], or logits [n, rows of the head's slice or of the whole].
struct GroupOutput {
  std::string group;
  std::filesystem::path file;                  // empty where there is only a record
  std::optional<RecordedComparison> recorded;  // of this output with the reference
  std::optional<Placement> placement;  // of what ran to give it, evidence kRun; absent: not told
  std::vector<std::string> notes;      // what a reader of the record should know
};

// A runner with the capability "continue" takes an empty prompt: it goes on where the session's last
// decode ended, whose last id it feeds first. There is no prefill then, and as many ids as steps.
struct DecodeRequest {
  std::vector<int> prompt;
  int decode_tokens = 0;  // steps after the first generated token
};

// Capabilities that are no methods.
inline constexpr std::string_view kContinueCapability = "continue";
// `run` on an artifact compares by itself: GroupOutput.recorded, no file, and the input is not looked at.
inline constexpr std::string_view kCompareCapability = "compare";
// Its artifacts are other tools' packages of layers alone; LM head and embedding table come with the manifest,
// which it makes itself.
inline constexpr std::string_view kExportCapability = "export";

inline bool can(const RunnerDescription& runner, std::string_view capability) {
  return std::find(runner.capabilities.begin(), runner.capabilities.end(), capability) !=
         runner.capabilities.end();
}

// What the system counted meanwhile. Absent: this system does not tell.
struct RunCounters {
  std::optional<std::int64_t> involuntary_switches;
  std::optional<std::int64_t> minor_faults;
  std::optional<std::int64_t> major_faults;
  std::optional<std::int64_t> migrations;  // of threads between processors
  std::optional<std::int64_t> steal_ns;    // taken by the hypervisor, summed over processors
  std::optional<std::int64_t> frequency_hz;
  std::optional<std::int64_t> anonymous_bytes;  // resident in memory and not of a file, at the end
  std::optional<std::int64_t>
      thermal_state;  // at the end: 0 nominal, 1 fair, 2 serious, 3 critical
  std::optional<std::int64_t> low_power_mode;  // at the end: 1 on, 0 off

  bool operator==(const RunCounters&) const = default;
};

struct DecodeResult {
  std::vector<int> ids;                    // generated: 1 + decode_tokens, fewer after stop_at_eos
  std::optional<std::int64_t> prefill_ns;  // to the first generated token
  std::vector<std::string> groups;         // "embed", "host", "[0,16)", ..., "head"
  std::vector<std::int64_t> prefill_group_ns;       // by group
  std::vector<std::int64_t> token_ns;               // of each step after the first token
  std::vector<std::vector<std::int64_t>> group_ns;  // by step, then by group
  RunCounters prefill_counters;
  RunCounters decode_counters;
  std::optional<DecodeSum> sum;  // what is known only in sum: then token_ns and group_ns are empty
  std::optional<RecordedRun> recorded;  // and then nothing above: no run was made
  std::vector<std::string> notes;       // what a reader of the record should know
};

struct TimeRequest {
  std::string group;  // one of the session's
  int calls = 1;      // timed, after the session's warmup_calls; of 0 the first call is timed too
};

class Session {
 public:
  virtual ~Session() = default;  // closes it
  virtual Result<std::vector<GroupOutput>> run(const RunRequest& request) = 0;
  virtual Result<DecodeResult> decode(const DecodeRequest& request) = 0;
  // Nanoseconds of each call of one group alone, at position 0 with an empty cache.
  virtual Result<std::vector<std::int64_t>> time(const TimeRequest& request) = 0;
};

struct Opened {
  std::vector<GroupLoad> groups;        // in the order in which they run
  std::optional<std::int64_t> load_ns;  // of all together
  std::unique_ptr<Session> session;
};

class Runner {
 public:
  virtual ~Runner() = default;
  virtual Result<RunnerDescription> describe(const RunnerOptions& options) = 0;
  virtual Result<BuiltShard> build(const BuildRequest& request, Progress& progress) = 0;
  virtual Result<Placement> inspect(const InspectRequest& request) = 0;
  // The session may use the runner and must not outlive it.
  virtual Result<Opened> open(const OpenRequest& request, Progress& progress) = 0;
};

}  // namespace fusesweep
