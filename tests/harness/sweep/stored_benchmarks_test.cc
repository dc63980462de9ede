#include "harness/sweep/stored_benchmarks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/results/sample_rows.h"

namespace fusesweep {
namespace {

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
