#include "harness/base/result.h"

#include <gtest/gtest.h>

namespace fusesweep {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return invalid_input("found an odd number");
  return n / 2;
}

Result<int> quarter(int n) {
  const Result<int> halved = half(n);
  if (!halved) return fail_with_context(halved.error(), "quartering");
  return half(*halved);
}

TEST(Result, HoldsAValueOrTheReasonWithItsContext) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(3).error().message, "quartering: found an odd number");
  EXPECT_EQ(quarter(6).error().message, "found an odd number");
}

TEST(ErrorCode, EachHasItsExitCode) {
  EXPECT_EQ(exit_code_of(invalid_input("").value().code), ExitCode::kUsage);
  EXPECT_EQ(exit_code_of(unavailable("").value().code), ExitCode::kEnvironment);
  EXPECT_EQ(exit_code_of(not_recorded("").value().code), ExitCode::kEnvironment);
  EXPECT_EQ(exit_code_of(crashed("").value().code), ExitCode::kEnvironment);
  EXPECT_EQ(exit_code_of(timed_out("").value().code), ExitCode::kEnvironment);
}

// Scripts depend on these numbers.
TEST(ExitCode, NeverChanges) {
  EXPECT_EQ(static_cast<int>(ExitCode::kDone), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::kFailed), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::kUsage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::kEnvironment), 3);
  EXPECT_EQ(static_cast<int>(ExitCode::kInconclusive), 4);
  EXPECT_EQ(static_cast<int>(ExitCode::kBug), 70);
  EXPECT_EQ(static_cast<int>(ExitCode::kInterrupted), 130);
}

}  // namespace
}  // namespace fusesweep
