#include "harness/core/shard_weight.h"

#include <gtest/gtest.h>

namespace fusesweep {
namespace {

TEST(ShardWeightBytes, AreThoseOfTheModelsMatrices) {
  const Contract phi = *known_model("phi4-mini");
  const Contract nano = *known_model("nano");
  const struct {
    const char* name;
    const Contract& contract;
    ShardKind kind;
    Encoding encoding;
    std::uint64_t bytes;
  } rows[] = {
      // 5120x3072 + 3072x3072 + 16384x3072 + 3072x8192
      {"one layer of phi4-mini", phi, Segment{7, 8}, Encoding::kInt8, 100663296},
      {"sixteen layers", phi, Segment{0, 16}, Encoding::kInt8, 1610612736},
      {"uint8 is as large", phi, Segment{0, 16}, Encoding::kUint8, 1610612736},
      {"a scale per channel is not a weight", phi, Segment{0, 16}, Encoding::kShiftScaleChannel,
       1610612736},
      {"fp16 is twice as large", phi, Segment{0, 16}, Encoding::kFp16, 3221225472},
      {"the whole head", phi, HeadSlice{0, 200064}, Encoding::kInt8, 614596608},
      {"a quarter of it", phi, HeadSlice{50016, 100032}, Encoding::kInt8, 153649152},
      // 640x384 + 384x384 + 2048x384 + 384x1024: 1.5 MiB
      {"one layer of nano", nano, Segment{31, 32}, Encoding::kInt8, 1572864},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(shard_weight_bytes(row.contract, row.kind, row.encoding), row.bytes);
  }
}

TEST(ShardWeightBytes, DoNotOverflowForTheLargestContractThatIsAllowed) {
  Contract largest = *known_model("nano");
  largest.n_layers = 512;
  largest.d_model = largest.d_ff = largest.n_heads = largest.n_kv_heads = 1 << 17;
  largest.d_head = 1;
  largest.rope_dim = 1;
  const std::uint64_t layer = 3ULL * (1ULL << 34) + (1ULL << 34) + 3ULL * (1ULL << 34);
  EXPECT_EQ(shard_weight_bytes(largest, Segment{0, 512}, Encoding::kFp16), layer * 512 * 2);
}

TEST(ShardWeightBytesDeathTest, ASegmentBeyondTheModelIsABug) {
  const Contract nano = *known_model("nano");
  EXPECT_DEATH(shard_weight_bytes(nano, Segment{0, 33}, Encoding::kInt8),
               "segment->end <= contract.n_layers");
}

TEST(EmbeddingBytes, AreFp16) {
  EXPECT_EQ(shard_weight_bytes(*known_model("phi4-mini"), EmbeddingTable{}, Encoding::kInt8),
            200064ULL * 3072 * 2);
}

}  // namespace
}  // namespace fusesweep
