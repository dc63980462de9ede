#include "runners/mlprogram/shard_builder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/fp16.h"
#include "harness/core/golden_numbers.h"
#include "runners/mlprogram/operation_counts.h"
#include "runners/mlprogram/package.h"
#include "runners/model/reference.h"
#include "runners/model/synthetic_model.h"
#include "tests/support/program_interpreter.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

constexpr int kContext = 16;
constexpr int kPositions = 8;
constexpr Segment kSegment{1, 5};
const std::vector<int> kIds = {17, 4, 250, 3, 99, 99, 0, 128};

// Five layers of the nano shape with a small vocabulary.
Contract five_layers() {
  Contract contract = *known_model("nano");
  contract.n_layers = 5;
  contract.vocab_size = 256;
  return contract;
}

float rounded(float x) { return fp16_to_float(float_to_fp16(x)); }

// Over all values as one vector.
GoldenNumbers compared(std::span<const float> found, std::span<const float> wanted) {
  return compare_outputs(found, wanted, wanted.size());
}

class ShardBuilderTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    const SystemClock clock;
    Progress progress({}, clock);
    const std::filesystem::path path = folder_->path() / "model.gguf";
    ASSERT_TRUE(write_synthetic_model(
        {.name = "five layers", .contract = five_layers(), .type = SyntheticType::kF16, .seed = 5},
        path, progress));
    Result<ModelFile> model = open_model_file(path, 2);
    ASSERT_TRUE(model) << model.error().message;
    model_ = new ModelFile(*std::move(model));
  }
  static void TearDownTestSuite() {
    delete model_;
    delete folder_;
  }

  static Result<Artifact> build(ShardIdentity asked, int threads = 2) {
    const SystemClock clock;
    Progress progress({}, clock);
    return build_shard(*model_, shard_of(*model_, std::move(asked)), folder_->path() / "artifacts",
                       {.threads = threads}, progress);
  }

  static std::vector<std::vector<float>> hidden(ReferenceWeights weights) {
    Result<Reference> reference =
        Reference::open(model_->file, {.weights = weights, .context = kContext});
    EXPECT_TRUE(reference);
    return reference->run(kIds)->hidden;
  }

  static TemporaryFolder* folder_;
  static ModelFile* model_;
};

TemporaryFolder* ShardBuilderTest::folder_ = nullptr;
ModelFile* ShardBuilderTest::model_ = nullptr;

// What the host feeds for tokens at [position, position + count) of a shard that takes `tokens`.
std::map<std::string, Tensor> host_inputs(const Contract& c, const std::vector<float>& x,
                                          int position, int tokens, KvForm kv_form) {
  const auto size = [](int n) { return static_cast<std::uint64_t>(n); };
  const int pairs = c.rope_dim / 2;
  Tensor hidden{{1, size(c.d_model), size(tokens), 1}, {}};
  for (int i = 0; i < c.d_model; ++i)
    for (int t = 0; t < tokens; ++t)
      hidden.values.push_back(rounded(x[size((position + t) * c.d_model + i)]));
  Tensor cosines{{size(tokens), size(pairs)}, {}};
  Tensor sines = cosines;
  Tensor visible{{1, 1, size(tokens), kContext}, {}};
  for (int t = 0; t < tokens; ++t) {
    for (int i = 0; i < pairs; ++i) {
      const double angle =
          (position + t) * std::pow(static_cast<double>(c.rope_freq_base), -1.0 * i / pairs);
      cosines.values.push_back(rounded(static_cast<float>(std::cos(angle))));
      sines.values.push_back(rounded(static_cast<float>(std::sin(angle))));
    }
    for (int s = 0; s < kContext; ++s) visible.values.push_back(s <= position + t ? 0 : -1e4F);
  }
  std::map<std::string, Tensor> inputs = {
      {"x", hidden}, {"rope_cos", cosines}, {"rope_sin", sines}, {"attn_mask", visible}};
  if (kv_form == KvForm::kSlice) {
    inputs["pos"] = {{1}, {static_cast<float>(position)}};
  } else {
    Tensor& write = inputs["kv_write_mask"] = {{1, 1, kContext, size(tokens)}, {}};
    for (int s = 0; s < kContext; ++s)
      for (int t = 0; t < tokens; ++t) write.values.push_back(s == position + t ? 1 : 0);
  }
  return inputs;
}

// The shard's output for all positions, [positions, d_model].
std::vector<float> run_shard(const Package& package, const ShardIdentity& identity,
                             const Contract& c, const std::vector<float>& x) {
  ProgramInterpreter interpreter(package);
  std::vector<float> out(x.size());
  const auto d_model = static_cast<std::size_t>(c.d_model);
  for (int position = 0; position < kPositions; position += identity.tokens) {
    const auto outputs =
        interpreter.run(host_inputs(c, x, position, identity.tokens, identity.kv_form));
    const Tensor& hidden = outputs.at("hidden");
    const auto tokens = static_cast<std::size_t>(identity.tokens);
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t i = 0; i < d_model; ++i)
        out[(static_cast<std::size_t>(position) + t) * d_model + i] = hidden.values[i * tokens + t];
  }
  return out;
}

class EveryEncoding : public ShardBuilderTest, public testing::WithParamInterface<Encoding> {};

// The limits are those that a stranger's interpreter must reach with our packages.
TEST_P(EveryEncoding, AgreesWithTheReferenceInEveryForm) {
  const auto rounded_hidden = hidden(rounding_of(GetParam()));
  const auto original_hidden = hidden(ReferenceWeights::kOriginal);
  for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
    for (const int tokens : {1, 4}) {
      SCOPED_TRACE(fmt::format("kv {}, T {}", to_text(kv_form), tokens));
      const Result<Artifact> artifact = build({.kind = kSegment,
                                               .tokens = tokens,
                                               .encoding = GetParam(),
                                               .context = kContext,
                                               .kv_form = kv_form});
      ASSERT_TRUE(artifact) << artifact.error().message;
      const Result<Package> package = Package::open(artifact->path());
      ASSERT_TRUE(package) << package.error().message;
      const auto run = [&](const std::vector<std::vector<float>>& boundaries) {
        return run_shard(*package, artifact->identity, five_layers(), boundaries[1]);
      };
      const double error = compared(run(rounded_hidden), rounded_hidden[5]).relative_l2.value();
      EXPECT_LT(error, 5e-3);
      EXPECT_GT(compared(run(original_hidden), original_hidden[5]).cosine.value(), 0.995);
      RecordProperty(fmt::format("relative_l2_{}_{}", to_text(kv_form), tokens),
                     fmt::format("{}", error));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, EveryEncoding,
                         testing::Values(Encoding::kInt8, Encoding::kUint8,
                                         Encoding::kShiftScaleTensor, Encoding::kShiftScaleChannel,
                                         Encoding::kFp16),
                         [](const auto& row) {
                           std::string name(to_text(row.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(ShardBuilderTest, FourConvolutionsALayerAndEveryOperationOfALayerCounted) {
  const Artifact artifact = *build({.kind = kSegment, .tokens = 1, .context = kContext});
  const Package package = *Package::open(artifact.path());
  const OperationCounts whole = count_operations(package.model().program);
  EXPECT_EQ(whole.conv_total, 16U);
  const std::vector<OperationCounts> layers = count_layers(package.model().program);
  ASSERT_EQ(layers.size(), 4U);
  for (const OperationCounts& layer : layers) {
    EXPECT_EQ(layer.conv_total, 4U);
    EXPECT_EQ(layer, layers.front());
  }
  // What is computed once for all layers: rotary tables and the cache's mask.
  EXPECT_EQ(whole.compute_total - 4 * layers.front().compute_total, 7U);
  EXPECT_EQ(whole.kinds.at("conv"), 16U);
  EXPECT_FALSE(whole.kinds.contains("const"));
}

TEST_F(ShardBuilderTest, HeadSlicesTogetherGiveTheReferencesLogits) {
  const Contract c = five_layers();
  Result<Reference> reference = Reference::open(
      model_->file,
      {.weights = ReferenceWeights::kInt8PerTensor, .context = kContext, .head_shards = 3});
  const ReferenceOutput wanted = *reference->run(kIds);
  const auto d_model = static_cast<std::size_t>(c.d_model);
  for (const int tokens : {1, 4}) {
    SCOPED_TRACE(tokens);
    std::vector<float> logits;
    std::vector<float> wanted_logits;
    const std::vector<HeadSlice> slices = head_slices(c, 3).value();
    for (const HeadSlice& slice : slices) {
      const Result<Artifact> artifact = build({.kind = slice, .tokens = tokens});
      ASSERT_TRUE(artifact) << artifact.error().message;
      const Package package = *Package::open(artifact->path());
      const auto n = static_cast<std::size_t>(tokens);
      Tensor x{{1, d_model, n, 1}, {}};
      for (std::size_t i = 0; i < d_model; ++i)
        for (std::size_t t = 0; t < n; ++t)
          x.values.push_back(rounded(wanted.hidden.back()[t * d_model + i]));
      const Tensor found = ProgramInterpreter(package).run({{"hidden", x}}).at("logits");
      for (std::size_t t = 0; t < n; ++t) {
        for (int row = slice.vocab_begin; row < slice.vocab_end; ++row) {
          logits.push_back(found.values[static_cast<std::size_t>(row - slice.vocab_begin) * n + t]);
          wanted_logits.push_back(wanted.logits[t * static_cast<std::size_t>(c.vocab_size) +
                                                static_cast<std::size_t>(row)]);
        }
      }
      EXPECT_EQ(count_operations(package.model().program).conv_total, 1U);
    }
    EXPECT_EQ(logits.size(), static_cast<std::size_t>(tokens * c.vocab_size));
    EXPECT_LT(compared(logits, wanted_logits).relative_l2.value(), 5e-3);
  }
}

// Activations of Phi-like models reach thousands, and fp16 squares overflow beyond 255.
TEST_F(ShardBuilderTest, TheNormHoldsForActivationsOfAnySize) {
  const Contract c = five_layers();
  const auto d_model = static_cast<std::size_t>(c.d_model);
  const Artifact artifact = *build({.kind = HeadSlice{0, c.vocab_size, 1}, .tokens = 1});
  const Package package = *Package::open(artifact.path());
  const std::vector<float> base =
      Reference::open(model_->file, {.context = kContext})->run(kIds)->hidden.back();
  const auto logits_at = [&](float factor) {
    Tensor x{{1, d_model, 1, 1}, {}};
    for (std::size_t i = 0; i < d_model; ++i) x.values.push_back(rounded(base[i] * factor));
    return ProgramInterpreter(package).run({{"hidden", x}}).at("logits").values;
  };
  // The norm takes the size away: but for eps, the logits are those of the vector itself.
  const std::vector<float> wanted = logits_at(1);
  for (const float factor : {0.125F, 64.0F, 4096.0F}) {
    SCOPED_TRACE(factor);
    EXPECT_LT(compared(logits_at(factor), wanted).relative_l2.value(), 5e-3);
  }
  const std::vector<float> zeros = logits_at(0);
  EXPECT_EQ(zeros, std::vector<float>(zeros.size(), 0.0F));
}

std::map<std::string, std::string> files_in(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      files[entry.path().lexically_relative(folder)] = read_file(entry.path(), 1 << 28).value();
  }
  return files;
}

TEST_F(ShardBuilderTest, TheSameRequestGivesTheSameBytesOnAnyNumberOfThreads) {
  const ShardIdentity asked{.kind = Segment{0, 2},
                            .tokens = 2,
                            .encoding = Encoding::kShiftScaleChannel,
                            .context = kContext};
  const Artifact first = *build(asked, 1);
  const auto files = files_in(first.folder);
  EXPECT_EQ(files.size(), 4U);  // index, manifest, model, weights
  std::filesystem::remove_all(first.folder);
  EXPECT_EQ(files_in(build(asked, 3)->folder), files);
}

TEST_F(ShardBuilderTest, WhatIsThereIsTakenAndWhatWasAlteredIsBuiltAgain) {
  const ShardIdentity asked{.kind = Segment{2, 3}, .tokens = 1, .context = kContext};
  const Artifact first = *build(asked);
  const std::filesystem::path weights = first.path() / "Data/com.apple.CoreML/weights/weight.bin";
  const auto written = std::filesystem::last_write_time(weights);
  EXPECT_TRUE(build(asked));
  EXPECT_EQ(std::filesystem::last_write_time(weights), written);

  std::string altered = read_file(weights, 1 << 24).value();
  altered[altered.size() / 2] ^= 1;
  std::ofstream(weights, std::ios::binary) << altered;
  EXPECT_THAT(check_content(first, 1).error().message, HasSubstr("as it was built"));
  const Artifact again = *build(asked);
  EXPECT_TRUE(check_content(again, 1));
  EXPECT_EQ(again.content_hash, first.content_hash);
}

TEST_F(ShardBuilderTest, TheEmbeddingTableIsTheTensorInFp16) {
  const Artifact artifact = *build({.kind = EmbeddingTable{}});
  const std::string table = read_file(artifact.path(), 1 << 24).value();
  const GgufTensor& tensor = *model_->file.find_tensor("token_embd.weight");
  ASSERT_EQ(table.size(), tensor.bytes.size());  // the model is fp16
  EXPECT_EQ(std::memcmp(table.data(), tensor.bytes.data(), table.size()), 0);
}

TEST_F(ShardBuilderTest, ArtifactsAreFoundByTheirIndex) {
  const Artifact built = *build({.kind = Segment{3, 5}, .tokens = 1, .context = kContext});
  const Result<Artifact> read = read_artifact(built.folder);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->identity, built.identity);
  EXPECT_EQ(read->contract, model_->contract);
  EXPECT_EQ(read->content_hash, built.content_hash);
  const std::vector<Artifact> all = list_artifacts(built.folder.parent_path());
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Artifact& artifact) {
    return artifact.identity == built.identity;
  }));

  // Under another name it is not what it says.
  const std::filesystem::path moved = built.folder.parent_path() / std::string(32, '0');
  std::filesystem::rename(built.folder, moved);
  EXPECT_THAT(read_artifact(moved).error().message, HasSubstr("want the folder's name"));
  std::filesystem::remove_all(moved);
  EXPECT_TRUE(list_artifacts(folder_->path() / "nothing").empty());
}

// Bytes of a tensor in a copy of the model, changed.
Result<Artifact> build_spoilt(const TemporaryFolder& folder, std::uint16_t half,
                              std::string_view tensor_name) {
  const std::filesystem::path path = folder.path() / "spoilt.gguf";
  const std::string original = read_file(folder.path() / "model.gguf", 1 << 28).value();
  const GgufFile file = *GgufFile::parse(std::as_bytes(std::span(original)), "original");
  const GgufTensor& tensor = *file.find_tensor(tensor_name);
  std::string spoilt = original;
  const auto at =
      static_cast<std::size_t>(tensor.bytes.data() - std::as_bytes(std::span(original)).data());
  std::memcpy(spoilt.data() + at + tensor.bytes.size() / 2, &half, sizeof half);
  std::ofstream(path, std::ios::binary) << spoilt;
  const ModelFile model = *open_model_file(path, 1);
  const SystemClock clock;
  Progress progress({}, clock);
  return build_shard(model,
                     shard_of(model, {.kind = Segment{1, 2}, .tokens = 1, .context = kContext}),
                     folder.path() / "spoilt", {.threads = 2}, progress);
}

TEST_F(ShardBuilderTest, AWeightThatIsNotFiniteIsRefusedByItsTensorAndNothingIsLeft) {
  const Result<Artifact> nan = build_spoilt(*folder_, 0x7E00, "blk.1.ffn_up.weight");
  ASSERT_FALSE(nan);
  EXPECT_EQ(nan.error().code, ErrorCode::kInvalidInput);
  EXPECT_THAT(nan.error().message,
              HasSubstr("tensor 'blk.1.ffn_up.weight': found a weight that is not finite"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_->path() / "spoilt"));
  EXPECT_FALSE(build_spoilt(*folder_, 0xFC00, "blk.1.attn_output.weight"));
  EXPECT_TRUE(build_spoilt(*folder_, 0x3C00, "blk.1.attn_output.weight"));
  std::filesystem::remove_all(folder_->path() / "spoilt");
}

TEST_F(ShardBuilderTest, AFullDiskIsReportedAndLeavesNothing) {
  // A limit on file sizes stands in for a full disk: writing fails all the same.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1 << 20, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const ShardIdentity asked{.kind = Segment{0, 4}, .tokens = 1, .context = kContext};
  const Result<Artifact> artifact = build(asked);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(artifact);
  EXPECT_EQ(artifact.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(artifact.error().message, HasSubstr("weight.bin: File too large"));
  const std::string hash = hash_of(shard_of(*model_, asked));
  EXPECT_FALSE(std::filesystem::exists(folder_->path() / "artifacts" / hash));
  EXPECT_FALSE(std::filesystem::exists(folder_->path() / "artifacts" / ("." + hash + ".new")));
}

}  // namespace
}  // namespace fusesweep
