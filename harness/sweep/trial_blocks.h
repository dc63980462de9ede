// The blocks of a trial, between the runner that measures them, the store that keeps them, and the
// statistics that judge them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/measure/block.h"
#include "harness/stats/trial_verdict.h"
#include "harness/stats/two_way.h"
#include "harness/sweep/prepared_split.h"
#include "results/rows.h"
#include "results/store.h"
#include "runners/runner.h"

namespace fusesweep {

// A runner in a process of its own.
using StartRunner = std::function<Result<std::unique_ptr<Runner>>()>;

// What is measured.
struct TrialArm {
  std::string name;
  std::string split_key;
  std::string content;  // hash of all bytes that it runs
  OpenRequest open;
  std::uint64_t bytes = 0;                                // of memory that its process needs, about
  StartRunner start;                                      // of its own; empty: the trial's
  std::uint64_t weight_bytes = 0;                         // loaded in its process
  std::optional<Speculation> speculation = std::nullopt;  // how it decodes; absent: greedily
};

// Of shards of so many layers in a process that has them open: they, their cache, and a tenth for what runs them.
std::uint64_t memory_of(const Contract& contract, int layers, int context,
                        std::uint64_t shard_bytes);

// The split, built where it is not there yet, with the memory that it takes.  Errors: as prepare_split has them.
Result<TrialArm> prepare_arm(Runner& runner, const RunnerDescription& description,
                             const RunnableModel& model, const SplitToPrepare& wanted,
                             std::string name, Progress& progress);

inline constexpr const char* kTwinName = "twin";

// Control, twin, and the others: the arms as they are measured and stored, the control given first.
std::vector<TrialArm> with_twin(const std::vector<TrialArm>& arms);

// Each in a runner of its own. The arguments must outlive what it gives.
std::vector<Arm> startable(const std::vector<TrialArm>& arms, const StartRunner& start_runner);

// Tokens of a turn, as they are asked for; 0 of a runner that cannot go on with a decoding.
int turn_tokens_for(const RunnerDescription& runner, int wanted);

// As a block's row has it: what was told.
Json to_json(const BlockNoise& noise);

// Where a block is measured and kept.
struct BlockPlace {
  Store& store;
  Uuid run;
  Uuid sweep;
  const Clock& clock;
  Progress& progress;
};

struct MeasuredBlock {
  BlockRow row;                                      // as it is stored
  std::optional<ArmFailure> failure = std::nullopt;  // the first: there is no row then
};

// One more block of the trial, stored whole or not at all. `startable_arms` are `arms`, in their order.
// Errors: the design, the store.
Result<MeasuredBlock> measure_block(const std::vector<Arm>& startable_arms,
                                    const std::vector<TrialArm>& arms, const std::string& trial,
                                    int number, const BlockDesign& design, const BlockPlace& place);

// What statistics are made from, in the arms' order.
BlockCells cells_of(const BlockRow& block, std::span<const std::string> arms);
std::vector<BlockCells> cells_of(std::span<const BlockRow> blocks,
                                 const std::vector<TrialArm>& arms);
// The same of the time that a group of layers has in each token, log ns.
BlockCells group_cells_of(const BlockRow& block, std::span<const std::string> arms,
                          const std::string& group);

// What the arm generated in the block, turn after turn.
std::vector<int> ids_of(const BlockRow& block, const std::string& arm);

// How long it took, starting and ending its processes included.
double seconds_of(const BlockRow& block);

// Of all blocks together, each weighing as long as it took.
TrialNoise noise_of(std::span<const BlockRow> blocks);

}  // namespace fusesweep
