#include "topologies/runtime_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

constexpr std::uintmax_t kTableBytes = 2 * 4096 * 384;  // of nano

ManifestShard shard(const ShardKind& kind, const std::string& stem) {
  return {.kind = kind,
          .compiled = stem + ".mlmodelc",
          .package = stem + ".mlpackage",
          .artifact = "aa",
          .content_hash = "bb"};
}

RuntimeManifest nano_manifest() {
  RuntimeManifest manifest{.contract = *known_model("nano"),
                           .model = "nano.gguf",
                           .model_hash = "cc",
                           .context = 128,
                           .encoding = Encoding::kShiftScaleTensor,
                           .embedding = "e.bin"};
  manifest.contract.eos_token_id = 7;
  manifest.layers = {shard(Segment{0, 20}, "a"), shard(Segment{20, 32}, "b")};
  manifest.head = {shard(HeadSlice{0, 2048, 2}, "h0"), shard(HeadSlice{2048, 4096, 2}, "h1")};
  return manifest;
}

std::string error_of(const Json& json) {
  const Result<RuntimeManifest> read = parse_runtime_manifest(to_text(json), "m");
  return read ? "read" : read.error().message;
}

TEST(RuntimeManifest, ComesBackFromJson) {
  const RuntimeManifest manifest = nano_manifest();
  const Result<RuntimeManifest> read = parse_runtime_manifest(to_text(to_json(manifest)), "m");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, manifest);
  EXPECT_EQ(lengths_of(*read), "20_12");
}

TEST(RuntimeManifest, HasTheFieldsThatTheRuntimeReads) {
  const Json json = to_json(nano_manifest());
  for (const char* field : {"artifacts_version",
                            "model_family",
                            "gguf",
                            "d_model",
                            "n_heads",
                            "n_kv_heads",
                            "d_head",
                            "rope_dim",
                            "d_ff",
                            "vocab_size",
                            "n_layers",
                            "max_seq_len",
                            "rms_norm_eps",
                            "rope_freq_base",
                            "eos_token_id",
                            "bos_token_id",
                            "tie_word_embeddings",
                            "quant_bits",
                            "embed_bin",
                            "layers",
                            "lm_head_shards"}) {
    EXPECT_TRUE(json.contains(field)) << field;
  }
  EXPECT_EQ(json["max_seq_len"], 128);
  EXPECT_EQ(json["quant_bits"], 8);
  EXPECT_TRUE(json["bos_token_id"].is_null());
  EXPECT_EQ(to_text(json["layers"][1]), R"({"start":20,"end":32,"path":"b.mlmodelc"})");
  EXPECT_EQ(to_text(json["lm_head_shards"][1]),
            R"({"shard_idx":1,"vocab_start":2048,"vocab_end":4096,"mlmodelc":"h1.mlmodelc"})");
}

TEST(RuntimeManifest, OneOfAnotherToolIsReadByTheRuntimesFieldsAlone) {
  Json json = to_json(nano_manifest());
  json.erase("fusesweep");
  const Result<RuntimeManifest> read = parse_runtime_manifest(to_text(json), "m");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->contract.rope_dim, 48);
  EXPECT_EQ(read->layers[1].package, "b.mlpackage");
  EXPECT_EQ(read->model_hash, "");
}

TEST(RuntimeManifest, WhatDoesNotFitTogetherIsRefusedByField) {
  const struct {
    const char* pointer;
    Json value;
    const char* message;
  } rows[] = {
      {"/artifacts_version", 2, "m.artifacts_version: found 2"},
      {"/rope_dim", 64, "m: rope_dim: found 64, want 48 as fusesweep.contract has"},
      {"/layers/1/start", 19, "m.layers[1]: found 19 to 32, want a range that begins at 20"},
      {"/layers/1/start", 21, "m.layers[1]: found 21 to 32"},
      {"/layers/1/end", 20, "m.layers[1]: found 20 to 20"},
      {"/layers/1/end", 31, "m.layers: found 31 layers, want 32"},
      {"/layers/0/path", "a.mlpackage", "m.layers[0].path: found 'a.mlpackage'"},
      {"/lm_head_shards/0/vocab_start", 1, "m.lm_head_shards[0]: found 1 to 2048"},
      {"/lm_head_shards/1/vocab_end", 4095, "m.lm_head_shards: found 4095 rows, want 4096"},
      {"/lm_head_shards/1/shard_idx", 0, "m.lm_head_shards[1].shard_idx: found 0"},
      {"/quant_bits", 16, "m.quant_bits: found 16, want 8 for shift-scale-tensor"},
      {"/fusesweep/shards/1/package", "c.mlpackage", "m.fusesweep.shards[1].package"},
      {"/fusesweep/contract/rope_dim", 47, "rope_dim: found 47"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    Json json = to_json(nano_manifest());
    json[Json::json_pointer(row.pointer)] = row.value;
    EXPECT_THAT(error_of(json), HasSubstr(row.message));
  }
}

class ManifestFiles : public testing::Test {
 protected:
  void write(const RuntimeManifest& manifest) const {
    std::ofstream(path()) << to_json(manifest);
    for (const char* name : {"a.mlpackage", "b.mlmodelc", "h0.mlpackage", "h1.mlpackage", "e.bin"})
      std::ofstream(inside() / name) << name;
    std::filesystem::resize_file(inside() / "e.bin", kTableBytes);
  }
  std::filesystem::path inside() const { return folder_.path() / "in"; }
  std::filesystem::path path() const { return inside() / "m.json"; }

  void SetUp() override { std::filesystem::create_directory(inside()); }

  const TemporaryFolder folder_;
};

TEST_F(ManifestFiles, EitherFormOfAShardWillDoAndOneMustBeThere) {
  write(nano_manifest());
  EXPECT_TRUE(read_runtime_manifest(path(), OutsidePaths::kRefuse));
  std::filesystem::remove(inside() / "b.mlmodelc");
  EXPECT_THAT(read_runtime_manifest(path(), OutsidePaths::kRefuse).error().message,
              HasSubstr("'b.mlpackage': found no such file, want it or its compiled form"));
}

TEST_F(ManifestFiles, PathsThatLeaveTheFolderAreFollowedOnlyWhenAsked) {
  std::ofstream(folder_.path() / "outside.bin") << "there";
  std::filesystem::resize_file(folder_.path() / "outside.bin", kTableBytes);
  std::filesystem::create_symlink("../outside.bin", inside() / "link.bin");
  for (const std::string& path_out :
       {std::string("../outside.bin"), (folder_.path() / "outside.bin").string(),
        std::string("link.bin"), std::string("x/../../outside.bin")}) {
    SCOPED_TRACE(path_out);
    RuntimeManifest manifest = nano_manifest();
    manifest.embedding = path_out;
    write(manifest);
    EXPECT_THAT(read_runtime_manifest(path(), OutsidePaths::kRefuse).error().message,
                HasSubstr("found a path that leaves the manifest's folder"));
  }
  RuntimeManifest manifest = nano_manifest();
  manifest.embedding = "../outside.bin";
  write(manifest);
  EXPECT_TRUE(read_runtime_manifest(path(), OutsidePaths::kFollow));
}

}  // namespace
}  // namespace fusesweep
