#include "harness/core/rerun_cause.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

using enum ChangeActsOn;

constexpr std::pair<std::string_view, ChangeActsOn> kChanges[] = {
    {"builder", kArtifacts},    {"model", kArtifacts},       {"runner version", kRunner},
    {"toolchain", kRunner},     {"device", kRunner},         {"git revision", kBoth},
    {"compiler", kBoth},        {"compiler flags", kBoth},   {"build type", kBoth},
    {"program version", kBoth}, {"host", kMachine},          {"CPU", kMachine},
    {"OS", kMachine},           {"kernel", kMachine},        {"governor", kMachine},
    {"memory", kMachine},       {"weights", kArtifactBytes}, {"program", kProgramBytes}};

// What the arms of a trial are compared by.
constexpr std::string_view kTimedTogether[] = {"tok_per_s", "ms_per_token", "prefill_tok_per_s",
                                               "ttft_ms",   "load_ms",      "activation_ms",
                                               "group_ms",  "peak_bytes",   "anonymous_bytes"};

// Metrics and gates that look at the artifacts alone, whatever runs them.
constexpr std::string_view kOfArtifacts[] = {"bytes", "weight_bytes", "operations",
                                             "build", "weights",      "contract"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Where a regression was seen.
struct Seen {
  bool is_of_artifacts = false;
  bool is_side_by_side = false;  // both were timed on the machine as it is now
};

struct Bytes {
  bool have_artifacts_changed = false;
  bool has_program_changed = false;
};

bool may_cause(const RerunChange& change, const Seen& seen, const Bytes& bytes) {
  switch (acts_on(change.what)) {
    case kArtifacts:
      return bytes.have_artifacts_changed || seen.is_of_artifacts;
    case kBoth:
      // Whatever is not timed side by side, fusesweep itself sees and judges: its gates may have changed.
      return bytes.have_artifacts_changed || bytes.has_program_changed || !seen.is_side_by_side;
    case kMachine:
      return !seen.is_side_by_side && !seen.is_of_artifacts;
    case kRunner:
    case kAnything:
      return true;
    case kArtifactBytes:
    case kProgramBytes:
      break;
  }
  return false;
}

Seen seen_as(const RerunFinding& finding, const RerunReport& report) {
  return {.is_of_artifacts = is_one_of(finding.metric, kOfArtifacts),
          .is_side_by_side = report.form == RerunForm::kStrong && !report.is_cross_host &&
                             is_one_of(finding.metric, kTimedTogether)};
}

Bytes bytes_of(const RerunReport& report) {
  const auto has = [&](ChangeActsOn side) {
    return std::any_of(report.changes.begin(), report.changes.end(),
                       [&](const RerunChange& change) { return acts_on(change.what) == side; });
  };
  return {.have_artifacts_changed = has(kArtifactBytes), .has_program_changed = has(kProgramBytes)};
}

using Changes = std::vector<const RerunChange*>;

struct Sifted {
  Changes left;       // those that explain all regressions, or else those that explain some
  Changes ruled_out;  // those that explain none
};

Sifted sift(const RerunReport& report, const std::vector<const RerunFinding*>& regressions) {
  const Bytes bytes = bytes_of(report);
  Sifted sifted;
  Changes of_some;
  for (const RerunChange& change : report.changes) {
    const ChangeActsOn side = acts_on(change.what);
    if (side == kArtifactBytes || side == kProgramBytes) continue;
    const auto explained =
        std::count_if(regressions.begin(), regressions.end(), [&](const RerunFinding* finding) {
          return may_cause(change, seen_as(*finding, report), bytes);
        });
    if (explained == 0) {
      sifted.ruled_out.push_back(&change);
      continue;
    }
    of_some.push_back(&change);
    if (explained == static_cast<std::ptrdiff_t>(regressions.size()))
      sifted.left.push_back(&change);
  }
  if (sifted.left.empty()) sifted.left = std::move(of_some);
  return sifted;
}

std::string state_text(const std::string& state) {
  return state.empty() ? "what is not known" : quote(state);
}

std::string change_text(const RerunChange& change) {
  return fmt::format("{}, from {} to {}", one_line(change.what), state_text(change.before),
                     state_text(change.now));
}

// Where nothing that is left has a name.
std::string nameless_cause(const Bytes& bytes) {
  if (bytes.have_artifacts_changed && bytes.has_program_changed) {
    return "the artifacts and the runner's program have other bytes, not to be told apart; why is "
           "not known";
  }
  if (bytes.have_artifacts_changed)
    return "likely cause: the artifacts, which have other bytes; why is not known";
  if (bytes.has_program_changed)
    return "likely cause: the runner's program, which has other bytes; why is not known";
  return "nothing that is known has changed";
}

std::string named_cause(const Changes& left) {
  if (left.size() == 1) return "likely cause: " + change_text(*left.front());
  std::vector<std::string> texts;
  for (const RerunChange* change : left) texts.push_back(change_text(*change));
  return fmt::format("likely causes, not to be told apart: {}", fmt::join(texts, "; "));
}

}  // namespace

ChangeActsOn acts_on(std::string_view what) {
  for (const auto& [word, side] : kChanges) {
    if (word == what) return side;
  }
  return kAnything;
}

std::vector<const RerunFinding*> regressions_of(const RerunReport& report) {
  std::vector<const RerunFinding*> regressions;
  for (const RerunFinding& finding : report.findings) {
    if (finding.outcome == FindingOutcome::kRegression) regressions.push_back(&finding);
  }
  return regressions;
}

std::string likely_cause(const RerunReport& report) {
  const std::vector<const RerunFinding*> regressions = regressions_of(report);
  if (regressions.empty()) return "";
  const Sifted sifted = sift(report, regressions);
  std::string text =
      sifted.left.empty() ? nameless_cause(bytes_of(report)) : named_cause(sifted.left);
  if (!sifted.ruled_out.empty()) {
    std::vector<std::string> names;
    for (const RerunChange* change : sifted.ruled_out) names.push_back(one_line(change->what));
    text += fmt::format(" (changed too, and ruled out: {})", fmt::join(names, ", "));
  }
  if (report.form == RerunForm::kWeak)
    text += "; what slows the control alike is invisible to the weak form";
  return text;
}

}  // namespace fusesweep
