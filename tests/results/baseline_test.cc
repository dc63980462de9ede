#include "results/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "tests/results/sample_baseline.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::string error_of(const Json& json) {
  const Result<Baseline> read = read_baseline(json, "b.json");
  return read ? "" : read.error().message;
}

TEST(Baseline, ComesBackFromJson) {
  for (const Baseline& baseline : {sample_baseline(), silent_baseline()}) {
    SCOPED_TRACE(baseline.name);
    const Json json = to_json(baseline);
    EXPECT_THAT(to_text(json), StartsWith("{\"schema_version\":1,"));
    const Result<Baseline> read = parse_baseline(to_text(json), "b.json");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, baseline);
  }
}

TEST(Baseline, WhatIsAbsentIsNull) {
  const Json json = to_json(silent_baseline());
  for (const char* key : {"model_file", "residency_limit_bytes", "control"})
    EXPECT_TRUE(json[key].is_null()) << key;
  EXPECT_TRUE(json["runner"]["program_hash"].is_null());
  EXPECT_TRUE(json["provenance"]["git_dirty"].is_null());
  EXPECT_TRUE(json["shards"][0]["build_ns"].is_null());
}

TEST(Baseline, OfAnythingElseIsAnErrorWithItsPlace) {
  const struct {
    const char* name;
    std::function<void(Json&)> change;
    const char* error;
  } rows[] = {
      {"another version", [](Json& j) { j["schema_version"] = 2; }, ".schema_version: found 2"},
      {"an unknown member", [](Json& j) { j["hook"] = "rm"; }, "found unknown field 'hook'"},
      {"no id", [](Json& j) { j.erase("id"); }, ".id: found nothing"},
      {"no uuid", [](Json& j) { j["sweep"] = "1\n"; }, ".sweep: "},
      {"a name with a path", [](Json& j) { j["name"] = "../x"; }, ".name: found '../x'"},
      {"a hidden name", [](Json& j) { j["name"] = ".x"; }, ".name: found '.x'"},
      {"a relative model", [](Json& j) { j["model_file"] = "x.gguf"; },
       ".model_file: found 'x.gguf', want an absolute path"},
      {"a zero byte", [](Json& j) { j["model_file"] = std::string("/x\0y", 4); }, ".model_file: "},
      {"no words", [](Json& j) { j["runner"]["words"] = Json::array(); },
       ".runner.words: found none"},
      {"another evidence", [](Json& j) { j["runner"]["evidence"] = "felt"; },
       ".runner.evidence: found 'felt'"},
      {"a copy without a hash", [](Json& j) { j["runner"]["program_hash"] = nullptr; },
       ".runner.program_hash: found nothing"},
      {"no hash", [](Json& j) { j["shards"][0]["content_hash"] = "../../etc"; },
       ".shards[0].content_hash: found '../../etc', want 32 hexadecimal digits"},
      {"another identity", [](Json& j) { j["shards"][1]["identity"]["builder_version"] = 7; },
       ".shards[1].hash: found "},
      {"a negative size", [](Json& j) { j["shards"][0]["bytes"] = -1; }, ".shards[0].bytes: "},
      {"a huge size", [](Json& j) { j["shards"][0]["bytes"] = UINT64_MAX; }, ".shards[0].bytes: "},
      {"no time", [](Json& j) { j["splits"][0]["ms_per_token"] = 0; },
       ".splits[0].ms_per_token: found 0, want more"},
      {"an infinite time", [](Json& j) { j["control"]["ms_per_token"] = nullptr; },
       ".control.ms_per_token: found nothing"},
      {"no splits", [](Json& j) { j["splits"] = Json::array(); }, ".splits: found none"},
      {"a split of more layers", [](Json& j) { j["splits"][0]["split"] = "2+2"; },
       ".splits[0].split: "},
      {"a split that is written otherwise", [](Json& j) { j["control"]["split"] = "1x3"; },
       ".control.split: found '1x3', want 3"},
      {"other layers", [](Json& j) { j["splits"][0]["split"] = "1+2"; },
       ".splits[0].shards: found other layers"},
      {"an unknown shard", [](Json& j) { j["splits"][0]["shards"][0] = std::string(32, 'e'); },
       ".splits[0].shards[0]: found eeee"},
      {"another form", [](Json& j) { j["splits"][0]["context"] = 16; },
       ".splits[0].shards[0]: found layers[0,2) of another form"},
      {"more slices", [](Json& j) { j["splits"][0]["head_shards"] = 2; },
       ".splits[0].shards: found 1 slices of the head, want 2"},
      {"a shard twice", [](Json& j) { j["shards"].push_back(j["shards"][0]); },
       ".shards[5]: found a shard for the second time"},
      {"a shard for nothing", [](Json& j) { j["control"] = nullptr; },
       ".shards: found one that no split runs"},
      {"another model", [](Json& j) { j["model"]["hash"] = std::string(32, '2'); },
       ".shards[0]: found a shard of another model"},
      {"another contract", [](Json& j) { j["model"]["contract"]["rope_dim"] = 4; },
       ".shards[0]: found a shard of another model"},
      {"an impossible contract", [](Json& j) { j["model"]["contract"]["rope_dim"] = 3; },
       ".model.contract: rope_dim: found 3"},
      {"another verdict", [](Json& j) { j["shards"][0]["verdicts"][0]["outcome"] = "\x1b[0m"; },
       ".shards[0].verdicts[0].outcome: found '\\x1b[0m'"},
      {"a machine that is a list", [](Json& j) { j["provenance"]["machine"] = Json::array(); },
       ".provenance.machine: found an array, want an object"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Json json = to_json(sample_baseline());
    row.change(json);
    const std::string error = error_of(json);
    EXPECT_THAT(error, AllOf(StartsWith("b.json"), HasSubstr(row.error), Not(HasSubstr("\n"))));
  }
}

TEST(Baseline, DeepNestingIsRefusedBeforeAnythingIsRead) {
  Json deep = Json::object();
  for (int i = 0; i < 100'000; ++i) {
    Json outer = Json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  Json json = to_json(sample_baseline());
  json["provenance"]["machine"]["x"] = std::move(deep);
  EXPECT_EQ(error_of(json), "b.json: found more than 32 levels, want at most that");
}

class BaselineFolders : public testing::Test {
 protected:
  void put(const std::string& name) { put(name, sample_baseline(name)); }
  void put(const std::string& name, const Baseline& baseline) {
    const std::filesystem::path folder = baseline_folder(baselines_, name);
    std::filesystem::create_directories(folder / "artifacts");
    ASSERT_TRUE(write_baseline(baseline, folder));
  }
  std::string removal(const std::string& name) {
    const Result<void> removed = remove_baseline(baselines_, name);
    return removed ? "" : removed.error().message;
  }
  std::string search(const std::string& name) {
    const Result<Baseline> found = find_baseline(baselines_, name);
    return found ? "" : found.error().message;
  }

  const TemporaryFolder folder_{memory_folder()};
  const std::filesystem::path baselines_ = folder_.path() / "baselines";
};

TEST_F(BaselineFolders, AreFoundAndListedByName) {
  EXPECT_THAT(list_baselines(baselines_), IsEmpty());
  EXPECT_EQ(search("july"), "found no baseline 'july', and no other: fusesweep baseline set");
  put("july");
  put("august");
  std::filesystem::create_directories(baselines_ / ".september.new");
  EXPECT_EQ(*find_baseline(baselines_, "july"), sample_baseline("july"));
  const auto listed = list_baselines(baselines_);
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].name, "august");
  EXPECT_EQ(*listed[1].baseline, sample_baseline("july"));
  EXPECT_EQ(search("june"), "found no baseline 'june', want one of august, july");
}

TEST_F(BaselineFolders, DamagedOnesAreListedWithTheReasonAndCanBeRemoved) {
  put("other", sample_baseline("july"));
  std::filesystem::create_directories(baselines_ / "empty");
  std::ofstream(baselines_ / "stray") << "x";
  const auto listed = list_baselines(baselines_);
  ASSERT_EQ(listed.size(), 3U);
  EXPECT_THAT(listed[0].baseline.error().message, HasSubstr("empty/baseline.json: "));
  EXPECT_THAT(listed[1].baseline.error().message,
              HasSubstr("other/baseline.json: name: found 'july', want that of the folder"));
  EXPECT_THAT(listed[2].baseline.error().message, HasSubstr("stray: found no folder"));
  EXPECT_EQ(removal("other"), "");
  EXPECT_EQ(removal("empty"), "");
  EXPECT_THAT(removal("stray"), HasSubstr("found no folder"));
}

TEST_F(BaselineFolders, ARemovedOneLeavesNothing) {
  put("july");
  put("august");
  EXPECT_EQ(removal("july"), "");
  EXPECT_THAT(removal("july"), StartsWith("found no baseline 'july'"));
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(baselines_))
    left.push_back(entry.path().filename());
  EXPECT_THAT(left, ElementsAre("august"));
}

TEST_F(BaselineFolders, NamesThatLeadElsewhereAreRefused) {
  put("july");
  for (const char* name : {"", ".", "..", "../baselines", "july/", "july/../july", ".july"}) {
    SCOPED_TRACE(name);
    EXPECT_THAT(search(name), HasSubstr("want the name of a baseline"));
    EXPECT_THAT(removal(name), HasSubstr("want the name of a baseline"));
  }
  EXPECT_TRUE(std::filesystem::exists(baselines_ / "july"));
}

TEST_F(BaselineFolders, LinksAreNotFollowed) {
  put("july");
  const std::filesystem::path elsewhere = folder_.path() / "elsewhere";
  std::filesystem::rename(baselines_ / "july", elsewhere);
  std::filesystem::create_directory_symlink(elsewhere, baselines_ / "july");
  EXPECT_THAT(search("july"), HasSubstr("found no folder"));
  EXPECT_THAT(removal("july"), HasSubstr("found no folder"));
  EXPECT_TRUE(std::filesystem::exists(elsewhere / "baseline.json"));

  std::filesystem::create_directory(baselines_ / "linked");
  std::filesystem::create_symlink(elsewhere / "baseline.json",
                                  baselines_ / "linked" / "baseline.json");
  std::filesystem::create_directory_symlink(elsewhere, baselines_ / "linked" / "artifacts");
  EXPECT_THAT(search("linked"), HasSubstr("found a link, want a file"));
  EXPECT_EQ(removal("linked"), "");
  EXPECT_TRUE(std::filesystem::exists(elsewhere / "baseline.json"));
}

TEST_F(BaselineFolders, WhatOnlyTheyHoldIsCountedApart) {
  put("july");
  const std::filesystem::path folder = baselines_ / "july";
  const std::uint64_t document = std::filesystem::file_size(folder / "baseline.json");
  std::ofstream(folder_.path() / "shared") << std::string(1000, 'x');
  std::filesystem::create_hard_link(folder_.path() / "shared", folder / "artifacts" / "one");
  std::filesystem::create_hard_link(folder_.path() / "shared", folder / "artifacts" / "two");
  std::ofstream(folder / "artifacts" / "own") << std::string(10, 'x');
  std::filesystem::create_hard_link(folder / "artifacts" / "own", folder / "artifacts" / "same");
  EXPECT_EQ(bytes_of_folder(folder), (BaselineBytes{document + 1010, document + 10}));
  std::filesystem::remove(folder_.path() / "shared");
  EXPECT_EQ(bytes_of_folder(folder), (BaselineBytes{document + 1010, document + 1010}));
  EXPECT_FALSE(bytes_of_folder(folder / "none"));
}

}  // namespace
}  // namespace fusesweep
