// CliffProber: answers what a CliffSearch asks, by building shards and seeing where they run; and the
// store remembers, so that no question is asked twice.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/core/cliff.h"
#include "harness/plan/cliff_search.h"
#include "harness/sweep/prepared_split.h"
#include "results/store.h"
#include "runners/runner.h"

namespace fusesweep {

// Which answers of the store are good enough.
enum class StoredAnswers { kUse, kUseButFailures, kIgnore };

struct ProberSetup {
  RunnableModel model;
  ShardIdentity shape;  // tokens, context, encoding and kv_form of all shards
  RunnerOptions options;
  std::filesystem::path work;
  StoredAnswers stored = StoredAnswers::kUse;
  std::function<void()> start_afresh;  // ends the runner's process; the next call starts another
};

class CliffProber {
 public:
  // All must outlive the prober. The runner and the model are put into the store.
  static Result<CliffProber> create(Runner& runner, const RunnerDescription& description,
                                    ProberSetup setup, Store& store, const Uuid& run,
                                    Progress& progress);

  // The answer is in the store before this returns. A second attempt builds the shard anew, in a
  // folder of its own, and inspects it in another process. Errors: wrong input, a store or disk that
  // is full; a runner that fails is an answer.
  Result<ProbeAnswer> probe(const CliffProbe& probe);

  int asked() const { return asked_; }    // of the runner
  int stored() const { return stored_; }  // found in the store

 private:
  CliffProber(Runner& runner, const RunnerDescription& description, ProberSetup setup, Store& store,
              const Uuid& run, Progress& progress);
  Result<ProbeAnswer> ask(const CliffProbe& probe, const ShardIdentity& shard);
  Result<ProbeAnswer> look_at(const CliffProbe& probe, const ShardIdentity& shard,
                              const std::filesystem::path& artifacts);
  Result<void> run_once(const BuiltShard& built, ProbeAnswer& answer);
  Result<void> fail_at(ProbeFailure stage, const ShardIdentity& shard, const Error& error,
                       ProbeAnswer& answer);

  Runner* runner_;
  bool is_recorded_;
  bool can_run_;
  ProberSetup setup_;
  Conditions conditions_;
  Store* store_;
  Uuid run_;
  Progress* progress_;
  int asked_ = 0;
  int stored_ = 0;
};

// A length to begin with: the runner's stated limit on a graph, else the weight-file ceiling that CoreML
// users report, over the weights of a layer.
int first_guess(const RunnerDescription& runner, const Contract& contract, Encoding encoding);

// Asks until the search is over, or until `is_interrupted` says so before a probe; then there is no
// result.
Result<std::optional<CliffResult>> find_cliff(CliffSearch& search, CliffProber& prober,
                                              const std::function<bool()>& is_interrupted,
                                              Progress& progress);

}  // namespace fusesweep
