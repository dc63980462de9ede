// Sweeps: begun, found by what was asked for, ended once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "results/store.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SweepTest : public testing::Test {
 protected:
  SweepTest() {
    clock_.set_wall(
        std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123)));
  }

  FakeClock clock_;
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  const Uuid run_ = *store_.begin_run(sample_run());
};

TEST_F(SweepTest, OneComesBackAndEndsOnce) {
  const Uuid id = *store_.begin_sweep(run_, sample_sweep());
  StoredSweep wanted{
      .id = id, .run = run_, .sweep = sample_sweep(), .started_unix_ms = 1'700'000'000'123};
  EXPECT_EQ(**store_.find_sweep(run_, sample_sweep().spec_hash), wanted);
  EXPECT_TRUE((*store_.find_sweep(run_, sample_sweep().spec_hash))->answer.is_null());

  clock_.advance(std::chrono::milliseconds(77));
  ASSERT_TRUE(store_.end_sweep(id, "done", sample_answer()));
  wanted.ended_unix_ms = 1'700'000'000'200;
  wanted.outcome = "done";
  wanted.answer = sample_answer();
  EXPECT_EQ(**store_.find_sweep(run_, sample_sweep().spec_hash), wanted);
  EXPECT_THAT(store_.end_sweep(id, "failed", Json::object()).error().message,
              HasSubstr("that goes on"));
  EXPECT_THAT(*store_.sweeps(), ElementsAre(wanted));
}

TEST_F(SweepTest, TheNewestOfThoseThatAskedForTheSameIsFound) {
  const SweepRow other = sample_sweep("another");
  const Uuid first = *store_.begin_sweep(run_, sample_sweep());
  const Uuid second = *store_.begin_sweep(run_, sample_sweep());
  const Uuid third = *store_.begin_sweep(run_, other);
  ASSERT_TRUE(store_.end_sweep(second, "done", sample_answer()));
  EXPECT_EQ((*store_.find_sweep(run_, sample_sweep().spec_hash))->id, second);
  EXPECT_EQ((*store_.find_sweep(run_, "another"))->id, third);
  EXPECT_EQ(*store_.find_sweep(run_, "no such"), std::nullopt);

  std::vector<Uuid> ids;
  const std::vector<StoredSweep> sweeps = *store_.sweeps();
  for (const StoredSweep& stored : sweeps) ids.push_back(stored.id);
  EXPECT_THAT(ids, ElementsAre(first, second, third));
}

TEST_F(SweepTest, WithoutItsRunItIsNotBegun) {
  EXPECT_THAT(store_.begin_sweep(Uuid{}, sample_sweep()).error().message,
              HasSubstr("FOREIGN KEY constraint failed"));
  EXPECT_THAT(*store_.sweeps(), IsEmpty());
  EXPECT_THAT(store_.end_sweep(Uuid{}, "done", Json::object()).error().message,
              HasSubstr("found no sweep 00000000-"));
}

using SweepDeath = SweepTest;

TEST_F(SweepDeath, ASpecOrAnAnswerThatIsNoObjectIsABug) {
  const Uuid id = *store_.begin_sweep(run_, sample_sweep());
  EXPECT_DEATH(static_cast<void>(store_.begin_sweep(run_, {.spec_hash = "x", .spec = {1, 2}})),
               "is_object");
  EXPECT_DEATH(static_cast<void>(store_.end_sweep(id, "done", nullptr)), "is_object");
}

}  // namespace
}  // namespace fusesweep
