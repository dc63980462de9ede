// The gates as a user meets them, on the cpu runner and a small model: what is right passes all of
// them, and every planted fault is caught by the gate that is there for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "harness/sweep/gate_split.h"
#include "harness/sweep/qualification.h"
#include "harness/sweep/shard_gates.h"
#include "harness/sweep/stored_words.h"
#include "runners/cpu/cpu_runner.h"
#include "tests/support/altered_package.h"
#include "tests/support/forwarding_runner.h"
#include "tests/support/sabotaged_runner.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

using Gates = std::set<std::string>;

class SweepGates : public testing::Test {
 protected:
  void SetUp() override {
    write_small_model(model_path_);
    const Result<RunnableModel> model = find_runnable_model({}, model_path_.string());
    ASSERT_TRUE(model) << model.error().message;
    setup_.model = *model;
    setup_.shape = {.tokens = 1, .encoding = Encoding::kInt8, .context = 32};
    setup_.work = folder_.path() / "work";
    setup_.after_failure = AfterFailure::kGoOn;
    setup_.positions = 10;
    setup_.prompts = 2;
    setup_.prompt_tokens = 8;
    setup_.greedy_tokens = 8;
  }

  // A workbench for the runner, in a run of its own.
  GateWorkbench bench_for(Runner& runner) {
    const Uuid run = *store_.begin_run({.command = "gate", .arguments = {}, .provenance = {}});
    description_ = *runner.describe(setup_.options);
    Result<GateWorkbench> bench =
        GateWorkbench::create(runner, description_, setup_, store_, run, progress_);
    FUSESWEEP_CHECK(bench);
    return *std::move(bench);
  }

  Gated gate(Sabotage sabotage, const ShardKind& kind) {
    SabotagedRunner runner(std::move(sabotage));
    GateWorkbench bench = bench_for(runner);
    Result<Gated> gated = ShardGates(bench).gate(kind);
    EXPECT_TRUE(gated) << gated.error().message;
    return gated ? *gated : Gated{};
  }

  std::vector<Gated> gate_all(Runner& runner, const char* split) {
    GateWorkbench bench = bench_for(runner);
    Result<std::vector<Gated>> all = gate_split(bench, *parse_split(split));
    EXPECT_TRUE(all) << all.error().message;
    return all ? *all : std::vector<Gated>{};
  }

  static Gates with(const Gated& gated, GateOutcome outcome) {
    Gates gates;
    for (const GateVerdict& verdict : gated.verdicts) {
      if (verdict.outcome == outcome) gates.insert(verdict.gate);
    }
    return gates;
  }
  static Gates failed(const Gated& gated) { return with(gated, GateOutcome::kFail); }

  static std::string reason(const Gated& gated, std::string_view gate) {
    for (const GateVerdict& verdict : gated.verdicts) {
      if (verdict.gate == gate) return verdict.reason;
    }
    return "no such verdict";
  }

  TemporaryFolder folder_;
  std::filesystem::path model_path_ = folder_.path() / "small.gguf";
  SystemClock clock_;
  Progress progress_{{}, clock_};
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  GateSetup setup_;
  RunnerDescription description_;
};

TEST_F(SweepGates, WhatIsRightPassesAllOfThem) {
  const Gates all = {"build",     "contract",        "weights",
                     "residency", "golden-fidelity", "golden-quality"};
  EXPECT_EQ(with(gate({}, Segment{0, 2}), GateOutcome::kPass), all);
  EXPECT_EQ(with(gate({}, HeadSlice{0, 48, 1}), GateOutcome::kPass), all);
  setup_.head_shards = 3;
  EXPECT_EQ(with(gate({}, HeadSlice{16, 32, 3}), GateOutcome::kPass), all);
}

TEST_F(SweepGates, EveryEncodingPassesWithSeveralTokensToo) {
  setup_.shape.tokens = 4;
  for (const Encoding encoding : {Encoding::kInt8, Encoding::kUint8, Encoding::kShiftScaleTensor,
                                  Encoding::kShiftScaleChannel, Encoding::kFp16}) {
    SCOPED_TRACE(to_text(encoding));
    setup_.shape.encoding = encoding;
    const Gated gated = gate({}, Segment{1, 3});
    EXPECT_THAT(failed(gated), IsEmpty()) << reason(gated, *failed(gated).begin());
    EXPECT_THAT(with(gated, GateOutcome::kPass), Contains("block-parity"));
  }
}

TEST_F(SweepGates, EveryPlantedFaultIsCaughtByTheGateNamed) {
  const struct {
    const char* name;
    void (*alter)(AlteredPackage& package);
    Gates caught_by;
  } kRows[] = {
      {"a scale of one tensor off by 1 %",
       [](AlteredPackage& p) { scale_weight(p, "layers_1_qkv_weight", 1.01F); },
       {"weights"}},
      {"one NaN weight",
       [](AlteredPackage& p) { put_nan(p, "layers_1_attention_norm_weight"); },
       {"golden-fidelity", "golden-quality", "weights"}},
      {"one operation that is not on the device",
       [](AlteredPackage& p) { add_needless_cast(p, 1); },
       {"residency"}},
      {"a swapped pair of layers",
       [](AlteredPackage& p) { swap_layers(p, 0, 1); },
       {"golden-fidelity", "weights"}},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    std::filesystem::remove_all(setup_.work);
    ASSERT_TRUE(store_.forget_failures(setup_.model.hash));
    const Gated gated = gate(altering(row.alter), Segment{0, 2});
    EXPECT_THAT(failed(gated), IsSupersetOf(row.caught_by));
  }
}

TEST_F(SweepGates, TokensMixedWithChannelsAreCaughtByBlockParity) {
  setup_.shape.tokens = 4;
  const Gated gated = gate(
      [](const BuildRequest& request, BuiltShard& built) {
        if (request.identity.tokens == 4) altering(mix_tokens_and_channels)(request, built);
      },
      Segment{0, 2});
  EXPECT_THAT(failed(gated), Contains("block-parity"));
  EXPECT_THAT(with(gated, GateOutcome::kPass), Contains("residency"));
  EXPECT_THAT(with(gated, GateOutcome::kPass), Contains("weights"));
}

TEST_F(SweepGates, RotationOfTheFullHeadIsCaughtByContractAndGolden) {
  const Gated gated = gate(
      [this](const BuildRequest& request, BuiltShard& built) {
        const std::filesystem::path package = build_with_rope_dim(
            model_path_, request.identity, setup_.model.contract.d_head, folder_.path() / "old");
        built.artifact = package.parent_path();
        built.content_hash = read_artifact(built.artifact)->content_hash;
      },
      Segment{0, 2});
  EXPECT_THAT(failed(gated), IsSupersetOf({"contract", "golden-fidelity", "golden-quality"}));
  EXPECT_THAT(reason(gated, "contract"), HasSubstr("rope_dim: found 16, want 8"));
  EXPECT_THAT(reason(gated, "golden-fidelity"), HasSubstr("relative_l2"));
  EXPECT_THAT(with(gated, GateOutcome::kPass), Contains("residency"));
}

TEST_F(SweepGates, APackageAlteredAfterItsHashWasTakenIsCaughtByBuild) {
  const Gated gated = gate(
      [](const BuildRequest&, BuiltShard& built) {
        const std::filesystem::path package = read_artifact(built.artifact)->path();
        AlteredPackage altered(package);
        scale_weight(altered, "layers_0_down_weight", 1.5F);
        altered.write(package);
      },
      Segment{0, 2});
  EXPECT_THAT(failed(gated), Contains("build"));
  EXPECT_THAT(reason(gated, "build"), HasSubstr("altered"));
}

TEST_F(SweepGates, AHeadSliceShiftedByARowIsCaughtByGolden) {
  setup_.head_shards = 2;
  const Gated gated = gate(
      [this](const BuildRequest& request, BuiltShard& built) {
        const ModelFile model = *open_model_file(model_path_, 1);
        const std::filesystem::path shifted =
            build_shifted_head(model, request.identity, folder_.path() / "shifted");
        const std::filesystem::path package = read_artifact(built.artifact)->path();
        std::filesystem::remove_all(package);
        std::filesystem::copy(shifted, package, std::filesystem::copy_options::recursive);
        vouch_for(built);
      },
      HeadSlice{0, 24, 2});
  EXPECT_THAT(failed(gated), IsSupersetOf({"golden-fidelity", "golden-quality", "weights"}));
}

TEST_F(SweepGates, PlanAndRunThatDisagreeFailResidency) {
  // A graph that is loaded under another limit than it was planned for.
  class TwoFaced final : public ForwardingRunner {
   public:
    Result<Opened> open(const OpenRequest& r, Progress& p) override {
      OpenRequest other = r;
      other.options.residency_limit_bytes = 1;
      return cpu.open(other, p);
    }
  } runner;
  GateWorkbench bench = bench_for(runner);
  const Gated gated = *ShardGates(bench).gate(Segment{0, 2});
  EXPECT_EQ(failed(gated), Gates{"residency"});
  EXPECT_THAT(reason(gated, "residency"), HasSubstr("plan and run disagree"));
}

TEST_F(SweepGates, WhatTheRunnerNoticedIsAWarningOfResidency) {
  class Suspicious final : public ForwardingRunner {
   public:
    Result<Opened> open(const OpenRequest& r, Progress& p) override {
      Result<Opened> opened = cpu.open(r, p);
      if (opened) opened->session = std::make_unique<Noticing>(std::move(opened->session));
      return opened;
    }

   private:
    class Noticing final : public Session {
     public:
      explicit Noticing(std::unique_ptr<Session> session) : session_(std::move(session)) {}
      Result<std::vector<GroupOutput>> run(const RunRequest& r) override {
        auto outputs = session_->run(r);
        if (outputs) outputs->front().notes = {"it may have fallen back"};
        return outputs;
      }
      Result<DecodeResult> decode(const DecodeRequest& r) override { return session_->decode(r); }
      Result<std::vector<std::int64_t>> time(const TimeRequest& r) override {
        return session_->time(r);
      }

     private:
      std::unique_ptr<Session> session_;
    };
  } runner;
  GateWorkbench bench = bench_for(runner);
  const Gated gated = *ShardGates(bench).gate(Segment{0, 2});
  EXPECT_THAT(failed(gated), IsEmpty());
  EXPECT_THAT(reason(gated, "residency"), HasSubstr("; warning: it may have fallen back"));
}

TEST_F(SweepGates, AfterAFailureTheOthersAreLeftOut) {
  setup_.after_failure = AfterFailure::kStop;
  setup_.options.residency_limit_bytes = 1;
  const Gated gated = gate({}, Segment{0, 2});
  EXPECT_EQ(failed(gated), Gates{"residency"});
  EXPECT_EQ(gated.verdicts.back().gate, "residency");
}

TEST_F(SweepGates, ASplitIsQualifiedWhenEveryGatePassed) {
  CpuRunner runner;
  const std::vector<Gated> all = gate_all(runner, "2+1");
  EXPECT_EQ(disqualification(all), std::nullopt);
  EXPECT_EQ(all.back().verdicts.back().gate, "full-stack");
  EXPECT_EQ(all.back().verdicts.back().outcome, GateOutcome::kPass)
      << all.back().verdicts.back().reason;
  const Split split = *parse_split("2+1");
  const std::vector<ShardIdentity> shards = *shards_of(setup_.model, split, setup_.shape, 1);
  const auto standing = [&](const Conditions& conditions) {
    return qualification_of(store_, setup_.model, split, shards, conditions)->standing;
  };
  EXPECT_EQ(standing(conditions_of(description_, setup_.options)), Standing::kQualified);
  // What passed is the bytes that were there.
  const Conditions conditions = conditions_of(description_, setup_.options);
  ContentHashes content;
  for (const ShardIdentity& shard : shards) {
    const std::filesystem::path folder = setup_.work / "artifacts" / hash_of(shard);
    content[hash_of(shard)] = read_artifact(folder)->content_hash;
  }
  EXPECT_EQ(qualification_of(store_, setup_.model, split, shards, conditions, content)->standing,
            Standing::kQualified);
  content[hash_of(shards[1])] = "of other bytes";
  const Qualification other =
      *qualification_of(store_, setup_.model, split, shards, conditions, content);
  EXPECT_EQ(other.standing, Standing::kUngated);
  EXPECT_THAT(other.reason, HasSubstr("of [2,3) passed for other bytes"));
  // Under another limit, on another runner, nothing is known.
  EXPECT_EQ(standing(conditions_of(description_, {.residency_limit_bytes = 7})),
            Standing::kUngated);
  EXPECT_EQ(standing({}), Standing::kUngated);
}

TEST_F(SweepGates, WhatTheStoreKnowsOfTheSameBytesIsNotAskedAgain) {
  class Counting final : public ForwardingRunner {
   public:
    Result<Placement> inspect(const InspectRequest& r) override {
      ++asked;
      return cpu.inspect(r);
    }
    Result<Opened> open(const OpenRequest& r, Progress& p) override {
      ++asked;
      return cpu.open(r, p);
    }
    int asked = 0;
  } runner;
  setup_.stored = StoredVerdicts::kUse;
  const std::vector<Gated> first = gate_all(runner, "2+1");
  EXPECT_GT(runner.asked, 0);
  runner.asked = 0;
  const std::vector<Gated> second = gate_all(runner, "2+1");
  EXPECT_EQ(runner.asked, 0);
  ASSERT_EQ(second.size(), first.size());
  for (std::size_t i = 1; i < first.size(); ++i) EXPECT_EQ(second[i].verdicts, first[i].verdicts);
  // Another split shares the shard that it has in common, and only that.
  gate_all(runner, "2+1");
  EXPECT_EQ(runner.asked, 0);
  gate_all(runner, "3");
  EXPECT_GT(runner.asked, 0);
}

TEST_F(SweepGates, ASplitWithABadShardIsDisqualifiedWithGateAndReason) {
  setup_.after_failure = AfterFailure::kStop;
  SabotagedRunner runner([](const BuildRequest& request, BuiltShard& built) {
    if (request.identity.kind != ShardKind(Segment{2, 3})) return;
    altering([](AlteredPackage& p) { scale_weight(p, "layers_0_qkv_weight", 1.01F); })(request,
                                                                                       built);
  });
  const std::vector<Gated> all = gate_all(runner, "2+1");
  const std::optional<std::string> why = disqualification(all);
  ASSERT_TRUE(why);
  EXPECT_THAT(*why, HasSubstr("weights of [2,3): blk.2.attn_qkv.weight: "));
  EXPECT_EQ(all.back().verdicts.back().outcome, GateOutcome::kNotRun);
  EXPECT_THAT(all.back().verdicts.back().reason, HasSubstr("a gate before it stands in the way"));
  const Split split = *parse_split("2+1");
  const Qualification known = *qualification_of(store_, setup_.model, split,
                                                *shards_of(setup_.model, split, setup_.shape, 1),
                                                conditions_of(description_, setup_.options));
  EXPECT_EQ(known.standing, Standing::kDisqualified);
  EXPECT_EQ(known.reason, *why);
}

TEST_F(SweepGates, AShardBeyondTheCliffIsInferredAndNotTriedAndHasNotFailed) {
  setup_.options.residency_limit_bytes = 20'000;  // two layers
  CpuRunner runner;
  const auto probe = [&](const Segment& segment, bool is_resident) {
    const Uuid run = *store_.begin_run({.command = "cliff", .arguments = {}, .provenance = {}});
    bench_for(runner);  // puts the runner
    const ProbeRow row{.shard = shard_of(setup_.model, setup_.shape, segment),
                       .conditions = conditions_of(description_, setup_.options),
                       .answer = {.probe = {segment, 1}, .is_resident = is_resident}};
    ASSERT_TRUE(store_.put_probe(run, row));
  };
  probe({0, 1}, true);
  probe({0, 2}, false);  // so says the record; what matters is that the longer one is not tried
  const std::vector<Gated> all = gate_all(runner, "3");
  EXPECT_EQ(disqualification(all), std::nullopt);
  const auto shard = std::find_if(all.begin(), all.end(),
                                  [](const Gated& gated) { return gated.subject.text == "[0,3)"; });
  ASSERT_NE(shard, all.end());
  EXPECT_EQ(with(*shard, GateOutcome::kNotRun), Gates{"residency"});
  EXPECT_THAT(reason(*shard, "residency"), HasSubstr("beyond the cliff, inferred: [0,2)"));
  EXPECT_FALSE(std::filesystem::exists(
      setup_.work / "artifacts" / hash_of(shard_of(setup_.model, setup_.shape, Segment{0, 3}))));
  // Who asks for the shard itself gets it tried.
  GateWorkbench bench = bench_for(runner);
  EXPECT_EQ(failed(*ShardGates(bench).gate(Segment{0, 3})), Gates{"residency"});
}

TEST_F(SweepGates, FailuresAreRememberedUntilTheyAreForgotten) {
  class Dying final : public ForwardingRunner {
   public:
    Result<BuiltShard> build(const BuildRequest&, Progress&) override {
      ++builds;
      return fail({ErrorCode::kCrashed, "build: the program ended with signal 9"});
    }
    int builds = 0;
  } runner;
  for (int i = 0; i < 2; ++i) {
    GateWorkbench bench = bench_for(runner);
    const Gated gated = *ShardGates(bench).gate(Segment{0, 2});
    EXPECT_EQ(failed(gated), Gates{"build"});
    EXPECT_THAT(reason(gated, "build"), HasSubstr("signal 9"));
    EXPECT_EQ(gated.verdicts.size(), 1U);
  }
  EXPECT_EQ(runner.builds, 1);
  EXPECT_EQ(store_.forget_failures(setup_.model.hash), 1);
  GateWorkbench bench = bench_for(runner);
  ASSERT_TRUE(ShardGates(bench).gate(Segment{0, 2}));
  EXPECT_EQ(runner.builds, 2);
}

TEST_F(SweepGates, APackageOfAnotherToolIsGatedWithinOneStep) {
  CpuRunner runner;
  GateWorkbench bench = bench_for(runner);
  ShardGates gates(bench);
  const ModelFile model = *open_model_file(model_path_, 1);
  ShardIdentity asked = shard_of(model, setup_.shape);
  asked.kind = Segment{1, 3};
  const Artifact built =
      *build_shard(model, shard_of(model, asked), folder_.path() / "theirs", {}, progress_);
  const std::filesystem::path package = folder_.path() / "theirs.mlpackage";
  AlteredPackage theirs(built.path());
  split_projections(theirs, model, {1, 3});
  theirs.write(package);
  const Gated good = *gates.gate_package(package, Segment{1, 3});
  EXPECT_EQ(good.subject.kind, "package");
  EXPECT_THAT(failed(good), IsEmpty()) << reason(good, *failed(good).begin());
  EXPECT_EQ(with(good, GateOutcome::kPass),
            (Gates{"build", "contract", "weights", "residency", "golden-quality"}));
  // The reference rounds q, k and v by one scale, they by three.
  EXPECT_THAT(reason(good, "golden-fidelity"), HasSubstr("rounded otherwise"));

  // Taken for other layers than it has.
  const Gated taken = *gates.gate_package(package, Segment{0, 2});
  EXPECT_THAT(failed(taken), IsSupersetOf({"weights", "golden-fidelity"}));

  scale_weight(theirs, "layers_1_down_weight", 1.02F);
  theirs.write(package);
  EXPECT_THAT(failed(*gates.gate_package(package, Segment{1, 3})), Contains("weights"));
}

}  // namespace
}  // namespace fusesweep
