// RecordedFacts: what somebody else measured and wrote down, with its sources. A class of evidence
// of its own: it is shown and replayed, marked as recorded, and never mixed with what fusesweep
// measures. What a source did not state is absent. harness/docs/RECORDED.md documents the file
// format, topologies/recorded/ holds the files.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/encoding.h"
#include "harness/core/segment.h"
#include "topologies/split.h"

namespace fusesweep {

struct RecordedSource {
  std::string id;
  std::string title;
  std::optional<std::string> date;  // YYYY-MM-DD
};

// Operations of one kind, and how many of them ran on the accelerator.
struct RecordedCount {
  int total = 0;
  int resident = 0;
};

// A comparison of outputs. With non_finite there was NaN or infinity, and no figure.
struct RecordedComparison {
  bool non_finite = false;
  std::optional<double> cosine;
  std::optional<double> rmse;
  std::optional<double> max_abs;
  std::vector<double> per_token_cosine;
};

struct RecordedShard {
  Segment segment;
  int rope_dim = 0;
  int tokens = 1;  // positions per call
  bool resident = false;
  std::optional<RecordedCount> conv;
  std::optional<RecordedCount> compute;
  std::optional<double> artifact_gib;  // as printed by the source, to a tenth
  std::optional<double> artifact_mib;
  std::optional<RecordedComparison> golden;  // with the reference
  std::optional<RecordedComparison>
      block_parity;  // of one call of `tokens` positions with as many calls of one
  std::string source;
  std::string note;
};

struct RecordedOperationCount {
  int rope_dim = 0;
  int layers = 0;
  int compute_total = 0;  // of a shard of that many layers
  std::string source;
};

struct RecordedHead {
  std::optional<int> shards;
  std::string variant;
  int tokens = 1;
  std::optional<bool> resident;
  std::optional<RecordedCount> conv;
  std::optional<RecordedCount> compute;
  std::optional<RecordedComparison> golden;
  std::optional<double> ms_per_token;
  std::string source;
  std::string note;
};

struct RecordedGroup {
  Segment segment;
  double ms_per_token = 0;
};

struct RecordedRun {
  double decode_tok_per_s = 0;
  std::optional<int> decode_tokens;
  std::optional<double> layers_ms_per_token;
  std::optional<double> head_ms_per_token;
  std::vector<RecordedGroup> groups;
  std::optional<double> prefill_tok_per_s;
  std::optional<double> request_s;
  int rope_dim = 0;
  std::string source;
  std::string note;
};

struct RecordedSplit {
  Split split;
  std::vector<RecordedRun>
      runs;  // in the order in which they were recorded; none for a split that never ran
  std::string note;
};

// Anything else worth keeping, for a reader: activation times, speculative decoding, limits met.
struct RecordedObservation {
  std::string topic;
  std::string what;
  std::map<std::string, double> figures;  // unit in the name
  std::string source;
};

struct RecordedFacts {
  std::string name;
  std::string content_hash;  // of the file's text: 32 hexadecimal digits
  std::string about;
  std::string device;
  std::string accelerator;
  std::string os;
  std::string model;  // a name that known_model() knows
  Encoding encoding = Encoding::kInt8;
  int n_layers = 0;
  int conv_per_layer = 0;
  std::int64_t conv_weights_per_layer = 0;
  std::vector<RecordedSource> sources;
  std::vector<RecordedShard> shards;
  std::vector<RecordedOperationCount> operation_counts;
  std::vector<RecordedHead> heads;
  std::vector<RecordedSplit> splits;
  std::vector<RecordedObservation> observations;
};

// Reads a file's text; `where` (its name) begins the message of an error. Beyond the types it
// checks that every source that is named is listed, that segments lie within the model, that splits
// add up, and that no count has more resident operations than operations.
Result<RecordedFacts> parse_recorded_facts(std::string_view text, std::string_view where);

}  // namespace fusesweep
