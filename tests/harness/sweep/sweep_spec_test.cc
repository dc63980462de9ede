#include "harness/sweep/sweep_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/small_model.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

SweepSpec some_spec() {
  SweepSpec spec;
  spec.candidates = candidates_of({.splits = {*parse_split("2+1"), *parse_split("3")},
                                   .tokens = {1, 4},
                                   .contexts = {32},
                                   .encodings = {Encoding::kInt8, Encoding::kFp16},
                                   .kv_forms = {KvForm::kSlice},
                                   .head_shards = {2},
                                   .threads = {1}});
  spec.options.residency_limit_bytes = 32 << 20;
  spec.prompt_tokens = 4;
  spec.turn_tokens = 0;
  spec.budget = std::chrono::milliseconds(1500);
  spec.seed = 99;
  return spec;
}

Json stored_form(const SweepSpec& spec) {
  return to_json(spec, {.path = {}, .contract = small_contract(), .name = "small", .hash = "ab"},
                 {.runner = "r", .options_hash = "o"});
}

TEST(SweepSpec, WhatIsStoredReadsAsWhatWasAsked) {
  for (const std::optional<std::uint64_t> limit : {std::optional<std::uint64_t>{}, {1 << 20}}) {
    SweepSpec spec = some_spec();
    spec.options.residency_limit_bytes = limit;
    const Result<StoredSpec> stored = read_sweep_spec(stored_form(spec));
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_EQ(stored->spec, spec);
    EXPECT_EQ(stored->model_hash, "ab");
    EXPECT_EQ(stored->contract_hash, hash_of(small_contract()));
    EXPECT_EQ(stored->conditions, (Conditions{"r", "o"}));
  }
}

TEST(SweepSpec, AStrangeOneIsRefusedByPlace) {
  const struct {
    const char* name;
    std::function<void(Json&)> spoil;
    const char* want;
  } rows[] = {
      {"a split that is none", [](Json& j) { j["candidates"][1]["split"] = "2+x"; },
       "candidates[1].split"},
      {"an encoding that is none", [](Json& j) { j["candidates"][0]["encoding"] = "int3"; },
       "candidates[0].encoding"},
      {"a count below its least", [](Json& j) { j["decode_tokens"] = 0; }, "decode_tokens"},
      {"a member that is missing", [](Json& j) { j.erase("seed"); }, "seed"},
      {"another kind of document", [](Json& j) { j = Json::array(); }, "sweep"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Json json = stored_form(some_spec());
    row.spoil(json);
    const Result<StoredSpec> stored = read_sweep_spec(json);
    ASSERT_FALSE(stored);
    EXPECT_THAT(stored.error().message, HasSubstr(row.want));
  }
}

}  // namespace
}  // namespace fusesweep
