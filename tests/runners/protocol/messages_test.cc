#include "runners/protocol/messages.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "runners/protocol/rpc.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

// Written, read from its text, and written again.
template <typename T, typename Read>
std::string round_trip(const T& value, Read read) {
  const Result<Json> json = parse_message(to_text(to_json(value)));
  EXPECT_TRUE(json) << json.error().message;
  JsonReader reader(*json, "value");
  const auto back = read(reader.root());
  EXPECT_FALSE(reader.error()) << reader.error()->message;
  return to_text(to_json(back));
}

TEST(Messages, WhatIsWrittenIsWhatIsRead) {
  RunnerOptions options{.threads = 2,
                        .residency_limit_bytes = std::uint64_t{1} << 62,
                        .warmup_calls = 0,
                        .stop_at_eos = true,
                        .inject_ns = {{"[0,16)", 5}, {"head", 0}}};
  options.own = {{"cpu", {{"isa", "avx2"}}}};
  const ShardIdentity shard{.model_hash = std::string(32, 'a'),
                            .contract_hash = std::string(32, 'b'),
                            .kind = HeadSlice{0, 100, 2},
                            .builder_version = 3,
                            .tokens = 4};
  const RecordedComparison golden{.cosine = 0.999, .max_abs = 0.5, .per_token_cosine = {1.0, -1.0}};
  const Placement ran{.evidence = PlacementEvidence::kRun,
                      .conv = ResidentCount{1, 1},
                      .compute = ResidentCount{2, 1},
                      .kinds = {{"conv", "vector", "int8_conv.avx2", 1}, {"add", "cpu", "", 1}},
                      .non_resident = {{"add_0", "add", "cpu", "why"}}};
  const RecordedRun recorded{.decode_tok_per_s = 11.5,
                             .decode_tokens = 64,
                             .groups = {{Segment{0, 16}, 2.5}},
                             .rope_dim = 96,
                             .source = "s"};
  const DecodeResult decoded{.ids = {1, 2},
                             .prefill_ns = 9,
                             .groups = {"[0,16)", "head"},
                             .prefill_group_ns = {4, 5},
                             .token_ns = {7},
                             .group_ns = {{3, 4}},
                             .decode_counters = {.migrations = 1, .frequency_hz = 3'000'000'000}};

  const std::vector<GroupOutput> outputs = {
      {"a", "/x", std::nullopt}, {"b", "", golden}, {"c", "/y", std::nullopt, ran}};

  const DecodeSum sum{
      .tokens = 1, .ns = 2, .forward_calls = 3, .group_calls = 3, .groups = {{"layers", 4}}};

  EXPECT_EQ(round_trip(options, read_runner_options), to_text(to_json(options)));
  const struct {
    const char* name;
    std::string written;
    std::string again;
  } rows[] = {
      {"no options", to_text(to_json(RunnerOptions{})),
       round_trip(RunnerOptions{}, read_runner_options)},
      {"build", to_text(to_json(BuildRequest{shard, "/m.gguf", "/a", options})),
       round_trip(BuildRequest{shard, "/m.gguf", "/a", options}, read_build_request)},
      {"built", to_text(to_json(BuiltShard{"/a/b", 1, std::nullopt, "h"})),
       round_trip(BuiltShard{"/a/b", 1, std::nullopt, "h"}, read_built_shard)},
      {"inspect", to_text(to_json(InspectRequest{"/a", options})),
       round_trip(InspectRequest{"/a", options}, read_inspect_request)},
      {"open a manifest", to_text(to_json(OpenRequest{.manifest = "/m.json"})),
       round_trip(OpenRequest{.manifest = "/m.json"}, read_open_request)},
      {"open artifacts", to_text(to_json(OpenRequest{.artifacts = {"/a", "/b"}})),
       round_trip(OpenRequest{.artifacts = {"/a", "/b"}}, read_open_request)},
      {"opened", to_text(to_json(OpenedHandle{7, {{"head", 1, 2}}, std::nullopt})),
       round_trip(OpenedHandle{7, {{"head", 1, 2}}, std::nullopt}, read_opened_handle)},
      {"run ids", to_text(to_json(RunRequest{.ids = {1}, .folder = "/f"})),
       round_trip(RunRequest{.ids = {1}, .folder = "/f"}, read_run_request)},
      {"run hidden", to_text(to_json(RunRequest{.hidden = "/h.npy", .folder = "/f"})),
       round_trip(RunRequest{.hidden = "/h.npy", .folder = "/f"}, read_run_request)},
      {"outputs", to_text(to_json(outputs)), round_trip(outputs, read_group_outputs)},
      {"decode", to_text(to_json(DecodeRequest{{1, 2}, 3})),
       round_trip(DecodeRequest{{1, 2}, 3}, read_decode_request)},
      {"decoded", to_text(to_json(decoded)), round_trip(decoded, read_decode_result)},
      {"decoded in sum", to_text(to_json(DecodeResult{.ids = {1, 2}, .sum = sum})),
       round_trip(DecodeResult{.ids = {1, 2}, .sum = sum}, read_decode_result)},
      {"open both", to_text(to_json(OpenRequest{"/m.json", {"/a"}})),
       round_trip(OpenRequest{"/m.json", {"/a"}}, read_open_request)},
      {"recorded", to_text(to_json(DecodeResult{.recorded = recorded})),
       round_trip(DecodeResult{.recorded = recorded}, read_decode_result)},
      {"time", to_text(to_json(TimeRequest{"head", 3})),
       round_trip(TimeRequest{"head", 3}, read_time_request)},
      {"progress", to_text(to_json(ProgressState{"s", "i", 1, 2})),
       round_trip(ProgressState{"s", "i", 1, 2}, read_progress_state)},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(row.again, row.written);
  }
}

TEST(Messages, DescriptionAndPlacementComeBackEqual) {
  const RunnerDescription description{.name = "n",
                                      .version = "v",
                                      .device = "d",
                                      .device_kind = "k",
                                      .device_memory_bytes = 1,
                                      .evidence = Evidence::kRecorded,
                                      .capabilities = {"run"},
                                      .emulated = {"e"},
                                      .graph_limit_bytes = 2,
                                      .process_limit_bytes = 3,
                                      .process_compiles = 1,
                                      .toolchain = "t",
                                      .own_model = "m"};
  const Json described = to_json(description);
  JsonReader reader(described, "result");
  EXPECT_EQ(read_runner_description(reader.root()), description);

  const Placement placement{.evidence = PlacementEvidence::kRun,
                            .conv = ResidentCount{4, 4},
                            .compute = ResidentCount{9, 8},
                            .stated_resident = false,
                            .kinds = {{"conv", "ane", "x", 4}},
                            .non_resident = {{"op", "add", "cpu", "why"}}};
  const Json placed = to_json(placement);
  JsonReader placement_reader(placed, "result");
  EXPECT_EQ(read_placement(placement_reader.root()), placement);
}

TEST(Messages, OptionsOfOursAreNotOverwrittenByARunnersOwn) {
  RunnerOptions options{.threads = 2};
  options.own = {{"threads", 9}, {"mine", 1}};
  const Json json = to_json(options);
  EXPECT_EQ(json["threads"], 2);
  EXPECT_EQ(json["mine"], 1);
}

TEST(Messages, WhatDoesNotFitIsNamed) {
  const auto reading = [](auto read) {
    return [read](const JsonField& field) { static_cast<void>(read(field)); };
  };
  const struct {
    std::function<void(const JsonField&)> read;
    const char* text;
    const char* message;
  } rows[] = {
      {reading(read_runner_description), R"({"protocol":2})",
       "value.protocol: found 2, want an integer from 1 to 1"},
      {reading(read_runner_description), R"({"protocol":1,"name":"x"})",
       "value.version: found nothing, want a value"},
      {reading(read_runner_options), R"({"inject_ns":{"head":-1}})",
       "value.inject_ns['head']: found -1, want an integer from 0"},
      {reading(read_runner_options), R"({"residency_limit_bytes":1.5})", "found 1.5"},
      {reading(read_built_shard), R"({"artifact":"a","bytes":18446744073709551615})",
       "value.bytes: found 18446744073709551615, want an integer"},
      {reading(read_placement), R"({"evidence":"plan","conv_total":1,"conv_resident":2})",
       "value.conv_resident: found 2, want at most conv_total, which is 1"},
      {reading(read_placement), R"({"evidence":"plan","conv_total":1})",
       "value.conv_resident: found nothing"},
      {reading(read_placement), R"({"evidence":"guess"})", "found 'guess', want plan, run"},
      {reading(read_group_outputs),
       R"({"outputs":[{"group":"a","placement":{"evidence":"plan"}}]})",
       "value.outputs[0].placement.evidence: found 'plan', want run"},
      {reading(read_group_outputs),
       R"({"outputs":[{"group":"a","placement":{"evidence":"run","compute_total":1,)"
       R"("compute_resident":2}}]})",
       "value.outputs[0].placement.compute_resident: found 2, want at most compute_total"},
      {reading(read_run_request), R"({"ids":[1],"hidden":"h","folder":"f"})",
       "found both or neither of ids and hidden"},
      {reading(read_run_request), R"({"ids":[-1],"folder":"f"})", "value.ids[0]: found -1"},
      {reading(read_decode_result), R"({"groups":["a"],"token_ns":[1],"group_ns":[[1,2]]})",
       "value.group_ns: found 2 items, want one for each of 1 groups"},
      {reading(read_decode_result), R"({"groups":["a"],"token_ns":[1,2],"group_ns":[[1]]})",
       "value.group_ns: found 1 items, want 2, as token_ns has"},
      {reading(read_call_times), R"({"calls_ns":[1,-2]})", "value.calls_ns[1]: found -2"},
      {reading(read_handle), R"({"handle":"1"})", "value.handle: found '1', want an integer"},
      {reading(read_progress_state), R"({"stage":"s","done":1})", "value.total: found nothing"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Json> json = parse_message(row.text);
    ASSERT_TRUE(json);
    JsonReader reader(*json, "value");
    row.read(reader.root());
    ASSERT_TRUE(reader.error());
    EXPECT_THAT(reader.error()->message, HasSubstr(row.message));
  }
}

TEST(Messages, MembersThatNobodyKnowsArePassedOver) {
  const Result<Json> json = parse_message(R"({"calls_ns":[1],"temperature_c":40})");
  JsonReader reader(*json, "result");
  EXPECT_EQ(read_call_times(reader.root()), std::vector<std::int64_t>{1});
  EXPECT_FALSE(reader.error());
}

TEST(Messages, ErrorsKeepTheirKindAndStayInOneLine) {
  for (const ErrorCode code :
       {ErrorCode::kInvalidInput, ErrorCode::kUnavailable, ErrorCode::kNotRecorded,
        ErrorCode::kCrashed, ErrorCode::kTimedOut}) {
    const RpcError sent = to_rpc({code, "why"});
    EXPECT_EQ(from_rpc(static_cast<int>(sent.code), sent.message), (Error{code, "why"}));
  }
  EXPECT_EQ(from_rpc(-32602, "a\nb"), (Error{ErrorCode::kInvalidInput, "a\\nb"}));
  EXPECT_EQ(from_rpc(1, "").code, ErrorCode::kUnavailable);
}

TEST(Messages, DepthIsLimitedOutsideOfStrings) {
  EXPECT_TRUE(parse_message(std::string(64, '[') + std::string(64, ']')));
  EXPECT_FALSE(parse_message(std::string(65, '[') + std::string(65, ']')));
  EXPECT_TRUE(parse_message('"' + std::string(100, '[') + "\\\"[\""));
}

}  // namespace
}  // namespace fusesweep
