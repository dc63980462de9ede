// What the existing runtime wants of a manifest, written down from its rules and not from our reader, held
// against what we export, and shown to find what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "harness/base/clock.h"
#include "runners/cpu/cpu_runner.h"
#include "runners/mlprogram/manifest_export.h"
#include "runners/mlprogram/shard_builder.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

constexpr int kContext = 16;

// The rules.

bool is_there(const std::filesystem::path& folder, const std::string& name) {
  // What a Mac compiles from the package beside it is there as soon as that is.
  std::filesystem::path package = folder / name;
  if (package.extension() == ".mlmodelc") package.replace_extension(".mlpackage");
  return std::filesystem::path(name).is_relative() &&
         (std::filesystem::exists(folder / name) || std::filesystem::exists(package));
}

// Of layers or of the head: contiguous from 0 to the whole, each file relative and there.
std::string broken_range(const Json& list, const char* begin, const char* end, const char* path,
                         int whole, const std::filesystem::path& folder) {
  int next = 0;
  for (const Json& item : list) {
    if (item.at(begin) != next) return std::string(begin) + " is not contiguous";
    if (item.at(end) <= item.at(begin)) return std::string(end) + " is not after it";
    next = item.at(end);
    if (!is_there(folder, item.at(path)))
      return std::string(path) + " is not relative or not there";
  }
  return next == whole ? "" : std::string(end) + " is not the whole";
}

// The rule that is broken; empty: none.
std::string broken_rule(const Json& json, const std::filesystem::path& folder) {
  if (json.at("artifacts_version") != 1) return "artifacts_version";
  if (const std::string broken =
          broken_range(json.at("layers"), "start", "end", "path", json.at("n_layers"), folder);
      !broken.empty())
    return broken;
  if (const std::string broken = broken_range(json.at("lm_head_shards"), "vocab_start", "vocab_end",
                                              "mlmodelc", json.at("vocab_size"), folder);
      !broken.empty())
    return broken;
  for (std::size_t i = 0; i < json.at("lm_head_shards").size(); ++i) {
    if (json.at("lm_head_shards")[i].at("shard_idx") != i) return "shard_idx";
  }
  const std::string table = json.at("embed_bin");
  if (!is_there(folder, table)) return "embed_bin is not relative or not there";
  const std::uintmax_t bytes =
      2 * json.at("vocab_size").get<std::uintmax_t>() * json.at("d_model").get<std::uintmax_t>();
  if (std::filesystem::file_size(folder / table) != bytes) return "embed_bin has another size";
  return "";
}

bool may_be_asked(const Json& json, int prompt, int generated) {
  return prompt + generated <= json.at("max_seq_len").get<int>();
}

class RuntimeRules : public testing::Test {
 protected:
  RuntimeRules() {
    std::filesystem::create_directories(manifests());
    write_small_model(folder_.path() / "small.gguf");
    model_ = *open_model_file(folder_.path() / "small.gguf", 1);
  }

  void build(const ShardKind& kind) {
    const auto built =
        build_shard(*model_, shard_of(*model_, {.kind = kind, .tokens = 1, .context = kContext}),
                    artifacts(), {.threads = 1}, progress_);
    EXPECT_TRUE(built) << built.error().message;
  }

  Json exported(const std::string& split, int head_shards) {
    const ManifestRequest request{
        .split = *parse_split(split), .context = kContext, .head_shards = head_shards};
    for (const Segment& segment : request.split.segments()) build(segment);
    const std::vector<HeadSlice> slices = *head_slices(model_->contract, head_shards);
    for (const HeadSlice& slice : slices) build(slice);
    build(EmbeddingTable{});
    const auto manifest = find_manifest(list_artifacts(artifacts()), request, manifests(), 1);
    EXPECT_TRUE(manifest) << manifest.error().message;
    return to_json(*manifest);
  }

  std::filesystem::path write(const Json& json) const {
    const std::filesystem::path path = manifests() / "m.json";
    std::ofstream(path) << json.dump();
    return path;
  }

  std::filesystem::path artifacts() const { return folder_.path() / "artifacts"; }
  std::filesystem::path manifests() const { return folder_.path() / "manifests"; }

  const TemporaryFolder folder_;
  SystemClock clock_;
  Progress progress_{{}, clock_};
  std::optional<ModelFile> model_;
};

TEST_F(RuntimeRules, HoldForEverySplitAndEveryHead) {
  for (const char* split : {"3", "2+1", "1+2", "1+1+1"}) {
    for (const int head_shards : {1, 2, 3, 5, 48}) {
      SCOPED_TRACE(std::string(split) + ", heads " + std::to_string(head_shards));
      const Json json = exported(split, head_shards);
      EXPECT_EQ(broken_rule(json, manifests()), "");
      EXPECT_LE(json.at("max_seq_len").get<int>(), model_->contract.max_seq_len);
      EXPECT_TRUE(read_runtime_manifest(write(json), OutsidePaths::kFollow));
    }
  }
}

TEST_F(RuntimeRules, WhatTheRuntimeMayAskTheShardsCanAnswer) {
  const Json json = exported("2+1", 2);
  CpuRunner runner;
  const auto opened = runner.open({.manifest = write(json), .options = {.threads = 1}}, progress_);
  ASSERT_TRUE(opened) << opened.error().message;
  for (const auto& [prompt, generated] : {std::pair(15, 1), std::pair(8, 8), std::pair(1, 15)}) {
    ASSERT_TRUE(may_be_asked(json, prompt, generated));
    const auto decoded =
        opened->session->decode({.prompt = std::vector<int>(static_cast<std::size_t>(prompt), 5),
                                 .decode_tokens = generated - 1});
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->ids.size(), static_cast<std::size_t>(generated));
  }
  EXPECT_FALSE(may_be_asked(json, 16, 1));
}

// Each is found by the rules above, and by the reader that every runner of ours opens manifests with.
TEST_F(RuntimeRules, FindWhatIsWrong) {
  const Json good = exported("1+1+1", 3);
  const struct {
    const char* name;
    const char* pointer;
    Json value;
  } kRows[] = {
      {"a gap", "/layers/1/start", 2},
      {"an overlap", "/layers/2/start", 1},
      {"layers not from 0", "/layers/0/start", 1},
      {"an empty segment", "/layers/0/end", 0},
      {"layers missing at the end", "/n_layers", 4},
      {"a head not from 0", "/lm_head_shards/0/vocab_start", 1},
      {"a gap in the head", "/lm_head_shards/1/vocab_start", 17},
      {"an overlap in the head", "/lm_head_shards/1/vocab_start", 15},
      {"rows missing at the end", "/lm_head_shards/2/vocab_end", 47},
      {"slices that are counted otherwise", "/lm_head_shards/2/shard_idx", 1},
      {"a shard that is not there", "/layers/1/path", "gone.mlmodelc"},
      {"a slice that is not there", "/lm_head_shards/1/mlmodelc", "gone.mlmodelc"},
      {"a table that is not there", "/embed_bin", "gone.bin"},
      {"a version that is not known", "/artifacts_version", 2},
  };
  ASSERT_EQ(broken_rule(good, manifests()), "");
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    Json bad = good;
    bad.erase("fusesweep");  // as another tool's: its own list of shards would give it away
    ASSERT_TRUE(read_runtime_manifest(write(bad), OutsidePaths::kFollow));
    bad[Json::json_pointer(row.pointer)] = row.value;
    EXPECT_NE(broken_rule(bad, manifests()), "");
    EXPECT_FALSE(read_runtime_manifest(write(bad), OutsidePaths::kFollow));
  }
}

// What follows is told by one of the two alone, so that it is clear which.
TEST_F(RuntimeRules, ATableOfAnotherSizeIsFoundWhenTheManifestIsRead) {
  Json json = exported("3", 1);
  std::ofstream(manifests() / "short.bin") << "short";
  json["embed_bin"] = "short.bin";
  EXPECT_EQ(broken_rule(json, manifests()), "embed_bin has another size");
  const auto read = read_runtime_manifest(write(json), OutsidePaths::kFollow);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("short.bin: found 5 bytes, want 3072"));
}

TEST_F(RuntimeRules, APathThatIsNotRelativeIsRefusedUnlessOneIsAsked) {
  Json json = exported("3", 1);
  const std::string relative = json["layers"][0]["path"];
  json.erase("fusesweep");
  json["layers"][0]["path"] = std::filesystem::weakly_canonical(manifests() / relative).string();
  EXPECT_THAT(broken_rule(json, manifests()), HasSubstr("not relative"));
  EXPECT_FALSE(read_runtime_manifest(write(json), OutsidePaths::kRefuse));
}

TEST_F(RuntimeRules, MorePositionsThanTheModelHasAreRefused) {
  Json json = exported("3", 1);
  json["max_seq_len"] = 65;
  const auto read = read_runtime_manifest(write(json), OutsidePaths::kFollow);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message,
              HasSubstr("max_seq_len: found 65, want at most the 64 of fusesweep.contract"));
}

}  // namespace
}  // namespace fusesweep
