#include "harness/measure/prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(BuiltInPrompts, AreTheSameOnEveryMachineAndWithinTheVocabulary) {
  const std::vector<Prompt> prompts = built_in_prompts(4096, 3, 16);
  ASSERT_EQ(prompts.size(), 3U);
  EXPECT_EQ(prompts[0].name, "generated-0");
  EXPECT_THAT(std::vector(prompts[0].ids.begin(), prompts[0].ids.begin() + 3),
              ElementsAre(3503, 1524, 1359));
  EXPECT_NE(prompts[0].ids, prompts[1].ids);
  for (const Prompt& prompt : prompts) {
    EXPECT_EQ(prompt.ids.size(), 16U);
    EXPECT_THAT(prompt.ids, testing::Each(testing::AllOf(testing::Ge(0), testing::Lt(4096))));
  }
}

TEST(BuiltInPrompts, HoldTheChatPromptWhereTheVocabularyHasItsIds) {
  const std::vector<Prompt> prompts = built_in_prompts(200064, 1, 4);
  ASSERT_EQ(prompts.size(), 2U);
  EXPECT_THAT(prompts[0].ids, ElementsAre(199999, 200021, 14350, 200019));
}

TEST(ParsePrompts, ReadsListsOfIds) {
  EXPECT_EQ(parse_prompts("[[1,2,3],[0]]", "p.json", 4),
            (std::vector<Prompt>{{"0", {1, 2, 3}}, {"1", {0}}}));
}

TEST(ParsePrompts, ErrorsNameThePlace) {
  const struct {
    const char* name;
    const char* text;
    const char* error;
  } kRows[] = {
      {"no JSON", "[[1", "p.json:"},
      {"no list", "{}", "p.json: found an object"},
      {"no prompt", "[]", "p.json: found 0 prompts"},
      {"no id", "[[]]", "p.json[0]: found 0 ids"},
      {"beyond", "[[1],[4]]", "p.json[1][0]: found 4"},
      {"text", "[[\"1\"]]", "p.json[0][0]"},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const auto prompts = parse_prompts(row.text, "p.json", 4);
    ASSERT_FALSE(prompts);
    EXPECT_THAT(prompts.error().message, HasSubstr(row.error));
  }
}

TEST(ParseIds, ReadsAListOrSaysWhatIsWrong) {
  EXPECT_EQ(parse_ids("1,2,3", 4), (std::vector{1, 2, 3}));
  EXPECT_FALSE(parse_ids("1,,3", 4));
  EXPECT_FALSE(parse_ids("4", 4));
}

}  // namespace
}  // namespace fusesweep
