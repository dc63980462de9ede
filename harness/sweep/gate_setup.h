// What is put through the gates, how, and what comes out.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/contract.h"
#include "harness/core/verdict.h"
#include "harness/gate/gate_limits.h"
#include "harness/sweep/prepared_split.h"
#include "results/rows.h"

namespace fusesweep {

// What becomes of the other gates of a shard when one has failed.
enum class AfterFailure { kStop, kGoOn };

// Whether a verdict that the store has for the very same bytes is taken instead of asking again.
enum class StoredVerdicts { kIgnore, kUse };

struct GateSetup {
  RunnableModel model;
  std::optional<Profile> profile;
  ShardIdentity shape;  // tokens, context, encoding and kv_form of all shards
  int head_shards = 1;
  RunnerOptions options;
  std::filesystem::path work;
  std::filesystem::path fixtures;  // of the reference; empty: in the work folder
  GateLimits limits;
  std::set<std::string, std::less<>> only;  // gates to run; empty: all of them
  AfterFailure after_failure = AfterFailure::kStop;
  StoredVerdicts stored = StoredVerdicts::kIgnore;
  int positions = 16;      // that golden compares, from 0 on
  int prompts = 4;         // of the full stack, and as many for its calibration
  int prompt_tokens = 32;  // of each
  int greedy_tokens = 32;  // that are decoded after each
  int threads = 1;         // for what is not the runner's work
};

// What the gates said of one thing.
struct Gated {
  Subject subject;
  std::vector<GateVerdict> verdicts;
};

// What a shard goes through, in this order.
std::vector<std::string_view> gates_of(const ShardIdentity& shard);

// Why a gate is not run that compares tensors, with a runner that only decodes.
inline constexpr const char* kNoOutputs = "the runner gives no outputs to compare";

// What a gate says that nobody asked.
GateVerdict not_run(std::string_view gate, std::string reason);

// Adds it to the others, unless no gate of it was asked for.
Result<void> add_gated(std::vector<Gated>& all, Result<Gated> gated);

// The first verdict that fails; null: none does.
const GateVerdict* first_failure(const Gated& gated);

// The same, or else the first that is no pass: what keeps it from being measured.
const GateVerdict* first_hindrance(const Gated& gated);

// Whether residency was not even asked, because a shorter shard has lost it.
bool is_beyond_cliff(const GateVerdict& verdict);

// "residency of [0,24): 0 of 2983 operations ..." for the first of them that fails.
std::optional<std::string> disqualification(const std::vector<Gated>& gated);

}  // namespace fusesweep
