// Intents are stored with their time and hash, once a name; outcomes say which sweep came of them; and what was
// first can be told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "results/store.h"
#include "tests/results/raw_database.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class JournalStore : public testing::Test {
 protected:
  std::int64_t now() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               clock_.wall_now().time_since_epoch())
        .count();
  }

  const TemporaryFolder folder_{memory_folder()};
  const std::filesystem::path file_ = folder_.path() / "s.db";
  FakeClock clock_;
  Store store_ = *Store::open(file_, Access::kWrite, clock_);
  const Uuid run_ = *store_.begin_run(sample_run());
};

TEST_F(JournalStore, AnIntentComesBackWithItsTimeAndItsHash) {
  const JournalEntryRow entry = *store_.put_journal_entry(run_, sample_intent());
  EXPECT_EQ(entry.intent, sample_intent());
  EXPECT_EQ(entry.began_unix_ms, now());
  EXPECT_EQ(entry.hash, hash_of(sample_intent(), now()));
  EXPECT_EQ(entry.run, run_);
  const JournalEntryRow bare = *store_.put_journal_entry(run_, {.name = "b", .intent = "x"});
  EXPECT_THAT(*store_.journal_entries(), ElementsAre(entry, bare));
}

TEST_F(JournalStore, OutcomesComeBackInTheirOrder) {
  const Uuid sweep = *store_.begin_sweep(run_, sample_sweep());
  const JournalEntryRow entry = *store_.put_journal_entry(run_, sample_intent());
  const JournalOutcome outcome{
      .name = "an-entry", .entry = entry.id, .sweep = sweep, .lesson = "l", .next = "n\nn"};
  const JournalOutcomeRow first = *store_.put_journal_outcome(run_, outcome);
  const JournalOutcomeRow alone = *store_.put_journal_outcome(run_, {.name = "b", .sweep = sweep});
  EXPECT_EQ(first.outcome, outcome);
  EXPECT_THAT(*store_.journal_outcomes(), ElementsAre(first, alone));
}

TEST_F(JournalStore, ANameIsTakenOnceWhateverItsCaseAndNotAfterItsOutcome) {
  ASSERT_TRUE(store_.put_journal_entry(run_, sample_intent("One")));
  EXPECT_EQ(store_.put_journal_entry(run_, sample_intent("oNE")).error().message,
            "found an entry of the name 'One', want a new name");
  const Uuid sweep = *store_.begin_sweep(run_, sample_sweep());
  ASSERT_TRUE(store_.put_journal_outcome(run_, {.name = "two", .sweep = sweep}));
  EXPECT_EQ(store_.put_journal_entry(run_, sample_intent("two")).error().message,
            "found an outcome of the name 'two', want a new name");
  EXPECT_EQ(store_.journal_entries()->size(), 1U);
}

TEST_F(JournalStore, ANameThatIsNoFileNameIsRefused) {
  for (const std::string& name :
       {std::string(), std::string("../x"), std::string("a/b"), std::string(".hidden"),
        std::string("a b"), std::string("a\nb"), std::string("\u00e9"), std::string(101, 'a'),
        std::string("a\0b", 3)}) {
    SCOPED_TRACE(name);
    EXPECT_FALSE(is_journal_name(name));
    EXPECT_THAT(store_.put_journal_entry(run_, sample_intent(name)).error().message,
                HasSubstr("want letters, digits"));
    EXPECT_FALSE(store_.put_journal_outcome(run_, {.name = name, .sweep = run_}));
  }
  EXPECT_TRUE(is_journal_name("a.b_c-9"));
  EXPECT_TRUE(is_journal_name(std::string(100, 'a')));
}

TEST_F(JournalStore, WithoutItsRunSweepOrEntryNothingIsStored) {
  const Uuid sweep = *store_.begin_sweep(run_, sample_sweep());
  EXPECT_FALSE(store_.put_journal_entry(Uuid{}, sample_intent()));
  EXPECT_FALSE(store_.put_journal_outcome(Uuid{}, {.name = "a", .sweep = sweep}));
  EXPECT_FALSE(store_.put_journal_outcome(run_, {.name = "a", .sweep = Uuid{}}));
  EXPECT_FALSE(store_.put_journal_outcome(run_, {.name = "a", .entry = Uuid{}, .sweep = sweep}));
  EXPECT_THAT(*store_.journal_entries(), IsEmpty());
  EXPECT_THAT(*store_.journal_outcomes(), IsEmpty());
}

TEST_F(JournalStore, EveryChangeOfAnEntryGivesItAnotherHash) {
  const JournalIntent intent = sample_intent();
  std::vector<JournalIntent> changed(6, intent);
  changed[0].name += "x";
  changed[1].intent += "x";
  changed[2].setup += "x";
  changed[3].hypotheses[1] += "x";
  changed[4].hypotheses.pop_back();
  changed[5].stop_rule += "x";
  for (const JournalIntent& other : changed) EXPECT_NE(hash_of(other, 1), hash_of(intent, 1));
  EXPECT_NE(hash_of(intent, 2), hash_of(intent, 1));
}

TEST_F(JournalStore, AnEntryThatWasChangedKeepsTheHashThatItHad) {
  const JournalEntryRow entry = *store_.put_journal_entry(run_, sample_intent());
  run_raw(file_, "UPDATE journal_entries SET intent = 'I always knew'");
  const JournalEntryRow changed = store_.journal_entries()->at(0);
  EXPECT_EQ(changed.hash, entry.hash);
  EXPECT_NE(hash_of(changed.intent, changed.began_unix_ms), changed.hash);
}

// What a run stored first, and what was stored before.
class EvidenceTest : public JournalStore {
 protected:
  Uuid begin_sweep(const Uuid& run) {
    return *store_.begin_sweep(run, {.spec_hash = std::string(32, '5'),
                                     .spec = {{"model_hash", std::string(32, '1')},
                                              {"runner", sample_conditions().runner}}});
  }
  BlockRow block_of(int block, std::int64_t began_unix_ms) const {
    BlockRow row = sample_block(block);
    row.began_unix_ms = began_unix_ms;
    return row;
  }
};

TEST_F(EvidenceTest, OfASweepWithoutAnyIsNothing) {
  EXPECT_EQ(*store_.evidence_of(begin_sweep(run_)), SweepEvidence{});
}

TEST_F(EvidenceTest, IsTheFirstRowOfItsRuns) {
  ASSERT_TRUE(store_.put_runner(sample_runner()));
  const std::int64_t start = now();
  const Uuid sweep = begin_sweep(run_);
  clock_.advance(std::chrono::seconds(1));
  ASSERT_TRUE(store_.put_verdict(run_, sample_verdict()));
  clock_.advance(std::chrono::seconds(1));
  ASSERT_TRUE(store_.put_probe(run_, sample_probe()));
  ASSERT_TRUE(store_.put_block(run_, sweep, block_of(0, now())));
  EXPECT_EQ(store_.evidence_of(sweep)->first_unix_ms, start + 1000);
}

TEST_F(EvidenceTest, IsWhenTheFirstBlockBeganAndNotWhenItWasStored) {
  const std::int64_t start = now();
  const Uuid sweep = begin_sweep(run_);
  clock_.advance(std::chrono::seconds(9));
  ASSERT_TRUE(store_.put_block(run_, sweep, block_of(0, start + 4)));
  EXPECT_EQ(store_.evidence_of(sweep)->first_unix_ms, start + 4);
}

TEST_F(EvidenceTest, OfEarlierRunsTellsSinceWhenTheModelIsKnown) {
  ASSERT_TRUE(store_.put_runner(sample_runner()));
  const std::int64_t start = now();
  ASSERT_TRUE(store_.put_probe(run_, sample_probe()));
  clock_.advance(std::chrono::seconds(5));
  const Uuid later = *store_.begin_run(sample_run());
  const Uuid sweep = begin_sweep(later);
  ASSERT_TRUE(store_.put_block(later, sweep, block_of(0, now())));
  EXPECT_EQ(*store_.evidence_of(sweep), (SweepEvidence{start + 5000, start}));
  // Another model's or runner's answers tell nothing of it.
  const Uuid other = *store_.begin_sweep(
      later, {.spec_hash = std::string(32, '6'),
              .spec = {{"model_hash", std::string(32, '9')}, {"runner", std::string(32, '9')}}});
  EXPECT_EQ(store_.evidence_of(other)->model_first_unix_ms, std::nullopt);
}

}  // namespace
}  // namespace fusesweep
