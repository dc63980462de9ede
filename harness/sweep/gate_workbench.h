// GateWorkbench: what gathering facts for gates needs: the runner, the reference, the store, and a
// place for tensors. Used by shard_gates and split_gates; it judges nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/sweep/gate_references.h"
#include "harness/sweep/gate_setup.h"
#include "harness/sweep/tensor_run.h"
#include "results/store.h"
#include "runners/runner.h"

namespace fusesweep {

class GateWorkbench {
 public:
  // All must outlive the workbench. Puts the runner and the model into the store. The model's file is
  // opened where there is one.
  static Result<GateWorkbench> create(Runner& runner, const RunnerDescription& description,
                                      GateSetup setup, Store& store, const Uuid& run,
                                      Progress& progress);

  Runner& runner() { return *runner_; }
  const GateSetup& setup() const { return setup_; }
  Store& store() { return *store_; }
  const Uuid& run() const { return run_; }
  Progress& progress() { return *progress_; }
  const Conditions& conditions() const { return conditions_; }
  const RunnerDescription& description() const { return description_; }
  bool is_recorded() const { return description_.evidence == Evidence::kRecorded; }
  bool wants(std::string_view gate) const;
  int kept() const { return kept_; }  // verdicts so far, of gates that were run

  // Whether the gate can never be run with this runner, whatever it is asked: it gives no outputs, say.
  bool is_beyond_runner(std::string_view gate) const;

  // Adds the verdict to what is gated, and to the store. `content_hash` is of the bytes that it is
  // about, or empty.
  Result<void> keep(Gated& gated, GateVerdict verdict, const std::string& content_hash = {});

  // What the store has of all these gates for these bytes, where the setup allows to take it; nothing
  // when one is missing, but for those after a failure and those that this runner can never be asked.
  Result<std::optional<std::vector<GateVerdict>>> find_stored(
      const Subject& subject, const std::vector<std::string_view>& gates,
      const std::string& content_hash) const;

  // REQUIRES: the model is not a recorded one.
  GateReferences& references() { return *references_; }
  ReferenceWeights rounding() const;  // of the setup's encoding

  // The prompt of golden: setup.positions ids.
  const std::vector<int>& ids() const { return ids_; }
  Result<const ReferenceOutput*> reference(ReferenceWeights weights);

  // The artifacts as a chain, on hidden states [n, d_model], of which a record needs none.
  Result<std::vector<GroupValues>> run_chain(const std::vector<std::filesystem::path>& artifacts,
                                             std::span<const float> hidden);

  // A folder that is not there yet.
  std::filesystem::path next_scratch();

 private:
  GateWorkbench(Runner& runner, const RunnerDescription& description, GateSetup setup, Store& store,
                const Uuid& run, Progress& progress);

  Runner* runner_;
  RunnerDescription description_;
  GateSetup setup_;
  Conditions conditions_;
  Store* store_;
  Uuid run_;
  Progress* progress_;
  std::vector<int> ids_;
  std::optional<GateReferences> references_;
  int scratches_ = 0;
  int kept_ = 0;
};

}  // namespace fusesweep
