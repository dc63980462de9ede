#include "harness/sweep/rerun.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/hash.h"
#include "harness/sweep/baseline.h"
#include "harness/sweep/rerun_speed.h"
#include "harness/sweep/stored_words.h"
#include "harness/sweep/sweep.h"
#include "tests/support/sabotaged_runner.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using Outcome = FindingOutcome;

// The cpu runner with so much waiting in a group: a program that has become slower.
class SlowRunner final : public ForwardingRunner {
 public:
  explicit SlowRunner(std::int64_t delay_ns) : delay_ns_(delay_ns) {}
  Result<Opened> open(const OpenRequest& request, Progress& progress) override {
    OpenRequest slow = request;
    slow.options.inject_ns["[2,3)"] = delay_ns_;
    return cpu.open(slow, progress);
  }

 private:
  std::int64_t delay_ns_;
};

// The small model is swept, a baseline is set, and it is run again: with runners in this process.
class RerunTest : public testing::Test {
 protected:
  void SetUp() override {
    write_small_model(model_path_);
    sweep_of({"2+1", "3"});
    set_baseline();
  }

  void sweep_of(const std::vector<std::string>& splits) {
    SweepSetup sweep;
    sweep.model = *find_runnable_model({}, model_path_.string());
    sweep.description = *runner_.describe({});
    sweep.work = work_;
    sweep.limits = default_limits("cpu");
    sweep.start_afresh = [] {};
    sweep.is_interrupted = [] { return false; };
    sweep.start_runner = plain_;
    SweepAxes axes{.splits = {}, .contexts = {32}, .threads = {1}};
    for (const std::string& split : splits) axes.splits.push_back(*parse_split(split));
    sweep.spec.candidates = candidates_of(axes);
    sweep.spec.prompt_tokens = 4;
    sweep.spec.decode_tokens = 6;
    sweep.spec.decodings = 1;
    sweep.spec.budget = std::chrono::milliseconds(1);
    sweep.spec.positions = 8;
    sweep.spec.prompts = 1;
    sweep.spec.gate_prompt_tokens = 8;
    sweep.spec.greedy_tokens = 4;
    const Result<SweepAnswer> answer =
        run_sweep(sweep, {runner_, store_, begin_run(), clock_, progress_});
    ASSERT_TRUE(answer) << answer.error().message;
  }

  Uuid begin_run() {
    return *store_.begin_run({.command = "test",
                              .arguments = {},
                              .provenance = {.program_version = "1", .host = "here"}});
  }

  Result<Baseline> set(const std::string& name, const std::vector<std::string>& splits) {
    return fusesweep::set_baseline(
        {.name = name, .sweep = store_.sweeps()->front(), .splits = splits},
        {.work = work_,
         .store = store_,
         .runner = runner_,
         .description = *runner_.describe({}),
         .called = {.kind = "cpu", .words = {"runner", "serve", "cpu"}},
         .program = model_path_,  // any file
         .model = *find_runnable_model({}, model_path_.string()),
         .clock = clock_,
         .progress = progress_});
  }

  void set_baseline() {
    const Result<Baseline> baseline = set("main", {"2+1"});
    ASSERT_TRUE(baseline) << baseline.error().message;
    setup_.baseline = *find_baseline(work_ / "baselines", "main");
    ASSERT_EQ(to_text(to_json(setup_.baseline)), to_text(to_json(*baseline)));
    setup_.folder = work_ / "baselines" / "main";
    setup_.work = work_;
    setup_.model = *find_runnable_model({}, model_path_.string());
    setup_.rules.budget = std::chrono::milliseconds(1);
    setup_.rules.trial.max_steal_rel = 1;  // whatever else this machine does
    setup_.rules.rule_out_rel = 0.9;       // the small model takes microseconds, most of them noise
    setup_.description = *runner_.describe({});
    setup_.old_description = setup_.description;
    setup_.program_hash = setup_.baseline.runner.program_hash;
    setup_.provenance = {.program_version = "1", .host = "here"};
    setup_.start_old = plain_;
    setup_.start_new = plain_;
    setup_.is_interrupted = [] { return false; };
  }

  RerunReport rerun(Runner& runner) {
    const Result<RerunReport> report =
        run_rerun(setup_, {runner, store_, begin_run(), clock_, progress_});
    FUSESWEEP_CHECK(report);
    return *report;
  }
  RerunReport rerun() { return rerun(runner_); }

  static std::vector<std::string> with(const RerunReport& report, Outcome outcome) {
    std::vector<std::string> all;
    for (const RerunFinding& finding : report.findings) {
      if (finding.outcome == outcome)
        all.push_back(finding.metric + (finding.part.empty() ? "" : " " + finding.part));
    }
    return all;
  }

  TemporaryFolder folder_;
  std::filesystem::path model_path_ = folder_.path() / "small.gguf";
  std::filesystem::path work_ = folder_.path() / "work";
  SystemClock clock_;
  Progress progress_{{}, clock_};
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  CpuRunner runner_;
  StartRunner plain_ = [this]() -> Result<std::unique_ptr<Runner>> {
    ++started_;
    return std::make_unique<CpuRunner>();
  };
  int started_ = 0;
  RerunSetup setup_;
};

TEST_F(RerunTest, ABaselineHoldsAllThatWasMeasuredAndGated) {
  const Baseline& baseline = setup_.baseline;
  ASSERT_EQ(baseline.splits.size(), 1U);
  EXPECT_EQ(baseline.splits[0].split, "2+1");
  EXPECT_EQ(baseline.splits[0].shards.size(), 4U);  // two segments, the head, the table
  EXPECT_GT(baseline.splits[0].ms_per_token, 0);
  EXPECT_EQ(baseline.splits[0].ids.size(), 7U);
  ASSERT_TRUE(baseline.control);
  EXPECT_EQ(baseline.control->split, "3");
  EXPECT_EQ(baseline.shards.size(), 5U);  // head and table are shared
  for (const BaselineShard& shard : baseline.shards) {
    SCOPED_TRACE(to_text(shard.identity.kind));
    EXPECT_TRUE(read_artifact(setup_.folder / "artifacts" / hash_of(shard.identity)));
    if (std::holds_alternative<EmbeddingTable>(shard.identity.kind)) continue;
    EXPECT_THAT(shard.kinds, Not(IsEmpty()));
    EXPECT_THAT(shard.verdicts, Not(IsEmpty()));
  }
  EXPECT_TRUE(baseline.runner.is_copied);
  const Result<Store> samples = Store::open(baseline_store(setup_.folder), Access::kRead, clock_);
  ASSERT_TRUE(samples);
  EXPECT_EQ(samples->sweeps()->size(), 1U);
}

TEST_F(RerunTest, ASplitOrANameThatCannotBeIsRefused) {
  const struct {
    const char* name;
    std::string called;
    std::vector<std::string> splits;
    const char* want;
  } rows[] = {{"taken", "main", {"2+1"}, "already"},
              {"a path", "../main", {"2+1"}, "want a name"},
              {"not a candidate", "other", {"1+2"}, "want one of 3, 2+1"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Baseline> baseline = set(row.called, row.splits);
    ASSERT_FALSE(baseline);
    EXPECT_THAT(baseline.error().message, HasSubstr(row.want));
  }
}

TEST_F(RerunTest, NothingChangedIsMeasuredSideBySideAndNothingIsFound) {
  const RerunReport report = rerun();
  EXPECT_EQ(report.form, RerunForm::kStrong) << report.form_reason;
  EXPECT_EQ(report.blocks, 6);
  EXPECT_THAT(report.changes, IsEmpty());
  for (const RerunFinding& finding : report.findings) {
    SCOPED_TRACE(finding.metric + " " + finding.part);
    const bool is_timed = finding.metric == "tok_per_s" || finding.metric == "group_ms" ||
                          finding.metric == "activation_ms" || finding.metric == "anonymous_bytes";
    if (!is_timed) {
      EXPECT_NE(finding.outcome, Outcome::kRegression) << finding.text;
      EXPECT_NE(finding.outcome, Outcome::kInconclusive) << finding.text;
    }
  }
  EXPECT_THAT(with(report, Outcome::kSame), IsSupersetOf({"first_divergence", "bytes", "full-stack",
                                                          "residency [0,2)", "relative_l2 head"}));
  // Stored, and asked for again measured again.
  EXPECT_EQ(*read_rerun_report(store_.sweeps()->back().answer), report);
  EXPECT_EQ(rerun().blocks, 6);
  EXPECT_EQ(store_.sweeps()->size(), 3U);
}

TEST_F(RerunTest, ASlowerProgramWithTheSameArtifactsIsFoundAndTheGroupNamed) {
  setup_.start_new = []() -> Result<std::unique_ptr<Runner>> {
    return std::make_unique<SlowRunner>(3'000'000);
  };
  setup_.program_hash = "another";
  const RerunReport report = rerun();
  EXPECT_EQ(outcome_of(report), Outcome::kRegression);
  const auto regressions = with(report, Outcome::kRegression);
  EXPECT_THAT(regressions, IsSupersetOf({"tok_per_s", "group_ms [2,3)"}));
  // Waiting leaves caches cold for whatever comes next, but not nearly as much.
  const auto change_of = [&](const char* part) {
    for (const RerunFinding& finding : report.findings) {
      if (finding.metric == "group_ms" && finding.part == part) return *finding.change_rel;
    }
    return 0.0;
  };
  EXPECT_GT(change_of("[2,3)"), 10 * change_of("[0,2)"));
  EXPECT_THAT(report.changes,
              ElementsAre(RerunChange{"program", setup_.baseline.runner.program_hash, "another"}));
  EXPECT_FALSE(report.cause.empty());
}

TEST_F(RerunTest, AWeightScaleThatIsOffByOnePercentIsFoundAndNothingIsTimed) {
  SabotagedRunner builder(altering([](AlteredPackage& p) {
    const bool has_layer_1 =
        std::any_of(p.program().operations.begin(), p.program().operations.end(),
                    [](const Operation& o) { return o.name == "layers_1_qkv_weight"; });
    if (has_layer_1) scale_weight(p, "layers_1_qkv_weight", 1.01F);
  }));
  started_ = 0;
  const RerunReport report = rerun(builder);
  EXPECT_EQ(outcome_of(report), Outcome::kRegression);
  EXPECT_THAT(with(report, Outcome::kRegression), Contains("weights [0,2)"));
  EXPECT_EQ(report.form, RerunForm::kNotMeasured);
  EXPECT_EQ(started_, 0);
  EXPECT_THAT(report.changes, Contains(testing::Field(&RerunChange::what, "weights")));
  // The store believes still what was built when the builder was right.
  const Result<Baseline> again = set("again", {"2+1"});
  EXPECT_TRUE(again) << again.error().message;
}

TEST_F(RerunTest, AnOperationThatMovedIsFoundByResidency) {
  class Moved final : public ForwardingRunner {
   public:
    Result<Placement> inspect(const InspectRequest& request) override {
      Result<Placement> placed = cpu.inspect(request);
      if (!placed || !placed->compute || placed->kinds.empty()) return placed;
      --placed->compute->resident;
      PlacedKind moved = placed->kinds.front();
      --placed->kinds.front().count;
      moved.count = 1;
      moved.place = "ref";
      placed->kinds.push_back(moved);
      placed->non_resident.push_back({"op", moved.type, "ref", "no kernel"});
      return placed;
    }
  } runner;
  const RerunReport report = rerun(runner);
  EXPECT_EQ(outcome_of(report), Outcome::kRegression);
  EXPECT_THAT(with(report, Outcome::kRegression), Contains("residency [0,2)"));
  const auto moved = std::find_if(report.findings.begin(), report.findings.end(),
                                  [](const RerunFinding& f) { return f.metric == "placement"; });
  ASSERT_NE(moved, report.findings.end());
  EXPECT_THAT(moved->text, HasSubstr("to ref"));
}

TEST_F(RerunTest, WithoutTheOldProgramItIsComparedWithHistoryAndSaysSo) {
  setup_.start_old = nullptr;
  setup_.why_not_old = "it is gone";
  const RerunReport report = rerun();
  EXPECT_EQ(report.form, RerunForm::kWeak);
  EXPECT_THAT(report.form_reason, HasSubstr("it is gone"));
  const auto speed = std::find_if(report.findings.begin(), report.findings.end(),
                                  [](const RerunFinding& f) { return f.metric == "tok_per_s"; });
  ASSERT_NE(speed, report.findings.end());
  EXPECT_TRUE(speed->change_rel);
  EXPECT_THAT(speed->text, HasSubstr("as a ratio to 3, against 1 earlier run"));
  EXPECT_THAT(with(report, Outcome::kSame), Contains("first_divergence"));
  setup_.rules.is_strong_required = true;
  EXPECT_EQ(outcome_of(rerun()), Outcome::kInconclusive);
}

// Blocks without noise, in which one split takes so much of the other's time.
void put_history(Store& store, const Uuid& run, const StoredSweep& like, double ratio) {
  SweepRow row = like.sweep;
  row.spec_hash = to_hex(hash128(std::to_string(ratio)));
  const Uuid sweep = *store.begin_sweep(run, row);
  for (int b = 0; b < 8; ++b) {
    BlockRow block{.block = b, .trial = "t", .wall_ns = 1'000'000};
    int position = 0;
    for (const auto& [arm, ns] : {std::pair("3", 1e6), {kTwinName, 1e6}, {"2+1", ratio * 1e6}}) {
      // A little, and no two blocks alike.
      const auto token = static_cast<std::int64_t>(ns * (1 + 1e-5 * ((b * 7 + position * 3) % 5)));
      block.cells.push_back({.arm = arm,
                             .split_key = std::string(32, 'a'),
                             .round = 0,
                             .position = position++,
                             .token_ns = {token, token, token}});
    }
    FUSESWEEP_CHECK(store.put_block(run, sweep, block));
  }
  FUSESWEEP_CHECK(store.end_sweep(sweep, "done", like.answer));
}

TEST_F(RerunTest, AHistoryThatContradictsItselfIsInconclusive) {
  setup_.start_old = nullptr;
  setup_.why_not_old = "it is gone";
  setup_.rules.rule_out_rel = 0.02;
  // It led by 2.7 % in one run and trailed by 3.5 % in another.
  const StoredSweep sweep = store_.sweeps()->front();
  put_history(store_, begin_run(), sweep, 1 / 1.027);
  put_history(store_, begin_run(), sweep, 1.035);
  const RerunReport report = rerun();
  const auto speed = std::find_if(report.findings.begin(), report.findings.end(),
                                  [](const RerunFinding& f) { return f.metric == "tok_per_s"; });
  ASSERT_NE(speed, report.findings.end());
  EXPECT_THAT(speed->text, HasSubstr("against 3 earlier runs"));
  EXPECT_NE(speed->outcome, Outcome::kRegression);
  EXPECT_NE(speed->outcome, Outcome::kImproved);
  EXPECT_EQ(outcome_of(report), Outcome::kInconclusive);
}

TEST_F(RerunTest, ABaselineOfSomethingElseIsRefusedUnlessOnlyRatiosAreCompared) {
  const struct {
    const char* name;
    std::function<void(RerunSetup&)> change;
    const char* want;
  } rows[] = {
      {"host", [](RerunSetup& s) { s.provenance.host = "there"; }, "host: found 'there'"},
      {"model", [](RerunSetup& s) { s.baseline.model.hash = std::string(32, '1'); }, "model: "},
      {"contract", [](RerunSetup& s) { s.baseline.model.contract.rope_dim = 4; }, "contract: "},
      {"workload", [](RerunSetup& s) { s.workload.decode_tokens = 9; }, "decode tokens: found '9'"},
      {"context", [](RerunSetup& s) { s.workload.context = 48; }, "context: found '48'"},
  };
  const RerunSetup as_it_was = setup_;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    setup_ = as_it_was;
    row.change(setup_);
    const auto refused = run_rerun(setup_, {runner_, store_, begin_run(), clock_, progress_});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr(row.want));
    EXPECT_THAT(refused.error().message, HasSubstr("--cross-host"));
  }
  setup_ = as_it_was;
  setup_.provenance.host = "there";
  setup_.is_cross_host = true;
  const RerunReport report = rerun();
  EXPECT_EQ(report.form, RerunForm::kWeak);
  EXPECT_TRUE(report.is_cross_host);
  for (const RerunFinding& finding : report.findings) {
    if (finding.metric == "tok_per_s") {
      EXPECT_EQ(finding.before, std::nullopt);  // no absolute speed
    }
  }
}

TEST_F(RerunTest, CutShortAnywhereItGoesOnAndMeasuresNoBlockTwice) {
  int calls = 0;
  started_ = 0;
  for (bool is_over = false; !is_over; ++calls) {
    ASSERT_LT(calls, 50);
    int asked = 0;
    setup_.is_interrupted = [&asked, calls] { return ++asked > 1 + calls; };
    const RerunReport report = rerun();
    is_over = !report.is_interrupted;
    if (is_over) {
      EXPECT_EQ(report.blocks, 6);
    }
  }
  EXPECT_GT(calls, 2);
  EXPECT_EQ(started_, 6 * 3);
  EXPECT_EQ(store_.sweeps()->size(), 2U);
}

TEST_F(RerunTest, OnlyTheMetricsThatAreAskedForAreJudged) {
  setup_.start_new = []() -> Result<std::unique_ptr<Runner>> {
    return std::make_unique<SlowRunner>(3'000'000);
  };
  setup_.rules.metrics = {"full-stack", "bytes"};
  const RerunReport report = rerun();
  EXPECT_THAT(with(report, Outcome::kRegression), IsEmpty());
  EXPECT_EQ(outcome_of(report), Outcome::kSame);
}

}  // namespace
}  // namespace fusesweep
