#include "runners/mlprogram/weight_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/file.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

template <typename T>
T at(const std::string& file, std::size_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

class WeightFileTest : public testing::Test {
 protected:
  // Three bytes of int8, then two halves.
  WeightFileTest() {
    WeightFileWriter writer = *WeightFileWriter::create(path());
    bytes_ = writer.add(DataType::kInt8, 3);
    halves_ = writer.add(DataType::kFp16, 4);
    writer.write(halves_, 2, bytes_of("cd"));
    writer.write(halves_, 0, bytes_of("ab"));
    writer.write(bytes_, 0, bytes_of("xyz"));
    EXPECT_TRUE(std::move(writer).commit());
    file_ = read_file(path(), 4096).value();
  }

  std::filesystem::path path() const { return folder_.path() / "weight.bin"; }

  const TemporaryFolder folder_;
  BlobReference bytes_;
  BlobReference halves_;
  std::string file_;
};

// Offsets and numbers as the format's description has them.
TEST_F(WeightFileTest, IsLaidOutAsCoreMlReadsIt) {
  EXPECT_EQ(bytes_.offset, 64U);
  EXPECT_EQ(halves_.offset, 192U);  // metadata 64, elements 128 to 131, the next multiple of 64
  ASSERT_EQ(file_.size(), 260U);    // nothing after the last element
  EXPECT_EQ(at<std::uint32_t>(file_, 0), 2U);
  EXPECT_EQ(at<std::uint32_t>(file_, 4), 2U);
  EXPECT_EQ(at<std::uint32_t>(file_, 64), 0xDEADBEEFU);
  EXPECT_EQ(at<std::uint32_t>(file_, 68), 4U);  // int8
  EXPECT_EQ(at<std::uint64_t>(file_, 72), 3U);
  EXPECT_EQ(at<std::uint64_t>(file_, 80), 128U);
  EXPECT_EQ(at<std::uint32_t>(file_, 196), 1U);  // fp16
  EXPECT_EQ(file_.substr(128, 3), "xyz");
  EXPECT_EQ(file_.substr(256), "abcd");
  EXPECT_EQ(file_.substr(131, 61), std::string(61, '\0'));
  EXPECT_EQ(file_.substr(8, 56), std::string(56, '\0'));
}

TEST_F(WeightFileTest, GivesBackWhatWasWritten) {
  const WeightFile weights = *WeightFile::open(path());
  const auto halves = weights.find({{DataType::kFp16, {2}}, halves_});
  ASSERT_TRUE(halves) << halves.error().message;
  EXPECT_EQ(std::memcmp(halves->data(), "abcd", 4), 0);
  EXPECT_EQ(weights.find({{DataType::kInt8, {1, 3}}, bytes_})->size(), 3U);
}

TEST_F(WeightFileTest, RefusesWhatIsNotThereAsItIsAskedFor) {
  const auto error = [](const std::string& file, const TensorType& type, std::uint64_t offset) {
    const Result<WeightFile> weights = WeightFile::parse(bytes_of(file), "w");
    EXPECT_TRUE(weights);
    const auto found = weights->find({type, BlobReference{offset}});
    return found ? std::string("found") : found.error().message;
  };
  const TensorType three{DataType::kInt8, {3}};
  EXPECT_EQ(error(file_, three, 64), "found");
  EXPECT_THAT(error(file_, three, 65), HasSubstr("w: record at 65: found an offset that is mis"));
  EXPECT_THAT(error(file_, three, 128), HasSubstr("found a record of type"));
  EXPECT_THAT(error(file_, three, 256), HasSubstr("past the end"));
  EXPECT_THAT(error(file_, three, ~std::uint64_t{63}), HasSubstr("past the end"));
  EXPECT_THAT(error(file_, {DataType::kUint8, {3}}, 64), HasSubstr("want one of uint8"));
  EXPECT_THAT(error(file_, {DataType::kInt8, {4}}, 64), HasSubstr("found 3 bytes, want 4"));
  EXPECT_THAT(error(file_.substr(0, 130), three, 64), HasSubstr("past the end"));
  std::string far = file_;
  far[87] = '\x7F';  // the highest byte of the elements' offset
  EXPECT_THAT(error(far, three, 64), HasSubstr("past the end"));
}

TEST_F(WeightFileTest, RefusesAnotherVersionAndWhatIsTooShort) {
  std::string other = file_;
  other[4] = 3;
  EXPECT_THAT(WeightFile::parse(bytes_of(other), "w").error().message, HasSubstr("version 3"));
  EXPECT_FALSE(WeightFile::parse(bytes_of(file_.substr(0, 63)), "w"));
  EXPECT_FALSE(WeightFile::parse({}, "w"));
}

}  // namespace
}  // namespace fusesweep
