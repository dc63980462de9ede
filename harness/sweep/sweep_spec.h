// What a sweep is asked: candidates, how they are run, and how sure the answer must be. The same
// question has the same hash, and is gone on with instead of being begun again.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/core/shard_identity.h"
#include "harness/sweep/prepared_split.h"
#include "results/rows.h"
#include "runners/runner.h"
#include "topologies/split.h"

namespace fusesweep {

// A split in one form: one point of the sweep's axes.
struct Candidate {
  Split split;
  ShardIdentity shape;  // tokens, context, encoding and kv_form of all shards
  int head_shards = 1;
  int threads = 0;  // of the runner; 0: as many as there are

  bool operator==(const Candidate&) const = default;
};

struct SweepSpec {
  std::vector<Candidate> candidates;  // each once
  RunnerOptions options;              // but threads, which candidates have
  int prompt_tokens = 16;
  int decode_tokens = 64;    // steps after the first token
  int decodings = 4;         // of every arm in a block
  int turn_tokens = 16;      // that an arm decodes before the next one has its turn; 0: all
  double target_rel = 0.01;  // half width of the 95 % interval of a difference that is aimed at
  double margin_rel = 0.01;  // within which two splits are as good as equal
  std::chrono::milliseconds budget{40'000};  // for measuring
  std::uint64_t seed = 1;
  // Of the gates: positions of golden, prompts of the full stack and their tokens.
  int positions = 16;
  int prompts = 4;
  int gate_prompt_tokens = 32;
  int greedy_tokens = 32;

  bool operator==(const SweepSpec&) const = default;
};

// The splits in one form each for every combination of the others.
struct SweepAxes {
  std::vector<Split> splits;
  std::vector<int> tokens = {1};
  std::vector<int> contexts = {512};
  std::vector<Encoding> encodings = {Encoding::kInt8};
  std::vector<KvForm> kv_forms = {KvForm::kMask};
  std::vector<int> head_shards = {1};
  std::vector<int> threads = {0};
};

std::vector<Candidate> candidates_of(const SweepAxes& axes);

// What tells the candidates apart: the split, and those of the other axes on which they differ,
// "16+8+6+2 T=4 fp16".
std::vector<std::string> names_of(const std::vector<Candidate>& candidates);

// Fewest shards first, then by text: the order of preference among candidates that are equally fast.
std::vector<Candidate> by_preference(std::vector<Candidate> candidates);

// Everything that the answer depends on. `conditions` are those of the runner.
Json to_json(const SweepSpec& spec, const RunnableModel& model, const Conditions& conditions);

// A sweep's question as a store keeps it.
struct StoredSpec {
  SweepSpec spec;  // of the options what decides residency
  std::string model_hash;
  std::string contract_hash;
  int builder_version = 0;
  Conditions conditions;
};

// Of what to_json gave.  Errors: anything else, with the place.
Result<StoredSpec> read_sweep_spec(const Json& json);

}  // namespace fusesweep
