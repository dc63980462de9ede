// The runner with tools of a few lines of sh: what it makes of how they end, answer, hang and lie.
#include "runners/toolchain/toolchain_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <tuple>

#include "harness/base/json.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/shard_builder.h"
#include "runners/model/model_file.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Toolchain : public testing::Test {
 protected:
  Toolchain() {
    write_small_model(model_);
    tool("convert", "mkdir \"$2/$3.mlpackage\" && echo weights > \"$2/$3.mlpackage/w\"");
    tool("compile", "cp -r \"$1\" \"$2/$(basename \"$1\" .mlpackage).mlmodelc\"");
    tool(
        "inspect",
        R"(echo '{"conv_total":4,"conv_ane":4,"compute_total":9,"compute_ane":9,"pass":true}' > "$2")");
    tool("golden", "echo cos=0.999 rmse=0.1");
    tool("export", "echo \"{\\\"args\\\": \\\"$*\\\"}\" > \"$1\"");
    tool("serve", R"sh(echo warming up
echo 'READY {"protocol":"phi4mini-jsonl-v1"}'
while read -r line; do
  echo "$line" >> requests
  echo decoding
  echo '{"ok":true,"generated_ids":[4,5,6],"timing":{"prefill_s":0.5,"decode_tokens":2,"decode_s":0.02}}'
done)sh");
  }

  void tool(const std::string& name, const std::string& lines) const {
    std::ofstream(folder_.path() / (name + ".sh")) << lines << '\n';
  }

  static Json command(const std::string& name, std::vector<Json> words) {
    words.insert(words.begin(), {"sh", name + ".sh"});
    return {{"command", std::move(words)}};
  }

  Json config() const {
    Json json = {
        {"format", "fusesweep-toolchain"},
        {"format_version", 1},
        {"name", "mine"},
        {"device", {{"name", "a device"}, {"kind", "ane"}}},
        {"shape", {{"tokens", 1}, {"context", 32}, {"encoding", "int8"}, {"kv", "mask"}}},
        {"version", {"echo", "tools 7"}},
        {"convert", command("convert", {"{model}", "{out}", "{name}", "{start}", "{end}"})},
        {"compile", command("compile", {"{package}", "{out}"})},
        {"inspect", command("inspect", {"{compiled}", "{report}"})},
        {"golden", command("golden", {"{compiled}", "{model}"})},
        {"export", command("export", {"{manifest}", Json::array({"{start}:{end}:{compiled}"})})},
        {"run", command("serve", {"{manifest}"})}};
    json["inspect"]["report"] = "json";
    json["run"]["form"] = "resident";
    return json;
  }

  ToolchainRunner runner(const Json& json) const {
    std::ofstream(folder_.path() / "tools.json") << to_text(json);
    return ToolchainRunner(*read_toolchain(folder_.path() / "tools.json"));
  }

  BuildRequest request(Segment segment = {0, 2}) const {
    const ModelFile model = *open_model_file(model_, 1);
    return {.identity = shard_of(model, {.kind = segment,
                                         .tokens = 1,
                                         .encoding = Encoding::kInt8,
                                         .context = 32,
                                         .kv_form = KvForm::kMask}),
            .model = model_,
            .artifacts = folder_.path() / "work/artifacts"};
  }

  Result<BuiltShard> build(ToolchainRunner& runner, Segment segment = {0, 2}) {
    return runner.build(request(segment), progress_);
  }

  // Of the two shards of the model, with a manifest to be made.
  Result<Opened> open(ToolchainRunner& runner) {
    const Result<BuiltShard> first = build(runner, {0, 2});
    const Result<BuiltShard> second = build(runner, {2, 3});
    if (!second) return fail(second.error());
    return runner.open({.manifest = folder_.path() / "work/exports/m.json",
                        .artifacts = {first->artifact, second->artifact}},
                       progress_);
  }

  const TemporaryFolder folder_;
  const std::filesystem::path model_ = folder_.path() / "small.gguf";
  const SystemClock clock_{};
  Progress progress_{{}, clock_};
};

TEST_F(Toolchain, DescribesWhatTheFileAndItsVersionCommandSay) {
  ToolchainRunner mine = runner(config());
  const Result<RunnerDescription> description = mine.describe({});
  ASSERT_TRUE(description) << description.error().message;
  EXPECT_EQ(description->name, "toolchain:mine");
  EXPECT_EQ(description->device_kind, "ane");
  EXPECT_THAT(description->capabilities,
              ElementsAre("build", "inspect", "open", "decode", "export", "compare"));
  EXPECT_THAT(description->toolchain, testing::EndsWith(", tools 7"));
}

TEST_F(Toolchain, BuildsOnceAndAdoptsWhatIsWhole) {
  ToolchainRunner mine = runner(config());
  const Result<BuiltShard> built = build(mine);
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_TRUE(built->build_ns);
  EXPECT_TRUE(std::filesystem::is_directory(built->artifact / "layers_0_2.mlmodelc"));
  tool("convert", "exit 1");  // its bytes make another toolchain only where the file is read anew
  const Result<BuiltShard> again = build(mine);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->artifact, built->artifact);
  EXPECT_EQ(again->build_ns, std::nullopt);
  std::ofstream(built->artifact / "layers_0_2.mlmodelc/w") << "damaged";
  EXPECT_THAT(build(mine).error().message, HasSubstr("convert: it exited with status 1"));
}

TEST_F(Toolchain, AStepThatFailsSaysHowAndLeavesNothing) {
  const struct {
    const char* name;
    const char* lines;
    const char* said;
    ErrorCode code = ErrorCode::kUnavailable;
  } rows[] = {
      {"convert", "echo no such layer >&2; exit 3",
       "[0,2): convert: it exited with status 3, last word on stderr: no such layer"},
      {"convert", "true", "convert: it ended well and made no 'layers_0_2.mlpackage'"},
      {"compile", "kill -SEGV $$", "compile: it was killed by signal 11"},
      {"compile", "true", "compile: it ended well and made no 'layers_0_2.mlmodelc'"},
      {"compile", "ln -s /etc \"$2/layers_0_2.mlmodelc\"", "layers_0_2.mlmodelc",
       ErrorCode::kInvalidInput},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.said);
    tool("convert", "mkdir \"$2/$3.mlpackage\" && echo weights > \"$2/$3.mlpackage/w\"");
    tool("compile", "true");
    tool(row.name, row.lines);
    ToolchainRunner mine = runner(config());
    const Result<BuiltShard> built = build(mine);
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().code, row.code);
    EXPECT_THAT(built.error().message, HasSubstr(row.said));
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "work"))
    EXPECT_NE(entry.path().filename(), "artifact.json");
}

TEST_F(Toolchain, AToolThatHangsIsEndedAtItsLimit) {
  tool("convert", "sleep 600 & sleep 600");
  Json json = config();
  json["convert"]["limit_s"] = 1;
  ToolchainRunner mine = runner(json);
  const Result<BuiltShard> built = build(mine);
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::kTimedOut);
  EXPECT_THAT(built.error().message, HasSubstr("convert: no end within the limit of 1 s"));
}

TEST_F(Toolchain, BuildsLayersInItsOneShapeAlone) {
  ToolchainRunner mine = runner(config());
  BuildRequest other = request();
  other.identity.context = 64;
  EXPECT_THAT(
      mine.build(other, progress_).error().message,
      HasSubstr(
          "found T=1 S=64 int8 mask, want T=1 S=32 int8 mask as the toolchain's file has it"));
  other = request();
  other.identity.kind = EmbeddingTable{};
  EXPECT_EQ(mine.build(other, progress_).error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(build(mine, {2, 4}).error().message, HasSubstr("want 1 to 3 as the model has it"));
}

TEST_F(Toolchain, AReportCountsHoweverTheToolEnds) {
  const struct {
    const char* name;
    const char* lines;
    std::optional<bool> resident;
    const char* said = "";
  } rows[] = {
      {"good",
       R"(echo '{"conv_total":4,"conv_ane":4,"compute_total":9,"compute_ane":9,"pass":true}' > "$2")",
       true},
      {"good report, exit 1",
       R"(echo '{"conv_total":4,"conv_ane":4,"compute_total":9,"compute_ane":9,"pass":false}' > "$2"; exit 1)",
       true},
      {"pass said, counts do not hold",
       R"(echo '{"conv_total":4,"conv_ane":4,"compute_total":9,"compute_ane":8,"pass":true}' > "$2")",
       false},
      {"on stdout", R"(echo '{"conv_total":4,"conv_ane":4,"compute_total":9,"compute_ane":9}')",
       true},
      {"nothing, exit 1", "echo no plan >&2; exit 1", std::nullopt,
       "it exited with status 1, last word on stderr: no plan"},
      {"nothing", "true", std::nullopt, "inspect"},
      {"half a report", R"(printf '{"conv_total":4,' > "$2")", std::nullopt, "inspect"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    tool("inspect", row.lines);
    ToolchainRunner mine = runner(config());
    const Result<BuiltShard> built = build(mine);
    ASSERT_TRUE(built) << built.error().message;
    const Result<Placement> placement = mine.inspect({.artifact = built->artifact});
    ASSERT_EQ(placement.has_value(), row.resident.has_value());
    if (placement) {
      EXPECT_EQ(strictly_resident(*placement), row.resident);
    } else {
      EXPECT_THAT(placement.error().message, HasSubstr(row.said));
    }
  }
}

TEST_F(Toolchain, AnOldReportIsNotReadAgain) {
  ToolchainRunner mine = runner(config());
  const Result<BuiltShard> built = build(mine);
  ASSERT_TRUE(mine.inspect({.artifact = built->artifact}));
  tool("inspect", "exit 1");
  EXPECT_FALSE(mine.inspect({.artifact = built->artifact}));
}

TEST_F(Toolchain, GoldenIsTheToolsComparisonAndNeverATensor) {
  const struct {
    const char* lines;
    std::optional<RecordedComparison> want;
  } rows[] = {
      {"echo loading; echo cos=0.999 rmse=0.1", RecordedComparison{.cosine = 0.999, .rmse = 0.1}},
      {"echo cos=nan", RecordedComparison{.non_finite = true}},
      {"echo cos=0.5; exit 1", RecordedComparison{.cosine = 0.5}},
      {"test -f \"$2\" && echo cos=1", RecordedComparison{.cosine = 1}},  // the model
      {"echo oops >&2; exit 1", std::nullopt}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.lines);
    tool("golden", row.lines);
    ToolchainRunner mine = runner(config());
    const Result<BuiltShard> built = build(mine);
    const Result<Opened> opened = mine.open({.artifacts = {built->artifact}}, progress_);
    ASSERT_TRUE(opened) << opened.error().message;
    const Result<std::vector<GroupOutput>> outputs = opened->session->run({});
    ASSERT_EQ(outputs.has_value(), row.want.has_value());
    if (!outputs) continue;
    EXPECT_EQ(outputs->front().group, "[0,2)");
    ASSERT_TRUE(outputs->front().recorded);
    const auto told_by = [](const RecordedComparison& comparison) {
      return std::tuple(comparison.non_finite, comparison.cosine, comparison.rmse);
    };
    EXPECT_EQ(told_by(*outputs->front().recorded), told_by(*row.want));
    EXPECT_TRUE(outputs->front().file.empty());
  }
}

TEST_F(Toolchain, MakesTheManifestOnceAndDecodesWithOneResidentService) {
  ToolchainRunner mine = runner(config());
  const Result<Opened> opened = open(mine);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE(opened->load_ns);
  ASSERT_EQ(opened->groups.size(), 2U);
  EXPECT_EQ(opened->groups[1].group, "[2,3)");
  std::ifstream manifest(folder_.path() / "work/exports/m.json");
  std::string args((std::istreambuf_iterator<char>(manifest)), {});
  EXPECT_THAT(args, AllOf(HasSubstr("0:2:/"), HasSubstr("layers_0_2.mlmodelc 2:3:/")));
  for (int i = 0; i < 2; ++i) {
    const Result<DecodeResult> result =
        opened->session->decode({.prompt = {1, 2}, .decode_tokens = 2});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(result->ids, ElementsAre(4, 5, 6));
    EXPECT_EQ(result->prefill_ns, 500'000'000);
    EXPECT_EQ(result->sum, (DecodeSum{.tokens = 2, .ns = 20'000'000}));
  }
  std::ifstream requests(folder_.path() / "requests");
  std::string line;
  std::getline(requests, line);
  EXPECT_EQ(line, R"({"prompt_ids":[1,2],"max_new":3,"profile":true})");
  tool("export", "exit 1");
  EXPECT_TRUE(open(mine));  // it is there
}

TEST_F(Toolchain, AServiceThatMisbehavesIsAnErrorOfThatCall) {
  const struct {
    const char* lines;
    const char* said;
    ErrorCode code;
  } at_start[] = {
      {"echo broken >&2; exit 2",
       "its output ended; it exited with status 2, last word on stderr: broken",
       ErrorCode::kCrashed},
      {"sleep 600", "waiting for READY: nothing within the limit of 1 s", ErrorCode::kTimedOut},
      {R"(echo 'READY {"protocol":"other"}'; sleep 600)", "want phi4mini-jsonl-v1",
       ErrorCode::kUnavailable}};
  Json json = config();
  json["run"]["ready_limit_s"] = 1;
  json["run"]["limit_s"] = 1;
  for (const auto& row : at_start) {
    SCOPED_TRACE(row.lines);
    tool("serve", row.lines);
    ToolchainRunner mine = runner(json);
    const Result<Opened> opened = open(mine);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, row.code);
    EXPECT_THAT(opened.error().message, HasSubstr(row.said));
  }
  const std::string ready = "echo 'READY {\"protocol\":\"phi4mini-jsonl-v1\"}'; read -r line; ";
  const struct {
    const char* lines;
    const char* said;
    ErrorCode code;
  } at_work[] = {
      {"exit 1", "its output ended", ErrorCode::kCrashed},
      {"echo chatter; sleep 600", "nothing within the limit of 1 s", ErrorCode::kTimedOut},
      {R"(echo '{"ok":false,"error":"no"}'; sleep 600)", "it says that it is not ok: 'no'",
       ErrorCode::kUnavailable},
      {R"(echo '{"ok":true,"generated_ids":[1,2,3,4]}'; sleep 600)",
       "found 4 generated ids, want 1 to 3", ErrorCode::kUnavailable}};
  for (const auto& row : at_work) {
    SCOPED_TRACE(row.lines);
    tool("serve", ready + row.lines);
    ToolchainRunner mine = runner(json);
    const Result<Opened> opened = open(mine);
    ASSERT_TRUE(opened) << opened.error().message;
    const Result<DecodeResult> result =
        opened->session->decode({.prompt = {1}, .decode_tokens = 2});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, row.code);
    EXPECT_THAT(result.error().message, HasSubstr(row.said));
  }
}

TEST_F(Toolchain, AOneShotRuntimeIsStartedForEveryDecoding) {
  tool("once", "echo \"Generated IDs: [$2]\"; echo \"Timing: decode_tokens=$3 decode_s=0.5\"");
  Json json = config();
  json["run"] = command("once", {"{manifest}", "{ids}", "{tokens}"});
  json["run"]["form"] = "once";
  ToolchainRunner mine = runner(json);
  const Result<Opened> opened = open(mine);
  ASSERT_TRUE(opened) << opened.error().message;
  const Result<DecodeResult> result =
      opened->session->decode({.prompt = {7, 8, 9}, .decode_tokens = 4});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->ids, ElementsAre(7, 8, 9));
  EXPECT_EQ(result->sum->tokens, 5);
}

TEST_F(Toolchain, AManifestOfAnotherContractIsRefused) {
  ToolchainRunner mine = runner(config());
  tool("export", "cp old.json \"$1\"");
  std::ifstream ours(std::filesystem::path(FUSESWEEP_SOURCE_DIR) /
                     "tests/fuzz/corpus/runtime_manifest/ours.json");
  std::ofstream(folder_.path() / "old.json") << ours.rdbuf();  // of a model with other dimensions
  const Result<Opened> opened = open(mine);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, AllOf(HasSubstr("export"), HasSubstr("as the model has it")));
}

TEST_F(Toolchain, WhatTheToolsCannotDoIsSaid) {
  ToolchainRunner mine = runner(config());
  const Result<BuiltShard> built = build(mine);
  EXPECT_THAT(mine.inspect({.artifact = built->artifact, .options = {.residency_limit_bytes = 5}})
                  .error()
                  .message,
              HasSubstr("no emulated limit"));
  EXPECT_THAT(mine.open({.artifacts = {built->artifact}, .options = {.inject_ns = {{"head", 5}}}},
                        progress_)
                  .error()
                  .message,
              HasSubstr("cannot be slowed down"));
  const Result<Opened> opened = open(mine);
  EXPECT_FALSE(opened->session->run({.ids = {1}}));
  EXPECT_FALSE(opened->session->time({.group = "[0,2)"}));
  EXPECT_FALSE(opened->session->decode({.prompt = {}, .decode_tokens = 2}));
}

}  // namespace
}  // namespace fusesweep
