#include "runners/model/gguf_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>

#include "runners/model/gguf_file.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(GgufHeader, IsReadBackAsItWasWritten) {
  const GgufHeader header{
      .metadata = {{"a", std::uint32_t{7}}, {"b", 1.5F}, {"c", std::string("text")}},
      .tensors = {{"matrix", {64, 3}, 8}, {"vector", {5}, 0}},
  };
  EXPECT_EQ(stored_bytes(header.tensors[0]), 3U * 2 * 34);
  std::string file = encode(header);
  EXPECT_EQ(file.size() % kGgufAlignment, 0U);
  const std::size_t begin = file.size();
  file.resize(begin + 224 + 20);  // 204 bytes of the matrix, padded
  file[begin + 224] = 'V';

  const Result<GgufFile> read = GgufFile::parse(std::as_bytes(std::span(file)), "m.gguf");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->version(), 3U);
  EXPECT_EQ(std::get<std::uint64_t>(*read->find("a")), 7U);
  EXPECT_EQ(std::get<double>(*read->find("b")), 1.5);
  EXPECT_EQ(std::get<std::string_view>(*read->find("c")), "text");
  ASSERT_THAT(read->tensors(), SizeIs(2));
  EXPECT_THAT(read->find_tensor("matrix")->shape, ElementsAre(64, 3));
  EXPECT_THAT(read->find_tensor("matrix")->bytes, SizeIs(204));
  EXPECT_EQ(read->find_tensor("vector")->bytes[0], std::byte{'V'});
}

}  // namespace
}  // namespace fusesweep
