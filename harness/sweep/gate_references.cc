#include "harness/sweep/gate_references.h"

#include <fmt/format.h>

#include <utility>

namespace fusesweep {

GateReferences::GateReferences(ModelFile model, const ReferenceOptions& options,
                               std::filesystem::path fixtures, Progress& progress)
    : model_(std::move(model)),
      options_(options),
      fixtures_(std::move(fixtures)),
      progress_(progress) {}

Result<const ReferenceOutput*> GateReferences::kept(ReferenceWeights weights,
                                                    const std::vector<int>& ids) {
  const std::pair key(weights, ids);
  const auto found = kept_.find(key);
  if (found != kept_.end()) return &found->second;
  Result<ReferenceOutput> computed = outputs(weights, ids);
  if (!computed) return fail(std::move(computed).error());
  return &kept_.emplace(key, *std::move(computed)).first->second;
}

Result<ReferenceOutput> GateReferences::outputs(ReferenceWeights weights,
                                                const std::vector<int>& ids) {
  progress_.begin_stage("reference", 0);
  progress_.set_item(fmt::format("{} positions, {}", ids.size(), to_text(weights)));
  ReferenceOptions options = options_;
  options.weights = weights;
  return reference_fixture(model_, options, ids, fixtures_);
}

}  // namespace fusesweep
