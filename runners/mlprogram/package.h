// A CoreML package (NAME.mlpackage): the folder that holds a model file and its weights. Anybody may
// have written one, so everything in it is checked before it is believed.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "harness/base/result.h"
#include "runners/mlprogram/ml_model.h"
#include "runners/mlprogram/weight_file.h"

namespace fusesweep {

// Where a package that is being made has its weights; the folders above it exist afterwards.
Result<std::filesystem::path> make_weight_folder(const std::filesystem::path& package);

// Writes everything but the weights, which lie there already. The same model gives the same bytes.
Result<void> write_package(const std::filesystem::path& package, const MlModel& model);

class Package {
 public:
  // What passes is a model that decode_ml_model accepts, with every value that it has in the weight
  // file there. Errors name the file.
  static Result<Package> open(const std::filesystem::path& path);

  // The same from the two files' bytes, which must outlive the result; `where` begins the message of
  // an error.
  static Result<Package> parse(std::span<const std::byte> model, std::span<const std::byte> weights,
                               std::string_view where);

  const MlModel& model() const { return model_; }

  // The elements of a value of the program that lies in the weight file.
  // REQUIRES: value.content is a BlobReference.
  std::span<const std::byte> blob(const Value& value) const;

 private:
  static Result<Package> join(MlModel model, Result<WeightFile> weights);
  Package(MlModel model, std::optional<WeightFile> weights)
      : model_(std::move(model)), weights_(std::move(weights)) {}

  MlModel model_;
  std::optional<WeightFile> weights_;  // absent where no value needs it
};

}  // namespace fusesweep
