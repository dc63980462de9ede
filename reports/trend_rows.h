// TrendRows: figures over time, a series for everything that stays the same from one point to the next,
// with the points at which a series changed and whose change that was: the split's, or that of the
// machine under it. Texts (trend_text.h) and plots are made of it. read_trend() reads a store once;
// judge_trend() is a pure function. harness/docs/TREND.md has the method.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/stats/interval.h"
#include "results/store.h"
#include "topologies/recorded_facts.h"

namespace fusesweep {

enum class TrendEvidence { kMeasured, kRecorded };

std::string_view to_text(TrendEvidence evidence);  // "measured", "recorded"

// What a point of the series stands for.
enum class TrendOf {
  kSplit,      // the same split each time
  kAllSplits,  // of a record: any run of any split
  kBestSoFar,  // of a record: runs that were faster than all before them
};

// What stays the same. Texts come from models, runners and stores: escape them before they are shown.
// Empty where it is not known.
struct TrendKey {
  TrendEvidence evidence = TrendEvidence::kMeasured;
  std::string source;  // "sweep", "bench"; of a record, its name
  std::string host;    // name of the machine; of a record, the device
  std::string runner;  // "cpu"; of a record, the accelerator
  std::string model;   // for people
  std::string model_hash;
  std::string contract_hash;
  std::string workload;  // in words: "T=1 S=512 int8 kv=mask head=1 threads=2 prompt=16 decode=64"
  std::string options_hash;  // of the runner's options that change placement
  std::string metric;        // an id of harness/core/metric.h, which has unit and direction
  std::string group;         // of group_ms alone: "[0,16)"
  TrendOf of = TrendOf::kSplit;
  std::string split;  // canonical text; "all splits", "best so far"

  auto operator<=>(const TrendKey&) const = default;
};

struct TrendPoint {
  std::optional<std::int64_t>
      unix_ms;                       // of the first block, or of the run; a record may have no date
  double value = 0;                  // in the metric's unit; finite and above 0
  std::optional<Interval> interval;  // of the value, at 95 %; trials of two blocks and more
  // Of the control of the same trial: absent for the control itself and where there is no trial.
  std::optional<double> control;
  std::optional<double> ratio;             // value / control
  std::optional<Interval> ratio_interval;  // at 95 %
  std::string control_split;               // which split that was
  std::string trial;      // points of one trial have the same one; empty where there is none
  std::string run;        // its id; of a record, the id of the source
  std::string toolchain;  // with the runner's version
  std::string os;
  std::string program;  // fusesweep's version and revision
  std::string about;    // of a record: split, length, note
};

// What is not the same as at the point before.
struct TrendEvent {
  std::size_t point = 0;  // from this one on: 1, 2, ...
  std::string what;       // "toolchain", "OS", "program", "control"
  std::string from;
  std::string to;
};

enum class ChangeOwner {
  kSplit,    // the ratio to the control changed with it
  kMachine,  // the control changed with it and the ratio did not: the machine, or the toolchain
  kControl,  // only the control changed, and the ratio to it
  kUnknown,  // it has no control, or the control tells neither
};

std::string_view to_text(
    ChangeOwner owner);  // "the split", "the machine", "the control", "not told"

struct TrendChange {
  std::size_t point = 0;  // the first after it
  bool in_ratio = false;  // found in ratio alone: the values are too noisy to show it
  double before = 0;      // medians of value (or of ratio) from the change before to the one after
  double after = 0;
  double size_rel = 0;  // after / before - 1
  ChangeOwner owner = ChangeOwner::kUnknown;
};

struct TrendSeries {
  TrendKey key;
  std::vector<TrendPoint> points;  // by time, equal times in the order of storing or of the record;
                                   // those without a date last, and not judged
  std::vector<TrendChange> changes;  // by point; none for kBestSoFar, whose every point is one
  std::vector<TrendEvent> events;    // by point
};

struct TrendRows {
  std::string metric;
  std::vector<TrendSeries> series;  // by key
};

// What is asked for; absent: all of it.
struct TrendQuery {
  std::string metric = "tok_per_s";  // or ms_per_token, ttft_ms, group_ms
  std::optional<std::string> split;  // canonical text
  std::optional<std::string> model;
  std::optional<std::string> host;
  std::optional<std::int64_t> since_unix_ms;
};

// kInvalidInput for a metric that has no trend.
Result<void> check_trend_query(const TrendQuery& query);

// Of all sweeps, single decodings and recorded runs, judged.  Reads only what the metric needs.
Result<TrendRows> read_trend(const Store& store, const TrendQuery& query);

// Of a record itself, without a store, judged: the same series as of its imported rows.
Result<TrendRows> recorded_trend(const RecordedFacts& facts, const TrendQuery& query);

// Finds changes and events of series whose points are there.
void judge_trend(TrendRows& rows);

}  // namespace fusesweep
