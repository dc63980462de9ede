#include "harness/cli/journal_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "tests/results/raw_database.h"
#include "tests/support/ran_command.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class JournalCommand : public testing::Test {
 protected:
  std::string work() const { return folder_.path() / "work"; }
  std::filesystem::path page(const std::string& name) const {
    return folder_.path() / "work/reports/journal" / (name + ".md");
  }
  std::string text_of(const std::string& name) const {
    return read_file(page(name), 1 << 20).value_or("");
  }
  // Of recorded facts, which takes no time.
  void sweep() const {
    const Ran swept =
        run({"sweep", "--runner", "replay:phi4-mini-m4max", "--work", work()}, FUSESWEEP_PROGRAM);
    ASSERT_THAT(swept.out, HasSubstr("no winner")) << swept.err;
  }
  Ran journal(std::vector<std::string> words) const {
    words.insert(words.begin(), "journal");
    words.insert(words.end(), {"--work", work()});
    return run(words);
  }
  Ran begin(const std::string& name) const {
    return journal({"begin", name, "--intent", "Does a longer front pay?", "--hypothesis",
                    "tok_s(20+4+6+2) > tok_s(16+8+6+2)", "--hypothesis", "cliff in [20,24]",
                    "--stop-rule", "one sweep"});
  }

  TemporaryFolder folder_;
};

TEST_F(JournalCommand, GoesFromAnIntentToAnOutcome) {
  const Ran begun = begin("fronts");
  EXPECT_EQ(begun.exit_code, ExitCode::kDone) << begun.err;
  EXPECT_EQ(begun.out, page("fronts").string() + "\n");
  EXPECT_THAT(begun.err, StartsWith("fronts: hash "));
  const std::string hash = begun.err.substr(13, 32);
  EXPECT_THAT(text_of("fronts"), AllOf(HasSubstr("fronts - Intent"), HasSubstr(hash)));

  sweep();
  const Ran ended = journal({"end", "fronts", "--lesson", "A tie is no order."});
  EXPECT_EQ(ended.exit_code, ExitCode::kDone) << ended.err;
  EXPECT_EQ(ended.err, "fronts: 1 confirmed, 0 refuted, 1 undecided; recorded first\n");
  EXPECT_THAT(text_of("fronts"),
              AllOf(HasSubstr("fronts - Outcome"), HasSubstr("others' runs, not blocks"),
                    HasSubstr("## Lesson\n\nA tie is no order.\n"), HasSubstr(hash)));

  EXPECT_EQ(journal({"show", "fronts"}).out, text_of("fronts"));
  EXPECT_EQ(journal({"show", hash}).out, text_of("fronts"));
  EXPECT_THAT(journal({"list"}).out, AllOf(HasSubstr("  fronts  " + hash + "  sweep ")));
  const auto shown = nlohmann::json::parse(journal({"show", "fronts", "--json"}).out);
  EXPECT_EQ(shown["schema_version"], 1);
  EXPECT_EQ(shown["hypotheses"][1]["judged"], "confirmed");
  EXPECT_EQ(shown["intent"]["hash"], hash);
}

TEST_F(JournalCommand, KeepsWhatAPersonWroteAndRefusesToLoseIt) {
  ASSERT_EQ(begin("fronts").exit_code, ExitCode::kDone);
  sweep();
  ASSERT_EQ(journal({"end", "fronts"}).exit_code, ExitCode::kDone);
  std::string text = text_of("fronts");
  const std::string nothing = "## Lesson\n\n(for a person to write)";
  text.replace(text.find(nothing), nothing.size(), "## Lesson\n\nMine, *all* of it.");
  std::ofstream(page("fronts")) << text;
  EXPECT_EQ(journal({"end", "fronts"}).exit_code, ExitCode::kDone);
  EXPECT_EQ(text_of("fronts"), text);

  std::ofstream(page("fronts")) << text << "Beside it.\n";
  const Ran refused = journal({"end", "fronts", "--next", "More"});
  EXPECT_EQ(refused.exit_code, ExitCode::kUsage);
  EXPECT_EQ(refused.err,
            "fusesweep journal end: " + page("fronts").string() +
                ": found changes beside Lesson and Next, which would be lost: want them moved into "
                "these, or the file out of the way\n");
  EXPECT_EQ(text_of("fronts"), text + "Beside it.\n");
  const auto shown = nlohmann::json::parse(journal({"show", "fronts", "--json"}).out);
  EXPECT_EQ(shown["outcomes"].size(), 1U);  // and nothing was stored
}

TEST_F(JournalCommand, AnOutcomeWithoutAnIntentSaysSo) {
  sweep();
  const Ran ended = journal({"end", "afterwards"});
  EXPECT_EQ(ended.err, "afterwards: 0 confirmed, 0 refuted, 0 undecided; no intent\n");
  EXPECT_THAT(text_of("afterwards"),
              AllOf(HasSubstr("Outcome without an intent"), HasSubstr("None was written")));
  EXPECT_THAT(journal({"list"}).out, HasSubstr("  afterwards  without an intent  sweep "));
  const Ran begun = begin("afterwards");
  EXPECT_EQ(begun.exit_code, ExitCode::kUsage);
  EXPECT_THAT(text_of("afterwards"), HasSubstr("Outcome without an intent"));
}

TEST_F(JournalCommand, AnIntentThatWasChangedIsNamed) {
  ASSERT_EQ(begin("fronts").exit_code, ExitCode::kDone);
  sweep();
  run_raw(folder_.path() / "work/fusesweep.db", "UPDATE journal_entries SET intent = 'I knew'");
  const Ran ended = journal({"end", "fronts"});
  EXPECT_EQ(ended.exit_code, ExitCode::kUsage);
  EXPECT_THAT(ended.err, HasSubstr("'fronts': the entry was changed after it was written"));
  EXPECT_THAT(journal({"list"}).out, HasSubstr("CHANGED after it was written"));
}

TEST_F(JournalCommand, AnIntentMayComeFromAFile) {
  const std::string file = folder_.path() / "entry.json";
  std::ofstream(file) << R"({"intent": "Why?", "hypotheses": ["cliff confirmed"], "setup": "s"})";
  const Ran begun = journal({"begin", "filed", "--file", file});
  EXPECT_EQ(begun.exit_code, ExitCode::kDone) << begun.err;
  EXPECT_THAT(text_of("filed"),
              AllOf(HasSubstr("Why?"), HasSubstr("Hypothesis 1: cliff confirmed")));
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {R"({"hypotheses": []})", "entry.json.intent: found nothing, want"},
      {R"({"intent": "x", "lessons": "y"})", "lessons"},
      {R"({"intent": "x", "hypotheses": [1]})", "hypotheses[0]: found 1"},
      {R"({"intent": "x", "hypotheses": ["cliff at 1"]})",
       "hypothesis: 'cliff at 1', at character"},
      {R"({"intent": " "})", "found no intent"},
      {"{", "entry.json"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    std::ofstream(file) << row.text;
    const Ran refused = journal({"begin", "other", "--file", file});
    EXPECT_EQ(refused.exit_code, ExitCode::kUsage);
    EXPECT_THAT(refused.err, HasSubstr(row.message));
  }
  EXPECT_THAT(journal({"list"}).out, Not(HasSubstr("other")));
}

TEST_F(JournalCommand, WhatIsWrongIsNamed) {
  EXPECT_THAT(journal({"list"}).err, HasSubstr("found no store"));
  EXPECT_FALSE(std::filesystem::exists(work()));
  ASSERT_EQ(begin("fronts").exit_code, ExitCode::kDone);
  const struct {
    std::vector<std::string> words;
    const char* message;
  } rows[] = {
      {{"begin", "fronts", "--intent", "x"}, "fronts.md: found a page of that name"},
      {{"begin", "FRONTS", "--intent", "x"}, "NAME: found an entry of the name 'fronts'"},
      {{"begin", "../x", "--intent", "x"}, "NAME: found '../x', want letters"},
      {{"begin", ".x", "--intent", "x"}, "NAME: found '.x', want letters"},
      {{"begin", "x"}, "found no intent, want --intent TEXT or --file"},
      {{"begin", "x", "--intent", "x", "--hypothesis", "faster!"}, "hypothesis: 'faster!', at"},
      {{"begin", "x", "--intent", "x", "--file", "y"}, "found --file beside what"},
      {{"end", "fronts"}, "--sweep: found no sweep that has ended"},
      {{"end", "../x"}, "NAME: found '../x', want the name of an entry"},
      {{"end", "fronts", "--sweep", "ffff"}, "--sweep: sweep 'ffff': found 0"},
      {{"show", "frants"}, "NAME: found 0 entries of the name 'frants'"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    const Ran refused = journal(row.words);
    EXPECT_EQ(refused.exit_code, ExitCode::kUsage);
    EXPECT_EQ(refused.out, "");
    EXPECT_THAT(refused.err, HasSubstr(row.message));
  }
}

}  // namespace
}  // namespace fusesweep
