#include "harness/base/utc_time.h"

#include <gtest/gtest.h>

#include <limits>

namespace fusesweep {
namespace {

TEST(UtcTime, AreReadAndWritten) {
  EXPECT_EQ(*parse_utc("1970-01-02"), 86'400'000);
  EXPECT_EQ(*parse_utc("2023-11-14T22:13:20"), 1'700'000'000'000);
  EXPECT_EQ(utc_time(1'700'000'000'123), "2023-11-14 22:13:20");
  EXPECT_EQ(utc_time(0), "1970-01-01 00:00:00");
  EXPECT_EQ(utc_time(253'402'300'799'999), "9999-12-31 23:59:59");
  EXPECT_EQ(utc_time(253'402'300'800'000), "253402300800000 ms");
  EXPECT_EQ(utc_time(-1), "-1 ms");
  EXPECT_EQ(utc_day(1'700'000'000'123), "2023-11-14");
  EXPECT_EQ(utc_day(-1), "-1 ms");
  EXPECT_EQ(utc_time(std::numeric_limits<std::int64_t>::max()), "9223372036854775807 ms");
  for (const char* wrong :
       {"", "2023", "2023-02-30", "2023-13-01", "2023-1-1", "2023-11-14 22:13:20",
        "2023-11-14T25:00:00", "-023-11-14", "2023-11-14T22:13"})
    EXPECT_FALSE(parse_utc(wrong)) << wrong;
}

}  // namespace
}  // namespace fusesweep
