#include "runners/coreml/apple_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(AppleErrors, BecomeOursByWhatTheyAreAbout) {
  const struct {
    const char* name;
    std::vector<AppleError> chain;
    ErrorCode code;
  } kRows[] = {
      {"a generic one", {{"com.apple.CoreML", 0, "Failed"}}, ErrorCode::kUnavailable},
      {"a feature of another type", {{"com.apple.CoreML", 1, "Type"}}, ErrorCode::kInvalidInput},
      {"no such file", {{"NSCocoaErrorDomain", 260, "none"}}, ErrorCode::kInvalidInput},
      {"the disk is full", {{"NSCocoaErrorDomain", 640, "full"}}, ErrorCode::kUnavailable},
      {"the cause decides",
       {{"com.apple.CoreML", 0, "Failed"}, {"NSPOSIXErrorDomain", 2, "No such file"}},
       ErrorCode::kInvalidInput},
      {"another domain's code", {{"SomeDomain", 260, "x"}}, ErrorCode::kUnavailable},
      {"none at all", {}, ErrorCode::kUnavailable},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(error_of(row.chain, "loading").code, row.code);
  }
}

TEST(AppleErrors, SayWhatWasDoneAndTheWholeChain) {
  EXPECT_EQ(
      error_of({{"com.apple.CoreML", 0, "Failed\nto load"}, {"NSCocoaErrorDomain", 260, ""}},
               "w/a.mlpackage: compiling")
          .message,
      "w/a.mlpackage: compiling: Failed\\nto load (com.apple.CoreML 0), because no description "
      "(NSCocoaErrorDomain 260)");
  EXPECT_EQ(error_of({}, "loading").message, "loading: CoreML gave no reason");
}

TEST(AppleErrors, OfTheNeuralEnginesCompilerAreCalledThat) {
  const std::vector<AppleError> chain = {
      {"com.apple.CoreML", 0, "Error in building plan"},
      {"com.apple.appleneuralengine", 1, "ANECCompile() FAILED"}};
  EXPECT_THAT(
      error_of(chain, "loading").message,
      HasSubstr("loading: the Neural Engine's compiler refused it: Error in building plan"));
  EXPECT_THAT(error_of({{"com.apple.CoreML", 0, "Error"}}, "loading").message,
              Not(HasSubstr("compiler")));
}

}  // namespace
}  // namespace fusesweep
