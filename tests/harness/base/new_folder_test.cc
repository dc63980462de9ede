#include "harness/base/new_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <utility>

#include "harness/base/file.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

void put(const std::filesystem::path& path, const char* text) { std::ofstream(path) << text; }

TEST(NewFolder, AppearsWhenItIsWhole) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "a" / "b";
  NewFolder making = *NewFolder::create(path);
  put(making.path() / "f", "inside");
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE(std::move(making).commit());
  EXPECT_EQ(read_file(path / "f", 100).value(), "inside");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "a" / ".b.new"));
}

TEST(NewFolder, WithoutACommitNothingIsLeft) {
  const TemporaryFolder folder;
  {
    const NewFolder abandoned = *NewFolder::create(folder.path() / "b");
    put(abandoned.path() / "f", "inside");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(NewFolder, WhatAKilledProcessLeftIsClearedAway) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / ".b.new" / "half");
  put(folder.path() / ".b.new" / "half" / "f", "half");
  NewFolder making = *NewFolder::create(folder.path() / "b");
  put(making.path() / "g", "whole");
  ASSERT_TRUE(std::move(making).commit());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "b" / "half"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "b" / "g"));
}

TEST(NewFolder, ReplacesAFolder) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "b");
  put(folder.path() / "b" / "old", "old");
  NewFolder making = *NewFolder::create(folder.path() / "b");
  put(making.path() / "new", "new");
  ASSERT_TRUE(std::move(making).commit());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "b" / "old"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "b" / "new"));
}

TEST(NewFolder, TwoCannotMakeTheSame) {
  const TemporaryFolder folder;
  std::optional<NewFolder> first = *NewFolder::create(folder.path() / "b");
  const Result<NewFolder> second = NewFolder::create(folder.path() / "b");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr("/b: found another process that is making it"));
  first.reset();
  EXPECT_TRUE(NewFolder::create(folder.path() / "b"));
}

TEST(NewFolder, AFileInTheWayIsAnError) {
  const TemporaryFolder folder;
  put(folder.path() / "f", "a file");
  EXPECT_THAT(NewFolder::create(folder.path() / "f" / "b").error().message,
              HasSubstr("Not a directory"));
}

}  // namespace
}  // namespace fusesweep
