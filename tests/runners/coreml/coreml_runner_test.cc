#include "runners/coreml/coreml_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/base/clock.h"
#include "runners/cpu/cpu_runner.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/manifest_export.h"
#include "runners/mlprogram/shard_builder.h"
#include "runners/model/npy.h"
#include "tests/runners/coreml/fake_core_ml.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr int kContext = 16;
constexpr Encoding kEncodings[] = {Encoding::kInt8, Encoding::kUint8, Encoding::kShiftScaleTensor,
                                   Encoding::kShiftScaleChannel, Encoding::kFp16};

class CoreMlRunnerTest : public testing::Test {
 protected:
  CoreMlRunnerTest() {
    auto fake = std::make_unique<FakeCoreMl>(calls_);
    core_ml_ = fake.get();
    runner_ = std::make_unique<CoreMlRunner>(std::move(fake));
    write_small_model(model_path());
    Result<ModelFile> model = open_model_file(model_path(), 1);
    model_ = *std::move(model);
  }

  std::filesystem::path model_path() const { return folder_.path() / "small.gguf"; }
  std::filesystem::path artifacts() const { return folder_.path() / "artifacts"; }

  ShardIdentity identity(ShardKind kind, KvForm kv_form = KvForm::kMask, int tokens = 1) const {
    return shard_of(*model_,
                    {.kind = kind, .tokens = tokens, .context = kContext, .kv_form = kv_form});
  }

  BuiltShard build(Runner& runner, const ShardIdentity& shard,
                   const std::filesystem::path& artifacts) {
    const auto built =
        runner.build({.identity = shard, .model = model_path(), .artifacts = artifacts}, progress_);
    EXPECT_TRUE(built) << built.error().message;
    return *built;
  }

  // Of a split, with its shards built by the coreml runner.
  std::filesystem::path manifest(const std::string& split, KvForm kv_form, int tokens = 1) {
    const ManifestRequest request{.split = *parse_split(split),
                                  .context = kContext,
                                  .tokens = tokens,
                                  .kv_form = kv_form,
                                  .head_shards = 2};
    for (const Segment& segment : request.split.segments())
      build(*runner_, identity(segment, kv_form, tokens), artifacts());
    const std::vector<HeadSlice> slices = *head_slices(model_->contract, 2);
    for (const HeadSlice& slice : slices)
      build(*runner_, identity(slice, kv_form, tokens), artifacts());
    build(*runner_, identity(EmbeddingTable{}), artifacts());
    const auto found = find_manifest(list_artifacts(artifacts()), request, folder_.path(), 1);
    EXPECT_TRUE(found) << found.error().message;
    std::filesystem::path path = folder_.path() / (split + ".json");
    std::ofstream(path) << to_json(*found).dump();
    return path;
  }

  Opened open(Runner& runner, const OpenRequest& request) {
    Result<Opened> opened = runner.open(request, progress_);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }

  static RunnerOptions with_units(std::string_view units) {
    return {.own = {{"coreml", {{"units", std::string(units)}}}}};
  }

  TemporaryFolder folder_;
  SystemClock clock_;
  Progress progress_{{}, clock_};
  CoreMlCalls calls_;
  std::unique_ptr<CoreMlRunner> runner_;
  FakeCoreMl* core_ml_ = nullptr;
  std::optional<ModelFile> model_;
};

TEST_F(CoreMlRunnerTest, DescribesTheMac) {
  const auto told = runner_->describe({});
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->name, "coreml");
  EXPECT_EQ(told->device, "Apple M4 Max, Neural Engine of 16 cores");
  EXPECT_EQ(told->device_kind, "ane");
  EXPECT_EQ(told->process_compiles, 1U);
  EXPECT_THAT(told->toolchain, HasSubstr("macos 15.2 24C101 cpu_and_ane"));
  EXPECT_THAT(told->emulated, IsEmpty());
  EXPECT_EQ(runner_->describe(with_units("cpu"))->device_kind, "cpu");
  EXPECT_NE(runner_->describe(with_units("all"))->toolchain, told->toolchain);
}

TEST_F(CoreMlRunnerTest, RefusesOptionsThatItCannotKeep) {
  const auto limited = runner_->describe({.residency_limit_bytes = 5});
  ASSERT_FALSE(limited);
  EXPECT_THAT(limited.error().message,
              HasSubstr("options.residency_limit_bytes: found 5, want none"));
  const auto units = runner_->describe(with_units("npu"));
  ASSERT_FALSE(units);
  EXPECT_THAT(
      units.error().message,
      HasSubstr(
          "options.coreml.units: found 'npu', want one of cpu_and_ane, all, cpu_and_gpu, cpu"));
  EXPECT_FALSE(runner_->describe({.own = {{"coreml", {{"unit", "cpu"}}}}}));
}

TEST_F(CoreMlRunnerTest, OlderSystemsAreToldWhatTheyLack) {
  const BuiltShard shard = build(*runner_, identity(Segment{0, 1}), artifacts());
  core_ml_->told.version = {14, 7, 0};
  EXPECT_TRUE(runner_->inspect({.artifact = shard.artifact}));
  const auto opened = runner_->open({.artifacts = {shard.artifact}}, progress_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(opened.error().message, HasSubstr("found macOS 14.7, want 15.0 or newer"));
  core_ml_->told.version = {13, 0, 0};
  EXPECT_THAT(runner_->inspect({.artifact = shard.artifact}).error().message,
              HasSubstr("found macOS 13.0, want 14.4 or newer"));
  calls_.clear();
  build(*runner_, identity(Segment{0, 2}), artifacts());
  EXPECT_THAT(calls_, IsEmpty()) << "there is nothing to compile for";
}

// What is gated on one machine is what another one runs.
TEST_F(CoreMlRunnerTest, PackagesAreTheSameBytesAsAnyOtherRunners) {
  CpuRunner cpu;
  for (const ShardKind& kind : std::vector<ShardKind>{Segment{0, 2}, Segment{2, 3},
                                                      HeadSlice{0, 48, 1}, EmbeddingTable{}}) {
    for (const Encoding encoding : kEncodings) {
      ShardIdentity shard = identity(kind);
      shard.encoding = encoding;
      shard = shard_of(*model_, shard);
      SCOPED_TRACE(to_text(kind) + " " + std::string(to_text(encoding)));
      const BuiltShard ours = build(*runner_, shard, artifacts());
      const BuiltShard theirs = build(cpu, shard, folder_.path() / "of_cpu");
      EXPECT_EQ(ours.content_hash, theirs.content_hash);
      EXPECT_EQ(ours.bytes, theirs.bytes);
      const auto ours_read = read_artifact(ours.artifact);
      const auto theirs_read = read_artifact(theirs.artifact);
      ASSERT_TRUE(ours_read && theirs_read);
      EXPECT_EQ(hash_of(ours_read->identity), hash_of(theirs_read->identity));
      EXPECT_TRUE(check_content(*ours_read, 1)) << "compiling leaves the package alone";
    }
  }
}

TEST_F(CoreMlRunnerTest, CompilesAShardOnceAndWritesItDown) {
  const BuiltShard shard = build(*runner_, identity(Segment{0, 2}), artifacts());
  EXPECT_TRUE(shard.build_ns);
  EXPECT_FALSE(build(*runner_, identity(Segment{0, 2}), artifacts()).build_ns);
  EXPECT_TRUE(runner_->inspect({.artifact = shard.artifact}));
  open(*runner_, {.artifacts = {shard.artifact}});
  EXPECT_EQ(std::count_if(calls_.begin(), calls_.end(),
                          [](const std::string& call) { return call.starts_with("compile"); }),
            1);
  const auto artifact = read_artifact(shard.artifact);
  ASSERT_TRUE(artifact && artifact->compiled);
  EXPECT_EQ(artifact->compiled->name, "layers_0_2.mlmodelc");
  EXPECT_TRUE(check_compiled(*artifact, 1));
  EXPECT_EQ(core_ml_->left_behind(), 0U);
}

TEST_F(CoreMlRunnerTest, ABarePackageIsCompiledForTheCallAlone) {
  const BuiltShard shard = build(*runner_, identity(Segment{0, 2}), artifacts());
  const std::filesystem::path bare = folder_.path() / "theirs.mlpackage";
  std::filesystem::copy(read_artifact(shard.artifact)->path(), bare,
                        std::filesystem::copy_options::recursive);
  calls_.clear();
  EXPECT_TRUE(runner_->inspect({.artifact = bare}));
  EXPECT_THAT(calls_, ElementsAre("compile theirs", "plan theirs.mlmodelc"));
  EXPECT_EQ(core_ml_->left_behind(), 0U);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "theirs.mlmodelc"));
}

TEST_F(CoreMlRunnerTest, ThePlanIsThePlacement) {
  const BuiltShard shard = build(*runner_, identity(Segment{0, 1}), artifacts());
  core_ml_->planned = {{"a", "ios18.conv", "ane", {"cpu", "ane"}, 1.0},
                       {"b", "ios18.add", "cpu", {"cpu"}, 0.0}};
  const auto placement = runner_->inspect({.artifact = shard.artifact});
  ASSERT_TRUE(placement) << placement.error().message;
  EXPECT_EQ(placement->evidence, PlacementEvidence::kPlan);
  EXPECT_EQ(placement->compute, (ResidentCount{2, 1}));
  const auto on_cpu = runner_->inspect({.artifact = shard.artifact, .options = with_units("cpu")});
  EXPECT_EQ(on_cpu->conv, (ResidentCount{1, 0})) << "resident is what runs where it is meant to";
}

TEST_F(CoreMlRunnerTest, ErrorsOfCoreMlAreAnswersThatNameTheShard) {
  const BuiltShard shard = build(*runner_, identity(Segment{0, 1}), artifacts());
  core_ml_->no = Error{ErrorCode::kUnavailable, "loading: the Neural Engine's compiler refused it"};
  const auto opened = runner_->open({.artifacts = {shard.artifact}}, progress_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(opened.error().message,
              HasSubstr("layers_0_1.mlpackage: loading: the Neural Engine"));
  EXPECT_FALSE(runner_->inspect({.artifact = shard.artifact}));
  EXPECT_FALSE(runner_->build(
      {.identity = identity(Segment{1, 2}), .model = model_path(), .artifacts = artifacts()},
      progress_));
}

// The same bits: the host's part is one, and the fake runs the shards with the cpu runner's plain loops.
TEST_F(CoreMlRunnerTest, DecodesAndRunsAsTheCpuRunnerDoes) {
  for (const KvForm kv_form : {KvForm::kMask, KvForm::kSlice}) {
    for (const int tokens : {1, 4}) {
      SCOPED_TRACE(std::string(to_text(kv_form)) + " " + std::to_string(tokens));
      const OpenRequest request{.manifest = manifest("2+1", kv_form, tokens),
                                .options = {.threads = 1, .own = {{"cpu", {{"isa", "ref"}}}}}};
      CpuRunner cpu;
      const Opened ours = open(*runner_, request);
      const Opened theirs = open(cpu, request);
      const DecodeRequest decode{.prompt = {3, 9, 27, 1, 5}, .decode_tokens = 4};
      const auto found = ours.session->decode(decode);
      const auto wanted = theirs.session->decode(decode);
      ASSERT_TRUE(found && wanted) << found.error().message;
      EXPECT_EQ(found->ids, wanted->ids);
      EXPECT_EQ(found->groups, wanted->groups);
      const auto more = ours.session->decode({.prompt = {}, .decode_tokens = 2});
      ASSERT_TRUE(more) << more.error().message;
      EXPECT_EQ(more->ids, theirs.session->decode({.prompt = {}, .decode_tokens = 2})->ids);

      std::filesystem::create_directories(folder_.path() / "ours");
      std::filesystem::create_directories(folder_.path() / "theirs");
      const auto outputs = ours.session->run({.ids = {1, 2, 3}, .folder = folder_.path() / "ours"});
      const auto others =
          theirs.session->run({.ids = {1, 2, 3}, .folder = folder_.path() / "theirs"});
      ASSERT_TRUE(outputs && others);
      ASSERT_EQ(outputs->size(), others->size());
      for (std::size_t i = 0; i < outputs->size(); ++i) {
        EXPECT_EQ(read_npy((*outputs)[i].file)->values, read_npy((*others)[i].file)->values);
        EXPECT_FALSE((*outputs)[i].placement) << "CoreML does not tell where operations ran";
      }
    }
  }
}

TEST_F(CoreMlRunnerTest, ActivationIsApartFromLoading) {
  const Opened opened = open(*runner_, {.manifest = manifest("2+1", KvForm::kMask)});
  ASSERT_EQ(opened.groups.size(), 3U);
  for (const GroupLoad& group : opened.groups) {
    EXPECT_TRUE(group.load_ns);
    EXPECT_TRUE(group.activation_ns);
  }
}

TEST_F(CoreMlRunnerTest, EachSessionHasStatesOfItsOwn) {
  const OpenRequest request{.manifest = manifest("2+1", KvForm::kMask)};
  const Opened one = open(*runner_, request);
  const Opened other = open(*runner_, request);
  const DecodeRequest first{.prompt = {3, 9}, .decode_tokens = 1};
  const auto alone = one.session->decode({.prompt = {3, 9}, .decode_tokens = 4});
  ASSERT_TRUE(one.session->decode(first));
  ASSERT_TRUE(other.session->decode({.prompt = {40, 2, 7}, .decode_tokens = 3}));
  const auto went_on = one.session->decode({.prompt = {}, .decode_tokens = 3});
  ASSERT_TRUE(alone && went_on);
  EXPECT_THAT(went_on->ids, testing::ElementsAreArray(alone->ids.end() - 3, alone->ids.end()));
}

TEST_F(CoreMlRunnerTest, HeatAndPowerModeAreCounted) {
  const Opened opened = open(*runner_, {.manifest = manifest("2+1", KvForm::kMask)});
  const auto decoded = opened.session->decode({.prompt = {1}, .decode_tokens = 1});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->decode_counters.thermal_state, 1);
  EXPECT_EQ(decoded->prefill_counters.low_power_mode, 0);
  core_ml_->told.thermal_state = std::nullopt;
  EXPECT_FALSE(opened.session->decode({.prompt = {1}})->decode_counters.thermal_state);
}

// What the two speeds come to is Fallback's; here, that they are taken where they can tell something.
TEST_F(CoreMlRunnerTest, AShardThatIsBigEnoughIsTimedOnTheCpuAloneToo) {
  const std::filesystem::path path = folder_.path() / "nano.gguf";
  ASSERT_TRUE(write_synthetic_model(
      {.name = "nano", .contract = *known_model("nano"), .type = SyntheticType::kQ8_0, .seed = 3},
      path, progress_));
  const Result<ModelFile> nano = open_model_file(path, 1);
  ASSERT_TRUE(nano) << nano.error().message;
  const auto loads_of = [&](Segment segment, const RunnerOptions& options) {
    const ShardIdentity shard =
        shard_of(*nano, {.kind = segment, .tokens = 1, .context = kContext});
    const auto built =
        runner_->build({.identity = shard, .model = path, .artifacts = artifacts()}, progress_);
    EXPECT_TRUE(built) << built.error().message;
    const Opened opened = open(*runner_, {.artifacts = {built->artifact}, .options = options});
    calls_.clear();
    const std::vector<float> state(384, 0.5F);
    const std::filesystem::path hidden = folder_.path() / "hidden.npy";
    EXPECT_TRUE(write_npy(hidden, {1, 384}, state));
    EXPECT_TRUE(opened.session->run({.hidden = hidden, .folder = folder_.path()}));
    return std::count(calls_.begin(), calls_.end(), "load 0");
  };
  EXPECT_EQ(loads_of({0, 12}, {}), 1);
  EXPECT_EQ(loads_of({0, 12}, with_units("cpu")), 0) << "it is meant to run there";
  EXPECT_EQ(loads_of({0, 1}, {}), 0) << "it takes as long as its dispatch, wherever it runs";
}

TEST_F(CoreMlRunnerTest, ACompiledFormAloneIsEnough) {
  const std::filesystem::path path = manifest("3", KvForm::kMask);
  for (const Artifact& artifact : list_artifacts(artifacts())) {
    if (!artifact.compiled) continue;
    ASSERT_TRUE(note_package_removed(artifact));
    std::filesystem::remove_all(artifact.path());
  }
  calls_.clear();
  open(*runner_, {.manifest = path});
  EXPECT_THAT(calls_, Not(Contains(StartsWith("compile"))));
}

}  // namespace
}  // namespace fusesweep
