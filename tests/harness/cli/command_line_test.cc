#include "harness/cli/command_line.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/cli/runner_argument.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/ran_command.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

nlohmann::json run_json(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  const Ran ran = run(std::move(arguments));
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("{\"schema_version\":1,"));
  return nlohmann::json::parse(ran.out);
}

TEST(Plan, ListsExactlyTheFrontFusedFamily) {
  const auto plan =
      run_json({"plan", "--layers", "32", "--family", "front-fused:tail=6+2,front=12..24,step=4"});
  ASSERT_EQ(plan["splits"].size(), 4U);
  EXPECT_EQ(plan["splits"][0]["split"], "12+12+6+2");
  EXPECT_EQ(plan["splits"][1]["split"], "16+8+6+2");
  EXPECT_EQ(plan["splits"][2]["split"], "20+4+6+2");
  EXPECT_EQ(plan["splits"][3]["split"], "24+6+2");
  EXPECT_EQ(plan["splits"][3]["shards"], 3);
  EXPECT_EQ(plan["splits"][3]["segments"], nlohmann::json::parse("[[0,24],[24,30],[30,32]]"));
  EXPECT_EQ(plan["n_layers"], 32);
  EXPECT_EQ(plan["split_count"], "4");
  EXPECT_TRUE(plan["disk_bytes"].is_null());
}

TEST(Speculate, OfARecordItIsSaidWhatWasRecordedAndNoSpeedUp) {
  const Ran ran = run({"speculate", "--runner", "replay:phi4-mini-m4max"});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("recorded by others, not measured; no speed-up is stated"),
                    HasSubstr("5 prompts: accepted 69, proposals 74, targets 100 (journal:86)"),
                    HasSubstr("not exact on all of them: decode_s 4.290248")));
  const auto document = run_json({"speculate", "--runner", "replay:phi4-mini-m4max"});
  EXPECT_EQ(document["evidence"], "recorded");
  EXPECT_EQ(document["observations"].size(), 5U);
  EXPECT_TRUE(document["arms"].empty());
}

TEST(Plan, CountsStayExactWhenTheListIsCut) {
  const auto all = run_json({"plan", "--layers", "32", "--family", "all", "--limit", "3"});
  EXPECT_EQ(all["split_count"], "2147483648");
  EXPECT_EQ(all["splits"].size(), 3U);
  EXPECT_EQ(run_json({"plan", "--layers", "126", "--family", "all", "--limit", "0"})["split_count"],
            "42535295865117307932921825928971026432");
  EXPECT_EQ(run_json({"plan", "--layers", "32", "--family",
                      "all:max-shard=20,max-shards=4"})["split_count"],
            "4144");
}

TEST(Plan, KnowsTheWeightsOfANamedModel) {
  const auto plan = run_json({"plan", "--model", "phi4-mini", "--splits", "16+16,21+11,22+10",
                              "--residency-limit", "2GiB"});
  EXPECT_EQ(
      plan["distinct_segments"][0],
      nlohmann::json::parse(R"({"segment":[0,16],"weight_bytes":1610612736,"within_limit":true})"));
  EXPECT_EQ(plan["distinct_segments"][1]["within_limit"], true);
  EXPECT_EQ(plan["distinct_segments"][2]["within_limit"], false);
  EXPECT_GT(plan["disk_bytes"], 2 * plan["weight_bytes"].get<std::int64_t>());
}

TEST(Plan, ReadsTheDimensionsOfAGgufFile) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "model.gguf";
  std::ofstream(path, std::ios::binary) << file_that_states({}).text();
  const auto plan =
      run_json({"plan", "--model", path, "--splits", "21+11", "--residency-limit", "32MiB"});
  EXPECT_EQ(plan["model"], path);
  EXPECT_EQ(plan["distinct_segments"][0]["weight_bytes"], 21 * 1572864);

  std::ofstream(path, std::ios::binary)
      << file_that_states({.without = "phi3.rope.dimension_count"}).text();
  const Ran ran = run({"plan", "--model", path, "--splits", "21+11"});
  EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
  EXPECT_EQ(ran.err, "fusesweep plan: --model: " + path +
                         ": phi3.rope.dimension_count: found nothing, want an integer\n");
}

TEST(Plan, TakesSplitsAndFamiliesTogetherAndRepeatedly) {
  const auto plan = run_json({"plan", "--layers", "4", "--splits", "4", "--splits", "2+2,3+1",
                              "--family", "uniform", "--family", "list:1+3"});
  EXPECT_EQ(plan["split_count"], "5");  // 4, 2+2, 3+1, 1+1+1+1, 1+3
}

TEST(Plan, TheTableSaysWhatWasLeftOut) {
  const Ran ran = run({"plan", "--model", "nano", "--family", "all", "--residency-limit", "32MiB"});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone);
  EXPECT_THAT(
      ran.out,
      AllOf(StartsWith("2147483648 splits of the 32 layers of nano as int8, 528 distinct shards\n"),
            HasSubstr("... and 2147483608 more"), HasSubstr("... and 488 more"),
            HasSubstr("limit of 32.00 MiB"), HasSubstr("at the peak")));
}

TEST(Plan, AFamilyWithoutAMemberIsAnAnswer) {
  EXPECT_EQ(run_json({"plan", "--layers", "32", "--family", "all:multiple=5"})["split_count"], "0");
  EXPECT_THAT(run({"plan", "--layers", "32", "--family", "all:multiple=5"}).out,
              HasSubstr("No split fits"));
}

TEST(Model, SynthWritesWhatInspectAndPlanRead) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "nano.gguf";
  const auto made = run_json({"model", "synth", "--shape", "nano", "--seed", "7", "-o", path});
  EXPECT_EQ(made["file"], path);
  const auto seen = run_json({"model", "inspect", path});
  auto contract = made["contract"];
  contract["quantization"] = "Q8_0";
  EXPECT_EQ(seen["contract"], contract);
  EXPECT_EQ(seen["contract"]["rope_dim"], 48);
  EXPECT_EQ(seen["metadata"]["general.architecture"], "phi3");
  EXPECT_EQ(seen["tensors"].size(), 2U + 6 * 32);
  EXPECT_EQ(
      seen["tensors"][2],
      nlohmann::json::parse(
          R"({"name":"blk.0.attn_qkv.weight","type":"Q8_0","shape":[384,640],"bytes":261120})"));
  EXPECT_THAT(run({"model", "inspect", path}).out,
              AllOf(HasSubstr("rope_dim          48\n"), HasSubstr("Q8_0                  129")));
  EXPECT_EQ(run_json({"plan", "--model", path, "--splits", "16x2"})["weight_bytes"], 32 * 1572864);
}

TEST(Model, SynthTakesAShapeFromAFile) {
  const TemporaryFolder folder;
  const std::string shape = folder.path() / "shape.json";
  const std::string path = folder.path() / "model.gguf";
  nlohmann::json contract = run_json({"model", "synth", "-o", path})["contract"];
  contract["n_layers"] = 3;
  std::ofstream(shape) << contract;
  EXPECT_EQ(
      run_json({"model", "synth", "--shape", shape, "--dtype", "f16", "-o", path})["contract"],
      contract);

  contract["n_heads"] = 7;
  std::ofstream(shape) << contract;
  const Ran ran = run({"model", "synth", "--shape", shape, "-o", path});
  EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
  EXPECT_EQ(ran.err, "fusesweep model synth: --shape: " + shape +
                         ": n_heads: found 7, want a multiple of n_kv_heads, which is 2\n");
}

TEST(Model, ReferenceGeneratesAndWritesWhatItWasAskedFor) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "nano.gguf";
  const std::string logits = folder.path() / "logits.npy";
  const std::string hidden = folder.path() / "hidden";
  run_json({"model", "synth", "-o", path});
  const auto answer = run_json({"model", "reference", path, "--ids", "1,2", "--generate", "3",
                                "--logits", logits, "--hidden-dir", hidden});
  EXPECT_EQ(answer["generated_ids"].size(), 3U);
  EXPECT_EQ(std::filesystem::file_size(logits), 128U + 2 * 4096 * 4);
  EXPECT_EQ(std::filesystem::file_size(hidden + "/hidden_32.npy"), 128U + 2 * 384 * 4);
  const Ran ran = run({"model", "reference", path, "--ids", "1,2", "--generate", "3"});
  EXPECT_EQ(ran.out,
            fmt::format("{}\n", fmt::join(answer["generated_ids"].get<std::vector<int>>(), ",")));

  EXPECT_EQ(run({"model", "reference", path, "--ids", "1,,2"}).err,
            "fusesweep model reference: --ids: found '', want an integer from 0 to 2147483647\n");
  EXPECT_EQ(
      run({"model", "reference", path, "--ids", "1,2", "--generate", "4", "--context", "4"}).err,
      "fusesweep model reference: --context: found 4, want at least 5 for 2 ids and 4 generated "
      "ones\n");
}

TEST(Model, BadInputIsOneLine) {
  EXPECT_EQ(run({"model", "inspect", "/no/such/file"}).err,
            "fusesweep model inspect: /no/such/file: No such file or directory\n");
  EXPECT_EQ(run({"model", "synth", "-o", "/no/such/folder/f"}).exit_code, ExitCode::kEnvironment);
  EXPECT_EQ(run({"model", "synth", "--dtype", "int4", "-o", "f"}).err,
            "fusesweep model synth: --dtype: found 'int4', want f32, f16 or q8_0\n");
  EXPECT_EQ(run({"model"}).exit_code, ExitCode::kUsage);
}

TEST(CommandLine, BadInputIsOneLineAndExitCodeTwo) {
  const struct {
    std::vector<std::string> arguments;
    const char* line;
  } rows[] = {
      {{"plan", "--layers", "32", "--splits", "16+8+6"},
       "fusesweep plan: --splits: '16+8+6': found 30 layers in all, want 32\n"},
      {{"plan", "--layers", "32", "--splits", "0+32"},
       "fusesweep plan: --splits: '0+32': character 1: found '0', want an integer from 1 to 512\n"},
      {{"plan", "--layers", "32", "--splits", "16++8"},
       "fusesweep plan: --splits: '16++8': character 4: found '+', want an integer from 1 to "
       "512\n"},
      {{"plan", "--layers", "32", "--splits", "-4"},
       "fusesweep plan: --splits: '-4': character 1: found '-', want an integer from 1 to 512\n"},
      {{"plan", "--layers", "32", "--splits", "4x"},
       "fusesweep plan: --splits: '4x': character 3: found the end, want an integer from 1 to "
       "512\n"},
      {{"plan", "--layers", "32", "--splits", "99999999999999"},
       "fusesweep plan: --splits: '99999999999999': character 1: found '99999999999999', want an "
       "integer from 1 to "
       "512\n"},
      {{"plan", "--layers", "32", "--splits", ""},
       "fusesweep plan: --splits: found an empty list, want splits separated by commas, such as "
       "16+8+6+2,8x4\n"},
      {{"plan", "--layers", "32", "--family", "front-fused:fornt=12"},
       "fusesweep plan: --family: front-fused: found the key 'fornt', want one of tail, front, "
       "step\n"},
      {{"plan", "--layers", "32"},
       "fusesweep plan: found neither --splits nor --family, want one of them, such as --family "
       "front-fused\n"},
      {{"plan", "--family", "all"},
       "fusesweep plan: found neither --layers nor --model, want one of them, such as --model "
       "phi4-mini\n"},
      {{"plan", "--layers", "0", "--family", "all"},
       "fusesweep plan: --layers: found '0', want an integer from 1 to 512\n"},
      {{"plan", "--layers", "30", "--model", "nano", "--family", "all"},
       "fusesweep plan: --layers: found 30, want 32 as the model 'nano' has, or no --layers\n"},
      {{"plan", "--model", "phi\n5", "--family", "all"},
       "fusesweep plan: --model: found 'phi\\n5', want the path of a GGUF file or one of "
       "phi4-mini, nano\n"},
      {{"plan", "--layers", "32", "--family", "all", "--limit", "-1"},
       "fusesweep plan: --limit: found '-1', want an integer from 0 to 100000\n"},
      {{"plan", "--layers", "32", "--family", "all", "--residency-limit", "2gb"},
       "fusesweep plan: --residency-limit: found '2gb', want a number of bytes such as 2147483648, "
       "32MiB or 2GiB\n"},
      {{"plan", "--layers", "32", "--family", "all", "--encoding", "int4"},
       "fusesweep plan: --encoding: found 'int4', want one of int8, uint8, shift-scale-tensor, "
       "shift-scale-channel, "
       "fp16\n"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.arguments));
    const Ran ran = run(row.arguments);
    EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
    EXPECT_EQ(ran.err, row.line);
    EXPECT_EQ(ran.out, "");
  }
}

TEST(Model, CheckExitsWithOneWhenAnythingDiffers) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "nano.gguf";
  ASSERT_EQ(run({"model", "synth", "-o", path}).exit_code, ExitCode::kDone);
  const Ran same = run({"model", "check", path});
  EXPECT_EQ(same.exit_code, ExitCode::kDone);
  EXPECT_EQ(same.out, path + ": agrees with the profile nano\n");

  const Ran other = run({"model", "check", path, "--profile", "phi4-mini"});
  EXPECT_EQ(other.exit_code, ExitCode::kFailed);
  EXPECT_THAT(other.out,
              HasSubstr(path + ": phi3.rope.dimension_count: found 48, contract wants 96\n"));
  const Ran json = run({"model", "check", path, "--profile", "phi4-mini", "--json"});
  EXPECT_EQ(json.exit_code, ExitCode::kFailed);
  const auto document = nlohmann::json::parse(json.out);
  EXPECT_EQ(document["agrees"], false);
  EXPECT_EQ(document["differences"][0],
            nlohmann::json::parse(R"({"field":"d_model","key":"phi3.embedding_length",)"
                                  R"("found":"384","wanted":"3072"})"));

  // A profile from a file: the shape that synth says it made, with one field changed.
  auto profile = run_json({"model", "inspect", path})["contract"];
  profile["rope_dim"] = 64;
  const std::string profile_path = folder.path() / "profile.json";
  std::ofstream(profile_path) << profile;
  EXPECT_EQ(run({"model", "check", path, "--profile", profile_path}).out,
            path + ": phi3.rope.dimension_count: found 48, contract wants 64\n");
}

TEST(Model, BuildInspectAndExportGoTogether) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "nano.gguf";
  const std::string work = folder.path() / "work";
  ASSERT_EQ(run({"model", "synth", "-o", path}).exit_code, ExitCode::kDone);
  const auto built =
      run_json({"model", "build", path, "--segment", "0:30", "--segment", "30:32", "--head",
                "--head-shards", "3", "--embedding", "--context", "64", "--work", work});
  ASSERT_EQ(built["artifacts"].size(), 6U);
  EXPECT_EQ(built["artifacts"][1]["kind"], "layers[30,32)");
  const std::string package = built["artifacts"][1]["path"];
  const auto seen = run_json({"model", "inspect", package});
  EXPECT_EQ(seen["conv_total"], 8);
  EXPECT_EQ(seen["layers"].size(), 2U);
  EXPECT_EQ(seen["layers"][1]["conv_total"], 4);
  EXPECT_EQ(seen["kinds"]["conv"], 8);
  EXPECT_EQ(seen["states"][3]["name"], "layers.1.v_state");
  EXPECT_EQ(seen["states"][3]["shape"], nlohmann::json::parse("[1,2,64,64]"));
  EXPECT_THAT(run({"model", "inspect", package}).out, HasSubstr("8 of them convolutions"));

  const auto exported = run_json({"export", "--split", "30+2", "--context", "64", "--work", work});
  const std::string manifest = exported["manifest"];
  EXPECT_EQ(manifest, work + "/nano_runtime_meta_30_2.json");
  EXPECT_EQ(run({"export", "--check", manifest}).exit_code, ExitCode::kDone);
  const auto written = nlohmann::json::parse(std::ifstream(manifest));
  EXPECT_EQ(written["layers"][1]["start"], 30);
  EXPECT_EQ(written["lm_head_shards"][2]["vocab_end"], 4096);
  EXPECT_EQ(written["max_seq_len"], 64);
  EXPECT_TRUE(std::filesystem::exists(work + "/nano_compile_30_2.sh"));

  EXPECT_EQ(run({"export", "--split", "16+14+2", "--context", "64", "--work", work}).err,
            "fusesweep export: found no layers[0,16), layers[16,30) as int8 with context 64, want "
            "them built: fusesweep model build\n");
}

TEST(Model, BuildSaysWhatIsWrongWithWhatWasAskedFor) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "nano.gguf";
  ASSERT_EQ(run({"model", "synth", "-o", path}).exit_code, ExitCode::kDone);
  const struct {
    std::vector<std::string> options;
    const char* message;
  } rows[] = {
      {{}, "found nothing to build, want --segment A:B, --head or --embedding"},
      {{"--segment", "0:33"}, "--segment: found '0:33', want A:B with 0 <= A < B <= 32"},
      {{"--segment", "4:4"}, "--segment: found '4:4', want A:B with 0 <= A < B <= 32"},
      {{"--segment", "4"}, "--segment: found '4', want A:B with 0 <= A < B <= 32"},
      {{"--segment", "0:4", "--tokens", "65"}, "layers[0,4): tokens: found 65, want 1 to 64"},
      {{"--segment", "0:4", "--context", "513"}, "layers[0,4): context: found 513, want 1 to 512"},
      {{"--segment", "0:4", "--encoding", "int4"},
       "--encoding: found 'int4', want one of int8, uint8, shift-scale-tensor, "
       "shift-scale-channel, fp16"},
      {{"--segment", "0:4", "--kv", "ring"}, "--kv: found 'ring', want mask or slice"},
      {{"--head", "--head-shards", "4097"},
       "--head-shards: found 4097 slices, want 1 or more that leave no slice of the vocabulary of "
       "4096 without rows"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    std::vector<std::string> arguments = {"model", "build", path, "--work", folder.path() / "w"};
    arguments.insert(arguments.end(), row.options.begin(), row.options.end());
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
    EXPECT_EQ(ran.err, fmt::format("fusesweep model build: {}\n", row.message));
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "w"));
}

TEST(Doctor, TellsWhatTheMachineOffersWithoutMeasuring) {
  const TemporaryFolder folder;
  const auto answer = run_json({"doctor", "--quick", "--work", folder.path() / "not" / "there"});
  EXPECT_TRUE(answer["read_bandwidth"].is_null());
  EXPECT_TRUE(answer["steal_now_rel"].is_null());
  EXPECT_GT(answer["disk_free_bytes"], 0);
  EXPECT_TRUE(answer["noise"].is_array());
  EXPECT_TRUE(answer.contains("governors") && answer.contains("huge_page_setting"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "not"));

  const Ran ran = run({"doctor", "--quick"});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone);
  EXPECT_THAT(ran.out, AllOf(StartsWith("What this machine offers"),
                             HasSubstr("\nreading       not measured (--quick)\n"),
                             HasSubstr("numbers noisy")));
}

TEST(Runner, DescribesAndChecksAnyProgramAfterTwoDashes) {
  const TemporaryFolder work;
  const std::string folder = work.path();
  const Ran table =
      run({"runner", "describe", "--work", folder, "--", FUSESWEEP_SCRIPTED_CHILD, "serve"});
  EXPECT_EQ(table.exit_code, ExitCode::kDone) << table.err;
  EXPECT_THAT(table.out, AllOf(StartsWith("name           fake\n"),
                               HasSubstr("capabilities   build, inspect, open, run")));
  const Ran json = run(
      {"runner", "describe", "--json", "--work", folder, "--", FUSESWEEP_SCRIPTED_CHILD, "serve"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["device"]["kind"], "fake");
  EXPECT_EQ(nlohmann::json::parse(json.out)["schema_version"], 1);

  const Ran good =
      run({"runner", "check", "--work", folder, "--", FUSESWEEP_SCRIPTED_CHILD, "serve"});
  EXPECT_EQ(good.exit_code, ExitCode::kDone) << good.out;
  EXPECT_THAT(good.out, AllOf(StartsWith("pass     answers_describe\n"),
                              HasSubstr("16 passed, 0 failed, 1 skipped\n")));
  const Ran bad = run({"runner", "check", "--json", "--work", folder, "--", "false"});
  EXPECT_EQ(bad.exit_code, ExitCode::kFailed);
  const auto checked = nlohmann::json::parse(bad.out);
  EXPECT_EQ(checked["conforms"], false);
  EXPECT_EQ(checked["rules"][0]["rule"], "answers_describe");
  EXPECT_EQ(checked["rules"][0]["verdict"], "fail");
  EXPECT_EQ(checked["rules"][0]["reason"], "its output ended: it exited with status 1");
}

TEST(Runner, ListsItsKinds) {
  EXPECT_THAT(
      run({"runner", "list"}).out,
      AllOf(HasSubstr("cpu "), HasSubstr("replay:NAME_OR_FILE "), HasSubstr("-- CMD ARGS ")));
  EXPECT_EQ(run_json({"runner", "list"})["runners"][0]["kind"], "cpu");
}

#ifndef __APPLE__
TEST(Runner, CoreMlIsSaidToBeMissingWhereThereIsNone) {
  EXPECT_THAT(run({"runner", "list"}).out,
              HasSubstr("only on macOS; not here: found no CoreML, want macOS"));
  EXPECT_EQ(run_json({"runner", "list"})["runners"][0]["missing"], nullptr);
  EXPECT_NE(run_json({"runner", "list"})["runners"][1]["missing"], nullptr);
  for (const char* command : {"describe", "check", "serve"}) {
    const Ran ran = run({"runner", command, "coreml"});
    EXPECT_EQ(ran.exit_code, ExitCode::kEnvironment) << command;
    EXPECT_THAT(ran.err, HasSubstr("coreml: found no CoreML, want macOS"));
  }
}
#endif

TEST(Runner, WhatCannotBeOneIsNamed) {
  const struct {
    std::vector<std::string> typed;
    ExitCode exit_code;
    const char* line;
  } rows[] = {
      {{"runner", "describe"},
       ExitCode::kUsage,
       "fusesweep runner describe: found both or neither of KIND and -- CMD, want one of them\n"},
      {{"runner", "check", "cpu", "--", "true"},
       ExitCode::kUsage,
       "fusesweep runner check: found both or neither of KIND and -- CMD, want one of them\n"},
      {{"runner", "check", "--"},
       ExitCode::kUsage,
       "fusesweep runner check: found both or neither of KIND and -- CMD, want one of them\n"},
      {{"runner", "serve", "gpu"},
       ExitCode::kUsage,
       "fusesweep runner serve: found 'gpu', want one of cpu, coreml, replay:NAME_OR_FILE, "
       "toolchain:FILE, or -- "
       "and a command\n"},
      {{"runner", "serve", "cpu:1"},
       ExitCode::kUsage,
       "fusesweep runner serve: found 'cpu:1', want cpu\n"},
      {{"runner", "describe", "replay"},
       ExitCode::kUsage,
       "fusesweep runner describe: found 'replay', want replay:NAME_OR_FILE\n"},
      {{"runner", "describe", "cpu"},
       ExitCode::kEnvironment,
       "fusesweep runner describe: cpu: could not be started: this program does not know where it "
       "lies\n"},
      {{"runner", "check", "--limit-ms", "0", "--", "true"},
       ExitCode::kUsage,
       "fusesweep runner check: --limit-ms: found '0', want an integer from 1 to 86400000\n"},
      {{"runner", "check", "--", "no-such-program"},
       ExitCode::kEnvironment,
       "fusesweep runner check: 'no-such-program': could not be started: No such file or "
       "directory\n"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    const Ran ran = run(row.typed);
    EXPECT_EQ(ran.exit_code, row.exit_code);
    EXPECT_EQ(ran.err, row.line);
  }
}

TEST(RunnerArgument, IsAKindOrWordsAfterTwoDashes) {
  const auto words = [](const std::string& runner) {
    return words_of_runner(runner, "/bin/fusesweep").value_or(std::vector<std::string>{});
  };
  EXPECT_EQ(words("cpu"), (std::vector<std::string>{"/bin/fusesweep", "runner", "serve", "cpu"}));
  EXPECT_EQ(words("replay:nobody").back(), "replay:nobody");
  EXPECT_EQ(words("replay:/etc").back(), "replay:/etc");
  EXPECT_EQ(words("-- ssh mac  fusesweep"), (std::vector<std::string>{"ssh", "mac", "fusesweep"}));
  EXPECT_EQ(words("--  "), std::vector<std::string>{});

  const TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::create_directories(folder.path() / "a/b");
  std::filesystem::current_path(folder.path());
  const auto absolute = with_absolute_paths({"a", "a/b", "a/c", "--x"});
  const std::string here = std::filesystem::current_path();
  std::filesystem::current_path(before);
  EXPECT_EQ(absolute, (std::vector<std::string>{"a", here + "/a/b", "a/c", "--x"}));
}

TEST(CommandLine, UnknownWordsAreNamedWithWhatIsWanted) {
  const std::string commands =
      "plan, sweep, optimize, export, model, gate, cliff, bench, selfcheck, speculate, generate, "
      "report, "
      "plot, "
      "trend, baseline, rerun, journal, doctor, gc, runs, runner";
  const struct {
    std::vector<std::string> typed;
    std::string line;
  } rows[] = {
      {{}, "fusesweep: found no command, want one of " + commands + '\n'},
      {{"paln"}, "fusesweep: found 'paln', want one of " + commands + '\n'},
      {{"--bogus\n"}, "fusesweep: found '--bogus\\n', want one of " + commands + '\n'},
      {{"plan", "--layer", "32"},
       "fusesweep plan: found '--layer', want what fusesweep plan --help lists\n"},
      {{"plan", "--layers", "4", "--splits", "4", "2+2"},
       "fusesweep plan: found '2+2', want what fusesweep plan --help lists\n"},
      {{"plan", "--layers"}, "fusesweep plan: --layers: 1 required N missing\n"},
      {{"model"},
       "fusesweep model: found no command, want one of synth, build, check, inspect, reference\n"},
      {{"model", "sniff"},
       "fusesweep model: found 'sniff', want one of synth, build, check, inspect, reference\n"},
      {{"model", "synth"}, "fusesweep model synth: --output is required\n"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.typed));
    const Ran ran = run(row.typed);
    EXPECT_EQ(ran.exit_code, ExitCode::kUsage);
    EXPECT_EQ(ran.err, row.line);
    EXPECT_EQ(ran.out, "");
  }
}

TEST(CommandLine, BracketsDoNotMakeAList) {
  EXPECT_EQ(run({"plan", "--layers", "32", "--splits", "[16+16,32]"}).exit_code, ExitCode::kUsage);
  EXPECT_EQ(run({"plan", "--layers", "32", "--family", "[all]"}).exit_code, ExitCode::kUsage);
}

TEST(CommandLine, HelpAndVersionAreResults) {
  const Ran help = run({"plan", "--help"});
  EXPECT_EQ(help.exit_code, ExitCode::kDone);
  EXPECT_THAT(help.out, AllOf(HasSubstr("--residency-limit"), HasSubstr("Examples:"),
                              Not(HasSubstr("Subcommands"))));
  EXPECT_THAT(run({"--help-all"}).out, AllOf(HasSubstr("--residency-limit"), HasSubstr("sweep")));
  EXPECT_THAT(run({"--version"}).out, StartsWith("fusesweep 0."));
  EXPECT_EQ(run({"sweep", "--help"}).exit_code, ExitCode::kDone);
}

TEST(CommandLine, ASweepThatIsOnlyPlannedRunsNothing) {
  const Ran ran = run({"sweep", "--dry-run", "--runner", "replay:phi4-mini-m4max"});
  EXPECT_EQ(ran.exit_code, ExitCode::kDone) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("4 splits of the 32 layers of phi4-mini"));
}

TEST(CommandLine, AResultThatCannotBeWrittenIsAFailure) {
  std::FILE* full = std::fopen("/dev/full", "w");
  if (full == nullptr) GTEST_SKIP() << "no /dev/full on this system";
  std::FILE* err = std::tmpfile();
  EXPECT_EQ(run_command_line({"plan", "--layers", "4", "--family", "all"}, {full, err}),
            ExitCode::kEnvironment);
  EXPECT_THAT(read_back(err), HasSubstr("could not write all of the output"));
  std::fclose(full);
}

}  // namespace
}  // namespace fusesweep
