#include "harness/base/file.h"

#include <gtest/gtest.h>

#include <filesystem>

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

TEST(HashFile, DependsOnEveryByteAndNotOnTheThreads) {
  const TemporaryFolder folder;
  std::string bytes(9 << 20, 'a');  // three blocks, the last one short
  const auto hash_of = [&](const std::string& text, int threads) {
    std::ofstream(folder.path() / "f", std::ios::binary) << text;
    return hash_file(folder.path() / "f", threads).value();
  };
  const Hash128 hash = hash_of(bytes, 1);
  EXPECT_EQ(hash_of(bytes, 3), hash);
  for (const std::size_t at : {0U, (4U << 20U) - 1, 4U << 20U, (9U << 20U) - 1}) {
    std::string changed = bytes;
    changed[at] = 'b';
    EXPECT_NE(hash_of(changed, 2), hash) << at;
  }
  EXPECT_NE(hash_of(bytes.substr(1), 2), hash);
  EXPECT_NE(hash_of("", 2), hash);
}

TEST(HashFile, IsWhatItIsEverywhere) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "f") << "abc";
  // xxh128 of the text that xxh128 of "abc" is in hexadecimal.
  EXPECT_EQ(hash_file(folder.path() / "f", 1).value(), hash128(to_hex(hash128("abc"))));
}

TEST(HashTree, DependsOnPathsSizesAndContents) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "t" / "sub");
  const auto put = [&](const char* name, const char* text) {
    std::ofstream(folder.path() / "t" / name) << text;
  };
  put("a", "12");
  put("sub/b", "345");
  const TreeHash tree = hash_tree(folder.path() / "t", 2).value();
  EXPECT_EQ(tree.bytes, 5U);
  std::filesystem::rename(folder.path() / "t" / "sub", folder.path() / "t" / "moved");
  EXPECT_NE(hash_tree(folder.path() / "t", 2)->hash, tree.hash);
  std::filesystem::rename(folder.path() / "t" / "moved", folder.path() / "t" / "sub");
  EXPECT_EQ(hash_tree(folder.path() / "t", 2)->hash, tree.hash);
  put("sub/b", "346");
  EXPECT_NE(hash_tree(folder.path() / "t", 2)->hash, tree.hash);
  std::filesystem::create_symlink("a", folder.path() / "t" / "link");
  EXPECT_FALSE(hash_tree(folder.path() / "t", 2));
}

}  // namespace
}  // namespace fusesweep
