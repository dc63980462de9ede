#include "harness/cli/provenance.h"

#include <gtest/gtest.h>

#include "harness/base/version.h"
#include "results/store.h"
#include "tests/support/fake_clock.h"

namespace fusesweep {
namespace {

TEST(Provenance, SaysWhatBuiltTheProgramAndWhereItRuns) {
  const Provenance provenance = gather_provenance("no such folder");
  EXPECT_EQ(provenance.program_version, version());
  EXPECT_EQ(provenance.git_revision, build_facts().git_revision);
  EXPECT_FALSE(provenance.compiler.empty());
  EXPECT_TRUE(provenance.host);
  EXPECT_TRUE(provenance.kernel);
  EXPECT_GT(provenance.machine["memory_bytes"], 0);
}

TEST(Provenance, IsTheSameAMomentLater) {
  EXPECT_EQ(hash_of(gather_provenance(".")), hash_of(gather_provenance("/tmp")));
}

TEST(Provenance, ComesBackFromAStore) {
  const FakeClock clock;
  Store store = *Store::open(":memory:", Access::kWrite, clock);
  const RunStart start{.command = "gate", .provenance = gather_provenance(".")};
  const Uuid run = *store.begin_run(start);
  EXPECT_EQ((*store.find_run(run))->start, start);
}

}  // namespace
}  // namespace fusesweep
