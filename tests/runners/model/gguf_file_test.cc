#include "runners/model/gguf_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>

#include "tests/support/gguf_bytes.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// The error of a file, or "" for a good one.
std::string complaint(const GgufBytes& file) {
  const Result<GgufFile> parsed = GgufFile::parse(file.bytes(), "m.gguf");
  return parsed ? "" : parsed.error().message;
}

TEST(GgufFile, ReadsEveryTypeOfMetadata) {
  for (const std::uint32_t version : {2U, 3U}) {
    GgufBytes file;
    file.header(0, 13, version);
    file.string("u8").raw<std::uint32_t>(0).raw<std::uint8_t>(200);
    file.string("i8").raw<std::uint32_t>(1).raw<std::int8_t>(-100);
    file.string("u16").raw<std::uint32_t>(2).raw<std::uint16_t>(60000);
    file.string("i16").raw<std::uint32_t>(3).raw<std::int16_t>(-30000);
    file.string("u32").raw<std::uint32_t>(4).raw<std::uint32_t>(4000000000);
    file.string("i32").raw<std::uint32_t>(5).raw<std::int32_t>(-2000000000);
    file.string("f32").raw<std::uint32_t>(6).raw(1.5F);
    file.string("bool").raw<std::uint32_t>(7).raw<std::uint8_t>(1);
    file.string("string").raw<std::uint32_t>(8).string("text");
    file.string("u64").raw<std::uint32_t>(10).raw<std::uint64_t>(UINT64_MAX);
    file.string("i64").raw<std::uint32_t>(11).raw<std::int64_t>(INT64_MIN);
    file.string("f64").raw<std::uint32_t>(12).raw(2.25);
    file.string("array")
        .raw<std::uint32_t>(9)
        .raw<std::uint32_t>(8)
        .raw<std::uint64_t>(2)
        .string("a")
        .string("bc");
    const Result<GgufFile> parsed = GgufFile::parse(file.bytes(), "m.gguf");
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->version(), version);
    ASSERT_THAT(parsed->metadata(), SizeIs(13));
    EXPECT_EQ(std::get<std::uint64_t>(*parsed->find("u8")), 200U);
    EXPECT_EQ(std::get<std::int64_t>(*parsed->find("i8")), -100);
    EXPECT_EQ(std::get<std::uint64_t>(*parsed->find("u16")), 60000U);
    EXPECT_EQ(std::get<std::int64_t>(*parsed->find("i16")), -30000);
    EXPECT_EQ(std::get<std::uint64_t>(*parsed->find("u32")), 4000000000U);
    EXPECT_EQ(std::get<std::int64_t>(*parsed->find("i32")), -2000000000);
    EXPECT_EQ(std::get<double>(*parsed->find("f32")), 1.5);
    EXPECT_EQ(std::get<bool>(*parsed->find("bool")), true);
    EXPECT_EQ(std::get<std::string_view>(*parsed->find("string")), "text");
    EXPECT_EQ(std::get<std::uint64_t>(*parsed->find("u64")), UINT64_MAX);
    EXPECT_EQ(std::get<std::int64_t>(*parsed->find("i64")), INT64_MIN);
    EXPECT_EQ(std::get<double>(*parsed->find("f64")), 2.25);
    const auto& array = std::get<GgufArray>(*parsed->find("array"));
    EXPECT_EQ(array.element, GgufType::kString);
    EXPECT_EQ(array.count, 2U);
    EXPECT_THAT(array.bytes, SizeIs(8 + 1 + 8 + 2));
    EXPECT_EQ(parsed->find("none"), nullptr);
  }
}

TEST(GgufFile, FindsTensorsAndTheirBytes) {
  GgufBytes file;
  file.header(3, 1).entry_u32("general.alignment", 64);
  file.tensor("first", {4, 2}, 0, 0).tensor("second", {64}, 8, 64).tensor("unknown", {7}, 99, 192);
  file.pad(64).zeros(64).raw_text("Q").zeros(199);
  const Result<GgufFile> parsed = GgufFile::parse(file.bytes(), "m.gguf");
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_THAT(parsed->tensors(), SizeIs(3));
  const GgufTensor* second = parsed->find_tensor("second");
  ASSERT_NE(second, nullptr);
  EXPECT_THAT(second->shape, ElementsAre(64));
  EXPECT_EQ(second->type->name, "Q8_0");
  ASSERT_THAT(second->bytes, SizeIs(68));  // two blocks of 34
  EXPECT_EQ(second->bytes[0], std::byte{'Q'});
  EXPECT_THAT(parsed->find_tensor("first")->bytes, SizeIs(32));
  EXPECT_EQ(parsed->find_tensor("unknown")->type, nullptr);
  EXPECT_EQ(parsed->find_tensor("none"), nullptr);
}

TEST(GgufFile, OpensAFileAndNamesIt) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "m.gguf";
  std::ofstream(path, std::ios::binary) << GgufBytes().header(0, 1).entry_u32("a", 7).text();
  Result<GgufFile> file = GgufFile::open(path);
  ASSERT_TRUE(file) << file.error().message;
  const GgufFile moved = *std::move(file);
  EXPECT_EQ(std::get<std::uint64_t>(*moved.find("a")), 7U);

  std::ofstream(path, std::ios::binary) << "GGML";
  EXPECT_EQ(GgufFile::open(path).error().message, path + ": offset 0: found 'GGML', want 'GGUF'");
}

TEST(GgufFile, EveryPrefixOfAGoodFileIsRefused) {
  GgufBytes file;
  file.header(1, 3).entry_string("general.architecture", "phi3").entry_f32("x", 1);
  file.string("array").raw<std::uint32_t>(9).raw<std::uint32_t>(4).raw<std::uint64_t>(2).zeros(8);
  file.tensor("t", {4}, 0, 0).pad().zeros(16);
  ASSERT_EQ(complaint(file), "");
  for (std::size_t size = 0; size < file.text().size(); ++size) {
    const Result<GgufFile> parsed = GgufFile::parse(file.bytes().first(size), "m.gguf");
    ASSERT_FALSE(parsed) << size;
    ASSERT_EQ(parsed.error().code, ErrorCode::kInvalidInput);
  }
}

TEST(GgufFile, HostileFilesEndInOneLineThatSaysWhere) {
  constexpr std::uint64_t kHuge = UINT64_MAX;
  const auto with_tensor = [](const std::vector<std::uint64_t>& shape, std::uint32_t type,
                              std::uint64_t offset) {
    return GgufBytes().header(1, 0).tensor("t", shape, type, offset).pad().zeros(64);
  };
  const struct {
    const char* name;
    GgufBytes file;
    const char* message;
  } rows[] = {
      {"empty", {}, "m.gguf: offset 0: found 0 bytes left in the file, want 4"},
      {"another format", GgufBytes().raw_text("PK\x03\x04...."),
       "m.gguf: offset 0: found 'PK\\x03\\x04', want 'GGUF'"},
      {"version 1", GgufBytes().header(0, 0, 1), "m.gguf: offset 4: found version 1, want 2 or 3"},
      {"big-endian", GgufBytes().header(0, 0, 0x03000000),
       "m.gguf: offset 4: found a big-endian file, want 2 or 3"},
      {"2^64 entries", GgufBytes().header(0, kHuge),
       "m.gguf: offset 24: found 0 bytes left in the file, want 8"},
      {"2^64 tensors", GgufBytes().header(kHuge, 0),
       "m.gguf: offset 24: found 0 bytes left in the file, want 8"},
      {"a key of 10 MB", GgufBytes().header(0, 1).raw<std::uint64_t>(10000000).zeros(10000000),
       "m.gguf: offset 24: found a key of 10000000 bytes, want 1 to 65535"},
      {"a key of no bytes", GgufBytes().header(0, 1).raw<std::uint64_t>(0),
       "m.gguf: offset 24: found a key of 0 bytes, want 1 to 65535"},
      {"an unknown type", GgufBytes().header(0, 1).string("k").raw<std::uint32_t>(13),
       "m.gguf: offset 33: found metadata type 13, want 0 to 12"},
      {"a string beyond the end",
       GgufBytes().header(0, 1).string("k").raw<std::uint32_t>(8).raw(kHuge),
       "m.gguf: offset 45: found 0 bytes left in the file, want 18446744073709551615"},
      {"an array beyond the end",
       GgufBytes().header(0, 1).string("k").raw<std::uint32_t>(9).raw<std::uint32_t>(10).raw(
           kHuge / 8 + 1),
       "m.gguf: offset 41: found an array of 2305843009213693952 elements of 8 bytes, want at most "
       "the 0 bytes left"},
      {"arrays in arrays without end",
       [] {
         GgufBytes file = GgufBytes().header(0, 1).string("k").raw<std::uint32_t>(9);
         for (int i = 0; i < 100000; ++i) file.raw<std::uint32_t>(9).raw<std::uint64_t>(1);
         return file;
       }(),
       "m.gguf: offset 77: found arrays nested deeper, want at most 4 levels"},
      {"a boolean of 2",
       GgufBytes().header(0, 1).string("k").raw<std::uint32_t>(7).raw<std::uint8_t>(2),
       "m.gguf: offset 37: found a boolean of 2, want 0 or 1"},
      {"a key twice", GgufBytes().header(0, 2).entry_u32("k", 1).entry_u32("k", 2),
       "m.gguf: 'k': found twice, want it once"},
      {"an alignment of 12",
       GgufBytes().header(1, 1).entry_u32("general.alignment", 12).tensor("t", {1}, 0, 0).zeros(99),
       "m.gguf: general.alignment: found 12, want a power of two from 8 to 1048576"},
      {"no dimension", with_tensor({}, 0, 0),
       "m.gguf: tensor 't': found 0 dimensions, want 1 to 4"},
      {"five dimensions", with_tensor({1, 1, 1, 1, 1}, 0, 0),
       "m.gguf: tensor 't': found 5 dimensions, want 1 to 4"},
      {"a dimension of zero", with_tensor({4, 0}, 0, 0),
       "m.gguf: tensor 't': found the shape 4x0, want a product that fits 64 bits"},
      {"a product beyond 64 bits", with_tensor({1ULL << 33, 1ULL << 33}, 0, 0),
       "m.gguf: tensor 't': found the shape 8589934592x8589934592, want a product that fits 64 "
       "bits"},
      {"bytes beyond 64 bits", with_tensor({1ULL << 63}, 0, 0),
       "m.gguf: tensor 't': found 9223372036854775808 blocks of 4 bytes, want at most the 64 bytes "
       "left"},
      {"half a block", with_tensor({16}, 8, 0),
       "m.gguf: tensor 't': found rows of 16 elements, want a multiple of 32 as Q8_0 has it"},
      {"beyond the end", with_tensor({16}, 0, 32),
       "m.gguf: tensor 't': found 64 bytes at offset 32 of 64, want them inside the file"},
      {"an offset near 2^64", with_tensor({1}, 0, kHuge - 31),
       "m.gguf: tensor 't': found 4 bytes at offset 18446744073709551584 of 64, want them inside "
       "the file"},
      {"misaligned", with_tensor({1}, 0, 4),
       "m.gguf: tensor 't': found the offset 4, want a multiple of 32"},
      {"a tensor twice",
       GgufBytes().header(2, 0).tensor("t", {1}, 0, 0).tensor("t", {1}, 0, 32).pad().zeros(64),
       "m.gguf: tensor 't': found its name twice, want it once"},
      {"one tensor inside another",
       GgufBytes().header(2, 0).tensor("a", {16}, 0, 0).tensor("b", {1}, 0, 32).pad().zeros(64),
       "m.gguf: tensor 'b': found its bytes inside those of 'a', want bytes of its own"},
      {"tensors without data", GgufBytes().header(1, 0).tensor("t", {1}, 0, 0), "want"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_THAT(complaint(row.file), HasSubstr(row.message));
  }
}

}  // namespace
}  // namespace fusesweep
