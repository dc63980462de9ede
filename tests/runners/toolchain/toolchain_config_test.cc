#include "runners/toolchain/toolchain_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "harness/base/json.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Json good() {
  return {
      {"format", "fusesweep-toolchain"},
      {"format_version", 1},
      {"name", "mine"},
      {"device", {{"name", "a device"}, {"kind", "ane"}}},
      {"shape", {{"tokens", 1}, {"context", 64}, {"encoding", "int8"}, {"kv", "mask"}}},
      {"convert", {{"command", {"convert", "{model}", "{start}", "{end}", "{out}", "l_{start}"}}}},
      {"inspect", {{"command", {"inspect", "{package}"}}, {"report", "json"}}},
      {"export",
       {{"command",
         {"export", "--to", "{manifest}", {"--layer", "{start}:{end}:{package}"}, "--end"}}}},
      {"run", {{"form", "resident"}, {"command", {"serve", "{manifest}"}}}}};
}

Result<ToolchainConfig> parse(const Json& json) {
  return parse_toolchain(to_text(json), "tools.json", "/tools");
}

TEST(ToolchainConfig, WhatIsNotSaidHasItsUsualValue) {
  const Result<ToolchainConfig> config = parse(good());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->folder, "/tools");
  EXPECT_EQ(config->shape.context, 64);
  EXPECT_FALSE(config->compile);
  EXPECT_FALSE(config->golden);
  EXPECT_EQ(config->convert.limit, std::chrono::seconds(2400));
  EXPECT_EQ(config->ready_limit, std::chrono::seconds(600));
}

TEST(ToolchainConfig, EveryMistakeIsNamedWithItsPlace) {
  const struct {
    const char* name;
    std::function<void(Json&)> spoil;
    const char* said;
  } rows[] = {
      {"another format", [](Json& j) { j["format"] = "x"; }, "format"},
      {"another version", [](Json& j) { j["format_version"] = 2; }, "format_version"},
      {"an unknown member", [](Json& j) { j["covnert"] = 1; }, "covnert"},
      {"no convert", [](Json& j) { j.erase("convert"); }, "convert"},
      {"no inspect", [](Json& j) { j.erase("inspect"); }, "inspect"},
      {"no export", [](Json& j) { j.erase("export"); }, "export"},
      {"no run", [](Json& j) { j.erase("run"); }, "run"},
      {"a name that is a path", [](Json& j) { j["name"] = "../x"; }, "name"},
      {"a shell line", [](Json& j) { j["run"]["command"] = "serve {manifest}"; },
       "run.command: found 'serve {manifest}', want an array"},
      {"no program", [](Json& j) { j["run"]["command"] = Json::array(); },
       "a list that begins with one"},
      {"a program that is a placeholder", [](Json& j) { j["run"]["command"][0] = "{manifest}"; },
       "a program's name without placeholders first"},
      {"a program that is an option", [](Json& j) { j["run"]["command"][0] = "-x"; },
       "a program's name without placeholders first"},
      {"an unknown placeholder", [](Json& j) { j["run"]["command"].push_back("{home}"); },
       "found '{home}', want one of {manifest}"},
      {"a placeholder of another command",
       [](Json& j) { j["convert"]["command"].push_back("{manifest}"); },
       "found '{manifest}', want one of {model}"},
      {"a missing placeholder",
       [](Json& j) {
         j["convert"]["command"] = {"convert", "{model}", "{start}", "{out}"};
       },
       "want {end} in it"},
      {"neither of two", [](Json& j) { j["inspect"]["command"] = {"inspect"}; },
       "want {package} or {compiled} in it"},
      {"a layer outside a part for each shard",
       [](Json& j) { j["export"]["command"].push_back("{start}"); },
       "found '{start}', want one of {model}"},
      {"an open brace", [](Json& j) { j["run"]["command"].push_back("{manifest"); },
       "want a '}' for every '{'"},
      {"a brace that nobody opened", [](Json& j) { j["run"]["command"].push_back("manifest}"); },
       "want a '{' for every '}'"},
      {"an empty word", [](Json& j) { j["run"]["command"].push_back(""); }, "a word of 1 to"},
      {"a word with a null", [](Json& j) { j["run"]["command"].push_back(std::string("a\0b", 3)); },
       "a word of 1 to"},
      {"an empty part", [](Json& j) { j["export"]["command"].push_back(Json::array()); },
       "words for each shard"},
      {"too many words",
       [](Json& j) {
         for (int i = 0; i < 300; ++i) j["run"]["command"].push_back("x");
       },
       "at most 256"},
      {"another form", [](Json& j) { j["run"]["form"] = "twice"; },
       "found 'twice', want resident or once"},
      {"another report", [](Json& j) { j["inspect"]["report"] = "xml"; },
       "found 'xml', want json or lines"},
      {"another encoding", [](Json& j) { j["shape"]["encoding"] = "int3"; }, "encoding"},
      {"a limit that the caller does not wait for", [](Json& j) { j["inspect"]["limit_s"] = 5000; },
       "limit_s"},
      {"limits that together are too long", [](Json& j) { j["export"]["limit_s"] = 1500; },
       "limits of 1700 s together"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Json json = good();
    row.spoil(json);
    const Result<ToolchainConfig> config = parse(json);
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().message, testing::StartsWith("tools.json"));
    EXPECT_THAT(config.error().message, HasSubstr(row.said));
  }
}

TEST(ToolchainConfig, TheReadyFilesAreRead) {
  const std::filesystem::path folder =
      std::filesystem::path(FUSESWEEP_SOURCE_DIR) / "runners/toolchain";
  const Result<ToolchainConfig> config = read_toolchain(folder / "phi4-mini-ane.json");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->name, "phi4-mini-ane");
  EXPECT_EQ(config->device_kind, "ane");
  EXPECT_GT(config->ready_limit, std::chrono::seconds(2 * 136));  // a warm-up that was seen
}

TEST(ToolchainConfig, AnAlteredToolIsAnotherOneAndALongerLimitIsNot) {
  const TemporaryFolder folder;
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder.path() / name) << text;
  };
  Json json = good();
  json["convert"]["command"] = {"sh", "convert.sh", "{model}", "{start}", "{end}", "{out}"};
  write("convert.sh", "one");
  write("tools.json", to_text(json));
  const ToolchainConfig first = *read_toolchain(folder.path() / "tools.json");
  json["convert"]["limit_s"] = 60;
  write("tools.json", to_text(json));
  EXPECT_EQ(read_toolchain(folder.path() / "tools.json")->fingerprint, first.fingerprint);
  json["run"]["command"].push_back("--fast");
  write("tools.json", to_text(json));
  const ToolchainConfig other_runtime = *read_toolchain(folder.path() / "tools.json");
  EXPECT_NE(other_runtime.fingerprint, first.fingerprint);
  EXPECT_EQ(other_runtime.build_fingerprint, first.build_fingerprint);
  write("convert.sh", "two");
  EXPECT_NE(read_toolchain(folder.path() / "tools.json")->build_fingerprint,
            first.build_fingerprint);
}

TEST(ToolchainConfig, AFolderThatIsNotThereIsAnError) {
  const TemporaryFolder folder;
  Json json = good();
  json["folder"] = "nowhere";
  std::ofstream(folder.path() / "tools.json") << to_text(json);
  EXPECT_THAT(read_toolchain(folder.path() / "tools.json").error().message,
              HasSubstr("folder: found no folder"));
  EXPECT_FALSE(read_toolchain(folder.path() / "none.json"));
}

TEST(FillCommand, PutsValuesIntoWordsAndRepeatsPartsForEachShard) {
  const CommandTemplate command = parse(good())->export_manifest.command;
  const Result<std::vector<std::string>> words =
      fill_command(command, {{"manifest", "/w/m.json"}},
                   {{{"start", "0"}, {"end", "2"}, {"package", "/w/a b;$(c)"}},
                    {{"start", "2"}, {"end", "3"}, {"package", "/w/d"}}});
  ASSERT_TRUE(words) << words.error().message;
  EXPECT_THAT(*words, ElementsAre("export", "--to", "/w/m.json", "--layer", "0:2:/w/a b;$(c)",
                                  "--layer", "2:3:/w/d", "--end"));
}

TEST(FillCommand, BracesAndValuesStayWhatTheyAre) {
  Json json = good();
  json["run"]["command"] = {"serve", "{{x}}{manifest}{{"};
  const CommandTemplate command = parse(json)->run.command;
  EXPECT_THAT(*fill_command(command, {{"manifest", "/{start}"}}),
              ElementsAre("serve", "{x}/{start}{"));
}

TEST(FillCommand, AValueThatWouldBeAnOptionIsRefused) {
  const CommandTemplate command = parse(good())->run.command;
  for (const char* value : {"-rf", "--serve", ""}) {
    const Result<std::vector<std::string>> words = fill_command(command, {{"manifest", value}});
    ASSERT_FALSE(words);
    EXPECT_THAT(words.error().message, HasSubstr("want a value that is no option"));
  }
  EXPECT_THAT(fill_command(command, {}).error().message, HasSubstr("{manifest}: found nothing"));
}

}  // namespace
}  // namespace fusesweep
