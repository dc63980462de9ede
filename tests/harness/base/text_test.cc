#include "harness/base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

using testing::ElementsAre;

TEST(Quote, ShowsOddBytesInOneLine) {
  const struct {
    const char* name;
    std::string text;
    std::string quoted;
  } rows[] = {
      {"plain", "16+8", "'16+8'"},
      {"empty", "", "''"},
      {"newline and tab", "a\nb\tc", R"('a\nb\tc')"},
      {"quote and backslash", R"(it's \)", R"('it\'s \\')"},
      {"escape sequence", "\x1b[31m", R"('\x1b[31m')"},
      {"nul", std::string("a\0b", 3), R"('a\x00b')"},
      {"UTF-8 is kept", "Gr\xC3\xBC\xC3\x9F", "'Gr\xC3\xBC\xC3\x9F'"},
      {"C1 control in UTF-8", "a\xC2\x9Bz", R"('a\xc2\x9bz')"},
      {"broken UTF-8", "a\xC3", R"('a\xc3')"},
      {"overlong UTF-8", "\xE0\x80\xAF", R"('\xe0\x80\xaf')"},
      {"right to left override", "a\u202Eb", R"('a\u202eb')"},
      {"isolate, no width, tag", "\u2066\u200B\U000E0041", R"('\u2066\u200b\ue0041')"},
      {"line separator", "\u2028", R"('\u2028')"},
      {"no character", "\uFFFF", R"('\uffff')"},
      {"surrogate in UTF-8", "\xED\xA0\x80", R"('\xed\xa0\x80')"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(quote(row.text), row.quoted);
  }
}

TEST(Quote, LeavesOutTheMiddleOfALongText) {
  const std::string quoted = quote("head" + std::string(1000000, 'x') + "tail");
  EXPECT_LT(quoted.size(), 120U);
  EXPECT_EQ(quoted.substr(0, 5), "'head");
  EXPECT_NE(quoted.find("(999936 bytes left out)"), std::string::npos) << quoted;
  EXPECT_EQ(quoted.substr(quoted.size() - 5), "tail'");
}

TEST(OneLine, KeepsQuotesAndLength) { EXPECT_EQ(one_line("it's\n\\ok"), R"(it's\n\ok)"); }

TEST(ParseInteger, TakesDecimalsInRangeOnly) {
  EXPECT_EQ(*parse_integer("512", 1, 512), 512);
  EXPECT_EQ(*parse_integer("-4", -10, 10), -4);
  for (const char* text :
       {"", " 1", "1 ", "+1", "1.0", "0x1", "1e2", "513", "0", "--1", "99999999999999999999"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_integer(text, 1, 512).error().message,
              "found '" + std::string(text) + "', want an integer from 1 to 512");
  }
}

TEST(SplitText, KeepsEmptyParts) {
  EXPECT_THAT(split_text("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_THAT(split_text("", ','), ElementsAre(""));
  EXPECT_THAT(split_text("a,", ','), ElementsAre("a", ""));
}

}  // namespace
}  // namespace fusesweep
