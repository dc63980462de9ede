#include "runners/coreml/macos_version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(MacosVersions, AreReadAndWritten) {
  EXPECT_EQ(*parse_macos_version("15.2"), (MacosVersion{15, 2, 0}));
  EXPECT_EQ(*parse_macos_version("14.4.1"), (MacosVersion{14, 4, 1}));
  EXPECT_EQ(*parse_macos_version("26"), (MacosVersion{26, 0, 0}));
  EXPECT_EQ(to_text({15, 2, 0}), "15.2");
  EXPECT_EQ(to_text({14, 4, 1}), "14.4.1");
}

TEST(MacosVersions, ThatAreNoneAreRefused) {
  for (const char* text : {"", "15.", "15.2.1.0", "fifteen", "-1.2", "15.99999", "15. 2"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_macos_version(text));
  }
}

TEST(MacosVersions, OlderOnesAreToldWhatTheyLack) {
  EXPECT_TRUE(macos_for_plan({14, 4, 0}));
  EXPECT_TRUE(macos_for_state({15, 0, 0}));
  const auto plan = macos_for_plan({14, 3, 1});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(plan.error().message,
            "coreml: found macOS 14.3.1, want 14.4 or newer for MLComputePlan, which tells where "
            "operations will run");
  const auto state = macos_for_state({14, 7, 0});
  ASSERT_FALSE(state);
  EXPECT_THAT(state.error().message, HasSubstr("found macOS 14.7, want 15.0 or newer for MLState"));
}

TEST(MacosVersions, DecideTheCapabilities) {
  EXPECT_THAT(capabilities_of({13, 6, 0}), ElementsAre("build"));
  EXPECT_THAT(capabilities_of({14, 4, 0}), ElementsAre("build", "inspect"));
  EXPECT_THAT(capabilities_of({15, 0, 0}),
              ElementsAre("build", "inspect", "open", "run", "decode", "continue", "time"));
}

TEST(MacosVersions, AreToldFromTheSystemsName) {
  EXPECT_EQ(macos_of("macOS 15.2"), (MacosVersion{15, 2, 0}));
  for (const char* other : {"Debian GNU/Linux 12 (bookworm)", "macOS", "macOS Sequoia", ""})
    EXPECT_FALSE(macos_of(other)) << other;
}

TEST(MacosVersions, TheBuildIsFoundInTheSystemsText) {
  EXPECT_EQ(build_in("Version 15.2 (Build 24C101)"), "24C101");
  EXPECT_EQ(build_in("Version 15.2"), "Version 15.2");
  EXPECT_EQ(build_in(")(Build "), ")(Build ");
}

}  // namespace
}  // namespace fusesweep
