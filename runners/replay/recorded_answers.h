// What a record says to the questions that a Runner is asked: pure functions over RecordedFacts.
// They pick an entry and pass it on as it was written down; nothing is merged, averaged, drawn or
// interpolated. What stands in no entry is an Error kNotRecorded.
//
// rope_dim is the contract's. An entry of another one is an answer of the old contract: it is given
// only where there is none of the right one, and its notes say so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/shard_identity.h"
#include "runners/runner.h"
#include "topologies/recorded_facts.h"
#include "topologies/split.h"

namespace fusesweep {

// A shard as far as records tell them apart: they state neither context nor form of the KV cache.
struct RecordedQuestion {
  ShardKind kind;
  int tokens = 1;  // per call
  Encoding encoding = Encoding::kInt8;
  int rope_dim = 0;
};

Result<Placement> recorded_placement(const RecordedFacts& facts, const RecordedQuestion& question);

// The comparison with the reference.
Result<GroupOutput> recorded_output(const RecordedFacts& facts, const RecordedQuestion& question);

// Run `index` (from 0) of the split, in the order of the record.
Result<DecodeResult> recorded_run(const RecordedFacts& facts, const Split& split, std::size_t index,
                                  int rope_dim);

// Every time that was recorded of one layer group, in the order of the record. Those of an old
// contract are left out, because a bare time cannot be marked.
std::vector<std::int64_t> recorded_group_times_ns(const RecordedFacts& facts,
                                                  const Segment& segment, int rope_dim);

// The same of a whole LM head of `shards` slices, at one token per call.
std::vector<std::int64_t> recorded_head_times_ns(const RecordedFacts& facts, int shards);

}  // namespace fusesweep
