// RequestedBuilds: answers build requests with our own builder. Every runner that has packages built
// here goes through it, so that a shard's bytes do not depend on who will run it.
#pragma once

#include <filesystem>
#include <optional>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "runners/model/model_file.h"
#include "runners/runner.h"

namespace fusesweep {

class RequestedBuilds {
 public:
  // Errors: a model file that is not the one of the identity, and those of build_shard.
  Result<BuiltShard> build(const BuildRequest& request, Progress& progress);

 private:
  Result<const ModelFile*> read_model(const std::filesystem::path& path, int threads);

  // The last one that something was built of: hashing it again takes as long as a small shard.
  std::optional<ModelFile> model_;
  std::filesystem::path model_path_;
  std::filesystem::file_time_type model_time_;
};

}  // namespace fusesweep
