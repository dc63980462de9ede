#include "harness/base/file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

TEST(ReadFile, GivesEveryByteBack) {
  const TemporaryFolder folder;
  const std::string content("a\0b\r\n", 5);
  std::ofstream(folder.path() / "f", std::ios::binary) << content;
  const Result<std::string> read = read_file(folder.path() / "f", 5);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, content);
}

TEST(ReadFile, RefusesMoreThanItWasAllowed) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "f") << "123456";
  const Result<std::string> read = read_file(folder.path() / "f", 5);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("found 6 bytes, want at most 5"), std::string::npos);
}

TEST(ReadFile, NamesWhatIsNotThereOrNoFile) {
  const TemporaryFolder folder;
  EXPECT_NE(read_file(folder.path() / "none", 5).error().message.find("none: No such file"),
            std::string::npos);
  EXPECT_NE(read_file(folder.path(), 5).error().message.find("found no regular file"),
            std::string::npos);
}

}  // namespace
}  // namespace fusesweep
