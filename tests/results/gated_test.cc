// What has been looked at at all, whatever was found.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "results/store.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class GatedTest : public testing::Test {
 protected:
  GatedTest() { EXPECT_TRUE(store_.put_runner(sample_runner())); }

  FakeClock clock_;
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  const Uuid run_ = *store_.begin_run(sample_run());
};

TEST_F(GatedTest, EachCombinationComesOnce) {
  EXPECT_THAT(*store_.gated(), IsEmpty());
  VerdictRow verdict = sample_verdict("golden");
  ASSERT_TRUE(store_.put_verdict(run_, verdict));
  ASSERT_TRUE(store_.put_verdict(run_, verdict));
  verdict.verdict.outcome = GateOutcome::kPass;
  ASSERT_TRUE(store_.put_verdict(run_, verdict));
  verdict.content_hash.clear();
  verdict.verdict.gate = "residency";
  verdict.verdict.outcome = GateOutcome::kNotRun;
  ASSERT_TRUE(store_.put_verdict(run_, verdict));
  const std::string shard = hash_of(sample_shard());
  const std::string content = std::string(32, '3');
  EXPECT_THAT(*store_.gated(),
              testing::UnorderedElementsAre(
                  GatedRow{"shard", shard, content, "golden", GateOutcome::kFail},
                  GatedRow{"shard", shard, content, "golden", GateOutcome::kPass},
                  GatedRow{"shard", shard, "", "residency", GateOutcome::kNotRun}));
}

TEST_F(GatedTest, ShardsThatWereProbedComeOnce) {
  EXPECT_THAT(*store_.probed_shards(), IsEmpty());
  ASSERT_TRUE(store_.put_probe(run_, sample_probe()));
  ASSERT_TRUE(store_.put_probe(run_, sample_probe()));
  EXPECT_THAT(*store_.probed_shards(), ElementsAre(hash_of(sample_shard())));
}

}  // namespace
}  // namespace fusesweep
