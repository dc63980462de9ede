#include "runners/mlprogram/package_shape.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "runners/mlprogram/ml_model.h"
#include "runners/mlprogram/program_builder.h"
#include "tests/support/altered_package.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Segment kLayers{0, 2};

// What is said of each difference.
std::vector<std::string> lines(const std::vector<ContractDifference>& differences) {
  std::vector<std::string> all;
  for (const auto& [field, found, wanted] : differences)
    all.push_back(fmt::format("{}: found {}, want {}", field, found, wanted));
  return all;
}

class PackageShapeTest : public testing::Test {
 protected:
  PackageShapeTest() {
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

  static Result<PackageShape> shape_at(const std::filesystem::path& path) {
    const Result<Package> package = Package::open(path);
    EXPECT_TRUE(package) << package.error().message;
    return read_package_shape(*package);
  }

  Result<PackageShape> shape_of(const AlteredPackage& altered) const {
    altered.write(folder_.path() / "altered.mlpackage");
    return shape_at(folder_.path() / "altered.mlpackage");
  }

  std::vector<std::string> compared(const PackageShape& shape,
                                    const ShardIdentity& identity) const {
    return lines(compare_package(shape, model_->contract, identity));
  }

  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "small.gguf";
  std::optional<ModelFile> model_;
};

ShardIdentity layers(int tokens = 1, KvForm kv_form = KvForm::kMask,
                     Encoding encoding = Encoding::kInt8) {
  return {
      .kind = kLayers, .tokens = tokens, .encoding = encoding, .context = 8, .kv_form = kv_form};
}

TEST_F(PackageShapeTest, SaysOfOurPackagesWhatTheyAre) {
  const PackageShape shape = *shape_at(build(layers(4, KvForm::kSlice)));
  const LayersShape wanted{.layers = 2,
                           .context = 8,
                           .kv_form = KvForm::kSlice,
                           .rope_dim = 8,
                           .n_kv_heads = 1,
                           .d_head = 16,
                           .n_heads = 2,
                           .d_ff = 64};
  EXPECT_EQ(std::get<LayersShape>(shape.part), wanted);
  EXPECT_EQ(shape.tokens, 4);
  EXPECT_EQ(shape.d_model, 32);
  EXPECT_EQ(shape.encoding, Encoding::kInt8);
  EXPECT_NEAR(shape.rms_norm_eps.value(), 1e-5, 1e-8);

  const PackageShape head = *shape_at(build({.kind = HeadSlice{0, 24, 2}, .tokens = 2}));
  EXPECT_EQ(std::get<HeadShape>(head.part), HeadShape{24});
  EXPECT_EQ(head.tokens, 2);
  EXPECT_EQ(head.d_model, 32);
  EXPECT_NEAR(head.rms_norm_eps.value(), 1e-5, 1e-8);
}

TEST_F(PackageShapeTest, EveryFormAndEncodingIsWhatWasAskedFor) {
  for (const Encoding encoding : {Encoding::kInt8, Encoding::kUint8, Encoding::kShiftScaleTensor,
                                  Encoding::kShiftScaleChannel, Encoding::kFp16}) {
    for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
      for (const int tokens : {1, 4}) {
        SCOPED_TRACE(fmt::format("{} {} {}", to_text(encoding), to_text(kv_form), tokens));
        const ShardIdentity identity = layers(tokens, kv_form, encoding);
        EXPECT_THAT(compared(*shape_at(build(identity)), identity), IsEmpty());
      }
    }
    const ShardIdentity head{.kind = HeadSlice{16, 32, 3}, .tokens = 1, .encoding = encoding};
    EXPECT_THAT(compared(*shape_at(build(head)), head), IsEmpty());
  }
}

TEST_F(PackageShapeTest, EveryDifferenceIsNamed) {
  const PackageShape shape = *shape_at(build(layers()));
  const PackageShape head = *shape_at(build({.kind = HeadSlice{0, 24, 2}, .tokens = 1}));
  const struct {
    const PackageShape& shape;
    std::function<void(Contract& contract, ShardIdentity& identity)> change;
    const char* line;
  } rows[] = {
      {shape, [](Contract& c, ShardIdentity&) { c.d_model = 64; }, "d_model: found 32, want 64"},
      {shape, [](Contract& c, ShardIdentity&) { c.n_heads = 4; }, "n_heads: found 2, want 4"},
      {shape, [](Contract& c, ShardIdentity&) { c.n_kv_heads = 2; }, "n_kv_heads: found 1, want 2"},
      {shape, [](Contract& c, ShardIdentity&) { c.d_head = 8; }, "d_head: found 16, want 8"},
      {shape, [](Contract& c, ShardIdentity&) { c.rope_dim = 16; }, "rope_dim: found 8, want 16"},
      {shape, [](Contract& c, ShardIdentity&) { c.d_ff = 65; }, "d_ff: found 64, want 65"},
      {shape,
       [](Contract&, ShardIdentity& i) {
         i.kind = Segment{0, 3};
       },
       "n_layers: found 2, want 3"},
      {shape, [](Contract&, ShardIdentity& i) { i.tokens = 4; }, "tokens: found 1, want 4"},
      {shape, [](Contract&, ShardIdentity& i) { i.context = 16; }, "context: found 8, want 16"},
      {shape, [](Contract&, ShardIdentity& i) { i.kv_form = KvForm::kSlice; },
       "kv_form: found mask, want slice"},
      {shape, [](Contract&, ShardIdentity& i) { i.encoding = Encoding::kFp16; },
       "encoding: found int8, want fp16"},
      {shape,
       [](Contract&, ShardIdentity& i) {
         i.kind = HeadSlice{0, 24, 2};
       },
       "kind: found layers, want head[0,24) of 2"},
      {head,
       [](Contract&, ShardIdentity& i) {
         i.kind = HeadSlice{0, 16, 3};
       },
       "vocab_rows: found 24, want 16"},
      {head, [](Contract&, ShardIdentity& i) { i.kind = kLayers; },
       "kind: found a head, want layers[0,2)"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    Contract contract = model_->contract;
    ShardIdentity identity = layers();
    if (&row.shape == &head) identity.kind = HeadSlice{0, 24, 2};
    row.change(contract, identity);
    EXPECT_THAT(lines(compare_package(row.shape, contract, identity)), ElementsAre(row.line));
  }
  Contract contract = model_->contract;
  contract.rms_norm_eps = 1e-6F;
  EXPECT_THAT(lines(compare_package(shape, contract, layers())),
              ElementsAre(HasSubstr("rms_norm_eps: found 1.00")));
}

TEST_F(PackageShapeTest, RotationOfTheWholeHeadIsFoundByName) {
  const auto package = build_with_rope_dim(path_, layers(), 16, folder_.path() / "other");
  EXPECT_THAT(compared(*shape_at(package), layers()), ElementsAre("rope_dim: found 16, want 8"));
}

TEST_F(PackageShapeTest, ProjectionsThatAreKeptApartSayTheSame) {
  AlteredPackage altered(build(layers()));
  split_projections(altered, *model_, kLayers);
  EXPECT_THAT(compared(*shape_of(altered), layers()), IsEmpty());
}

TEST_F(PackageShapeTest, WhatCannotBeToldIsAbsent) {
  // A convolution too many in one layer, in another encoding.
  AlteredPackage altered(build(layers()));
  Operation extra = altered.operation("layers_1_o");
  extra.name = extra.outputs[0].name = "extra";
  extra.inputs["weight"] = {std::string("extra_weight")};
  Operation weight{.type = "const", .name = "extra_weight"};
  const Value value = altered.stored({DataType::kFp16, {32, 32, 1, 1}}, std::string(2048, '\0'));
  weight.attributes.emplace("val", value);
  weight.outputs.push_back({weight.name, value.type});
  altered.program().operations.push_back(weight);
  altered.program().operations.push_back(extra);
  const PackageShape shape = *shape_of(altered);
  EXPECT_FALSE(std::get<LayersShape>(shape.part).n_heads);
  EXPECT_FALSE(std::get<LayersShape>(shape.part).d_ff);
  EXPECT_FALSE(shape.encoding);
  EXPECT_THAT(compared(shape, layers()),
              ElementsAre("encoding: found none that is known, want int8"));
}

// A head of two channels, whose norm somebody else wrote.
Result<PackageShape> with_norm(
    const std::function<std::string(ProgramBuilder& b, const std::string& hidden,
                                    const std::string& mean)>& inverse) {
  ProgramBuilder b{std::string(kOpset)};
  const std::string hidden = b.input("hidden", {DataType::kFp16, {1, 2, 1, 1}});
  const std::string squares = b.add("square", "squares", {{"x", hidden}});
  const std::string mean = b.add(
      "reduce_mean", "mean", {{"x", squares}, {"axes", integers({1})}, {"keep_dims", truth(true)}});
  const std::string logits =
      b.add("mul", "logits", {{"x", hidden}, {"y", inverse(b, hidden, mean)}});
  const std::string file = encode_ml_model(
      {.description = "test", .notes = {}, .program = std::move(b).finish({logits})});
  return read_package_shape(*Package::parse(std::as_bytes(std::span(file)), {}, "test"));
}

TEST(PackageShape, EpsilonIsFoundInTheFormsThatConvertersWrite) {
  const auto direct = with_norm([](ProgramBuilder& b, const std::string&, const std::string& mean) {
    return b.add("rsqrt", "r", {{"x", mean}, {"epsilon", half(0x1p-10F)}});
  });
  EXPECT_EQ(direct->rms_norm_eps, 0x1p-10F);
  const auto sum = with_norm([](ProgramBuilder& b, const std::string&, const std::string& mean) {
    const std::string s = b.add("add", "s", {{"x", half(0x1p-12F)}, {"y", mean}});
    return b.add("rsqrt", "r", {{"x", s}, {"epsilon", half(0)}});
  });
  EXPECT_EQ(sum->rms_norm_eps, 0x1p-12F);
  const auto root = with_norm([](ProgramBuilder& b, const std::string&, const std::string& mean) {
    const std::string s = b.add("add", "s", {{"x", mean}, {"y", half(0x1p-9F)}});
    const std::string r = b.add("sqrt", "r", {{"x", s}});
    return b.add("inverse", "i", {{"x", r}, {"epsilon", half(0)}});
  });
  EXPECT_EQ(root->rms_norm_eps, 0x1p-9F);
  const auto none =
      with_norm([](ProgramBuilder&, const std::string&, const std::string& mean) { return mean; });
  EXPECT_FALSE(none->rms_norm_eps);
  const auto two = with_norm([](ProgramBuilder& b, const std::string&, const std::string& mean) {
    b.add("rsqrt", "other", {{"x", mean}, {"epsilon", half(1)}});
    return b.add("rsqrt", "r", {{"x", mean}, {"epsilon", half(2)}});
  });
  EXPECT_FALSE(two->rms_norm_eps);
}

TEST(PackageShape, ProgramsThatAreNoShardAreRefusedWithWhatIsWrong) {
  using Shape = std::vector<std::uint64_t>;
  struct Ports {
    std::vector<std::pair<const char*, Shape>> inputs = {{"x", {1, 4, 2, 1}},
                                                         {"rope_cos", {2, 3}},
                                                         {"rope_sin", {2, 3}},
                                                         {"attn_mask", {1, 1, 2, 5}},
                                                         {"kv_write_mask", {1, 1, 5, 2}}};
    std::vector<std::pair<const char*, Shape>> states = {{"k", {1, 2, 5, 6}}, {"v", {1, 2, 5, 6}}};
    const char* output = "hidden";
    std::size_t of = 0;  // the input that the output is like
  };
  const Ports right;
  const auto with = [&](const std::function<void(Ports & ports)>& change) {
    Ports ports = right;
    change(ports);
    return ports;
  };
  const auto read = [](const Ports& ports) {
    ProgramBuilder b{std::string(kOpset)};
    std::vector<std::string> names;
    for (const auto& [name, shape] : ports.inputs)
      names.push_back(b.input(name, {DataType::kFp16, shape}));
    for (const auto& [name, shape] : ports.states) b.state(name, {DataType::kFp16, shape});
    const std::string y = b.add("identity", ports.output, {{"x", names.at(ports.of)}});
    const std::string file =
        encode_ml_model({.description = "test", .notes = {}, .program = std::move(b).finish({y})});
    return read_package_shape(*Package::parse(std::as_bytes(std::span(file)), {}, "test"));
  };
  ASSERT_TRUE(read(right));
  EXPECT_FALSE(read(right)->encoding);
  EXPECT_EQ(std::get<LayersShape>(read(right)->part).rope_dim, 6);
  const struct {
    Ports ports;
    const char* message;
  } rows[] = {
      {with([](Ports& p) { p.output = "y"; }),
       "program: found the inputs 'x', 'rope_cos', 'rope_sin', 'attn_mask', 'kv_write_mask' and "
       "the "
       "outputs 'y', want x and hidden, or hidden and logits"},
      {with([](Ports& p) {
         p.inputs[0].second = {1, 4};
       }),
       "input x: found fp16[1,4], want [1, d_model, tokens, 1]"},
      {with([](Ports& p) { p.of = 1; }), "output hidden: found fp16[2,3], want fp16[1,4,2,1]"},
      {with([](Ports& p) { p.inputs[1].second = {}; }),
       "input rope_cos: found fp16[], want [tokens, rope_dim / 2]"},
      {with([](Ports& p) {
         p.inputs[2].second = {2, 4};
       }),
       "input rope_sin: found fp16[2,4], want fp16[2,3]"},
      {with([](Ports& p) {
         p.inputs[3].second = {1, 1, 1, 5};
       }),
       "input attn_mask: found fp16[1,1,1,5], want [1, 1, tokens, context]"},
      {with([](Ports& p) {
         p.inputs[4].second = {1, 1, 2, 5};
       }),
       "input kv_write_mask: found fp16[1,1,2,5], want [1, 1, context, tokens]"},
      {with([](Ports& p) { p.inputs.pop_back(); }), "input kv_write_mask: found none"},
      {with([](Ports& p) {
         p.inputs.push_back({"more", {1}});
       }),
       "'more', want x, rope_cos"},
      {with([](Ports& p) { p.states.clear(); }), "states: found 0, want keys and values of layers"},
      {with([](Ports& p) { p.states.pop_back(); }), "states: found 1, want keys and values"},
      {with([](Ports& p) { p.states[0].second = {}; }),
       "state 'k': found fp16[], want [1, n_kv_heads, context, d_head]"},
      {with([](Ports& p) {
         p.states[1].second = {1, 2, 5, 7};
       }),
       "state 'v': found fp16[1,2,5,7], want fp16[1,2,5,6] as others"},
      {Ports{.inputs = {{"hidden", {1, 4, 2, 1}}}, .states = {{"s", {1}}}, .output = "logits"},
       "inputs: found 'hidden', want hidden alone, and no states"},
      {Ports{.inputs = {{"hidden", {4}}}, .states = {}, .output = "logits"},
       "input hidden: found fp16[4], want [1, d_model, tokens, 1]"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const Result<PackageShape> shape = read(row.ports);
    ASSERT_FALSE(shape);
    EXPECT_EQ(shape.error().code, ErrorCode::kInvalidInput);
    EXPECT_THAT(shape.error().message, HasSubstr(row.message));
  }
}

}  // namespace
}  // namespace fusesweep
