#include "harness/sweep/stored_benchmarks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// As google-benchmark's tools/gbench/report.py sees a document: filter_benchmark() takes entries by a pattern
// and cuts it out of their names, partition_benchmarks() those of one name and unit that have all three of
// is_potentially_comparable_benchmark().
struct Partition {
  std::vector<double> real_time;
  std::vector<double> cpu_time;
};

std::map<std::string, Partition> partitions_of(const Json& document, const std::string& pattern) {
  std::map<std::string, Partition> partitions;
  for (const Json& entry : document.at("benchmarks")) {
    const auto name = entry.at("name").get<std::string>();
    if (!std::regex_search(name, std::regex(pattern))) continue;
    Partition& partition = partitions[std::regex_replace(name, std::regex(pattern), "") + ' ' +
                                      entry.at("time_unit").get<std::string>()];
    partition.real_time.push_back(entry.at("real_time").get<double>());
    partition.cpu_time.push_back(entry.at("cpu_time").get<double>());
  }
  return partitions;
}

class SweepBenchmarks : public testing::Test {
 protected:
  Result<std::optional<Json>> document() const {
    return sweep_benchmarks(store_, store_.sweeps()->front());
  }
  void put(int block, const std::string& trial) {
    ASSERT_TRUE(store_.put_block(run_, sweep_, sample_block(block, trial)));
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  Store store_ = *Store::open(folder_.path() / "fusesweep.db", Access::kWrite, clock_);
  Uuid run_ = *store_.begin_run(sample_run());
  Uuid sweep_ = *store_.begin_sweep(run_, sample_sweep());
};

TEST(StoredBenchmarks, HasTheRoundsOfEveryArmThatWasTimed) {
  const Json document =
      benchmark_document_of({sample_block(0), sample_block(1)}, "decode", {{"date", "today"}});
  EXPECT_EQ(document.at("context").at("date"), "today");
  const Json& entries = document.at("benchmarks");
  ASSERT_EQ(entries.size(), 8U);  // "32" told no steps
  EXPECT_EQ(to_text(entries.at(0)),
            R"({"name":"decode/control/manual_time","family_index":0,)"
            R"("per_family_instance_index":0,"run_name":"decode/control/manual_time",)"
            R"("run_type":"iteration","repetitions":4,"repetition_index":0,"threads":1,)"
            R"("iterations":1,"real_time":256.0,"cpu_time":0.0,"time_unit":"ns","block":0,)"
            R"("round":0,"position":0,"tok_per_s":3906250.0,"prefill_ns":1500000000,)"
            R"("major_faults":0,"steal_ns":5})");
  EXPECT_EQ(entries.at(7).at("name"), "decode/twin/manual_time");
  EXPECT_EQ(entries.at(7).at("block"), 1);
}

TEST(StoredBenchmarks, ArmsAreComparedByTheToolsOfGoogleBenchmark) {
  const Json document = benchmark_document_of({sample_block(0), sample_block(1)}, "decode",
                                              benchmark_context_of({.start = sample_run()}));
  const auto control = partitions_of(document, "decode/control");
  const auto twin = partitions_of(document, "decode/twin");
  ASSERT_EQ(control.size(), 1U);
  ASSERT_EQ(twin.size(), 1U);
  EXPECT_EQ(control.begin()->first, "/manual_time ns");
  EXPECT_EQ(control.begin()->first, twin.begin()->first);
  EXPECT_THAT(control.begin()->second.real_time,
              SizeIs(4));  // the U test takes 2 and more, wants 9
  EXPECT_THAT(twin.begin()->second.cpu_time, ElementsAre(0, 0, 0, 0));
  std::set<std::int64_t> repetitions;
  for (const Json& entry : document["benchmarks"]) {
    EXPECT_EQ(entry["run_type"], "iteration");  // "aggregate" would be left out of the mean
    EXPECT_EQ(entry["run_name"], entry["name"]);
    EXPECT_EQ(entry["repetitions"], 4);
    EXPECT_TRUE(entry["iterations"].is_number_integer());
    if (entry["name"] == "decode/twin/manual_time")
      repetitions.insert(entry["repetition_index"].get<std::int64_t>());
  }
  EXPECT_THAT(repetitions, ElementsAre(0, 1, 2, 3));
  for (const char* key : {"date", "executable", "caches", "load_avg", "library_build_type"})
    EXPECT_TRUE(document["context"].contains(key)) << key;
}

TEST_F(SweepBenchmarks, OfOneTrialAreCalledByTheirArms) {
  put(0, "a");
  put(1, "a");
  const auto found = document();
  ASSERT_TRUE(found && *found);
  EXPECT_THAT((**found)["benchmarks"], SizeIs(8));
  EXPECT_EQ((**found)["benchmarks"][0]["name"], "decode/control/manual_time");
  EXPECT_EQ((**found)["context"]["sweep"], to_text(sweep_));
  EXPECT_EQ((**found)["context"]["trials"], Json({"a"}));
}

TEST_F(SweepBenchmarks, OfSeveralTrialsAreThoseThatTheAnswerComesFromEachByItself) {
  put(0, "given up");
  put(0, "first");
  put(0, "second");
  ASSERT_TRUE(store_.end_sweep(sweep_, "best", {{"trials", {"first", "second"}}}));
  const auto found = document();
  ASSERT_TRUE(found && *found);
  const Json& entries = (**found)["benchmarks"];
  std::set<std::string> names;
  std::set<std::int64_t> families;
  for (const Json& entry : entries) {
    names.insert(entry["name"].get<std::string>());
    families.insert(entry["family_index"].get<std::int64_t>());
  }
  EXPECT_THAT(entries, SizeIs(8));
  EXPECT_THAT(names,
              ElementsAre("decode/trial1/control/manual_time", "decode/trial1/twin/manual_time",
                          "decode/trial2/control/manual_time", "decode/trial2/twin/manual_time"));
  EXPECT_THAT(families, ElementsAre(0, 1, 2, 3));
}

TEST_F(SweepBenchmarks, AreAbsentWhereNothingWasMeasured) {
  const auto found = document();
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->has_value());
}

TEST(StoredBenchmarks, TheContextIsThatOfTheRunsMachine) {
  const Json context =
      benchmark_context_of({.start = sample_run(), .started_unix_ms = 1'700'000'000'000});
  EXPECT_EQ(context.at("date"), "2023-11-14T22:13:20+00:00");
  EXPECT_EQ(context.at("host_name"), "box");
  EXPECT_EQ(context.at("cpu_scaling_enabled"), false);
  EXPECT_EQ(context.at("library_build_type"), "release");
  EXPECT_FALSE(context.contains("num_cpus"));  // the run did not tell
}

}  // namespace
}  // namespace fusesweep
