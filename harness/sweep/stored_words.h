// What a sweep calls things in the store: one place, so that whoever looks something up asks for it by
// the name under which it was put there.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/core/shard_identity.h"
#include "harness/gate/gate_limits.h"
#include "harness/sweep/prepared_split.h"
#include "results/rows.h"
#include "runners/runner.h"
#include "topologies/split.h"

namespace fusesweep {

// "[0,16)", "head", "head[0,2048) of 2": what a person calls a shard.
std::string display_name(const ShardKind& kind);

RunnerRow row_of(const RunnerDescription& description);
ModelRow row_of(const RunnableModel& model);

// By the name of the member, those that the system told; and back.
std::map<std::string, std::int64_t> row_of(const RunCounters& counters);
RunCounters counters_of(const std::map<std::string, std::int64_t>& stored);

// Of answers that this runner gives under these options: those that change placement count, threads
// and waiting do not. Limits that somebody wrote down are conditions of their own: what passed them
// has not passed the gates'.
Conditions conditions_of(const RunnerDescription& description, const RunnerOptions& options);
Conditions conditions_of(const RunnerDescription& description, const RunnerOptions& options,
                         const GateLimits& limits);

Subject subject_of(const RunnableModel& model);
Subject subject_of(const ShardIdentity& shard);
// `shards` are those that the split stands for, in order.
Subject subject_of(const Split& split, const std::vector<ShardIdentity>& shards);
// What lies there now: content hashes by identity hash.
using ContentHashes = std::map<std::string, std::string>;

// Of a split's shards, as shards_of gives them.
ContentHashes contents_of(const std::vector<ShardIdentity>& shards, const PreparedSplit& prepared);

// The bytes of several shards together, in order; empty where one of them is not known.
std::string content_of(const std::vector<ShardIdentity>& shards, const ContentHashes& content);

// The shards up to one of a split, as a chain.
Subject chain_of(const std::vector<ShardIdentity>& shards);

}  // namespace fusesweep
