#include "results/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const FakeClock kClock;

Store open_in_memory(const Clock& clock = kClock) {
  return *Store::open(":memory:", Access::kWrite, clock);
}

// With the run and the runner that the samples speak of.
struct Opened {
  Store store = open_in_memory();
  Uuid run = *store.begin_run(sample_run());
  Result<void> runner = store.put_runner(sample_runner());
};

TEST(Store, ARunComesBackAndEndsOnce) {
  FakeClock clock;
  clock.set_wall(
      std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123)));
  Store store = open_in_memory(clock);
  const Uuid id = *store.begin_run(sample_run());
  RunRow wanted{.id = id, .start = sample_run(), .started_unix_ms = 1'700'000'000'123};
  EXPECT_EQ(**store.find_run(id), wanted);

  clock.advance(std::chrono::milliseconds(77));
  ASSERT_TRUE(store.end_run(id, "done"));
  wanted.ended_unix_ms = 1'700'000'000'200;
  wanted.outcome = "done";
  EXPECT_EQ(**store.find_run(id), wanted);
  EXPECT_THAT(store.end_run(id, "failed").error().message, HasSubstr("that goes on"));
  EXPECT_EQ(**store.find_run(id), wanted);
  EXPECT_EQ(*store.find_run(Uuid{}), std::nullopt);
}

TEST(Store, WhatIsNotKnownOfARunStaysUnknown) {
  Store store = open_in_memory();
  const RunStart bare{.command = "plan"};
  const Uuid first = *store.begin_run(bare);
  const Uuid second = *store.begin_run(bare);
  EXPECT_LT(first, second);
  EXPECT_EQ((*store.find_run(first))->start, bare);
  EXPECT_EQ(store.runs()->size(), 2U);
}

TEST(Store, ARunnerComesBackByItsFingerprint) {
  Store store = open_in_memory();
  RunnerRow plain = sample_runner();
  plain.emulated.clear();
  ASSERT_TRUE(store.put_runner(sample_runner()));
  ASSERT_TRUE(store.put_runner(sample_runner()));
  ASSERT_TRUE(store.put_runner(plain));
  EXPECT_EQ(**store.find_runner(fingerprint_of(sample_runner())), sample_runner());
  EXPECT_EQ(**store.find_runner(fingerprint_of(plain)), plain);
  EXPECT_EQ(*store.find_runner("no such"), std::nullopt);
}

TEST(Store, ModelsAreKeptOnceAndRecordedOnesByTheirContract) {
  Store store = open_in_memory();
  ModelRow renamed = sample_model();
  renamed.name = "another name";
  const ModelRow recorded_nano{std::string(32, '0'), "nano", *known_model("nano")};
  const ModelRow recorded_phi{std::string(32, '0'), "phi4-mini", *known_model("phi4-mini")};
  for (const ModelRow& model : {sample_model(), renamed, recorded_nano, recorded_phi, recorded_phi})
    ASSERT_TRUE(store.put_model(model));
  EXPECT_THAT(*store.models(),
              testing::UnorderedElementsAre(sample_model(), recorded_nano, recorded_phi));
}

TEST(Store, ArtifactsOfEveryKindComeBackOnceEach) {
  Opened o;
  ArtifactRow head = sample_artifact();
  head.shard = {.model_hash = std::string(32, '1'),
                .contract_hash = std::string(32, '2'),
                .kind = HeadSlice{100, 200, 3},
                .builder_version = 1,
                .tokens = 1,
                .encoding = Encoding::kFp16};
  head.build_ns.reset();
  ArtifactRow embedding = head;
  embedding.shard = {.model_hash = std::string(32, '1'),
                     .contract_hash = std::string(32, '2'),
                     .kind = EmbeddingTable{},
                     .builder_version = 1};
  ArtifactRow built_again = sample_artifact();
  built_again.build_ns = 1;
  for (const ArtifactRow& artifact : {sample_artifact(), head, embedding, head, built_again})
    ASSERT_TRUE(o.store.put_artifact(o.run, artifact));
  EXPECT_THAT(*o.store.artifacts_of(o.run),
              ElementsAre(sample_artifact(), head, embedding, built_again));
}

TEST(Store, ACountBeyondWhatIsStorableIsRefused) {
  Opened o;
  ArtifactRow huge = sample_artifact();
  huge.weight_bytes = std::numeric_limits<std::uint64_t>::max();
  EXPECT_THAT(o.store.put_artifact(o.run, huge).error().message,
              HasSubstr("weight bytes of an artifact: found 18446744073709551615, want at most"));
  ProbeRow probe = sample_probe();
  probe.answer.operations = std::numeric_limits<std::uint64_t>::max();
  EXPECT_FALSE(o.store.put_probe(o.run, probe));
  EXPECT_THAT(*o.store.artifacts_of(o.run), IsEmpty());
}

TEST(Store, AVerdictComesBackWithItsFigures) {
  Opened o;
  ASSERT_TRUE(o.store.put_verdict(o.run, sample_verdict()));
  EXPECT_THAT(*o.store.verdicts_of(o.run), ElementsAre(sample_verdict()));
  EXPECT_THAT(*o.store.verdicts_of(sample_verdict().subject, sample_conditions()),
              ElementsAre(sample_verdict()));
}

TEST(Store, AVerdictNeedsNeitherRunnerNorBytesNorFigures) {
  Opened o;
  for (const GateOutcome outcome : {GateOutcome::kPass, GateOutcome::kFail, GateOutcome::kNotRun,
                                    GateOutcome::kNotEnoughData}) {
    SCOPED_TRACE(to_text(outcome));
    VerdictRow bare;
    bare.subject = {.kind = "split", .key = std::string(to_text(outcome)), .text = ""};
    bare.verdict = {.gate = "contract", .outcome = outcome};
    ASSERT_TRUE(o.store.put_verdict(o.run, bare));
    EXPECT_THAT(*o.store.verdicts_of(bare.subject, bare.conditions), ElementsAre(bare));
  }
}

TEST(Store, TheNewestVerdictOfEachGateCountsInTheOrderOfTheFirst) {
  Opened o;
  const auto put = [&](const char* gate, GateOutcome outcome) {
    VerdictRow row = sample_verdict(gate);
    row.verdict.outcome = outcome;
    ASSERT_TRUE(o.store.put_verdict(o.run, row));
  };
  put("residency", GateOutcome::kNotRun);
  put("golden", GateOutcome::kFail);
  put("residency", GateOutcome::kFail);
  put("residency", GateOutcome::kPass);
  put("golden", GateOutcome::kPass);
  const auto verdicts = *o.store.verdicts_of(sample_verdict().subject, sample_conditions());
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_EQ(verdicts[0].verdict.gate, "residency");
  EXPECT_EQ(verdicts[1].verdict.gate, "golden");
  EXPECT_EQ(verdicts[0].verdict.outcome, GateOutcome::kPass);
  EXPECT_EQ(verdicts[1].verdict.outcome, GateOutcome::kPass);
  EXPECT_EQ(o.store.verdicts_of(o.run)->size(), 5U);
}

TEST(Store, VerdictsOfOtherConditionsOrSubjectsDoNotCount) {
  Opened o;
  ASSERT_TRUE(o.store.put_verdict(o.run, sample_verdict()));
  const Subject subject = sample_verdict().subject;
  const Conditions conditions = sample_conditions();
  EXPECT_THAT(*o.store.verdicts_of(subject, {.runner = conditions.runner, .options_hash = "other"}),
              IsEmpty());
  EXPECT_THAT(
      *o.store.verdicts_of(subject, {.runner = "", .options_hash = conditions.options_hash}),
      IsEmpty());
  EXPECT_THAT(*o.store.verdicts_of({.kind = "split", .key = subject.key}, conditions), IsEmpty());
  EXPECT_THAT(*o.store.verdicts_of({.kind = subject.kind, .key = "other"}, conditions), IsEmpty());
  EXPECT_EQ(o.store.verdicts_of({.kind = subject.kind, .key = subject.key}, conditions)->size(),
            1U);
}

TEST(Store, AFigureThatIsNotFiniteIsRefused) {
  Opened o;
  for (const double value :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    VerdictRow row = sample_verdict();
    row.verdict.figures[1].value = value;
    EXPECT_THAT(o.store.put_verdict(o.run, row).error().message,
                HasSubstr("gate golden: cosine: found "));
  }
  EXPECT_THAT(*o.store.verdicts_of(o.run), IsEmpty());
}

TEST(StoreDeath, AFigureThatIsNoMetricIsABug) {
  Opened o;
  VerdictRow row = sample_verdict();
  row.verdict.figures[0].name = "compute_resident (plan)";
  EXPECT_DEATH(static_cast<void>(o.store.put_verdict(o.run, row)), "find_metric");
}

TEST(Store, WithoutItsRunnerOrItsRunNothingIsStored) {
  Store store = open_in_memory();
  const Uuid run = *store.begin_run(sample_run());
  EXPECT_THAT(store.put_verdict(run, sample_verdict()).error().message,
              HasSubstr("FOREIGN KEY constraint failed"));
  EXPECT_FALSE(store.put_failure(run, sample_failure()));
  ASSERT_TRUE(store.put_runner(sample_runner()));
  EXPECT_FALSE(store.put_decode(Uuid{}, sample_decode()));
  EXPECT_FALSE(store.put_probe(Uuid{}, sample_probe()));
  EXPECT_THAT(*store.verdicts_of(run), IsEmpty());
  EXPECT_TRUE(store.put_verdict(run, sample_verdict()));
}

TEST(Store, TheNewestAnswerToAProbeCounts) {
  Opened o;
  ProbeRow bare = sample_probe();
  bare.answer = {.probe = {.segment = {0, 16}, .attempt = 1}, .is_recorded = false};
  ASSERT_TRUE(o.store.put_probe(o.run, sample_probe()));
  ASSERT_TRUE(o.store.put_probe(o.run, bare));
  EXPECT_EQ(**o.store.find_probe(sample_shard(), 2, sample_conditions()), sample_probe().answer);
  EXPECT_EQ(**o.store.find_probe(sample_shard(), 1, sample_conditions()), bare.answer);
  EXPECT_EQ(*o.store.find_probe(sample_shard(), 3, sample_conditions()), std::nullopt);
  EXPECT_EQ(*o.store.find_probe(sample_shard({0, 8}), 1, sample_conditions()), std::nullopt);
  EXPECT_EQ(*o.store.find_probe(sample_shard(), 1, {}), std::nullopt);

  bare.answer.is_recorded = true;
  bare.answer.is_resident = true;
  ASSERT_TRUE(o.store.put_probe(o.run, bare));
  EXPECT_EQ(**o.store.find_probe(sample_shard(), 1, sample_conditions()), bare.answer);
  EXPECT_EQ(o.store.probes_of(o.run)->size(), 3U);
}

TEST(Store, EveryWayToFailAProbeComesBack) {
  Opened o;
  for (const ProbeFailure failure : {ProbeFailure::kBuild, ProbeFailure::kPlan, ProbeFailure::kRun,
                                     ProbeFailure::kCrash, ProbeFailure::kTimeOut}) {
    ProbeRow row = sample_probe();
    row.answer.failure = failure;
    ASSERT_TRUE(o.store.put_probe(o.run, row));
    EXPECT_EQ((*o.store.find_probe(sample_shard(), 2, sample_conditions()))->failure, failure);
  }
}

TEST(Store, FailuresAreRememberedAndForgottenByModel) {
  Opened o;
  FailureRow other_model = sample_failure();
  other_model.shard.model_hash = std::string(32, '9');
  FailureRow of_nobody = sample_failure({16, 32});
  of_nobody.conditions.runner.clear();
  for (const FailureRow& failure :
       {sample_failure(), sample_failure({0, 8}), other_model, of_nobody})
    ASSERT_TRUE(o.store.put_failure(o.run, failure));
  EXPECT_EQ(**o.store.find_failure(sample_shard(), sample_conditions()), sample_failure());
  EXPECT_EQ(**o.store.find_failure(of_nobody.shard, of_nobody.conditions), of_nobody);
  EXPECT_EQ(*o.store.find_failure(of_nobody.shard, sample_conditions()), std::nullopt);

  EXPECT_EQ(*o.store.forget_failures(sample_shard().model_hash), 3);
  EXPECT_EQ(*o.store.forget_failures(sample_shard().model_hash), 0);
  EXPECT_EQ(*o.store.find_failure(sample_shard(), sample_conditions()), std::nullopt);
  EXPECT_THAT(*o.store.failures_of(o.run), ElementsAre(other_model));
}

TEST(Store, ADecodingComesBackSampleBySample) {
  Opened o;
  DecodeRow bare{.model = std::string(32, '0'), .split = "32", .split_key = "k"};
  bare.evidence = "recorded";
  DecodeRow without_groups = sample_decode();
  without_groups.group_ns.clear();
  for (const DecodeRow& decode : {sample_decode(), bare, without_groups})
    ASSERT_TRUE(o.store.put_decode(o.run, decode));
  EXPECT_THAT(*o.store.decodes_of(o.run), ElementsAre(sample_decode(), bare, without_groups));
}

TEST(Store, ADecodingThatIsKnownOnlyInSumComesBackAsOne) {
  Opened o;
  DecodeRow little = decode_in_sum();
  little.sum = DecodeSum{.tokens = 1, .ns = 7};
  for (const DecodeRow& decode : {decode_in_sum(), little})
    ASSERT_TRUE(o.store.put_decode(o.run, decode));
  EXPECT_THAT(*o.store.decodes_of(o.run), ElementsAre(decode_in_sum(), little));
}

TEST(Store, TimesOfGroupsThatAreNotOneOfEachAreRefused) {
  Opened o;
  DecodeRow ragged = sample_decode();
  ragged.group_ns[1].pop_back();
  EXPECT_THAT(o.store.put_decode(o.run, ragged).error().message,
              HasSubstr("step 1: found 1 times, want one of each of 2 groups"));
  DecodeRow short_one = sample_decode();
  short_one.group_ns.pop_back();
  EXPECT_FALSE(o.store.put_decode(o.run, short_one));
  DecodeRow nameless = sample_decode();
  nameless.groups.clear();
  EXPECT_FALSE(o.store.put_decode(o.run, nameless));
  EXPECT_THAT(*o.store.decodes_of(o.run), IsEmpty());
}

TEST(Store, TextsComeBackByteForByte) {
  Opened o;
  VerdictRow row = sample_verdict();
  row.verdict.reason = std::string("a") + '\0' + "b\n'; DROP TABLE verdicts; -- \xC3\xA9 ";
  ASSERT_TRUE(o.store.put_verdict(o.run, row));
  EXPECT_THAT(*o.store.verdicts_of(o.run), ElementsAre(row));
}

TEST(Store, WhatIsStoredLaterIsNewerWhateverTheClockSays) {
  const TemporaryFolder folder(memory_folder());
  FakeClock clock;
  clock.set_wall(std::chrono::system_clock::time_point(std::chrono::hours(1000)));
  Store first = *Store::open(folder.path() / "s.db", Access::kWrite, clock);
  FakeClock behind;
  Store second = *Store::open(folder.path() / "s.db", Access::kWrite, behind);
  const Uuid run = *first.begin_run(sample_run());
  EXPECT_LT(run, *second.begin_run(sample_run()));
  ASSERT_TRUE(first.put_runner(sample_runner()));
  VerdictRow passed = sample_verdict();
  passed.verdict.outcome = GateOutcome::kPass;
  ASSERT_TRUE(first.put_verdict(run, sample_verdict()));
  ASSERT_TRUE(second.put_verdict(run, passed));
  EXPECT_THAT(*first.verdicts_of(passed.subject, passed.conditions), ElementsAre(passed));
}

TEST(StoreDeath, WritingThroughAReaderIsABug) {
  const TemporaryFolder folder(memory_folder());
  ASSERT_TRUE(Store::open(folder.path() / "s.db", Access::kWrite, kClock));
  Store reader = *Store::open(folder.path() / "s.db", Access::kRead, kClock);
  EXPECT_DEATH(static_cast<void>(reader.begin_run(sample_run())), "kWrite");
}

TEST(Fingerprint, DiffersWithEveryField) {
  const std::string original = fingerprint_of(sample_runner());
  EXPECT_EQ(original.size(), 32U);
  std::vector<RunnerRow> changed(7, sample_runner());
  changed[0].name = "x";
  changed[1].version = "x";
  changed[2].device = "x";
  changed[3].device_kind = "x";
  changed[4].evidence = "recorded";
  changed[5].emulated = {"residency", "limit"};
  changed[6].toolchain = "x";
  for (const RunnerRow& runner : changed) EXPECT_NE(fingerprint_of(runner), original);
}

}  // namespace
}  // namespace fusesweep
