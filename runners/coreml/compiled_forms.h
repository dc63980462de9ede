// Compiled forms of packages: NAME.mlmodelc, which CoreML makes and loads.
#pragma once

#include <filesystem>
#include <utility>

#include "harness/base/result.h"
#include "runners/coreml/core_ml.h"
#include "runners/mlprogram/artifact.h"

namespace fusesweep {

// Where a compiled form lies, and whether it is to be removed after use.
class CompiledPath {
 public:
  enum class Keep { kYes, kNo };
  CompiledPath(std::filesystem::path path, Keep keep) : path_(std::move(path)), keep_(keep) {}
  CompiledPath(CompiledPath&& other) noexcept;
  CompiledPath& operator=(CompiledPath&&) = delete;
  ~CompiledPath();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  Keep keep_;
};

// The compiled form in the artifact's folder, made and written into its index where there is none.
Result<CompiledPath> compiled_artifact(CoreMl& core_ml, const Artifact& artifact, int threads);

// Of a package: the artifact's where it lies in one; the one at `compiled`, where there is one; or
// else one that goes when it is no longer needed.
Result<CompiledPath> compiled_package(CoreMl& core_ml, const std::filesystem::path& package,
                                      const std::filesystem::path& compiled, int threads);

}  // namespace fusesweep
