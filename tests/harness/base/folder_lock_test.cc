#include "harness/base/folder_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>
#include <thread>

#include "tests/support/child_process.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

class FolderLockTest : public testing::Test {
 protected:
  bool can_be_held_alone() const { return FolderLock::hold_alone(folder_.path()).has_value(); }

  const TemporaryFolder folder_;
};

TEST_F(FolderLockTest, ManyShareItAndNobodyHoldsItAloneMeanwhile) {
  std::optional<FolderLock> one = *FolderLock::share(folder_.path());
  std::optional<FolderLock> other = *FolderLock::share(folder_.path());
  const Result<FolderLock> alone = FolderLock::hold_alone(folder_.path());
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(alone.error().message, "another fusesweep is at work in " + folder_.path().string());
  one.reset();
  EXPECT_FALSE(can_be_held_alone());
  other.reset();
  EXPECT_TRUE(can_be_held_alone());
}

TEST_F(FolderLockTest, WhoWantsToShareWaitsForWhoeverIsAlone) {
  std::optional<FolderLock> alone = *FolderLock::hold_alone(folder_.path());
  EXPECT_FALSE(can_be_held_alone());
  bool is_shared = false;
  std::thread other([&] { is_shared = FolderLock::share(folder_.path()).has_value(); });
  alone.reset();
  other.join();
  EXPECT_TRUE(is_shared);
}

TEST_F(FolderLockTest, AHolderThatIsKilledHoldsItNoLonger) {
  const ChildProcess holder([&](const ChildProcess::Say& say) {
    const Result<FolderLock> lock = FolderLock::share(folder_.path());
    say("h");
    pause();
  });
  ASSERT_EQ(holder.hear(1), "h");
  EXPECT_FALSE(can_be_held_alone());
  holder.kill_now();
  EXPECT_EQ(holder.hear_all(), "");
  // The end of its pipe may be seen a moment before the end of its lock.
  while (!can_be_held_alone()) std::this_thread::yield();
}

TEST_F(FolderLockTest, AProgramThatIsStartedDoesNotInheritIt) {
  std::optional<FolderLock> lock = *FolderLock::share(folder_.path());
  // Its output, which it inherits as well, ends when it does: not before somebody ends it.
  const ChildProcess program([](const ChildProcess::Say&) {
    execlp("sleep", "sleep", "1000", nullptr);  // NOLINT(*-vararg)
  });
  lock.reset();
  while (!can_be_held_alone()) std::this_thread::yield();
}

TEST_F(FolderLockTest, AFolderThatIsNotThereIsNamed) {
  EXPECT_EQ(FolderLock::share(folder_.path() / "none").error().message,
            (folder_.path() / "none").string() + ": No such file or directory");
}

}  // namespace
}  // namespace fusesweep
