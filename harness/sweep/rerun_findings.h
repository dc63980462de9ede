// What became of a baseline's shards apart from their speed: gates, placement, accuracy, bytes, generated
// ids. Pure functions of what was frozen and what is found now. None of it is subject to chance: the same
// bytes give the same answers, and so a difference is a difference.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/placement.h"
#include "harness/core/rerun.h"
#include "harness/core/shard_identity.h"
#include "harness/core/verdict.h"
#include "results/baseline.h"

namespace fusesweep {

// A shard as it was built and gated now.
struct ShardNow {
  ShardIdentity identity;
  std::string content_hash;
  std::uint64_t bytes = 0;
  std::optional<std::int64_t> build_ns;
  std::vector<PlacedKind> kinds;
  std::vector<GateVerdict> verdicts;
};

// What a gate said of something that is no shard: "to [0,24)", "16+8+6+2", the model.
struct NamedVerdict {
  std::string part;
  GateVerdict verdict;
};

// Shard by shard, matched by their part of the model: gates that fail now, accuracy that is lost by more
// than a tenth, operations that moved, bytes, build times. A shard of which there is none now is
// passed over.
std::vector<RerunFinding> compare_shards(const std::string& split,
                                         std::span<const BaselineShard> then,
                                         std::span<const ShardNow> now, double margin_rel);

// Gates of the whole that fail now.
std::vector<RerunFinding> compare_gates(const std::string& split,
                                        std::span<const NamedVerdict> now);

// Where they part, if they do.
RerunFinding compare_ids(const std::string& split, std::span<const int> then,
                         std::span<const int> now);

// What ran, then and now: everything that is known of where a figure comes from.
struct MadeBy {
  Provenance provenance;
  RunnerRow runner;
  std::string program_hash;  // of the runner; empty: not known
  int builder_version = 0;
  std::string model_hash;
};

std::vector<RerunChange> changes_between(const MadeBy& then, const MadeBy& now);

}  // namespace fusesweep
