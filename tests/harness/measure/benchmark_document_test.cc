#include "harness/measure/benchmark_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::ElementsAre;

ArmRound round_of(std::size_t arm, int round, int position, std::vector<std::int64_t> token_ns) {
  ArmRound made{.arm = arm, .round = round, .position = position, .waiting_cpu_ns = 77};
  made.result.token_ns = std::move(token_ns);
  return made;
}

// Two blocks of two arms and two rounds; the second arm failed in the second block.
std::vector<Block> two_blocks() {
  Block first{.number = 0};
  first.rounds = {round_of(1, 0, 0, {2000, 2002}), round_of(0, 0, 1, {1000, 1500, 900}),
                  round_of(0, 1, 0, {1100}), round_of(1, 1, 1, {2100})};
  first.rounds[1].result.prefill_ns = 5000;
  first.rounds[1].result.decode_counters.involuntary_switches = 4;
  Block second{.number = 1};
  second.rounds = {round_of(0, 0, 0, {1200}), round_of(0, 1, 0, {1300})};
  second.failures = {{.arm = 1, .fault = ArmFault::kNotStarted}};
  return {second, first};  // in whatever order they were stored
}

std::vector<Json> values_of(const Json& benchmarks, const char* member) {
  std::vector<Json> values;
  for (const Json& entry : benchmarks) values.push_back(entry.at(member));
  return values;
}

TEST(MergeBenchmarks, HasTheFieldsOfGoogleBenchmarksFormat) {
  const Json document = merge_benchmarks(two_blocks(), {"16+8", "24"}, "decode", Json::object());
  EXPECT_EQ(to_text(document.at("benchmarks").at(0)),
            R"({"name":"decode/16+8/manual_time","family_index":0,"per_family_instance_index":0,)"
            R"("run_name":"decode/16+8/manual_time","run_type":"iteration","repetitions":4,)"
            R"("repetition_index":0,"threads":1,"iterations":1,"real_time":1000.0,)"
            R"("cpu_time":77.0,"time_unit":"ns","block":0,"round":0,"position":1,)"
            R"("tok_per_s":1000000.0,"prefill_ns":5000,"involuntary_switches":4})");
}

TEST(MergeBenchmarks, HasTheRoundsOfAnArmAsItsRepetitions) {
  const Json document = merge_benchmarks(two_blocks(), {"16+8", "24"}, "decode", Json::object());
  const Json& benchmarks = document.at("benchmarks");
  EXPECT_THAT(
      values_of(benchmarks, "name"),
      ElementsAre("decode/16+8/manual_time", "decode/16+8/manual_time", "decode/16+8/manual_time",
                  "decode/16+8/manual_time", "decode/24/manual_time", "decode/24/manual_time"));
  EXPECT_THAT(values_of(benchmarks, "repetition_index"), ElementsAre(0, 1, 2, 3, 0, 1));
  EXPECT_THAT(values_of(benchmarks, "repetitions"), ElementsAre(4, 4, 4, 4, 2, 2));
  EXPECT_THAT(values_of(benchmarks, "block"), ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_THAT(values_of(benchmarks, "round"), ElementsAre(0, 1, 0, 1, 0, 1));
  EXPECT_THAT(values_of(benchmarks, "real_time"),
              ElementsAre(1000.0, 1100.0, 1200.0, 1300.0, 2001.0, 2100.0));
}

TEST(MergeBenchmarks, OfNothingIsStillADocument) {
  EXPECT_EQ(to_text(merge_benchmarks({}, {"24"}, "decode", {{"date", "today"}})),
            R"({"context":{"date":"today"},"benchmarks":[]})");
}

TEST(BenchmarkContext, SaysWhatIsKnown) {
  const std::chrono::system_clock::time_point date{std::chrono::seconds(1'700'000'000)};
  EXPECT_EQ(to_text(benchmark_context({}, date)),
            R"({"date":"2023-11-14T22:13:20+00:00","executable":"fusesweep","caches":[],)"
            R"("load_avg":[]})");
  const MachineFacts facts{.cpus_online = 8,
                           .governors = {"powersave"},
                           .frequency_hz = 2'999'600'000,
                           .load_average = 0.25};
  EXPECT_EQ(to_text(benchmark_context(facts, date)),
            R"({"date":"2023-11-14T22:13:20+00:00","executable":"fusesweep","num_cpus":8,)"
            R"("mhz_per_cpu":3000,"cpu_scaling_enabled":true,"caches":[],"load_avg":[0.25]})");
}

}  // namespace
}  // namespace fusesweep
