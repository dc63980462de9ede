#include "harness/measure/benchmark_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::ElementsAre;

// Steps that report 100, 200, ... ns and note that they ran.
struct NotedSteps {
  std::vector<std::string> ran;
  std::vector<LoopStep> steps;

  explicit NotedSteps(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const double ns = 100.0 * static_cast<double>(steps.size() + 1);
      steps.push_back({name, [this, name, ns] {
                         ran.push_back(name);
                         return std::optional(ns);
                       }});
    }
  }
};

TEST(BenchmarkLoop, RunsEachStepOnceInItsOrder) {
  NotedSteps noted({"b/16+8/round:1", "a", "c (*[+ d", "a"});
  const auto runs = run_benchmark_loop(noted.steps);
  ASSERT_TRUE(runs);
  EXPECT_THAT(noted.ran, ElementsAre("b/16+8/round:1", "a", "c (*[+ d", "a"));
  ASSERT_EQ(runs->size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    ASSERT_TRUE((*runs)[i]);
    EXPECT_EQ((*runs)[i]->name, noted.ran[i]);
    EXPECT_NEAR((*runs)[i]->real_ns, 100.0 * static_cast<double>(i + 1), 1e-6);
    EXPECT_GE((*runs)[i]->cpu_ns, 0);
  }
}

TEST(BenchmarkLoop, AStepThatFailsHasNoRunAndHoldsUpNoOther) {
  NotedSteps noted({"a", "b"});
  noted.steps.insert(noted.steps.begin() + 1, {"fails", [] { return std::optional<double>(); }});
  const auto runs = run_benchmark_loop(noted.steps);
  ASSERT_TRUE(runs);
  EXPECT_THAT(*runs, ElementsAre(testing::Ne(std::nullopt), testing::Eq(std::nullopt),
                                 testing::Ne(std::nullopt)));
  EXPECT_EQ((*runs)[2]->name, "b");
  EXPECT_NEAR((*runs)[2]->real_ns, 200, 1e-6);
}

TEST(BenchmarkLoop, ForgetsTheStepsOfTheLastCall) {
  NotedSteps first({"a", "b"});
  NotedSteps second({"c"});
  EXPECT_EQ(run_benchmark_loop(first.steps)->size(), 2U);
  EXPECT_EQ(run_benchmark_loop(second.steps)->size(), 1U);
  EXPECT_THAT(first.ran, ElementsAre("a", "b"));
  EXPECT_THAT(second.ran, ElementsAre("c"));
}

TEST(BenchmarkLoop, OfNoStepsIsNothing) { EXPECT_TRUE(run_benchmark_loop({})->empty()); }

TEST(BenchmarkLoop, PrintsNothing) {
  NotedSteps noted({"a"});
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_TRUE(run_benchmark_loop(noted.steps));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace fusesweep
