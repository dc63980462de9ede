#include "harness/base/bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

TEST(ParseBytes, ReadsNumbersWithAndWithoutUnits) {
  const struct {
    const char* text;
    std::uint64_t bytes;
  } rows[] = {
      {"0", 0},
      {"1", 1},
      {"2147483648", 2147483648},
      {"512B", 512},
      {"4KiB", 4096},
      {"32MiB", 33554432},
      {"2GiB", 2147483648},
      {"2 GiB", 2147483648},
      {"1TiB", 1099511627776},
      {"3GB", 3000000000},
      {"18446744073709551615", UINT64_MAX},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<std::uint64_t> bytes = parse_bytes(row.text);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes, row.bytes);
  }
}

TEST(ParseBytes, RefusesEverythingElseAndQuotesIt) {
  for (const char* text : {"", "GiB", "-1", "+1", "1.5GiB", "2gib", "2  GiB", "2GiB ", " 2GiB",
                           "2 ", "0x10", "18446744073709551616", "16777216TiB", "1e9"}) {
    SCOPED_TRACE(text);
    const Result<std::uint64_t> bytes = parse_bytes(text);
    ASSERT_FALSE(bytes);
    EXPECT_NE(bytes.error().message.find("'" + std::string(text) + "'"), std::string::npos)
        << bytes.error().message;
  }
}

TEST(FormatBytes, ChangesUnitBeforeTheNumberReaches1024) {
  const struct {
    std::uint64_t bytes;
    const char* text;
  } rows[] = {
      {0, "0 B"},
      {1023, "1023 B"},
      {1024, "1.00 KiB"},
      {1536, "1.50 KiB"},
      {1048570, "1023.99 KiB"},
      {1048575, "1.00 MiB"},
      {100663296, "96.00 MiB"},
      {2113929216, "1.97 GiB"},
      {UINT64_MAX, "16777216.00 TiB"},
  };
  for (const auto& row : rows) EXPECT_EQ(format_bytes(row.bytes), row.text);
}

}  // namespace
}  // namespace fusesweep
