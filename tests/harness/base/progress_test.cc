#include "harness/base/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/fake_clock.h"

namespace fusesweep {
namespace {

using std::chrono::seconds;
using testing::Contains;

TEST(ProgressLine, ClaimsARemainingTimeOnlyOnceAStepIsDone) {
  const struct {
    const char* name;
    ProgressState state;
    const char* line;
  } rows[] = {
      {"nothing done",
       {"building", "[0,16)", 0, 9, seconds(5)},
       "building 0/9 [0,16)  elapsed 0:05"},
      {"a third done",
       {"building", "[0,16)", 3, 9, seconds(65)},
       "building 3/9 [0,16)  elapsed 1:05  remaining 2:10"},
      {"all done", {"building", "", 9, 9, seconds(65)}, "building 9/9  elapsed 1:05"},
      {"more than all", {"building", "", 10, 9, seconds(65)}, "building 9/9  elapsed 1:05"},
      {"total not known", {"reading", "", 7, 0, seconds(3661)}, "reading  elapsed 1:01:01"},
      {"a stage of a step, of which nothing is done",
       {"building", "x", 1, 4, seconds(5), {"gating 8x4, shards", 0, 9, seconds(40)}, seconds(5)},
       "gating 8x4, shards 0/9: building 1/4 x  elapsed 0:05"},
      {"a stage of a step, with what comes later",
       {"building", "x", 1, 4, seconds(5), {"gating 8x4, shards", 3, 9, seconds(40)}, seconds(30)},
       "gating 8x4, shards 3/9: building 1/4 x  elapsed 0:05  remaining 1:40"},
      {"a step of nobody knows how much",
       {"building",
        "x",
        1,
        4,
        seconds(5),
        {"looking for the cliff", 3, 0, seconds(40)},
        seconds(9)},
       "looking for the cliff: building 1/4 x  elapsed 0:05"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(progress_line(row.state), row.line);
  }
}

// Collects what is drawn, from whatever thread.
class Screen {
 public:
  Progress::Draw draw() {
    return [this](const ProgressState* state) {
      const std::scoped_lock lock(mutex_);
      lines_.push_back(state != nullptr ? progress_line(*state) : "");
    };
  }
  std::vector<std::string> lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST(Progress, DrawsWhatItWasToldAndErasesItAtTheEnd) {
  Screen screen;
  FakeClock clock;
  {
    Progress progress(screen.draw(), clock);
    progress.begin_stage("gating", 4);
    progress.set_item("16+8+6+2");
    progress.advance(2);
    progress.redraw();
  }
  EXPECT_THAT(screen.lines(), Contains("gating 2/4 16+8+6+2  elapsed 0:00  remaining 0:00"));
  EXPECT_EQ(screen.lines().back(), "");
}

TEST(Progress, ANewStageStartsItsOwnClockAndCount) {
  Screen screen;
  FakeClock clock;
  Progress progress(screen.draw(), clock);
  progress.begin_stage("building", 2);
  progress.advance(2);
  progress.begin_stage("gating", 5);
  progress.redraw();
  EXPECT_THAT(screen.lines(), Contains("gating 0/5  elapsed 0:00"));
}

TEST(Progress, AFileIsNoTerminalAndGetsNothing) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(Progress::on_terminal(file));
  const SystemClock clock;
  {
    Progress progress(Progress::on_terminal(file), clock);
    progress.begin_stage("building", 1);
    progress.advance();
    progress.redraw();
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
}  // namespace fusesweep
