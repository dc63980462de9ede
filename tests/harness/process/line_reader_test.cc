#include "harness/process/line_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

TEST(LineReader, AnyCutOfTheBytesGivesTheSameLines) {
  const std::string text = "one\n\nthree and more\nfo";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    SCOPED_TRACE(piece);
    LineReader reader(100);
    std::string lines;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      reader.append(std::string_view(text).substr(at, piece));
      while (const auto line = reader.next()) lines += *line + '|';
    }
    EXPECT_EQ(lines, "one||three and more|");
    EXPECT_EQ(reader.rest(), "fo");
    EXPECT_FALSE(reader.too_long());
  }
}

TEST(LineReader, ALineThatIsSkippedEndsWhereItEnds) {
  LineReader reader(4);
  reader.append("ab\ncdefg");
  EXPECT_EQ(reader.next(), "ab");
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_TRUE(reader.too_long());
  reader.skip_line();
  EXPECT_FALSE(reader.too_long());
  reader.append("hijklmn");
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_FALSE(reader.too_long());
  reader.append("op\nqr\n");
  EXPECT_EQ(reader.next(), "qr");
}

TEST(LogTail, KeepsTheLastLineThatSaysSomething) {
  LogTail log;
  EXPECT_EQ(log.last_line(), "");
  log.append("first\nsec");
  EXPECT_EQ(log.last_line(), "sec");
  log.append("ond \x1b[0m\n \n\n");
  EXPECT_EQ(log.last_line(), "second \\x1b[0m");
}

TEST(LogTail, StaysSmallWhateverIsWritten) {
  LogTail log;
  for (int i = 0; i < 10000; ++i) log.append(std::string(10000, 'x') + '\n');
  log.append("the end\n");
  EXPECT_EQ(log.last_line(), "the end");
  for (int i = 0; i < 40; ++i) log.append("\n");
  EXPECT_EQ(log.last_line(), "");
}

}  // namespace
}  // namespace fusesweep
