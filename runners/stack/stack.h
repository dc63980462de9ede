// Stack: the shards that a session runs one after the other, as a manifest or a list of artifacts names
// them.
#pragma once

#include <filesystem>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"
#include "runners/runner.h"

namespace fusesweep {

// A shard to load, and what it is of.
struct StackedShard {
  ShardKind kind;                  // a segment or a slice of the head
  std::filesystem::path package;   // may be gone where its compiled form is there
  std::filesystem::path compiled;  // NAME.mlmodelc beside it; whether it is there is not looked at
};

struct Stack {
  Contract contract;
  std::vector<StackedShard> shards;  // in order
  std::filesystem::path embedding;   // raw fp16 [vocab_size, d_model]; empty: ids cannot be run
};

// Errors name the file, and what does not follow what.
Result<Stack> read_stack(const OpenRequest& request);

}  // namespace fusesweep
