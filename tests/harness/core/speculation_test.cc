#include "harness/core/speculation.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace fusesweep {
namespace {

using Ids = std::vector<int>;

TEST(Propose, TheLongestNgramAtItsLatestOccurrenceSaysWhatFollows) {
  const struct {
    const char* name;
    Ids text;
    NgramRange ngrams;
    std::size_t most;
    Draft want;
  } kRows[] = {
      {"nothing occurred before", {1, 2, 3, 4}, {1, 4}, 3, {}},
      {"empty text", {}, {1, 4}, 3, {}},
      {"one id", {7}, {1, 4}, 3, {}},
      {"one id twice", {7, 7}, {1, 4}, 3, {{7, 7, 7}, 1}},
      {"a pair", {1, 2, 3, 4, 1, 2}, {1, 4}, 2, {{3, 4}, 2}},
      {"the longer match wins over the later one", {1, 2, 3, 9, 2, 5, 1, 2}, {1, 4}, 1, {{3}, 2}},
      {"the later of equals wins", {1, 2, 3, 1, 2, 4, 1, 2}, {1, 4}, 1, {{4}, 2}},
      {"shorter than asked for", {1, 2, 3, 1}, {2, 4}, 1, {}},
      {"no longer than asked for", {1, 2, 3, 4, 9, 2, 3, 7, 1, 2, 3}, {1, 2}, 1, {{7}, 2}},
      {"a loop shorter than the draft", {5, 6, 5, 6}, {2, 4}, 5, {{5, 6, 5, 6, 5}, 2}},
      {"none wanted", {1, 1, 1}, {1, 4}, 0, {}},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(propose(row.text, row.ngrams, row.most), row.want);
  }
}

// Against the definition, written down as it reads.
TEST(Propose, AgreesWithTryingEveryNgramOnRandomTexts) {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    Ids text(random() % 24);
    for (int& id : text) id = static_cast<int>(random() % 3);
    const int min = 1 + static_cast<int>(random() % 3);
    const NgramRange ngrams{min, min + static_cast<int>(random() % 3)};
    int wanted_ngram = 0;
    int wanted_id = -1;
    for (int n = ngrams.max; n >= ngrams.min && wanted_ngram == 0; --n) {
      const int size = static_cast<int>(text.size());
      for (int begin = size - n - 1; begin >= 0 && wanted_ngram == 0; --begin) {
        if (!std::equal(text.end() - n, text.end(), text.begin() + begin)) continue;
        wanted_ngram = n;
        wanted_id = text[static_cast<std::size_t>(begin + n)];
      }
    }
    const Draft draft = propose(text, ngrams, 1);
    EXPECT_EQ(draft.ngram, wanted_ngram);
    EXPECT_EQ(draft.ids.empty() ? -1 : draft.ids.front(), wanted_id);
  }
}

TEST(CountAgreeing, EndsAtTheFirstDifference) {
  const struct {
    const char* name;
    Ids draft;
    Ids verified;
    std::size_t want;
  } kRows[] = {
      {"empty draft", {}, {1}, 0},
      {"first differs", {2, 3}, {1, 3, 4}, 0},
      {"last differs", {1, 2, 4}, {1, 2, 3, 9}, 2},
      {"all agree", {1, 2}, {1, 2, 3}, 2},
      {"agreeing again is too late", {1, 5, 3}, {1, 2, 3, 4}, 1},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(count_agreeing(row.draft, row.verified), row.want);
  }
}

PassCounts simulated(const Ids& prompt, const Ids& ids, int tokens, NgramRange ngrams = {1, 4}) {
  return count_passes(simulate_passes(prompt, ids, tokens, ngrams));
}

TEST(SimulatePasses, HandMadeLogsHaveTheCountsThatAHandFinds) {
  const struct {
    const char* name;
    Ids prompt;
    Ids ids;
    int tokens;
    PassCounts want;  // passes, targets, proposed, accepted
  } kRows[] = {
      {"the first id needs no pass", {1, 2}, {3}, 4, {0, 0, 0, 0}},
      {"nothing repeats", {1, 2}, {3, 4, 5, 6}, 4, {3, 3, 0, 0}},
      {"one token a call proposes nothing", {1, 1}, {1, 1, 1}, 1, {2, 2, 0, 0}},
      // 7 7 | 7 and 8 more of them: two passes of four.
      {"a loop", {7, 7}, {7, 7, 7, 7, 7, 7, 7, 7, 7}, 4, {2, 8, 6, 6}},
      {"a loop of T=2", {7, 7}, {7, 7, 7, 7, 7, 7, 7, 7, 7}, 2, {4, 8, 4, 4}},
      {"the last pass proposes no more than is left", {7, 7}, {7, 7, 7}, 4, {1, 2, 1, 1}},
      // Known 1 2 3 1: proposes 2 3 1, gets 2 9: one accepted. Then 9 is new: 4, then 5, alone.
      {"a draft that goes wrong", {1, 2, 3}, {1, 2, 9, 4, 5}, 4, {3, 4, 3, 1}},
      // Known 5 6 5: proposes 6 5 6, gets 8: all rejected. 8 is new, alone.
      {"a draft of which nothing is right", {5, 6}, {5, 8, 9, 10}, 4, {3, 3, 2, 0}},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.name);
    const PassCounts found = simulated(row.prompt, row.ids, row.tokens);
    EXPECT_EQ(found.passes, row.want.passes);
    EXPECT_EQ(found.targets, row.want.targets);
    EXPECT_EQ(found.proposed, row.want.proposed);
    EXPECT_EQ(found.accepted, row.want.accepted);
  }
}

TEST(SimulatePasses, EveryTargetIsGivenOnceAndNoPassGivesMoreThanItTakes) {
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    Ids prompt(1 + random() % 12);
    Ids ids(1 + random() % 40);
    for (Ids* list : {&prompt, &ids}) {
      for (int& id : *list) id = static_cast<int>(random() % 4);
    }
    const int tokens = 2 + static_cast<int>(random() % 15);
    const auto passes = simulate_passes(prompt, ids, tokens, {1, 4});
    for (const SpeculativePass& pass : passes) {
      EXPECT_LE(pass.accepted, pass.proposed);
      EXPECT_LT(pass.proposed, tokens);
      EXPECT_EQ(pass.ngram == 0, pass.proposed == 0);
    }
    EXPECT_EQ(count_passes(passes).targets, ids.size() - 1);
    EXPECT_LE(passes.size(), ids.size() - 1);
  }
}

TEST(CountLookups, HandMadeLogsHaveTheCountsThatAHandFinds) {
  // 1 2 3 | 1: nothing is known of 3. 2 after 1: right. 4 after 1 2: 3 was proposed. 4 is new: 1, no.
  EXPECT_EQ(count_lookups(Ids{1, 2, 3}, Ids{1, 2, 4, 1}, {1, 4}), (LookupCounts{4, 2, 1}));
  EXPECT_EQ(count_lookups(Ids{7, 7}, Ids{7, 7, 7}, {1, 4}), (LookupCounts{3, 3, 3}));
  EXPECT_EQ(count_lookups(Ids{1}, Ids{2, 3}, {1, 4}), (LookupCounts{2, 0, 0}));
}

}  // namespace
}  // namespace fusesweep
