// That the packages that tests are sabotaged with (tests/support/altered_package.h) are wrong in the way
// that they say, and in no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "harness/base/fp16.h"
#include "runners/cpu/executable.h"
#include "runners/cpu/kernels.h"
#include "runners/mlprogram/package_shape.h"
#include "runners/mlprogram/weight_check.h"
#include "tests/support/altered_package.h"
#include "tests/support/program_interpreter.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Segment kLayers{0, 2};

class SabotageTest : public testing::Test {
 protected:
  SabotageTest() {
    write_small_model(path_);
    model_.emplace(*open_model_file(path_, 1));
  }

  std::filesystem::path build(const ShardIdentity& identity) const {
    const SystemClock clock;
    Progress progress({}, clock);
    return build_shard(*model_, shard_of(*model_, identity), folder_.path() / "artifacts", {},
                       progress)
        ->path();
  }

  std::filesystem::path written(const AlteredPackage& altered) const {
    altered.write(folder_.path() / "altered.mlpackage");
    return folder_.path() / "altered.mlpackage";
  }

  // The program and the weights are those that a contract and a model would be compared with.
  void expect_like_the_model(const std::filesystem::path& path,
                             const ShardIdentity& identity) const {
    const Package package = *Package::open(path);
    EXPECT_TRUE(compare_package(*read_package_shape(package), model_->contract, identity).empty());
    const WeightFacts facts = *check_weights(package, *model_, identity, 2);
    EXPECT_TRUE(facts.missing.empty());
    EXPECT_TRUE(facts.unexpected.empty());
    for (const TensorWeights& tensor : facts.tensors) EXPECT_EQ(tensor.differing, 0U);
  }

  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "small.gguf";
  std::optional<ModelFile> model_;
};

ShardIdentity layers(int tokens) { return {.kind = kLayers, .tokens = tokens, .context = 8}; }

// What it gives for the same random inputs, the cache empty.
std::map<std::string, Tensor> outputs_of(const std::filesystem::path& path) {
  const Package package = *Package::open(path);
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::map<std::string, Tensor> inputs;
  for (const auto& [name, type] : package.model().program.inputs) {
    Tensor& tensor = inputs[name] = {type.shape, {}};
    for (std::uint64_t i = 0; i < element_count(type.shape); ++i)
      tensor.values.push_back(fp16_to_float(float_to_fp16(normal(random))));
  }
  return ProgramInterpreter(package).run(inputs);
}

TEST_F(SabotageTest, APackageThatNothingWasChangedInIsAsItWas) {
  const std::filesystem::path package = build(layers(2));
  const std::filesystem::path same = written(AlteredPackage(package));
  EXPECT_EQ(outputs_of(same).at("hidden").values, outputs_of(package).at("hidden").values);
  expect_like_the_model(same, layers(2));
}

TEST_F(SabotageTest, MixedTokensAndChannelsShowOnlyWithMoreThanOneToken) {
  for (const int tokens : {1, 4}) {
    SCOPED_TRACE(tokens);
    const std::filesystem::path package = build(layers(tokens));
    AlteredPackage altered(package);
    mix_tokens_and_channels(altered);
    const std::filesystem::path mixed = written(altered);
    expect_like_the_model(mixed, layers(tokens));
    const bool is_same =
        outputs_of(mixed).at("hidden").values == outputs_of(package).at("hidden").values;
    EXPECT_EQ(is_same, tokens == 1);
  }
}

TEST_F(SabotageTest, ANeedlessCastChangesNothingButHasNoKernel) {
  const std::filesystem::path package = build(layers(1));
  AlteredPackage altered(package);
  add_needless_cast(altered, 1);
  const std::filesystem::path with_cast = written(altered);
  expect_like_the_model(with_cast, layers(1));
  EXPECT_EQ(outputs_of(with_cast).at("hidden").values, outputs_of(package).at("hidden").values);
  const Placement placement =
      plan_placement(*Package::open(with_cast), {.kernels = &ref_kernels()});
  std::vector<std::string> nowhere;
  for (const NonResident& one : placement.non_resident) {
    if (one.place == "none") nowhere.push_back(one.operation + ": " + one.reason);
  }
  EXPECT_THAT(nowhere, ElementsAre("layers_1_silu_cast: no implementation of cast"));
}

TEST_F(SabotageTest, AnotherRopeDimIsInTheProgramAndNotInTheWeights) {
  const auto path = build_with_rope_dim(path_, layers(1), 16, folder_.path() / "other");
  const Package package = *Package::open(path);
  EXPECT_EQ(std::get<LayersShape>(read_package_shape(package)->part).rope_dim, 16);
  const WeightFacts facts = *check_weights(package, *model_, layers(1), 2);
  for (const TensorWeights& tensor : facts.tensors) EXPECT_EQ(tensor.differing, 0U);
}

TEST_F(SabotageTest, AShiftedHeadHasTheRowsOfTheNextId) {
  const ShardIdentity asked{.kind = HeadSlice{0, 16, 3}, .tokens = 1};
  const auto path = build_shifted_head(*model_, asked, folder_.path() / "other");
  const Package package = *Package::open(path);
  EXPECT_TRUE(compare_package(*read_package_shape(package), model_->contract, asked).empty());
  const auto differing = [&](const HeadSlice& slice) {
    return check_weights(package, *model_, {.kind = slice}, 1)->tensors.at(1).differing;
  };
  EXPECT_EQ(differing({1, 17, 3}), 0U);
  EXPECT_GT(differing({0, 16, 3}), 400U);
}

}  // namespace
}  // namespace fusesweep
