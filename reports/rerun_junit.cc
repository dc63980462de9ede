#include "reports/rerun_junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "harness/base/utc_time.h"
#include "reports/html_page.h"
#include "reports/rerun_words.h"

namespace fusesweep {
namespace {

constexpr const char* kWholeRerun = "rerun";

// The text in an element or an attribute in double quotes. What XML 1.0 forbids (control characters, U+FFFE, bytes
// that are not UTF-8) becomes an escape that can be seen.
std::string xml(std::string_view text) { return html_text(text); }

enum class CaseOutcome { kPassed, kFailed, kSkipped };

struct Case {
  std::string name;
  CaseOutcome outcome = CaseOutcome::kPassed;
  std::string type;                // of a failure
  std::string message;             // in one line
  std::vector<std::string> lines;  // all there is to say
};

struct Suite {
  std::string name;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<Case> cases;
};

CaseOutcome case_outcome_of(FindingOutcome outcome) {
  switch (outcome) {
    case FindingOutcome::kRegression:
      return CaseOutcome::kFailed;
    case FindingOutcome::kInconclusive:
    case FindingOutcome::kDirty:
      return CaseOutcome::kSkipped;
    case FindingOutcome::kImproved:
    case FindingOutcome::kSame:
    case FindingOutcome::kToldOnly:
      break;
  }
  return CaseOutcome::kPassed;
}

std::string name_of(const RerunFinding& finding) {
  return one_line(finding.part.empty() ? finding.metric : finding.metric + ' ' + finding.part);
}

void add_dirt(const RerunReport& report, std::vector<std::string>& lines) {
  for (const std::string& dirt : report.dirt) lines.push_back("dirty: " + one_line(dirt));
}

// Readers show the text of an element, its message, or both: all of it stands in the text.
Case case_of(const RerunFinding& finding, const RerunReport& report) {
  Case made{.name = name_of(finding),
            .outcome = case_outcome_of(finding.outcome),
            .type = std::string(to_text(finding.outcome)),
            .message = fmt::format("{}: {}", to_text(finding.outcome), in_words(finding))};
  made.lines = {made.message};
  if (finding.smallest_detectable_rel) {
    made.lines.push_back(fmt::format("a change of {:.2f} % would have been found",
                                     std::min(100 * *finding.smallest_detectable_rel, 1e5)));
  }
  if (finding.outcome == FindingOutcome::kDirty) add_dirt(report, made.lines);
  if (made.outcome == CaseOutcome::kFailed && !report.cause.empty())
    made.lines.push_back(one_line(report.cause));
  made.lines.push_back(form_in_words(report));
  return made;
}

// Whether there is an answer at all. A file without it would pass where nothing could be judged.
Case conclusive(const RerunReport& report) {
  const bool is_answered = outcome_of(report) != FindingOutcome::kInconclusive;
  Case made{.name = "conclusive",
            .outcome = is_answered ? CaseOutcome::kPassed : CaseOutcome::kSkipped,
            .message = headline(report),
            .lines = {headline(report)}};
  add_dirt(report, made.lines);
  made.lines.push_back(form_in_words(report));
  return made;
}

Suite suite_of_whole(const RerunReport& report) {
  Suite suite{.name = kWholeRerun,
              .properties = {{"baseline", one_line(report.baseline)},
                             {"baseline_id", one_line(report.baseline_id)},
                             {"set", utc_time(report.set_unix_ms) + " UTC"},
                             {"rerun", one_line(report.sweep)},
                             {"model", one_line(report.model)},
                             {"runner", one_line(report.runner)},
                             {"form", std::string(to_text(report.form))},
                             {"blocks", fmt::format("{}", report.blocks)}},
              .cases = {conclusive(report)}};
  const auto state = [](const std::string& text) {
    return text.empty() ? std::string("not known") : one_line(text);
  };
  for (const RerunChange& change : report.changes) {
    suite.properties.emplace_back("changed: " + one_line(change.what),
                                  fmt::format("{} -> {}", state(change.before), state(change.now)));
  }
  return suite;
}

// Readers take two cases of one name for one.
void tell_apart(Suite& suite) {
  std::map<std::string, int> seen;
  for (Case& one : suite.cases) {
    const int count = ++seen[one.name];
    if (count > 1) one.name += fmt::format(" ({})", count);
  }
}

std::vector<Suite> suites_of(const RerunReport& report) {
  std::vector<Suite> suites = {suite_of_whole(report)};
  for (const RerunFinding& finding : report.findings) {
    const std::string name = finding.split.empty() ? "all splits" : one_line(finding.split);
    auto suite = std::find_if(suites.begin() + 1, suites.end(),
                              [&](const Suite& other) { return other.name == name; });
    if (suite == suites.end()) suite = suites.insert(suites.end(), Suite{.name = name});
    if (is_judged(finding)) {
      suite->cases.push_back(case_of(finding, report));
    } else {
      suite->properties.emplace_back(name_of(finding), in_words(finding));
    }
  }
  for (Suite& suite : suites) tell_apart(suite);
  return suites;
}

struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t skipped = 0;
};

Counts counts_of(const Suite& suite) {
  const auto count = [&](CaseOutcome outcome) {
    return static_cast<std::size_t>(
        std::count_if(suite.cases.begin(), suite.cases.end(),
                      [&](const Case& one) { return one.outcome == outcome; }));
  };
  return {suite.cases.size(), count(CaseOutcome::kFailed), count(CaseOutcome::kSkipped)};
}

// No case is timed by itself, but readers that want a time take one that is not there for no number.
std::string attributes_of(const std::string& name, const Counts& counts) {
  return fmt::format(R"(name="{}" tests="{}" failures="{}" errors="0" skipped="{}" time="0")",
                     xml(name), counts.tests, counts.failures, counts.skipped);
}

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + xml(line);
  return text;
}

// GitLab and Jenkins show the class, not the suite.
void write(std::string& out, const Case& one, const std::string& class_name) {
  out += fmt::format(R"(    <testcase classname="{}" name="{}" time="0">)", xml(class_name),
                     xml(one.name));
  switch (one.outcome) {
    case CaseOutcome::kPassed:
      out += fmt::format("<system-out>{}</system-out>", text_of(one.lines));
      break;
    case CaseOutcome::kFailed:
      out += fmt::format(R"(<failure type="{}" message="{}">{}</failure>)", xml(one.type),
                         xml(one.message), text_of(one.lines));
      break;
    case CaseOutcome::kSkipped:
      out += fmt::format(R"(<skipped message="{}">{}</skipped>)", xml(one.message),
                         text_of(one.lines));
      break;
  }
  out += "</testcase>\n";
}

void write(std::string& out, const Suite& suite, const std::string& baseline) {
  const std::string name = fmt::format("{} {}", baseline, suite.name);
  out += fmt::format("  <testsuite {}>\n", attributes_of(name, counts_of(suite)));
  if (!suite.properties.empty()) {
    out += "    <properties>\n";
    for (const auto& [key, value] : suite.properties)
      out += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", xml(key), xml(value));
    out += "    </properties>\n";
  }
  for (const Case& one : suite.cases) write(out, one, name);
  out += "  </testsuite>\n";
}

}  // namespace

std::string rerun_junit(const RerunReport& report) {
  const std::vector<Suite> suites = suites_of(report);
  const std::string baseline = one_line(report.baseline);
  Counts all;
  for (const Suite& suite : suites) {
    const Counts counts = counts_of(suite);
    all.tests += counts.tests;
    all.failures += counts.failures;
    all.skipped += counts.skipped;
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites {}>\n", attributes_of("fusesweep rerun " + baseline, all));
  for (const Suite& suite : suites) write(out, suite, baseline);
  out += "</testsuites>\n";
  return out;
}

}  // namespace fusesweep
