#include "harness/measure/busy_core.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <thread>
#include <utility>

namespace fusesweep {
namespace {

bool is_there(pid_t process) { return kill(process, 0) == 0; }

// Processor time of another process; -1 when it is not told.
double cpu_s(pid_t process) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return -1;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

TEST(BusyCoreTest, UsesProcessorTimeUntilItIsDestroyed) {
  pid_t process = -1;
  {
    const BusyCore busy = *BusyCore::start();
    process = busy.process();
    ASSERT_TRUE(is_there(process));
    while (cpu_s(process) < 0.05) std::this_thread::yield();
  }
  EXPECT_FALSE(is_there(process));
}

TEST(BusyCoreTest, MovedFromItLeavesTheProcessToTheOther) {
  BusyCore first = *BusyCore::start();
  const pid_t process = first.process();
  {
    const BusyCore second = std::move(first);
    EXPECT_EQ(second.process(), process);
    EXPECT_TRUE(is_there(process));
  }
  EXPECT_FALSE(is_there(process));
}

// What happens to a harness that is killed: its own end of the pipe closes with it.
TEST(BusyCoreTest, EndsWhenTheOneWhoStartedItIsKilled) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    const Result<BusyCore> busy = BusyCore::start();
    const pid_t process = busy ? busy->process() : -1;
    if (write(ends[1], &process, sizeof process) < 0) _exit(1);
    for (;;) pause();
  }
  close(ends[1]);
  pid_t process = -1;
  ASSERT_EQ(read(ends[0], &process, sizeof process), static_cast<ssize_t>(sizeof process));
  ASSERT_TRUE(is_there(process));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  // Its end of our pipe closes with it, too.
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0);
  close(ends[0]);
}

}  // namespace
}  // namespace fusesweep
