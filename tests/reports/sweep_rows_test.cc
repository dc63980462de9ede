// A sweep read from a store: ones that were made by hand, and ones that hold something else.
#include "reports/sweep_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/reports/sample_sweep.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

Json an_answer() {
  return Json::parse(R"json({
    "cliff": null,
    "candidates": [
      {"name": "32", "split": "32", "standing": "disqualified", "reason": "too long",
       "tok_per_s": null, "groups": [], "verdict": null, "interval": null, "recorded": []},
      {"name": "control", "split": "16+16", "standing": "qualified", "reason": null,
       "tok_per_s": 50, "ms_per_token": 20, "ttft_ms": 200, "load_ms": 10, "activation_ms": 5,
       "groups": [{"group": "[0,16)", "ms_per_token": 9}], "verdict": null, "interval": null,
       "recorded": []
},
      {"name": "fast", "split": "8x4", "standing": "qualified", "reason": null,
       "tok_per_s": 52, "ms_per_token": 19, "ttft_ms": null, "load_ms": null,
       "activation_ms": null, "groups": [], "verdict": "faster", "size_rel": -0.05,
       "interval": [-0.07, -0.03], "equivalence_interval": null,
       "recorded": [{"tok_per_s": 1, "groups": [], "notes": ["a note"]}]}],
    "control": "control", "best": "fast", "tie": null, "manifest": "m.json",
    "gates": [{"kind": "shard", "text": "[0,16)", "verdicts":
      [{"gate": "residency", "outcome": "pass", "reason": "", "figures": []}]}],
    "trials": ["T=1"], "blocks": 2, "wanted_blocks": 3,
    "noise": {
  "dirt" : ["a"],
           "steal_rel" : 0.01,
           "throttled_rel" : null,
                             "twin_rel" : 0.002,
                             "smallest_detectable_rel" : 0.02
}
})json");
}

CellRow a_cell(std::string arm, std::int64_t token_ns) {
  CellRow cell = sample_cell(std::move(arm), 0, 0);
  cell.token_ns = {token_ns, token_ns, token_ns};
  return cell;
}

BlockRow a_block(int number) {
  BlockRow block = sample_block(number, "T=1");
  block.cells = {a_cell("control", 20'000'000), a_cell("twin", 20'000'000),
                 a_cell("fast", 19'000'000)};
  for (int i = 0; i < 3; ++i) block.cells[static_cast<std::size_t>(i)].position = i;
  return block;
}

class SweepRowsTest : public testing::Test {
 protected:
  SweepRowsTest() {
    clock_.set_wall(
        std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123)));
    EXPECT_TRUE(store_.put_runner(sample_runner()));
    EXPECT_TRUE(store_.put_model(sample_model()));
  }

  static SweepRow question() {
    return {.spec_hash = std::string(32, '5'),
            .spec = {{"model_hash", sample_model().hash},
                     {"contract_hash", hash_of(sample_model().contract)},
                     {"runner", fingerprint_of(sample_runner())}}};
  }

  Uuid begin(const SweepRow& sweep = question()) { return *store_.begin_sweep(run_, sweep); }

  Uuid stored(const Json& answer, const SweepRow& sweep = question()) {
    const Uuid id = begin(sweep);
    EXPECT_TRUE(store_.end_sweep(id, "done", answer));
    return id;
  }

  FakeClock clock_;
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  const Uuid run_ = *store_.begin_run(sample_run());
};

TEST_F(SweepRowsTest, AllThatWasAnsweredIsThere) {
  const Uuid id = begin();
  ASSERT_TRUE(store_.put_block(run_, id, a_block(0)));
  ASSERT_TRUE(store_.put_block(run_, id, a_block(1)));
  ASSERT_TRUE(store_.end_sweep(id, "done", an_answer()));
  const Result<SweepRows> read = read_sweep(store_, std::nullopt);
  ASSERT_TRUE(read) << read.error().message;
  const SweepRows& sweep = *read;
  EXPECT_EQ(sweep.id, id);
  EXPECT_EQ(sweep.started_unix_ms, 1'700'000'000'123);
  EXPECT_EQ(sweep.run.start, sample_run());
  EXPECT_EQ(sweep.model, sample_model());
  EXPECT_EQ(sweep.runner, sample_runner());
  EXPECT_FALSE(sweep.is_recorded);
  EXPECT_EQ(sweep.n_layers, 32);
  ASSERT_EQ(sweep.splits.size(), 3U);
  EXPECT_EQ(sweep.splits[0].standing, "disqualified");
  EXPECT_EQ(sweep.splits[0].reason, "too long");
  EXPECT_EQ(sweep.splits[0].tok_per_s, std::nullopt);
  EXPECT_TRUE(sweep.splits[1].is_control);
  EXPECT_FALSE(sweep.splits[1].is_tied);
  EXPECT_EQ(sweep.splits[1].groups.at(0).ms_per_token, 9);
  EXPECT_TRUE(sweep.splits[2].is_tied);
  EXPECT_EQ(sweep.splits[2].verdict, "faster");
  EXPECT_EQ(sweep.splits[2].interval_rel, (Interval{-0.07, -0.03}));
  EXPECT_EQ(sweep.splits[2].recorded.at(0).notes.at(0), "a note");
  ASSERT_EQ(sweep.splits[2].processes.size(), 2U);
  EXPECT_EQ(sweep.splits[2].processes[1].block, 1);
  EXPECT_NEAR(sweep.splits[2].processes[1].tok_per_s, 1e9 / 19e6, 1e-6);
  EXPECT_EQ(sweep.splits[1].processes.at(0).load_ms, 1e-6);
  EXPECT_EQ(sweep.gates.at(0).verdict.gate, "residency");
  EXPECT_EQ(sweep.best, "fast");
  EXPECT_EQ(sweep.dirt, std::vector<std::string>{"a"});
  EXPECT_EQ(sweep.wanted_blocks, 3);
  EXPECT_EQ(sweep.block_noise.size(), 2U);
  EXPECT_EQ(sweep.selfcheck, std::nullopt);
  // 50 tok/s of the control against shares of its time.
  const std::optional<Interval> speed = tok_per_s_interval(sweep, sweep.splits[2]);
  EXPECT_NEAR(speed.value().low, 50 / 0.97, 1e-9);
  EXPECT_NEAR(speed.value().high, 50 / 0.93, 1e-9);
  EXPECT_EQ(tok_per_s_interval(sweep, sweep.splits[1]), std::nullopt);
}

TEST_F(SweepRowsTest, OneWithoutAnAnswerSaysWhatWasDone) {
  const Uuid id = begin();
  ASSERT_TRUE(store_.put_block(run_, id, a_block(0)));
  EXPECT_THAT(read_sweep(store_, std::nullopt).error().message,
              HasSubstr("no sweep that has ended"));
  const SweepRows sweep = *read_sweep(store_, to_text(id));
  EXPECT_EQ(sweep.ended_unix_ms, std::nullopt);
  EXPECT_EQ(sweep.block_noise.size(), 1U);
  EXPECT_TRUE(sweep.splits.empty());
}

TEST_F(SweepRowsTest, IsFoundByHowItsIdBegins) {
  const Uuid first = stored(an_answer());
  clock_.advance(std::chrono::seconds(100));
  const Uuid second = stored(an_answer());
  EXPECT_EQ(read_sweep(store_, std::nullopt)->id, second);
  EXPECT_EQ(read_sweep(store_, to_text(first))->id, first);
  EXPECT_EQ(read_sweep(store_, to_text(first).substr(0, 13))->id, first);  // with its dash
  EXPECT_THAT(read_sweep(store_, "0").error().message, HasSubstr("'0': found 2"));
  EXPECT_THAT(read_sweep(store_, "").error().message, HasSubstr("found 2"));
  EXPECT_THAT(read_sweep(store_, "f").error().message, HasSubstr("'f': found 0"));
  EXPECT_THAT(read_sweep(store_, "no\nid").error().message, HasSubstr("'no\\nid': found 0"));
}

TEST_F(SweepRowsTest, TheNewestSelfcheckOfItsRunnerAndHostBelongsToIt) {
  const auto selfcheck = [&](const char* kind, const std::string& runner, std::string split) {
    SelfcheckFigures figures = sample_selfcheck();
    figures.split = std::move(split);
    stored(to_json(figures), {.spec_hash = split, .spec = {{"kind", kind}, {"runner", runner}}});
  };
  const std::string runner = fingerprint_of(sample_runner());
  selfcheck("selfcheck", runner, "old");
  selfcheck("selfcheck", runner, "new");
  selfcheck("selfcheck", "another", "of another");
  const Uuid id = stored(an_answer());
  const SweepRows sweep = *read_sweep(store_, std::nullopt);
  EXPECT_EQ(sweep.id, id);
  ASSERT_TRUE(sweep.selfcheck);
  EXPECT_EQ(sweep.selfcheck->split, "new");
  EXPECT_EQ(StoredSweeps::read(store_)->size(), 1U);
}

TEST_F(SweepRowsTest, WhatIsOfAnotherKindIsNoSweep) {
  for (const Json& kind : {Json("rerun"), Json("of tomorrow"), Json(5)}) {
    SCOPED_TRACE(to_text(kind));
    const Uuid id = stored(an_answer(), {.spec_hash = to_text(kind), .spec = {{"kind", kind}}});
    EXPECT_EQ(StoredSweeps::read(store_)->size(), 0U);
    EXPECT_THAT(read_sweep(store_, to_text(id)).error().message,
                HasSubstr("found one of kind '" + kind_of({.spec = {{"kind", kind}}}) + "'"));
    EXPECT_THAT(read_sweep(store_, std::nullopt).error().message, HasSubstr("no sweep that has"));
  }
  EXPECT_THAT(read_sweep(store_, "0").error().message, HasSubstr("found 0 whose id"));
  const Uuid id = stored(an_answer(), {.spec_hash = "x", .spec = {{"kind", "sweep"}}});
  EXPECT_EQ(read_sweep(store_, std::nullopt)->id, id);
}

TEST_F(SweepRowsTest, ManyAreReadOnceEach) {
  const Uuid first = stored(an_answer());
  const Uuid second = begin({.spec_hash = "other", .spec = question().spec});
  ASSERT_TRUE(store_.put_block(run_, second, a_block(0)));
  const Result<StoredSweeps> sweeps = StoredSweeps::read(store_);
  ASSERT_TRUE(sweeps);
  ASSERT_EQ(sweeps->size(), 2U);
  EXPECT_EQ(sweeps->answer(0)->id, first);
  EXPECT_EQ(sweeps->answer(1)->id, second);
  EXPECT_TRUE(sweeps->answer(1)->block_noise.empty());
  EXPECT_EQ(sweeps->sweep(1)->block_noise.size(), 1U);
}

TEST_F(SweepRowsTest, WhatIsNoAnswerIsRefusedWithItsPlace) {
  const struct {
    const char* name;
    const char* change;  // RFC 7396
    const char* error;
  } rows[] = {
      {"no candidates", R"({"candidates": null})", "candidates"},
      {"candidates that are none", R"({"candidates": 5})", "candidates"},
      {"a name that is none", R"({"candidates": [{"name": 5}]})", "candidates[0].name"},
      {"a speed of 0", R"({"candidates": [{"name": "a", "split": "a", "standing": "qualified",
         "tok_per_s": 0, "recorded": []}]})",
       "tok_per_s"},
      {"a speed below 0", R"({"candidates": [{"name": "a", "split": "a", "standing": "qualified",
         "tok_per_s": -3, "recorded": []}]})",
       "tok_per_s"},
      {"an interval of three", R"({"candidates": [{"name": "a", "split": "a",
         "standing": "qualified", "interval": [1, 2, 3], "recorded": []}]})",
       "3 numbers"},
      {"blocks below 0", R"({"blocks": -1})", "blocks"},
      {"too many blocks", R"({"blocks": 99999999999})", "blocks"},
      {"no noise", R"({"noise": null})", "noise"},
      {"dirt that is none", R"({"noise": {"dirt": "x"}})", "noise.dirt"},
      {"a verdict that is none", R"({"gates": [{"kind": "a", "text": "b", "verdicts": [{}]}]})",
       "verdicts[0]"},
      {"a cliff that is none", R"({"cliff": []})", "cliff"},
      {"trials that are none", R"({"trials": {"a": 1}})", "trials"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Json answer = an_answer();
    answer.merge_patch(Json::parse(row.change));
    const Uuid id = stored(answer);
    const Result<SweepRows> sweep = read_sweep(store_, to_text(id));
    ASSERT_FALSE(sweep);
    EXPECT_THAT(sweep.error().message, HasSubstr(row.error));
  }
}

TEST_F(SweepRowsTest, AQuestionThatSaysNothingLeavesOutWhatItLeadsTo) {
  for (const Json& spec : {Json::object(), Json{{"model_hash", 5}, {"runner", nullptr}}}) {
    const Uuid id = stored(an_answer(), {.spec_hash = "x", .spec = spec});
    const Result<SweepRows> sweep = read_sweep(store_, to_text(id));
    ASSERT_TRUE(sweep) << sweep.error().message;
    EXPECT_EQ(sweep->model, std::nullopt);
    EXPECT_EQ(sweep->runner, std::nullopt);
    EXPECT_EQ(sweep->n_layers, 0);
  }
}

}  // namespace
}  // namespace fusesweep
