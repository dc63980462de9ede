#include "harness/base/hash.h"

#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

// XXH3's published values for the empty input with seed 0; they are stored in databases and must
// never change.
TEST(Hash, EmptyInputGivesThePublishedValues) {
  EXPECT_EQ(to_hex(hash64("")), "2d06800538d394c2");
  EXPECT_EQ(to_hex(hash128("")), "99aa06d3014798d86001c324468d497f");
}

TEST(Hash, AgreesWithTheXxhsumCommand) {
  EXPECT_EQ(to_hex(hash64("16+8+6+2")), "cf5f58ba2443d965");
  EXPECT_EQ(to_hex(hash128("16+8+6+2")), "3dc93951084e73205bfe6e9e5cb276ab");
}

TEST(Hasher128, AnyCutIntoPiecesGivesTheSameDigest) {
  std::string bytes;
  for (int i = 0; i < 5000; ++i) bytes += static_cast<char>(i * 31 % 251);
  const Hash128 whole = hash128(bytes);
  for (const std::size_t piece : {1U, 7U, 64U, 255U, 256U, 1024U, 5000U}) {
    SCOPED_TRACE(piece);
    Hasher128 hasher;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      hasher.update(std::string_view(bytes).substr(at, piece));
    EXPECT_EQ(hasher.digest(), whole);
  }
}

TEST(Hasher128, BytesAndTextAreTheSame) {
  const std::string text = "shard";
  Hasher128 hasher;
  hasher.update(std::as_bytes(std::span(text)));
  EXPECT_EQ(hasher.digest(), hash128(text));
}

TEST(Hash128, OrdersByItsText) {
  const Hash128 small{1, UINT64_MAX};
  const Hash128 large{2, 0};
  EXPECT_LT(small, large);
  EXPECT_LT(to_hex(small), to_hex(large));
}

}  // namespace
}  // namespace fusesweep
