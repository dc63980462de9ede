#include "runners/model/synthetic_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "harness/base/hash.h"
#include "runners/model/dequantize.h"
#include "runners/model/gguf_contract.h"
#include "runners/model/gguf_file.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

Contract small_contract() {
  Contract contract = *known_model("nano");
  contract.n_layers = 2;
  return contract;
}

class SyntheticModelTest : public testing::Test {
 protected:
  // Writes the model and returns the path.
  std::string written(const SyntheticModel& model) {
    Progress nobody_watches({}, clock_);
    std::string path = folder_.path() / std::to_string(++files_);
    const Result<void> done = write_synthetic_model(model, path, nobody_watches);
    EXPECT_TRUE(done) << done.error().message;
    return path;
  }
  std::string hash_of(const SyntheticModel& model) {
    return to_hex(hash128(read_file(written(model), 1 << 26).value()));
  }

  const SystemClock clock_{};
  const TemporaryFolder folder_;
  int files_ = 0;
};

std::vector<float> elements(const GgufFile& file, std::string_view name) {
  const GgufTensor* tensor = file.find_tensor(name);
  std::vector<float> values(tensor->bytes.size() / tensor->type->block_bytes *
                            tensor->type->block_elements);
  dequantize(*tensor->type, tensor->bytes, values);
  return values;
}

double root_mean_square(const std::vector<float>& values) {
  double sum = 0;
  for (const float x : values) sum += static_cast<double>(x) * x;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST_F(SyntheticModelTest, StatesTheContractThatItWasMadeFor) {
  Contract scaled = small_contract();
  scaled.tied_embeddings = false;
  scaled.bos_token_id = 1;
  scaled.eos_token_id = 2;
  scaled.rope_scaling = {.original_max_seq_len = 256,
                         .attention_factor = 1.25F,
                         .short_factors = std::vector<float>(24, 1.0F),
                         .long_factors = std::vector<float>(24, 2.5F)};
  for (const SyntheticType type :
       {SyntheticType::kF32, SyntheticType::kF16, SyntheticType::kQ8_0}) {
    for (const Contract& contract : {small_contract(), scaled}) {
      const Result<GgufFile> file = GgufFile::open(written({"tiny", contract, type}));
      ASSERT_TRUE(file) << file.error().message;
      const Result<Contract> read = read_contract(*file);
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_THAT(compare_contracts(*read, contract), testing::IsEmpty());
    }
  }
}

TEST_F(SyntheticModelTest, TheSameSeedGivesTheSameBytesOnAnyNumberOfThreads) {
  const SyntheticModel model{"tiny", small_contract(), SyntheticType::kQ8_0, 7, 1};
  SyntheticModel threaded = model;
  threaded.threads = 3;
  SyntheticModel other_seed = model;
  other_seed.seed = 8;
  const std::string hash = hash_of(model);
  EXPECT_EQ(hash_of(threaded), hash);
  EXPECT_NE(hash_of(other_seed), hash);
  // The bytes themselves, so that no machine, compiler or later version makes others: results are
  // compared by hash.
  EXPECT_EQ(hash, "4dc8e2e642d1e9c6bf09c638e98132a2");
  EXPECT_EQ(hash_of({"tiny", small_contract(), SyntheticType::kF32, 7, 2}),
            "48241cb642dcb2257e5bca329a5e31f9");
}

TEST_F(SyntheticModelTest, WeightsHaveTheDeviationsThatTheirPlaceWants) {
  const GgufFile file = *GgufFile::open(written({"tiny", small_contract(), SyntheticType::kF32}));
  EXPECT_NEAR(root_mean_square(elements(file, "token_embd.weight")), 0.05, 0.0005);
  EXPECT_NEAR(root_mean_square(elements(file, "blk.0.attn_qkv.weight")), 1 / std::sqrt(384), 0.001);
  EXPECT_NEAR(root_mean_square(elements(file, "blk.1.ffn_down.weight")), 1.4 / std::sqrt(1024),
              0.001);
  EXPECT_NEAR(root_mean_square(elements(file, "output_norm.weight")), 1.005, 0.02);
  EXPECT_NE(elements(file, "blk.0.attn_qkv.weight"), elements(file, "blk.1.attn_qkv.weight"));
}

TEST_F(SyntheticModelTest, Q8_0IsTheFloatModelWithinHalfAStep) {
  const GgufFile exact = *GgufFile::open(written({"tiny", small_contract(), SyntheticType::kF32}));
  const GgufFile rounded =
      *GgufFile::open(written({"tiny", small_contract(), SyntheticType::kQ8_0}));
  const std::vector<float> x = elements(exact, "blk.0.ffn_up.weight");
  const std::vector<float> y = elements(rounded, "blk.0.ffn_up.weight");
  ASSERT_EQ(x.size(), y.size());
  for (std::size_t begin = 0; begin < x.size(); begin += 32) {
    float largest = 0;
    for (std::size_t i = begin; i < begin + 32; ++i) largest = std::max(largest, std::abs(x[i]));
    for (std::size_t i = begin; i < begin + 32; ++i)
      ASSERT_NEAR(x[i], y[i], largest / 127 * 0.57) << i;
  }
}

TEST_F(SyntheticModelTest, RefusesWhatTheTypeCannotStore) {
  Progress nobody_watches({}, clock_);
  Contract odd = small_contract();
  odd.d_ff = 1000;
  const Result<void> done = write_synthetic_model({"odd", odd, SyntheticType::kQ8_0},
                                                  folder_.path() / "odd", nobody_watches);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message,
            "blk.0.ffn_down.weight: found rows of 1000, want a multiple of 32 for Q8_0");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "odd"));
  odd.d_ff = 0;
  EXPECT_THAT(
      write_synthetic_model({"odd", odd}, folder_.path() / "odd", nobody_watches).error().message,
      HasSubstr("d_ff: found 0"));
}

}  // namespace
}  // namespace fusesweep
