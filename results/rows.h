// What the store keeps, as values. Names and units are those of the columns; results/SCHEMA.md has
// what each means. What is absent is NULL there, never 0 or -1.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/uuid.h"
#include "harness/core/cliff.h"
#include "harness/core/contract.h"
#include "harness/core/decode_sum.h"
#include "harness/core/encoding.h"
#include "harness/core/shard_identity.h"
#include "harness/core/verdict.h"

namespace fusesweep {

// What made a number, as far as it is known: kept once, however many runs share it.
struct Provenance {
  std::string program_version;
  std::optional<std::string> git_revision;  // of fusesweep itself
  std::optional<bool> git_dirty;
  std::string compiler;
  std::string compiler_flags;
  std::string build_type;
  std::optional<std::string> host;
  std::optional<std::string> cpu;
  std::optional<std::string> os;
  std::optional<std::string> kernel;
  Json machine = Json::object();  // whatever else is known of the machine

  bool operator==(const Provenance&) const = default;
};

// 32 hexadecimal digits of everything in it.
std::string hash_of(const Provenance& provenance);

// A command that stored something.
struct RunStart {
  std::string command;  // "gate"
  std::vector<std::string> arguments;
  std::optional<std::uint64_t> seed;
  Provenance provenance;

  bool operator==(const RunStart&) const = default;
};

struct RunRow {
  Uuid id;
  RunStart start;
  std::int64_t started_unix_ms = 0;
  std::optional<std::int64_t> ended_unix_ms;  // absent: it goes on, or was killed
  std::optional<std::string> outcome;

  bool operator==(const RunRow&) const = default;
};

struct RunnerRow {
  std::string name;
  std::string version;
  std::string device;
  std::string device_kind;
  std::string evidence;               // "measured", "recorded"
  std::vector<std::string> emulated;  // what is a rule of the runner, not of the device
  std::string toolchain;

  bool operator==(const RunnerRow&) const = default;
};

// What decides whether two answers of runners are to the same question: 32 hexadecimal digits of
// everything in the row.
std::string fingerprint_of(const RunnerRow& runner);

struct ModelRow {
  std::string hash;  // of the file; a recorded model has 32 zeros
  std::string name;  // for people
  Contract contract;

  bool operator==(const ModelRow&) const = default;
};

struct ArtifactRow {
  ShardIdentity shard;
  std::string content_hash;
  std::string path;  // in the work folder
  std::uint64_t bytes = 0;
  std::uint64_t weight_bytes = 0;
  std::optional<std::int64_t> build_ns;  // absent: it was there before, or is only recorded

  bool operator==(const ArtifactRow&) const = default;
};

// Under which conditions an answer holds.
struct Conditions {
  std::string runner;        // fingerprint_of a stored one; empty: no runner was needed
  std::string options_hash;  // of the options that change placement

  bool operator==(const Conditions&) const = default;
};

// What a gate looked at: "model", "shard", "chain", "split", "package". The key is a model's or a
// package's content hash, a shard's identity hash, or the hash of all shards that a chain of them or a
// split stands for.
struct Subject {
  std::string kind;
  std::string key;
  std::string text;  // for people: "[0,16)"

  bool operator==(const Subject&) const = default;
};

struct VerdictRow {
  Subject subject;
  std::string content_hash;  // of the bytes that were looked at; empty where there are none
  Conditions conditions;
  GateVerdict verdict;

  bool operator==(const VerdictRow&) const = default;
};

// That a gate said something of some bytes, without what it measured.
struct GatedRow {
  std::string subject_kind;
  std::string subject_key;
  std::string content_hash;  // empty where there are none
  std::string gate;
  GateOutcome outcome = GateOutcome::kNotRun;

  bool operator==(const GatedRow&) const = default;
};

struct ProbeRow {
  ShardIdentity shard;
  Conditions conditions;
  ProbeAnswer answer;

  bool operator==(const ProbeRow&) const = default;
};

// A shard that could not be had: not tried again unless asked.
struct FailureRow {
  ShardIdentity shard;
  Conditions conditions;
  std::string stage;   // "build", "inspect", "open", "run"
  std::string reason;  // one line

  bool operator==(const FailureRow&) const = default;
};

// One decoding of a prompt with a split: raw samples.
struct DecodeRow {
  std::string model;          // hash
  std::string contract_hash;  // which model it is, among recorded ones
  std::string split;          // canonical text
  std::string split_key;
  Conditions conditions;
  Json workload = Json::object();  // tokens, context, encoding, kv_form, head_shards, threads, ...
  std::string evidence;            // "measured", "recorded"
  int prompt_tokens = 0;
  std::vector<int> ids;  // generated
  std::optional<std::int64_t> prefill_ns;
  std::vector<std::string> groups;
  std::vector<std::int64_t> token_ns;               // of each step after the first token
  std::vector<std::vector<std::int64_t>> group_ns;  // by step, then by group: all, or no steps
  std::map<std::string, std::int64_t> counters;     // what the system counted, those that it told
  std::optional<DecodeSum> sum;                     // of one that was told only in sum

  bool operator==(const DecodeRow&) const = default;
};

// A sweep: what was asked for. The same question has the same hash, and is resumed.
struct SweepRow {
  std::string spec_hash;
  Json spec = Json::object();

  bool operator==(const SweepRow&) const = default;
};

// What its question asks for: "sweep" where it names no kind, else what it names: "selfcheck", "rerun",
// "optimize".
std::string kind_of(const SweepRow& sweep);

struct StoredSweep {
  Uuid id;
  Uuid run;  // that began it; others may have gone on with it
  SweepRow sweep;
  std::int64_t started_unix_ms = 0;
  std::optional<std::int64_t> ended_unix_ms;  // absent: it goes on, or waits to be resumed
  std::optional<std::string> outcome;
  Json answer;  // an object; null until it has ended

  bool operator==(const StoredSweep&) const = default;
};

// What an arm's process cost before its first round.
struct ArmLoadRow {
  std::string arm;
  std::optional<std::int64_t> load_ns;
  std::map<std::string, std::int64_t> activation_ns;  // by group, those that it told

  bool operator==(const ArmLoadRow&) const = default;
};

// One arm in one round of a block: raw samples, as in a DecodeRow.
struct CellRow {
  std::string arm;        // "control", "twin", or a split's canonical text
  std::string split_key;  // of the split that it ran
  int round = 0;          // 0, 1, ...
  int position = 0;       // in the order in which the round ran its arms: 0, 1, ...
  std::optional<std::int64_t> prefill_ns;
  std::vector<std::string> groups;
  std::vector<std::int64_t> token_ns;
  std::vector<std::vector<std::int64_t>> group_ns;  // by step, then by group: all, or no steps
  std::vector<int> ids;
  std::map<std::string, std::int64_t> counters;
  std::optional<DecodeSum> sum;  // of one that was told only in sum

  bool operator==(const CellRow&) const = default;
};

// One block: each arm in a fresh process, in several rounds. The unit that is stored, whole or not at
// all.
struct BlockRow {
  int block = 0;      // number within its trial
  std::string trial;  // which arms and workload: a sweep may have several
  std::uint64_t seed = 0;
  std::int64_t began_unix_ms = 0;
  std::int64_t wall_ns = 0;
  Json noise = Json::object();  // evidence of it, over the whole block
  std::vector<ArmLoadRow> loads;
  std::vector<CellRow> cells;  // by round, then by position

  bool operator==(const BlockRow&) const = default;
};

// The time of one group of layers that somebody recorded.
struct RecordedGroupRow {
  std::string group;  // "[0,16)"
  double ms_per_token = 0;

  bool operator==(const RecordedGroupRow&) const = default;
};

// One run that somebody else made and wrote down, with the record that it stands in.
struct RecordedRunRow {
  std::string facts;       // name of the record
  std::string facts_hash;  // of its text
  int position = 0;        // 0, 1, ... in the order of the record
  std::string device;
  std::string accelerator;
  std::string os;
  std::string model;  // name
  int n_layers = 0;
  int rope_dim = 0;
  Encoding encoding = Encoding::kInt8;
  std::string split;  // canonical text
  double tok_per_s = 0;
  std::optional<int> decode_tokens;
  std::optional<double> layers_ms_per_token;
  std::optional<double> head_ms_per_token;
  std::vector<RecordedGroupRow> groups;
  std::optional<double> prefill_tok_per_s;
  std::optional<double> request_s;
  std::optional<std::int64_t> date_unix_ms;  // midnight UTC
  std::string source;
  std::string source_title;
  std::string note;

  bool operator==(const RecordedRunRow&) const = default;
};

// What somebody means to find out, written down before it is measured.
struct JournalIntent {
  std::string name;
  std::string intent;
  std::string setup;                    // empty: none was written
  std::vector<std::string> hypotheses;  // as they were written
  std::string stop_rule;                // empty: none was written

  bool operator==(const JournalIntent&) const = default;
};

// Whether an entry may be called so: letters, digits, '-', '_' and '.', which is not the first; at most 100 of
// them. It is the name of a file.
bool is_journal_name(std::string_view name);

// Of all that was written, and of when.
std::string hash_of(const JournalIntent& intent, std::int64_t began_unix_ms);

struct JournalEntryRow {
  Uuid id;
  Uuid run;
  JournalIntent intent;
  std::int64_t began_unix_ms = 0;
  std::string
      hash;  // as it was when it was written; another one than hash_of: it was changed since

  bool operator==(const JournalEntryRow&) const = default;
};

// That a sweep is what came of it. An entry may have several; the last counts, all are told.
struct JournalOutcome {
  std::string name;           // the entry's
  std::optional<Uuid> entry;  // absent: nobody wrote an intent
  Uuid sweep;
  std::string lesson;  // what a person made of it; empty: nothing was said here
  std::string next;

  bool operator==(const JournalOutcome&) const = default;
};

struct JournalOutcomeRow {
  Uuid id;
  Uuid run;
  JournalOutcome outcome;
  std::int64_t ended_unix_ms = 0;

  bool operator==(const JournalOutcomeRow&) const = default;
};

// Since when what a sweep answers could be known: for whoever asks which was first, the intent or the
// measurement.
struct SweepEvidence {
  // Of the first block, probe, verdict, failure or decoding of the runs that made it.
  std::optional<std::int64_t> first_unix_ms;
  // The first probe, verdict of a shard or block of the same model on the same runner, of any run.
  std::optional<std::int64_t> model_first_unix_ms;

  bool operator==(const SweepEvidence&) const = default;
};

// Where and by what a run was made: of a RunRow what is short.
struct RunOrigin {
  Uuid id;
  std::int64_t started_unix_ms = 0;
  std::string program_version;
  std::optional<std::string> git_revision;
  std::optional<bool> git_dirty;
  std::optional<std::string> host;
  std::optional<std::string> os;
};

// Which times of decodings are read.
enum class TimesOf { kSteps, kPrefill, kGroups };

struct TimesQuery {
  TimesOf times = TimesOf::kSteps;
  std::optional<std::int64_t> since_unix_ms;  // of the run, or of the block
};

// A decoding as far as its speed goes.
struct DecodeTimes {
  Uuid run;
  std::string model;
  std::string contract_hash;
  std::string split;
  Conditions conditions;
  std::string workload_json;  // as it stands
  std::string evidence;
  int prompt_tokens = 0;
  std::int64_t steps = 0;            // how many there were
  std::string groups_json;           // as it stands; of kGroups alone
  std::vector<std::int64_t> all_ns;  // of kGroups by step, then by group; of kPrefill at most one
};

// A cell of a block of a sweep, the same way.
struct CellTimes {
  Uuid run;
  Uuid sweep;
  Uuid block_id;
  std::string trial;
  std::int64_t began_unix_ms = 0;
  std::string arm_hash;  // stays the same for an arm, its split and its groups
  std::string arm;
  std::string split_key;
  std::string groups_json;  // as it stands
  std::vector<std::int64_t> all_ns;
};

// How much a run stored, by kind, and who answered.
struct RunContents {
  std::int64_t artifacts = 0;
  std::int64_t verdicts = 0;
  std::int64_t probes = 0;
  std::int64_t failures = 0;
  std::int64_t decodes = 0;
  std::int64_t sweeps = 0;  // that it began
  std::int64_t selfchecks = 0;
  std::int64_t reruns = 0;
  std::int64_t optimizations = 0;
  std::int64_t blocks = 0;
  std::int64_t journal_entries = 0;
  std::int64_t journal_outcomes = 0;
  std::vector<std::string> runners;  // names, each once

  bool operator==(const RunContents&) const = default;
};

// Blocks of one trial that a run measured.
struct MeasuredTrial {
  Uuid sweep;
  std::string trial;
  std::int64_t blocks = 0;
  std::int64_t wall_ns = 0;  // of all of them

  bool operator==(const MeasuredTrial&) const = default;
};

}  // namespace fusesweep
