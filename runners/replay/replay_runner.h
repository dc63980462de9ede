// ReplayRunner: a Runner that runs nothing and answers from a record, so that what somebody else
// measured goes through the same gates and into the same tables as what is measured here, marked as
// recorded. harness/docs/RECORDED.md, "Replaying", says what it answers to what.
#pragma once

#include <cstddef>
#include <map>

#include "runners/runner.h"
#include "topologies/recorded_facts.h"
#include "topologies/split.h"

namespace fusesweep {

class ReplayRunner final : public Runner {
 public:
  // REQUIRES: parse_recorded_facts gave them (their model is a known one).
  explicit ReplayRunner(RecordedFacts facts);

  Result<RunnerDescription> describe(const RunnerOptions& options) override;
  // Needs no model file: with an empty path the contract is the known model's.
  Result<BuiltShard> build(const BuildRequest& request, Progress& progress) override;
  Result<Placement> inspect(const InspectRequest& request) override;
  // A manifest, whose files need not be there, or artifacts; those that together cover all layers in
  // order make a split, and can decode.
  Result<Opened> open(const OpenRequest& request, Progress& progress) override;

 private:
  const RecordedFacts facts_;
  const Contract contract_;
  std::map<Split, std::size_t> served_;  // runs of a split that were given to somebody
};

}  // namespace fusesweep
