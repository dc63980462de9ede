// A sweep as reports see it: read once from the store, then shown by pure functions. What a plot, a page
// or a table says is in here or derived from it, and nothing else is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/core/cliff.h"
#include "harness/core/selfcheck.h"
#include "harness/core/verdict.h"
#include "harness/stats/interval.h"
#include "results/store.h"

namespace fusesweep {

struct GroupRow {
  std::string group;  // "embed", "host", "[0,16)", ..., "head"
  double ms_per_token = 0;
};

// A run that somebody else made and wrote down.
struct RecordedDecodeRow {
  double tok_per_s = 0;
  std::vector<GroupRow> groups;
  std::vector<std::string> notes;
};

// One process of an arm: one block's figures.
struct ProcessRow {
  int block = 0;
  double tok_per_s = 0;
  std::optional<double> ttft_ms;
  std::optional<double> load_ms;
  std::optional<double> activation_ms;  // of the first calls of all its groups together
};

struct SplitRow {
  std::string name;      // as the sweep told its candidates apart: "16+8+6+2 fp16"
  std::string split;     // canonical text
  std::string standing;  // "qualified", "disqualified", "ungated"
  std::string reason;    // of a standing that is not qualified
  bool is_control = false;
  bool is_tied = false;  // it may be the fastest; alone, it is
  // Absent: not measured.
  std::optional<double> tok_per_s;
  std::optional<double> ms_per_token;
  std::optional<double> ttft_ms;
  std::optional<double> load_ms;
  std::optional<double> activation_ms;
  std::vector<GroupRow> groups;
  std::vector<ProcessRow> processes;  // by block
  bool is_in_sum = false;             // its tokens' times were told only in sum
  // Against the control; of the control itself absent. Shares of its time per token: -0.03 takes 3 %
  // less.
  std::optional<std::string> verdict;  // "faster", ..., "dirty"
  std::optional<double> size_rel;
  std::optional<Interval> interval_rel;              // that the verdict is about: 99.9 %, of all
  std::optional<Interval> equivalence_interval_rel;  // 95 %, by itself
  std::vector<RecordedDecodeRow> recorded;
};

struct GateRow {
  std::string kind;  // of what was gated: "model", "shard", "chain", "split"
  std::string text;  // "[0,16)"
  GateVerdict verdict;
};

struct BlockNoiseRow {
  int block = 0;
  std::int64_t began_unix_ms = 0;
  std::int64_t wall_ns = 0;
  Json noise;  // an object, as results/SCHEMA.md has it
};

struct SweepRows {
  Uuid id;
  std::int64_t started_unix_ms = 0;
  std::optional<std::int64_t> ended_unix_ms;  // absent: interrupted, or it goes on; then no answer
  RunRow run;                                 // that began it, with provenance
  std::optional<ModelRow> model;
  std::optional<RunnerRow> runner;
  bool is_recorded = false;  // others measured it: shown, marked, never ranked
  Json spec;                 // an object: what was asked for
  std::optional<CliffResult> cliff;
  int n_layers = 0;                 // 0: not known
  std::vector<GateRow> gates;       // in the order in which they were asked
  std::vector<SplitRow> splits;     // in the order of preference
  std::optional<std::string> best;  // of a clean trial without a tie
  std::string manifest;             // of the best or preferred; empty: none
  int blocks = 0;
  int wanted_blocks = 0;
  std::vector<std::string>
      dirt;  // why the trial ranks nothing; empty: it is clean, or there is none
  std::optional<double> steal_rel;
  std::optional<double> throttled_rel;
  std::optional<double> twin_rel;
  std::optional<double> smallest_detectable_rel;
  std::vector<BlockNoiseRow> block_noise;
  std::optional<SelfcheckFigures> selfcheck;  // the newest of this host and runner
};

// The sweep whose id begins with these hexadecimal digits; without any, the newest that has ended.
// Of one that has no answer yet, what was asked and which blocks there are.
// Errors: none such, several such, a store that holds something else than a sweep's answer.
Result<SweepRows> read_sweep(const Store& store, std::optional<std::string_view> id_prefix);

// Whether an id begins with these hexadecimal digits, which may have dashes, in whatever case.
bool begins_with(const Uuid& id, std::string_view beginning);

// The only one, of any kind, whose id begins so; null: none, or several.
const StoredSweep* only_one(const std::vector<StoredSweep>& all, std::string_view beginning);

// The sweeps of a store, oldest first, for who wants many of them: what they share is read once. Selfchecks
// and reruns, which the store keeps beside them, are none of them.
class StoredSweeps {
 public:
  // The store must outlive it.
  static Result<StoredSweeps> read(const Store& store);

  std::size_t size() const { return places_.size(); }
  const StoredSweep& stored(std::size_t i) const { return all_[places_[i]]; }

  // The only one of any other kind whose id begins so. Null: there is none, or there are several.
  const StoredSweep* only_other(std::string_view beginning) const;

  // Without what only a page of one needs: processes, blocks, selfcheck.
  Result<SweepRows> answer(std::size_t i) const;
  Result<SweepRows> sweep(std::size_t i) const;

 private:
  explicit StoredSweeps(const Store& store) : store_(&store) {}

  const Store* store_;
  std::vector<StoredSweep> all_;
  std::vector<std::size_t> places_;
};

// The interval of tok/s that the one against the control comes to, with the control's own figure taken
// as it is; absent without either.
std::optional<Interval> tok_per_s_interval(const SweepRows& sweep, const SplitRow& split);

}  // namespace fusesweep
