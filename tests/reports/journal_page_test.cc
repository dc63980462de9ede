// A journal entry as Markdown: byte for byte, with what people wrote in it kept, whatever names things have.
#include "reports/journal_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "reports/journal_document.h"
#include "tests/reports/example_sweeps.h"
#include "tests/reports/sample_sweep.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kBeganMs = 1'699'999'000'000;
constexpr std::int64_t kFirstMs = 1'700'000'000'500;
constexpr std::int64_t kEndedMs = 1'700'000'100'000;

JournalEntryRow entry_of(std::vector<std::string> hypotheses, std::int64_t began_unix_ms) {
  JournalEntryRow entry{
      .intent = {.name = "longer-fronts",
                 .intent = "Find out whether fusing more layers in front pays.\n\n"
                           "Fewer calls should cost less.",
                 .setup = "One model, INT8, the machine otherwise idle.",
                 .hypotheses = std::move(hypotheses),
                 .stop_rule = "the default budget, once"},
      .began_unix_ms = began_unix_ms};
  entry.hash = hash_of(entry.intent, began_unix_ms);
  return entry;
}

JournalRecord record_of(const SweepRows& sweep, std::vector<std::string> hypotheses,
                        std::int64_t began_unix_ms = kBeganMs) {
  JournalRecord record{.name = "longer-fronts",
                       .entry = entry_of(std::move(hypotheses), began_unix_ms),
                       .sweep = sweep,
                       .evidence = {.first_unix_ms = kFirstMs, .model_first_unix_ms = kFirstMs}};
  record.outcomes.push_back(
      {.outcome = {.name = "longer-fronts", .sweep = sweep.id}, .ended_unix_ms = kEndedMs});
  return record;
}

const std::vector<std::string> kFronts = {"tok_s(20+4+6+2) > tok_s(16+8+6+2)", "cliff in [20,24]",
                                          "disqualified(24+6+2)"};

JournalRecord intent_alone() {
  return {.name = "longer-fronts", .entry = entry_of(kFronts, kBeganMs)};
}
JournalRecord tie() { return record_of(tied_sweep(), kFronts); }
JournalRecord best() {
  return record_of(sample_sweep_rows(),
                   {"tok_s(16+16) > tok_s(16+8+8)", "best = 16+8+8", "tok_s(16+16) > 50"});
}
JournalRecord recorded() { return record_of(recorded_sweep(), kFronts); }
JournalRecord no_intent() {
  JournalRecord record = tie();
  record.entry.reset();
  return record;
}
JournalRecord measured_first() { return record_of(tied_sweep(), kFronts, kFirstMs + 1000); }
JournalRecord interrupted() {
  return record_of(interrupted_sweep_rows(), {"best = 16+16", "cliff confirmed"});
}

// FUSESWEEP_WRITE_GOLDEN=1 writes them anew.
void expect_golden(const std::string& name, const std::string& text) {
  const std::filesystem::path file =
      std::filesystem::path(FUSESWEEP_GOLDEN_FOLDER) / "journal" / name;
  if (std::getenv("FUSESWEEP_WRITE_GOLDEN") != nullptr)
    std::ofstream(file, std::ios::binary) << text;
  const Result<std::string> golden = read_file(file, 1U << 20U);
  ASSERT_TRUE(golden) << golden.error().message;
  EXPECT_EQ(text, *golden) << name;
}

const struct Kind {
  const char* name;
  JournalRecord (*make)();
  const char* stage;
  JournalOrder order;
} kKinds[] = {
    {"intent", intent_alone, "Intent", JournalOrder::kNoOutcome},
    {"tie", tie, "Outcome", JournalOrder::kIntentFirst},
    {"best", best, "Outcome", JournalOrder::kIntentFirst},
    {"recorded", recorded, "Outcome", JournalOrder::kRecorded},
    {"no_intent", no_intent, "Outcome without an intent", JournalOrder::kNoIntent},
    {"measured_first", measured_first, "Outcome", JournalOrder::kMeasuredFirst},
    {"interrupted", interrupted, "Outcome", JournalOrder::kIntentFirst},
};

TEST(JournalPage, OfFixedRowsIsTheSameEverywhere) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    const JournalRecord record = kind.make();
    EXPECT_EQ(stage_of(record), kind.stage);
    EXPECT_EQ(order_of(record), kind.order);
    const std::string name = kind.name;
    const Result<std::string> page = journal_page(record, std::nullopt);
    ASSERT_TRUE(page) << page.error().message;
    expect_golden(name + ".md", *page);
    expect_golden(name + ".json", journal_json(record).dump(1) + "\n");
  }
}

TEST(JournalPage, SaysWhichWasFirst) {
  const auto words = [](const JournalRecord& record) { return order_in_words(record).at(0); };
  EXPECT_THAT(words(tie()), HasSubstr("written before the first measurement"));
  EXPECT_THAT(words(measured_first()), HasSubstr("written after the first measurement"));
  EXPECT_THAT(words(no_intent()), HasSubstr("No intent was written before"));
  EXPECT_THAT(words(recorded()), HasSubstr("Others measured this"));
  JournalRecord same_time = tie();
  same_time.evidence.first_unix_ms = same_time.entry->began_unix_ms;
  EXPECT_EQ(order_of(same_time), JournalOrder::kMeasuredFirst);
  JournalRecord nothing = tie();
  nothing.evidence = {};
  EXPECT_EQ(order_of(nothing), JournalOrder::kNothingMeasured);
  JournalRecord known = tie();
  known.evidence.model_first_unix_ms = kBeganMs - 1;
  EXPECT_THAT(order_in_words(known).at(1), HasSubstr("had been probed, gated or measured"));
}

TEST(JournalPage, NamesAnIntentThatWasChangedAndSweepsThatWereTried) {
  JournalRecord record = tie();
  record.entry->intent.hypotheses.pop_back();
  EXPECT_THAT(
      *journal_page(record, std::nullopt),
      HasSubstr("The intent was changed after it was written: its hash was " + record.entry->hash));
  record = tie();
  JournalOutcomeRow other = record.outcomes.front();
  other.outcome.sweep.data[0] = 0x77;
  record.outcomes.insert(record.outcomes.begin(), other);
  EXPECT_THAT(*journal_page(record, std::nullopt),
              AllOf(HasSubstr("2 sweeps were taken for the outcome"),
                    HasSubstr("Earlier outcome: 2023-11-14 22:15:00 UTC, sweep 77000000")));
}

// A page in which somebody wrote below a heading.
std::string written(std::string page, const std::string& heading, const std::string& text) {
  const std::string from = "## " + heading + "\n\n(for a person to write)\n";
  const std::size_t at = page.find(from);
  EXPECT_NE(at, std::string::npos);
  return page.replace(at, from.size(), "## " + heading + "\n" + text);
}

TEST(JournalPage, MadeAnewIsTheSame) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    const std::string page = *journal_page(kind.make(), std::nullopt);
    EXPECT_EQ(*journal_page(kind.make(), page), page);
  }
}

TEST(JournalPage, KeepsWhatAPersonWroteByteForByte) {
  const std::string lesson =
      "\n- A *tie* is no order.\n\n## A heading of one's own\n\n```\n## Refs\n```\n\n\n";
  const std::string begun = *journal_page(intent_alone(), std::nullopt);
  const std::string page =
      written(written(begun, "Lesson", lesson), "Next", "\nAgain, with <b>more</b> blocks.\n");
  const std::string ended = *journal_page(tie(), page);
  EXPECT_THAT(ended, AllOf(HasSubstr("## Lesson\n" + lesson + "\n## Next\n"),
                           HasSubstr("## Next\n\nAgain, with <b>more</b> blocks.\n\n## Refs\n"),
                           HasSubstr("Tie: 3 splits may be the fastest")));
  EXPECT_EQ(*journal_page(tie(), ended), ended);
}

TEST(JournalPage, AddsWhatIsTypedToWhatAPersonWroteOnce) {
  const std::string page = written(*journal_page(tie(), std::nullopt), "Lesson", "\nMine.\n");
  JournalRecord record = tie();
  record.outcomes.back().outcome.lesson = "Typed <b>1</b>";
  record.outcomes.back().outcome.next = "More";
  const std::string added = *journal_page(record, page);
  EXPECT_THAT(added, AllOf(HasSubstr("## Lesson\n\nMine.\n\nTyped \\<b\\>1\\</b\\>\n"),
                           HasSubstr("## Next\n\nMore\n")));
  EXPECT_EQ(*journal_page(record, added), added);
  // Taken out by hand, it does not come back with a later outcome.
  JournalRecord later = record;
  later.outcomes.push_back(tie().outcomes.back());
  EXPECT_THAT(*journal_page(later, page), Not(HasSubstr("Typed")));
  EXPECT_THAT(*journal_page(later, std::nullopt), HasSubstr("Typed"));
}

TEST(JournalPage, ThatSomebodyWroteInElsewhereIsRefused) {
  const std::string page = *journal_page(tie(), std::nullopt);
  std::string changed = page;
  changed.replace(changed.find("## Result"), 9, "## Result\n\nNo tie at all.");
  std::string cut = page;
  cut.erase(cut.find("## Next"), 7);
  for (const std::string& other :
       {changed, cut, page + "More.\n", page.substr(0, page.size() / 2), std::string(),
        std::string("my notes\n"), std::string("\n## Refs\n\n## Next\n\n## Lesson\n"),
        std::string("\n## Lesson\n## Next\n## Refs\n\n<!-- fusesweep journal, all but Lesson and "
                    "Next:  -->\n")}) {
    SCOPED_TRACE(other.substr(0, 40));
    const Result<std::string> made = journal_page(tie(), other);
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("found changes beside Lesson and Next"));
  }
}

TEST(JournalPage, HostileTextsDoNoHarm) {
  const std::string hostile =
      "x\n## Lesson\n<script>alert(1)</script> [a](javascript:b) `id` | --> \u202E \x1b[31m";
  JournalRecord record = record_of(hostile_sweep(hostile), {"best = 16+16", hostile});
  record.entry->intent.intent = record.entry->intent.setup = hostile;
  record.entry->intent.stop_rule = record.entry->hash = hostile;
  record.outcomes.back().outcome.lesson = record.outcomes.back().outcome.next = hostile;
  const std::string page = *journal_page(record, std::nullopt);
  EXPECT_THAT(page,
              AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("[a](")), Not(HasSubstr("\u202E")),
                    Not(HasSubstr("\x1b")), Not(HasSubstr(" `id`"))));
  std::size_t lessons = 0;
  for (std::size_t at = 0; (at = page.find("\n## Lesson\n", at)) != std::string::npos; ++at)
    ++lessons;
  EXPECT_EQ(lessons, 1U);
  EXPECT_EQ(*journal_page(record, page), page);
}

}  // namespace
}  // namespace fusesweep
