#include "runners/model/reference_matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <vector>

#include "harness/base/fp16.h"
#include "runners/model/model_file.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

class ReferenceMatrixTest : public testing::Test {
 protected:
  ReferenceMatrixTest() {
    Contract contract = small_contract();
    contract.d_ff = 256;
    const SystemClock clock;
    Progress progress({}, clock);
    EXPECT_TRUE(write_synthetic_model(
        {.name = "small", .contract = contract, .type = SyntheticType::kQ8_0, .seed = 1}, path_,
        progress));
    model_.emplace(*open_model_file(path_, 1));
  }

  // Rows [begin, end) of the 64 of blk.0.attn_qkv.
  Result<ReferenceMatrix> open(ReferenceWeights weights, std::size_t rows_per_scale,
                               std::size_t begin = 0, std::size_t end = 64, int threads = 2) const {
    return ReferenceMatrix::open(
        model_->file,
        {.tensor = "blk.0.attn_qkv.weight", .rows = 64, .columns = 32, .begin = begin, .end = end},
        weights, rows_per_scale, threads);
  }

  static std::vector<float> row_of(const ReferenceMatrix& matrix, std::size_t row) {
    std::vector<float> values(matrix.columns());
    matrix.read_row(row, values);
    return values;
  }

  static float largest(const std::vector<float>& values) {
    float most = 0;
    for (const float x : values) most = std::max(most, std::abs(x));
    return most;
  }

  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "small.gguf";
  std::optional<ModelFile> model_;
};

TEST_F(ReferenceMatrixTest, EveryKindRoundsByItsRule) {
  const ReferenceMatrix original = *open(ReferenceWeights::kOriginal, 64);
  const ReferenceMatrix half = *open(ReferenceWeights::kFp16, 64);
  const ReferenceMatrix by_row = *open(ReferenceWeights::kInt8PerChannel, 64);
  const ReferenceMatrix by_16 = *open(ReferenceWeights::kInt8PerTensor, 16);
  EXPECT_EQ(original.rows(), 64U);
  float largest_of_16 = 0;
  for (std::size_t row = 16; row < 32; ++row)
    largest_of_16 = std::max(largest_of_16, largest(row_of(original, row)));
  EXPECT_EQ(by_16.scale_of(16), by_16.scale_of(31));
  EXPECT_NE(by_16.scale_of(15), by_16.scale_of(16));
  EXPECT_EQ(by_16.scale_of(20), fp16_to_float(float_to_fp16(largest_of_16 / 127)));
  for (std::size_t row = 0; row < 64; ++row) {
    SCOPED_TRACE(row);
    const std::vector<float> w = row_of(original, row);
    EXPECT_EQ(by_row.scale_of(row), fp16_to_float(float_to_fp16(largest(w) / 127)));
    for (const ReferenceMatrix* matrix : {&by_row, &by_16}) {
      const std::vector<float> rounded = row_of(*matrix, row);
      const float scale = matrix->scale_of(row);
      for (std::size_t i = 0; i < w.size(); ++i) {
        const float q = std::clamp(std::nearbyint(w[i] / scale), -127.0F, 127.0F);
        EXPECT_EQ(rounded[i], fp16_to_float(float_to_fp16(q * scale)));
      }
    }
    const std::vector<float> halves = row_of(half, row);
    for (std::size_t i = 0; i < w.size(); ++i)
      EXPECT_EQ(halves[i], fp16_to_float(float_to_fp16(w[i])));
  }
}

// Rows as long as real ones go through a table of what each magnitude means; the bits are the same, of
// zeros too.
TEST_F(ReferenceMatrixTest, LongRowsAreRoundedByTheSameRule) {
  const MatrixPart down{
      .tensor = "blk.1.ffn_down.weight", .rows = 32, .columns = 256, .begin = 0, .end = 32};
  const auto with = [&](ReferenceWeights weights) {
    return *ReferenceMatrix::open(model_->file, down, weights, 32, 1);
  };
  const ReferenceMatrix original = with(ReferenceWeights::kOriginal);
  const ReferenceMatrix rounded = with(ReferenceWeights::kInt8PerTensor);
  std::size_t negative_zeros = 0;
  for (std::size_t row = 0; row < 32; ++row) {
    const std::vector<float> w = row_of(original, row);
    const std::vector<float> found = row_of(rounded, row);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const float scale = rounded.scale_of(row);
      const float q = std::clamp(std::nearbyint(w[i] / scale), -127.0F, 127.0F);
      const float wanted = fp16_to_float(float_to_fp16(q * scale));
      EXPECT_EQ(std::bit_cast<std::uint32_t>(found[i]), std::bit_cast<std::uint32_t>(wanted));
      negative_zeros += found[i] == 0 && std::signbit(found[i]) ? 1U : 0U;
    }
  }
  EXPECT_GT(negative_zeros, 0U);
}

TEST_F(ReferenceMatrixTest, APartHasItsOwnRowsAndScale) {
  const ReferenceMatrix original = *open(ReferenceWeights::kOriginal, 1);
  const ReferenceMatrix part = *open(ReferenceWeights::kInt8PerTensor, 10, 5, 15);
  float most = 0;
  for (std::size_t row = 5; row < 15; ++row) most = std::max(most, largest(row_of(original, row)));
  EXPECT_EQ(part.rows(), 10U);
  EXPECT_EQ(part.scale_of(9), fp16_to_float(float_to_fp16(most / 127)));
  const std::vector<float> first = row_of(part, 0);
  const std::vector<float> wanted = row_of(original, 5);
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_NEAR(first[i], wanted[i], part.scale_of(0));
}

TEST_F(ReferenceMatrixTest, ThreadsChangeNothingAndWhatIsMissingIsNamed) {
  const ReferenceMatrix one = *open(ReferenceWeights::kInt8PerChannel, 1, 0, 64, 1);
  const ReferenceMatrix three = *open(ReferenceWeights::kInt8PerChannel, 1, 0, 64, 3);
  for (std::size_t row = 0; row < 64; ++row) EXPECT_EQ(row_of(one, row), row_of(three, row));
  const auto missing = ReferenceMatrix::open(
      model_->file, {.tensor = "nothing", .rows = 2, .columns = 2, .begin = 0, .end = 2},
      ReferenceWeights::kFp16, 1, 1);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("tensor 'nothing': found none"));
}

TEST(ReferenceWeights, EveryEncodingHasARounding) {
  EXPECT_EQ(rounding_of(Encoding::kInt8), ReferenceWeights::kInt8PerTensor);
  EXPECT_EQ(rounding_of(Encoding::kUint8), ReferenceWeights::kInt8PerTensor);
  EXPECT_EQ(rounding_of(Encoding::kShiftScaleTensor), ReferenceWeights::kInt8PerTensor);
  EXPECT_EQ(rounding_of(Encoding::kShiftScaleChannel), ReferenceWeights::kInt8PerChannel);
  EXPECT_EQ(rounding_of(Encoding::kFp16), ReferenceWeights::kFp16);
}

}  // namespace
}  // namespace fusesweep
