#include "runners/replay/replay_runner.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/shard_builder.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"
#include "topologies/recorded_library.h"
#include "topologies/runtime_manifest.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kOldContract =
    "old contract: recorded with rope_dim 128, the contract has 96";

// All replay the record that comes with fusesweep.
class Replay : public testing::Test {
 protected:
  ShardIdentity identity(const ShardKind& kind, int tokens = 1) const {
    return {.model_hash = std::string(32, 'a'),
            .contract_hash = hash_of(contract_),
            .kind = kind,
            .builder_version = 1,
            .tokens = tokens,
            .encoding = Encoding::kInt8,
            .context = 512};
  }

  Result<BuiltShard> build(const ShardIdentity& identity) {
    return runner_.build({.identity = identity, .artifacts = artifacts()}, progress_);
  }

  std::filesystem::path artifact(const ShardKind& kind, int tokens = 1) {
    const Result<BuiltShard> built = build(identity(kind, tokens));
    EXPECT_TRUE(built) << built.error().message;
    return built->artifact;
  }

  Result<Placement> inspect(const ShardKind& kind, int tokens = 1) {
    return runner_.inspect({.artifact = artifact(kind, tokens)});
  }

  Result<GroupOutput> golden(const ShardKind& kind, int tokens = 1) {
    const Result<Opened> opened = runner_.open({.artifacts = {artifact(kind, tokens)}}, progress_);
    EXPECT_TRUE(opened) << opened.error().message;
    Result<std::vector<GroupOutput>> outputs = opened->session->run({});
    if (!outputs) return fail(outputs.error());
    EXPECT_EQ(outputs->size(), 1U);
    EXPECT_FALSE(outputs->front().placement);  // nothing ran
    return outputs->front();
  }

  Opened open_split(const char* text, RunnerOptions options = {}) {
    OpenRequest request{.options = std::move(options)};
    for (const Segment& segment : parse_split(text)->segments())
      request.artifacts.push_back(artifact(segment));
    Result<Opened> opened = runner_.open(request, progress_);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }

  std::filesystem::path artifacts() const { return folder_.path() / "artifacts"; }

  const TemporaryFolder folder_;
  SystemClock clock_;
  Progress progress_{{}, clock_};
  const Contract contract_ = *known_model("phi4-mini");
  ReplayRunner runner_{*find_recorded("phi4-mini-m4max")};
};

std::string message_of(const auto& result) {
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotRecorded);
  return result.error().message;
}

TEST_F(Replay, DescribesTheRecordsDeviceAndClaimsNoMeasurement) {
  const RunnerDescription description = *runner_.describe({});
  EXPECT_EQ(description.name, "replay:phi4-mini-m4max");
  EXPECT_EQ(description.device, "Apple M4 Max");
  EXPECT_EQ(description.evidence, Evidence::kRecorded);
  EXPECT_EQ(description.own_model, "phi4-mini");
  EXPECT_EQ(description.device_memory_bytes, std::nullopt);
  EXPECT_THAT(description.toolchain, StartsWith("macOS 15, record "));
  EXPECT_THAT(description.capabilities,
              ElementsAre("build", "inspect", "open", "run", "decode", "time"));
}

TEST_F(Replay, BuildsWithoutAModelFileAndClaimsNoTime) {
  const Result<BuiltShard> built = build(identity(Segment{0, 16}));
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(built->artifact, artifacts() / hash_of(identity(Segment{0, 16})));
  EXPECT_EQ(built->build_ns, std::nullopt);
  const std::string text = *read_file(built->artifact / "recorded.json", 1 << 20);
  EXPECT_EQ(text.size(), built->bytes);
  EXPECT_THAT(text, HasSubstr("stands for layers[0,16), which is known from records only"));
  EXPECT_EQ(build(identity(Segment{0, 16}))->content_hash, built->content_hash);  // adopted
}

TEST_F(Replay, AStandInIsNoArtifactForAnybodyElse) {
  artifact(Segment{0, 16});
  EXPECT_TRUE(list_artifacts(artifacts()).empty());
}

TEST_F(Replay, AdoptsAShardThatWasBuilt) {
  const ShardIdentity built = identity(Segment{0, 20});
  const std::filesystem::path folder = artifacts() / hash_of(built);
  std::filesystem::create_directories(folder);
  ASSERT_TRUE(write_artifact({.identity = built,
                              .contract = contract_,
                              .model = "phi.gguf",
                              .name = "layers_0_20.mlpackage",
                              .bytes = 5,
                              .content_hash = "of the package"},
                             folder));
  EXPECT_EQ(build(built)->content_hash, "of the package");
  EXPECT_EQ(runner_.inspect({.artifact = folder})->stated_resident, true);
}

TEST_F(Replay, RefusesWhatIsNotOfItsModel) {
  ShardIdentity other = identity(Segment{0, 16});
  other.contract_hash = hash_of(small_contract());
  EXPECT_THAT(build(other).error().message, HasSubstr("contract_hash: found '"));

  const std::filesystem::path path = folder_.path() / "small.gguf";
  write_small_model(path);
  const ModelFile model = *open_model_file(path, 1);
  const Result<BuiltShard> built =
      runner_.build({.identity = shard_of(model, identity(Segment{0, 2})),
                     .model = path,
                     .artifacts = artifacts()},
                    progress_);
  EXPECT_EQ(built.error().message,
            "layers[0,2): n_layers: found 3, want 32 as phi4-mini has, whose record this is");
  EXPECT_EQ(build(identity(Segment{30, 33})).error().message,
            "layers[30,33): layers: found 33, want 1 to 32 as the model has it");
  ShardIdentity nameless = identity(Segment{0, 16});
  nameless.model_hash.clear();
  EXPECT_THAT(build(nameless).error().message,
              HasSubstr("model_hash: found '', want 32 hexadecimal digits"));
}

TEST_F(Replay, PlacementIsTheRecordsOwn) {
  const struct {
    const char* name;
    ShardKind kind;
    int tokens;
    bool resident;
    std::optional<ResidentCount> conv;
    std::optional<ResidentCount> compute;
    bool old_contract;
  } rows[] = {
      {"of two entries the one of the right contract, unmerged", Segment{0, 20}, 1, true,
       std::nullopt, ResidentCount{2983, 2983}, false},
      {"beyond the cliff", Segment{0, 24}, 1, false, ResidentCount{96, 0}, std::nullopt, true},
      {"only a verdict", Segment{0, 8}, 1, true, std::nullopt, std::nullopt, true},
      {"only of the old contract", Segment{0, 16}, 1, true, ResidentCount{64, 64}, std::nullopt,
       true},
      {"all figures", Segment{0, 1}, 1, true, ResidentCount{4, 4}, ResidentCount{152, 152}, false},
      {"four tokens per call", Segment{0, 1}, 4, true, ResidentCount{4, 4}, ResidentCount{146, 146},
       true},
      {"a slice of the head", HeadSlice{0, 50016, 4}, 4, true, ResidentCount{1, 1},
       ResidentCount{8, 8}, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Result<Placement> placement = inspect(row.kind, row.tokens);
    ASSERT_TRUE(placement) << placement.error().message;
    EXPECT_EQ(placement->evidence, PlacementEvidence::kRecorded);
    EXPECT_EQ(placement->stated_resident, row.resident);
    EXPECT_EQ(placement->conv, row.conv);
    EXPECT_EQ(placement->compute, row.compute);
    EXPECT_THAT(placement->notes, Contains(StartsWith("source: ")));
    EXPECT_EQ(std::count(placement->notes.begin(), placement->notes.end(), kOldContract),
              row.old_contract ? 1 : 0);
  }
}

TEST_F(Replay, WhatStandsInNoEntryIsNotRecorded) {
  const struct {
    ShardKind kind;
    int tokens;
    const char* message;
  } rows[] = {
      {Segment{0, 22}, 1, "layers[0,22) as int8 at 1 token per call, by phi4-mini-m4max"},
      {Segment{0, 20}, 4, "layers[0,20) as int8 at 4 tokens per call, by phi4-mini-m4max"},
      {HeadSlice{0, 50016, 4}, 1,
       "head[0,50016) of 4 as int8 at 1 token per call, by "
       "phi4-mini-m4max"},
      {HeadSlice{0, 200064, 1}, 1,
       "head[0,200064) of 1 as int8 at 1 token per call, by "
       "phi4-mini-m4max"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    EXPECT_EQ(message_of(inspect(row.kind, row.tokens)),
              fmt::format("not recorded: placement of {}", row.message));
    EXPECT_EQ(message_of(golden(row.kind, row.tokens)),
              fmt::format("not recorded: golden of {}", row.message));
  }
  ShardIdentity halves = identity(Segment{0, 20});
  halves.encoding = Encoding::kFp16;
  EXPECT_THAT(message_of(runner_.inspect({.artifact = build(halves)->artifact})),
              HasSubstr("as fp16"));
}

TEST_F(Replay, GoldenIsTheRecordsAndNonFiniteStaysSo) {
  EXPECT_EQ(golden(Segment{0, 20})->recorded->cosine, 0.9985457359614087);
  EXPECT_THAT(golden(Segment{0, 20})->notes, Not(Contains(kOldContract)));

  const GroupOutput front = *golden(Segment{0, 16});
  EXPECT_EQ(front.group, "[0,16)");
  EXPECT_EQ(front.file, "");
  EXPECT_EQ(front.recorded->max_abs, 0.308594);
  EXPECT_THAT(front.notes, Contains(kOldContract));

  const GroupOutput broken = *golden(Segment{24, 32});
  EXPECT_TRUE(broken.recorded->non_finite);
  EXPECT_EQ(broken.recorded->cosine, std::nullopt);

  // Resident or not, no golden was run: none is served, and block parity does not stand for it.
  EXPECT_THAT(message_of(golden(Segment{0, 24})), HasSubstr("golden of layers[0,24)"));
  EXPECT_THAT(message_of(golden(Segment{0, 1}, 4)), HasSubstr("golden of layers[0,1)"));
}

TEST_F(Replay, ServesEachRunOfEverySplitOnceAndInOrder) {
  const RecordedFacts facts = *find_recorded("phi4-mini-m4max");
  for (const RecordedSplit& split : facts.splits) {
    SCOPED_TRACE(to_text(split.split));
    for (const RecordedRun& run : split.runs) {
      const Opened opened = open_split(to_text(split.split).c_str());  // a session for each
      const Result<DecodeResult> result = opened.session->decode({});
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_EQ(result->recorded->decode_tok_per_s, run.decode_tok_per_s);
      EXPECT_EQ(result->recorded->source, run.source);
      EXPECT_TRUE(result->ids.empty() && result->token_ns.empty());
      EXPECT_EQ(result->prefill_ns, std::nullopt);
      EXPECT_EQ(std::count(result->notes.begin(), result->notes.end(), kOldContract),
                run.rope_dim == 96 ? 0 : 1);
    }
  }
  EXPECT_EQ(message_of(open_split("12+12+6+2").session->decode({})),
            "not recorded: all 3 runs of 12+12+6+2 were served");
}

TEST_F(Replay, ASplitThatNeverRanSaysWhy) {
  EXPECT_EQ(message_of(open_split("24+6+2").session->decode({})),
            "not recorded: 24+6+2 never ran: disqualified: [0,24) is not resident");
  EXPECT_EQ(message_of(open_split("16+16").session->decode({})),
            "not recorded: a run of 16+16, by phi4-mini-m4max");
}

TEST_F(Replay, ARunMayBeAskedForByItsIndexAndTheNextOnesFollow) {
  const RunnerOptions second{.own = {{"replay", {{"run", 1}}}}};
  const Opened opened = open_split("20+4+6+2", second);
  EXPECT_EQ(opened.session->decode({})->recorded->decode_tok_per_s, 17.203);
  EXPECT_EQ(opened.session->decode({})->recorded->rope_dim, 96);
  EXPECT_EQ(message_of(opened.session->decode({})),
            "not recorded: all 3 runs of 20+4+6+2 were served");

  const RunnerOptions beyond{.own = {{"replay", {{"run", 3}}}}};
  EXPECT_EQ(message_of(open_split("20+4+6+2", beyond).session->decode({})),
            "not recorded: run 3 of 20+4+6+2, of which phi4-mini-m4max has 3, counted from 0");
}

TEST_F(Replay, OptionsOfItsOwnAreChecked) {
  const struct {
    Json own;
    const char* message;
  } rows[] = {
      {{{"replay", {{"run", -1}}}}, "options.own.replay.run: found -1, want an integer"},
      {{{"replay", {{"rnu", 1}}}}, "options.own.replay: found unknown field 'rnu'"},
      {{{"replay", 3}}, "options.own.replay: found"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const Result<Opened> opened = runner_.open(
        {.artifacts = {artifact(Segment{0, 16})}, .options = {.own = row.own}}, progress_);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, StartsWith(row.message));
  }
}

TEST_F(Replay, OnlyShardsThatCoverTheModelInOrderDecode) {
  const struct {
    const char* name;
    std::vector<Segment> segments;
  } rows[] = {{"a gap", {{0, 16}, {24, 30}, {30, 32}}},
              {"out of order", {{16, 24}, {0, 16}, {24, 30}, {30, 32}}},
              {"too short", {{0, 16}, {16, 24}, {24, 30}}},
              {"an overlap", {{0, 16}, {12, 24}, {24, 30}, {30, 32}}}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    OpenRequest request;
    for (const Segment& segment : row.segments) request.artifacts.push_back(artifact(segment));
    const Result<DecodeResult> result = runner_.open(request, progress_)->session->decode({});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message,
              "decode: found shards that are no split, want all 32 layers in order, as int8 at one "
              "token per call");
  }
}

// A manifest of a split with four slices of the head; nothing that it names is there.
std::filesystem::path write_manifest(const std::filesystem::path& folder, const Contract& contract,
                                     const char* split) {
  RuntimeManifest manifest{.contract = contract,
                           .model = "phi.gguf",
                           .context = 512,
                           .encoding = Encoding::kInt8,
                           .embedding = "embedding.bin"};
  const auto shard = [](const ShardKind& kind) {
    return ManifestShard{.kind = kind, .compiled = "shard.mlmodelc", .package = "shard.mlpackage"};
  };
  for (const Segment& segment : parse_split(split)->segments())
    manifest.layers.push_back(shard(segment));
  const Result<std::vector<HeadSlice>> slices = head_slices(contract, 4);
  for (const HeadSlice& slice : *slices) manifest.head.push_back(shard(slice));
  std::filesystem::path path = folder / "meta.json";
  std::ofstream(path) << to_text(to_json(manifest));
  return path;
}

TEST_F(Replay, AManifestWhoseFilesAreNotThereIsASplit) {
  const auto path = write_manifest(folder_.path(), contract_, "20+5+5+2");
  const Result<Opened> opened = runner_.open({.manifest = path}, progress_);
  ASSERT_TRUE(opened) << opened.error().message;
  std::vector<std::string> groups;
  for (const GroupLoad& group : opened->groups) {
    groups.push_back(group.group);
    EXPECT_EQ(group.load_ns, std::nullopt);
    EXPECT_EQ(group.activation_ns, std::nullopt);
  }
  EXPECT_THAT(groups, ElementsAre("[0,20)", "[20,25)", "[25,30)", "[30,32)", "head"));
  EXPECT_EQ(opened->load_ns, std::nullopt);
  EXPECT_EQ(opened->session->decode({})->recorded->decode_tok_per_s, 17.043);
  EXPECT_THAT(message_of(opened->session->run({})), HasSubstr("golden of head[0,50016) of 4"));
}

TEST_F(Replay, TimesAreTheRecordedOnesOfTheRightContract) {
  const auto path = write_manifest(folder_.path(), contract_, "20+5+5+2");
  const Result<Opened> opened = runner_.open({.manifest = path}, progress_);
  EXPECT_THAT(*opened->session->time({.group = "head"}), ElementsAre(5095000));
  EXPECT_EQ(message_of(opened->session->time({.group = "head", .calls = 2})),
            "not recorded: 2 times of head, of which phi4-mini-m4max has 1");
  // Its 9.23 ms are of rope_dim 128, and a bare time cannot be marked.
  EXPECT_THAT(message_of(opened->session->time({.group = "[20,25)"})), HasSubstr("has 0"));
  EXPECT_EQ(opened->session->time({.group = "[0,3)"}).error().message,
            "time: found the group '[0,3)', want one of the session's");

  Contract old = contract_;
  old.rope_dim = 128;
  old.rope_scaling.reset();
  const Result<Opened> of_old =
      runner_.open({.manifest = write_manifest(folder_.path(), old, "20+5+5+2")}, progress_);
  ASSERT_TRUE(of_old) << of_old.error().message;
  EXPECT_THAT(*of_old->session->time({.group = "[20,25)"}), ElementsAre(9230000));
  EXPECT_THAT(of_old->session->decode({})->notes, Each(Not(HasSubstr("old contract"))));
}

TEST_F(Replay, AManifestOfAnotherModelIsRefused) {
  Contract other = contract_;
  other.d_ff = 4096;
  const auto path = write_manifest(folder_.path(), other, "16+16");
  EXPECT_THAT(
      runner_.open({.manifest = path}, progress_).error().message,
      AllOf(StartsWith(path.string()), HasSubstr("d_ff: found 4096, want 8192 as phi4-mini has")));
}

TEST_F(Replay, DamagedStandInsAreNamed) {
  const std::filesystem::path folder = artifact(Segment{0, 16});
  const struct {
    const char* name;
    std::string text;
    const char* message;
  } rows[] = {
      {"no JSON", "[", "recorded.json: parse error at line 1"},
      {"another version", R"({"schema_version":2})", "recorded.json.schema_version: found 2"},
      {"another shard's", *read_file(artifact(Segment{0, 20}) / "recorded.json", 1 << 20),
       "want the folder's name"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    std::ofstream(folder / "recorded.json") << row.text;
    const Result<Placement> placement = runner_.inspect({.artifact = folder});
    ASSERT_FALSE(placement);
    EXPECT_THAT(placement.error().message, HasSubstr(row.message));
  }
  EXPECT_TRUE(build(identity(Segment{0, 16})));  // is made again
  EXPECT_TRUE(runner_.inspect({.artifact = folder}));
  EXPECT_THAT(runner_.inspect({.artifact = folder_.path()}).error().message,
              HasSubstr("recorded.json: No such file"));
}

}  // namespace
}  // namespace fusesweep
