// Any bytes, cut into a model file and a weight file, either are refused in one line or are a package
// whose program keeps the rules, comes back from writing as it was, and has all its values; and whatever
// it is, it has a shape or none, and its weights are compared with those of a model.
// Seeds: four bytes that say how long the model file is, the model file, the weight file.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "harness/base/check.h"
#include "runners/mlprogram/operations.h"
#include "runners/mlprogram/package.h"
#include "runners/mlprogram/package_shape.h"
#include "runners/mlprogram/weight_check.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

// The model that the seeds were built from, but for its numbers.
const ModelFile& model() {
  static const ModelFile kModel = [] {
    const TemporaryFolder folder;
    const std::filesystem::path path = folder.path() / "seed.gguf";
    Contract contract = small_contract();
    contract.n_layers = 1;
    contract.d_ff = 32;
    contract.vocab_size = 32;
    const SystemClock clock;
    Progress progress({}, clock);
    FUSESWEEP_CHECK(write_synthetic_model(
        {.name = "seed", .contract = contract, .type = SyntheticType::kQ8_0, .seed = 1}, path,
        progress));
    return *open_model_file(path, 1);
  }();
  return kModel;
}

bool is_one_line(const std::string& text) { return text.find('\n') == std::string::npos; }

void check_against_model(const Package& package) {
  const Result<PackageShape> shape = read_package_shape(package);
  if (!shape) FUSESWEEP_CHECK(is_one_line(shape.error().message));
  for (const ShardKind& kind : {ShardKind(Segment{0, 1}), ShardKind(HeadSlice{0, 32, 1})}) {
    for (const Encoding encoding : {Encoding::kInt8, Encoding::kFp16}) {
      const ShardIdentity identity{.kind = kind, .tokens = 1, .encoding = encoding, .context = 8};
      if (shape) {
        for (const ContractDifference& one : compare_package(*shape, model().contract, identity))
          FUSESWEEP_CHECK(one.found != one.wanted);
      }
      const Result<WeightFacts> facts = check_weights(package, model(), identity, 1);
      if (!facts) {
        FUSESWEEP_CHECK(is_one_line(facts.error().message));
        continue;
      }
      for (const TensorWeights& tensor : facts->tensors) {
        FUSESWEEP_CHECK(tensor.non_finite <= tensor.differing);
        FUSESWEEP_CHECK(tensor.differing <= tensor.elements);
        FUSESWEEP_CHECK(tensor.worst_steps >= 0);
      }
      for (const std::string& name : facts->unexpected) FUSESWEEP_CHECK(is_one_line(name));
    }
  }
}

}  // namespace
}  // namespace fusesweep

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::uint32_t length = 0;
  if (size < sizeof length) return 0;
  std::memcpy(&length, bytes, sizeof length);
  const auto input = std::as_bytes(std::span(bytes, size)).subspan(sizeof length);
  const std::size_t cut = length % (input.size() + 1);
  const fusesweep::Result<fusesweep::Package> package =
      fusesweep::Package::parse(input.first(cut), input.subspan(cut), "input");
  if (!package) {
    FUSESWEEP_CHECK(package.error().message.find('\n') == std::string::npos);
    return 0;
  }
  FUSESWEEP_CHECK(fusesweep::check_types(package->model().program));
  const std::string written = fusesweep::encode_ml_model(package->model());
  const auto read = fusesweep::decode_ml_model(std::as_bytes(std::span(written)), "written");
  FUSESWEEP_CHECK(read &&
                  read->program.operations.size() == package->model().program.operations.size());
  for (const fusesweep::Operation& operation : package->model().program.operations) {
    for (const auto& [name, value] : operation.attributes) {
      if (std::holds_alternative<fusesweep::BlobReference>(value.content))
        FUSESWEEP_CHECK(package->blob(value).size() <= size);
    }
  }
  fusesweep::check_against_model(*package);
  return 0;
}
