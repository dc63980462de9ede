#include "runners/mlprogram/weight_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runners/mlprogram/program_builder.h"
#include "tests/support/altered_package.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Segment kLayers{0, 3};

class WeightCheckTest : public testing::Test {
 protected:
  WeightCheckTest() {
    write_small_model(path_);
    model_.emplace(*open_model_file(path_, 1));
  }

  static ShardIdentity asked(ShardKind kind, Encoding encoding = Encoding::kInt8) {
    return {.kind = kind, .tokens = 1, .encoding = encoding, .context = 8};
  }

  std::filesystem::path build(const ShardIdentity& identity) const {
    const SystemClock clock;
    Progress progress({}, clock);
    return build_shard(*model_, shard_of(*model_, identity), folder_.path() / "artifacts", {},
                       progress)
        ->path();
  }

  WeightFacts check(const std::filesystem::path& path, const ShardIdentity& identity,
                    int threads = 2) const {
    const Result<Package> package = Package::open(path);
    EXPECT_TRUE(package) << package.error().message;
    Result<WeightFacts> facts = check_weights(*package, *model_, identity, threads);
    EXPECT_TRUE(facts) << facts.error().message;
    return facts ? *std::move(facts) : WeightFacts{};
  }

  WeightFacts check(const AlteredPackage& altered, const ShardIdentity& identity) const {
    altered.write(folder_.path() / "altered.mlpackage");
    return check(folder_.path() / "altered.mlpackage", identity);
  }

  static std::vector<std::string> differing(const WeightFacts& facts) {
    std::vector<std::string> names;
    for (const TensorWeights& tensor : facts.tensors) {
      if (tensor.differing > 0) names.push_back(tensor.tensor);
    }
    return names;
  }

  static TensorWeights of(const WeightFacts& facts, std::string_view name) {
    for (const TensorWeights& tensor : facts.tensors) {
      if (tensor.tensor == name) return tensor;
    }
    ADD_FAILURE() << name;
    return {};
  }

  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "small.gguf";
  std::optional<ModelFile> model_;
};

TEST_F(WeightCheckTest, EveryEncodingsPackagesAgreeInEveryBit) {
  const std::vector<HeadSlice> slices = head_slices(small_contract(), 3).value();
  for (const Encoding encoding : {Encoding::kInt8, Encoding::kUint8, Encoding::kShiftScaleTensor,
                                  Encoding::kShiftScaleChannel, Encoding::kFp16}) {
    std::vector<ShardKind> kinds = {Segment{0, 3}, Segment{1, 2}};
    kinds.insert(kinds.end(), slices.begin(), slices.end());
    for (const ShardKind& kind : kinds) {
      SCOPED_TRACE(fmt::format("{} {}", to_text(kind), to_text(encoding)));
      const ShardIdentity identity = asked(kind, encoding);
      const WeightFacts facts = check(build(identity), identity);
      EXPECT_THAT(facts.missing, IsEmpty());
      EXPECT_THAT(facts.unexpected, IsEmpty());
      EXPECT_THAT(differing(facts), IsEmpty());
      for (const TensorWeights& tensor : facts.tensors) {
        EXPECT_EQ(tensor.non_finite, 0U);
        EXPECT_EQ(tensor.worst_steps, 0);
      }
    }
  }
}

TEST_F(WeightCheckTest, TensorsAreTheModelsInItsOrderWithAllTheirElements) {
  const WeightFacts facts = check(build(asked(Segment{1, 2})), asked(Segment{1, 2}));
  std::vector<std::string> names;
  for (const TensorWeights& tensor : facts.tensors)
    names.push_back(fmt::format("{} {}", tensor.tensor, tensor.elements));
  EXPECT_THAT(names, ElementsAre("blk.1.attn_norm.weight 32", "blk.1.attn_qkv.weight 2048",
                                 "blk.1.attn_output.weight 1024", "blk.1.ffn_norm.weight 32",
                                 "blk.1.ffn_up.weight 4096", "blk.1.ffn_down.weight 2048"));
  const HeadSlice slice{16, 32, 3};
  const WeightFacts head = check(build(asked(slice)), asked(slice));
  ASSERT_EQ(head.tensors.size(), 2U);
  EXPECT_EQ(head.tensors[0].tensor, "output_norm.weight");
  EXPECT_EQ(head.tensors[1].tensor, "token_embd.weight");
  EXPECT_EQ(head.tensors[1].elements, 16U * 32U);
}

TEST_F(WeightCheckTest, AnotherEncodingThanWasAskedForDiffers) {
  const WeightFacts facts = check(build(asked(kLayers, Encoding::kFp16)), asked(kLayers));
  EXPECT_EQ(differing(facts).size(), 12U);  // all matrices, no norms
  // Half a step, and what the scale's own rounding takes from the largest weights: 127 / 2048.
  for (const TensorWeights& tensor : facts.tensors)
    EXPECT_LE(tensor.worst_steps, 0.5 + 127.0 / 2048) << tensor.tensor;
}

TEST_F(WeightCheckTest, AScaleThatIsOnePercentOffIsFoundInItsTensor) {
  for (const Encoding encoding : {Encoding::kInt8, Encoding::kUint8, Encoding::kShiftScaleTensor,
                                  Encoding::kShiftScaleChannel, Encoding::kFp16}) {
    SCOPED_TRACE(to_text(encoding));
    AlteredPackage altered(build(asked(kLayers, encoding)));
    scale_weight(altered, "layers_1_down_weight", 1.01F);
    const WeightFacts facts = check(altered, asked(kLayers, encoding));
    EXPECT_THAT(differing(facts), ElementsAre("blk.1.ffn_down.weight"));
    const TensorWeights tensor = of(facts, "blk.1.ffn_down.weight");
    EXPECT_EQ(tensor.non_finite, 0U);
    // The largest weight has 127 steps, of fp16 up to 2048.
    EXPECT_NEAR(tensor.worst_steps, encoding == Encoding::kFp16 ? 20 : 1.27,
                encoding == Encoding::kFp16 ? 1 : 0.1);
  }
}

TEST_F(WeightCheckTest, OneNanIsCountedWithAllThatItReaches) {
  const struct {
    Encoding encoding;
    std::uint64_t non_finite;  // of the 64 rows of 32 in qkv
  } rows[] = {{Encoding::kInt8, 2048}, {Encoding::kShiftScaleChannel, 32}, {Encoding::kFp16, 1}};
  for (const auto& row : rows) {
    SCOPED_TRACE(to_text(row.encoding));
    AlteredPackage altered(build(asked(kLayers, row.encoding)));
    put_nan(altered, "layers_2_qkv_weight");
    const WeightFacts facts = check(altered, asked(kLayers, row.encoding));
    EXPECT_THAT(differing(facts), ElementsAre("blk.2.attn_qkv.weight"));
    const TensorWeights tensor = of(facts, "blk.2.attn_qkv.weight");
    EXPECT_EQ(tensor.non_finite, row.non_finite);
    EXPECT_EQ(tensor.differing, row.non_finite);
    EXPECT_EQ(tensor.worst_steps, 0);
  }
  AlteredPackage norm(build(asked(kLayers)));
  put_nan(norm, "layers_0_feed_forward_norm_weight");
  EXPECT_EQ(of(check(norm, asked(kLayers)), "blk.0.ffn_norm.weight").non_finite, 1U);
}

TEST_F(WeightCheckTest, LayersThatChangedPlacesAreBothNamed) {
  AlteredPackage altered(build(asked(kLayers)));
  swap_layers(altered, 0, 2);
  const WeightFacts facts = check(altered, asked(kLayers));
  const std::vector<std::string> found = differing(facts);
  const std::set<std::string> names(found.begin(), found.end());
  for (const char* tensor :
       {"attn_norm", "attn_qkv", "attn_output", "ffn_norm", "ffn_up", "ffn_down"}) {
    EXPECT_TRUE(names.contains(fmt::format("blk.0.{}.weight", tensor))) << tensor;
    EXPECT_TRUE(names.contains(fmt::format("blk.2.{}.weight", tensor))) << tensor;
  }
  EXPECT_EQ(names.size(), 12U);
  EXPECT_THAT(facts.missing, IsEmpty());
}

TEST_F(WeightCheckTest, AHeadThatIsARowOffDiffersEverywhere) {
  const ShardIdentity identity = asked(HeadSlice{0, 16, 3});
  const auto package = build_shifted_head(*model_, identity, folder_.path() / "artifacts");
  const WeightFacts facts = check(package, identity);
  EXPECT_THAT(differing(facts), ElementsAre("token_embd.weight"));
  EXPECT_GT(of(facts, "token_embd.weight").differing, 16U * 32U * 9U / 10U);
  EXPECT_GT(of(facts, "token_embd.weight").worst_steps, 50);
}

TEST_F(WeightCheckTest, ProjectionsThatAreKeptApartAreWithinAStep) {
  AlteredPackage altered(build(asked(kLayers)));
  split_projections(altered, *model_, kLayers);
  const WeightFacts facts = check(altered, asked(kLayers));
  EXPECT_THAT(facts.missing, IsEmpty());
  EXPECT_THAT(facts.unexpected, IsEmpty());
  ASSERT_EQ(facts.tensors.size(), 18U);
  EXPECT_EQ(of(facts, "blk.1.attn_qkv.weight").elements, 2048U);
  EXPECT_EQ(of(facts, "blk.1.ffn_up.weight").elements, 4096U);
  std::size_t differ = 0;
  for (const TensorWeights& tensor : facts.tensors) {
    EXPECT_LE(tensor.worst_steps, 1) << tensor.tensor;
    EXPECT_EQ(tensor.non_finite, 0U);
    differ += tensor.differing > 0 ? 1 : 0;
  }
  // One part of each tensor has the largest weight, and with it the tensor's scale.
  EXPECT_EQ(differ, 6U);
}

TEST_F(WeightCheckTest, RowsOfAHeadMayBeSeveralConvolutions) {
  // [0,16) and [16,48) as one head: each with the scale of its own rows.
  const ShardIdentity whole = asked(HeadSlice{0, 48, 1}, Encoding::kShiftScaleChannel);
  AlteredPackage first(build(asked(HeadSlice{0, 16, 3}, Encoding::kShiftScaleChannel)));
  AlteredPackage second(build(asked(HeadSlice{16, 48, 2}, Encoding::kShiftScaleChannel)));
  const auto take = [&](const char* from, const std::string& to) {
    Operation operation = second.operation(from);
    operation.name = to;
    operation.outputs[0].name = to;
    for (auto& [parameter, arguments] : operation.inputs) {
      if (auto* value = std::get_if<Value>(&arguments.front())) {
        const std::span<char> elements = second.elements(*value);
        *value = first.stored(value->type, std::string(elements.begin(), elements.end()));
      }
    }
    return operation;
  };
  Operation weight = take("logits_weight", "more_weight");
  Operation logits = take("logits", "more");
  logits.inputs["weight"] = {std::string("more_weight")};
  first.program().operations.push_back(std::move(weight));
  first.program().operations.push_back(std::move(logits));
  const WeightFacts facts = check(first, whole);
  EXPECT_THAT(facts.missing, IsEmpty());
  EXPECT_THAT(facts.unexpected, IsEmpty());
  EXPECT_THAT(differing(facts), IsEmpty());
  EXPECT_EQ(of(facts, "token_embd.weight").elements, 48U * 32U);
}

TEST_F(WeightCheckTest, WhatIsMissingIsNamed) {
  const WeightFacts layers = check(build(asked(Segment{0, 2})), asked(kLayers));
  EXPECT_THAT(layers.missing, ElementsAre("blk.2.attn_norm.weight", "blk.2.attn_qkv.weight",
                                          "blk.2.attn_output.weight", "blk.2.ffn_norm.weight",
                                          "blk.2.ffn_up.weight", "blk.2.ffn_down.weight"));
  EXPECT_THAT(differing(layers), IsEmpty());
  // The rows that are there have a scale of their own, so they differ, if by little.
  const WeightFacts head = check(build(asked(HeadSlice{0, 20, 1})), asked(HeadSlice{0, 24, 2}));
  EXPECT_THAT(head.missing, ElementsAre("token_embd.weight rows [20,24)"));
}

TEST_F(WeightCheckTest, WhatIsTooMuchIsNamedAndTheRestIsNotConfused) {
  const WeightFacts layers = check(build(asked(kLayers)), asked(Segment{0, 2}));
  EXPECT_EQ(layers.unexpected.size(), 6U);
  EXPECT_EQ(layers.unexpected.front(), "layers_2_attention_norm_weight fp16[1,32,1,1]");
  EXPECT_THAT(differing(layers), IsEmpty());
  const WeightFacts head = check(build(asked(HeadSlice{0, 24, 2})), asked(HeadSlice{0, 20, 1}));
  EXPECT_THAT(head.unexpected, ElementsAre("logits_weight fp16[24,32,1,1]"));
  EXPECT_THAT(head.missing, ElementsAre("token_embd.weight"));

  // A convolution [32, 32], as the attention's output is, in the middle; and a constant for nothing.
  AlteredPackage altered(build(asked(kLayers)));
  Operation weight = altered.operation("layers_0_o_weight");
  Operation extra = altered.operation("layers_0_o");
  weight.name = weight.outputs[0].name = "extra_weight";
  extra.name = extra.outputs[0].name = "extra";
  extra.inputs["weight"] = {std::string("extra_weight")};
  extra.inputs["x"] = {std::string("layers_0_o")};
  Operation table{.type = "const", .name = "a\ntable"};
  const Value values = altered.stored({DataType::kFp16, {4}}, std::string(8, '\0'));
  table.attributes.emplace("val", values);
  table.outputs.push_back({"table", values.type});
  auto& operations = altered.program().operations;
  const auto at = static_cast<std::ptrdiff_t>(altered.index_of("layers_0_o") + 1);
  operations.insert(operations.begin() + at, {weight, extra, table});
  const WeightFacts facts = check(altered, asked(kLayers));
  EXPECT_THAT(facts.unexpected, ElementsAre("extra_weight fp16[32,32,1,1]", "table fp16[4]"));
  EXPECT_THAT(facts.missing, IsEmpty());
  EXPECT_THAT(differing(facts), IsEmpty());
}

TEST_F(WeightCheckTest, AWeightOnTheSpotIsNoMoreThanUnexpected) {
  AlteredPackage altered(build(asked(kLayers)));
  Operation& product = altered.operation("layers_1_attention_norm");
  product.inputs["y"] = {altered.operation("layers_1_attention_norm_weight").attributes.at("val")};
  const WeightFacts facts = check(altered, asked(kLayers));
  EXPECT_THAT(facts.missing, ElementsAre("blk.1.attn_norm.weight"));
  EXPECT_THAT(facts.unexpected, ElementsAre("layers_1_attention_norm_weight fp16[1,32,1,1]",
                                            "layers_1_attention_norm.y fp16[1,32,1,1]"));
}

TEST_F(WeightCheckTest, ThreadsChangeNothing) {
  AlteredPackage altered(build(asked(kLayers)));
  split_projections(altered, *model_, kLayers);
  altered.write(folder_.path() / "altered.mlpackage");
  const WeightFacts one = check(folder_.path() / "altered.mlpackage", asked(kLayers), 1);
  EXPECT_EQ(check(folder_.path() / "altered.mlpackage", asked(kLayers), 3), one);
}

TEST_F(WeightCheckTest, SaysWhatCannotBeCompared) {
  const Package package = *Package::open(build(asked(Segment{0, 1})));
  const auto message = [&](const ShardKind& kind) {
    return check_weights(package, *model_, asked(kind), 1).error().message;
  };
  EXPECT_EQ(message(EmbeddingTable{}), "found embedding, want layers or a head");
  EXPECT_EQ(message(Segment{2, 4}),
            "layers[2,4): layers: found 4, want 1 to 3 as the model has it");
  EXPECT_THAT(message(HeadSlice{0, 49, 1}), HasSubstr("vocabulary: found 49, want 1 to 48"));
}

}  // namespace
}  // namespace fusesweep
