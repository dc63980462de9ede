#include "harness/base/removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <set>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RemovalTest : public testing::Test {
 protected:
  RemovalTest() {
    fs::create_directories(root_);
    fs::create_directories(outside_);
    put(outside_ / "precious", "precious");
  }

  static void put(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  // A folder with files in and below it, and links out of it.
  void make(const fs::path& place) const {
    put(root_ / place / "a", "12345");
    put(root_ / place / "b/c", "1234567");
    put(root_ / place / "b/d/e", "1");
    fs::create_directories(root_ / place / "empty");
    fs::create_directory_symlink(outside_, root_ / place / "b/to_folder");
    fs::create_symlink(outside_ / "precious", root_ / place / "to_file");
    fs::create_symlink("nowhere", root_ / place / "to_nothing");
  }

  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_))
      names.insert(entry.path().filename().string());
    return names;
  }

  const TemporaryFolder folder_;
  const fs::path root_ = folder_.path() / "root";
  const fs::path outside_ = folder_.path() / "outside";
};

TEST_F(RemovalTest, EverythingInAFolderGoesAndNothingThatLinksLeadTo) {
  make("x");
  put(root_ / "y", "stays");
  ASSERT_TRUE(remove_within(root_, "x"));
  EXPECT_THAT(names(), ElementsAre("y"));
  EXPECT_TRUE(fs::exists(outside_ / "precious"));
}

TEST_F(RemovalTest, AFileOrALinkGoesByItself) {
  put(root_ / "below/file", "x");
  fs::create_directory_symlink(outside_, root_ / "below/link");
  ASSERT_TRUE(remove_within(root_, "below/file"));
  ASSERT_TRUE(remove_within(root_, "below/link"));
  EXPECT_TRUE(fs::is_empty(root_ / "below"));
  EXPECT_TRUE(fs::exists(outside_ / "precious"));
}

TEST_F(RemovalTest, ALinkOnTheWayIsNotFollowed) {
  fs::create_directory_symlink(outside_, root_ / "link");
  EXPECT_THAT(remove_within(root_, "link/precious").error().message,
              HasSubstr("root/link/precious: "));
  EXPECT_TRUE(fs::exists(outside_ / "precious"));
  // The root itself may be one: somebody chose it.
  fs::create_directory_symlink(root_, folder_.path() / "root_by_another_name");
  put(root_ / "file", "x");
  EXPECT_TRUE(remove_within(folder_.path() / "root_by_another_name", "file"));
}

TEST_F(RemovalTest, WhatIsNotThereIsNamed) {
  EXPECT_EQ(remove_within(root_, "x").error().message,
            (root_ / "x").string() + ": No such file or directory");
}

TEST_F(RemovalTest, KilledAnywhereItLeavesAllOfAFolderOrWhatIsCalledGone) {
  bool was_killed = true;
  int step = 0;
  for (; was_killed; ++step) {
    SCOPED_TRACE(step);
    fs::remove_all(root_);
    make("x");
    const ChildProcess child([&](const ChildProcess::Say& say) {
      int steps = 0;
      const auto die = [&] {
        if (steps++ == step) kill(getpid(), SIGKILL);
      };
      if (remove_within(root_, "x", die)) say("done");
    });
    was_killed = child.hear_all().empty();
    if (!was_killed) break;
    const auto left = step < 10 ? std::set<std::string>{".x.gone"} : std::set<std::string>{};
    EXPECT_EQ(names(), left);
    for (const std::string& name : names()) {
      EXPECT_TRUE(is_left_behind(name)) << name;
      EXPECT_TRUE(remove_within(root_, name));
    }
    EXPECT_THAT(names(), IsEmpty());
  }
  EXPECT_EQ(step, 11);  // a new name, three files, three links, three folders, and the folder
}

TEST_F(RemovalTest, BytesAreThoseThatNothingElseHolds) {
  make("x");
  EXPECT_EQ(*bytes_of_removal(root_ / "x"), 13U);
  EXPECT_EQ(*bytes_of_removal(root_ / "x/to_file"), 0U);
  fs::create_hard_link(root_ / "x/b/c", outside_ / "same");
  EXPECT_EQ(*bytes_of_removal(root_ / "x"), 6U);
  EXPECT_EQ(*bytes_of_removal(root_ / "x/b/c"), 0U);
  EXPECT_FALSE(bytes_of_removal(root_ / "none"));
}

TEST(LeftBehind, IsWhatOnlyAKilledProcessLeaves) {
  const struct {
    const char* name;
    bool is;
  } rows[] = {{".x.new", true},
              {".x.gone", true},
              {".x.y.gone", true},
              {"x.tmp-a1B2c3", true},
              {"a.json.tmp-000000", true},
              {"x", false},
              {"x.new", false},
              {"x.gone", false},
              {".new", false},
              {".gone", false},
              {"..new", false},
              {".x", false},
              {"x.tmp-a1B2c", false},
              {"x.tmp-a1B2c34", false},
              {"x.tmp-a1B2c_", false},
              {".x.gone-a1B2c3", true},
              {".x.gone-a1B2", false},
              {".gone-a1B2c3", false},
              {"x.gone-a1B2c3", false},
              {".tmp-a1B2c3", false},
              {"", false},
              {".DS_Store", false}};
  for (const auto& row : rows) EXPECT_EQ(is_left_behind(row.name), row.is) << row.name;
  EXPECT_TRUE(is_left_behind(name_while_removed("x")));
}

}  // namespace
}  // namespace fusesweep
