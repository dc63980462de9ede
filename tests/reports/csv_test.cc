#include "reports/csv.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace fusesweep {
namespace {

TEST(Csv, TextsAreQuotedWhereTheyMustBeAndFormulasDisarmed) {
  const struct {
    const char* name;
    std::string text;
    std::string want;
  } rows[] = {
      {"plain", "16+8+6+2", "16+8+6+2"},
      {"empty", "", ""},
      {"comma", "a,b", "\"a,b\""},
      {"quote", "say \"hi\"", "\"say \"\"hi\"\"\""},
      {"end of line", "two\nlines", "\"two\nlines\""},
      {"carriage return", "two\r\nlines", "\"two\r\nlines\""},
      {"tab within", "a\tb", "a\tb"},
      {"formula", "=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"},
      {"formula with a comma", "=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""},
      {"plus", "+1", "'+1"},
      {"minus", "-1", "'-1"},
      {"at", "@SUM(A1)", "'@SUM(A1)"},
      {"tab first", "\t=1", "'\t=1"},
      {"carriage return first", "\r=1", "\"'\r=1\""},
      {"line feed first", "\n=1", "\"'\n=1\""},
      {"full-width", "\uFF1D1", "'\uFF1D1"},
      {"shell", "$(x) `x`", "$(x) `x`"},
      {"escape sequence", "\x1b[31mred", "\\x1b[31mred"},
      {"NUL", std::string("a\0b", 3), "a\\x00b"},
      {"not UTF-8", "\xff", "\\xff"},
      {"right to left", "\u202Eabc \u05D0", "\\u202eabc \u05D0"},
      {"long", std::string(10'000, 'x'), std::string(10'000, 'x')},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(csv_text(row.text), row.want);
  }
}

TEST(Csv, NumbersStayNumbers) {
  EXPECT_EQ(csv_text(-1), "-1");
  EXPECT_EQ(csv_text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(csv_text(-0.1), "-0.1");
  EXPECT_EQ(csv_text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(csv_text(std::numeric_limits<double>::quiet_NaN()), "");
  EXPECT_EQ(csv_text(std::numeric_limits<double>::infinity()), "");
  EXPECT_EQ(csv_text({}), "");
  EXPECT_EQ(csv_text(csv_cell(std::optional<double>())), "");
  EXPECT_EQ(csv_text(csv_cell(std::optional<std::int64_t>(7))), "7");
}

TEST(Csv, ATableHasALineOfNamesAndOneForEachRow) {
  EXPECT_EQ(to_csv({.columns = {"split", "ms_per_token", "-x"},
                    .rows = {{"16+16", 1.5, 1}, {"=a", {}, -2}}}),
            "split,ms_per_token,'-x\n16+16,1.5,1\n'=a,,-2\n");
  EXPECT_EQ(to_csv({.columns = {"a"}}), "a\n");
}

}  // namespace
}  // namespace fusesweep
