// GateReferences: what the gates of one model compare with. Reference outputs are computed when they
// are first asked for and kept as fixtures in the work folder, since a large model takes seconds for
// a position.
#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "runners/model/fixtures.h"
#include "runners/model/model_file.h"
#include "runners/model/reference.h"

namespace fusesweep {

class GateReferences {
 public:
  // The context and head_shards of the options hold for all; their weights do not matter.
  GateReferences(ModelFile model, const ReferenceOptions& options, std::filesystem::path fixtures,
                 Progress& progress);

  const ModelFile& model() const { return model_; }

  // Of a prompt that will be asked for again: it stays in memory.
  Result<const ReferenceOutput*> kept(ReferenceWeights weights, const std::vector<int>& ids);

  // Of any other.
  Result<ReferenceOutput> outputs(ReferenceWeights weights, const std::vector<int>& ids);

 private:
  ModelFile model_;
  ReferenceOptions options_;
  std::filesystem::path fixtures_;
  Progress& progress_;
  std::map<std::pair<ReferenceWeights, std::vector<int>>, ReferenceOutput> kept_;
};

}  // namespace fusesweep
