#include "reports/rerun_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "harness/base/check.h"
#include "harness/core/metric.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

using enum FindingOutcome;

constexpr const char* kAbsent = "-";

std::string_view unit_of(std::string_view metric) {
  const Metric* known = find_metric(metric);
  return known == nullptr ? std::string_view() : known->unit;
}

// Without its unit. A store may hold any number: what no measurement comes to is not spelt out.
std::string percent(double share) {
  if (share >= 1000) return ">+99999";
  if (share <= -1000) return "<-99999";
  return fmt::format("{:+.2f}", 100 * share);
}

bool has_interval(const RerunFinding& finding) { return finding.low_rel && finding.high_rel; }

// In the order in which headlines name them.
enum class Rank { kWrongAnswer, kSpeedOfWhole, kSpeedOfPart, kExactFigure };

Rank rank_of(const RerunFinding& finding) {
  if (find_metric(finding.metric) == nullptr) return Rank::kWrongAnswer;  // a gate's name
  if (!has_interval(finding)) return Rank::kExactFigure;
  return finding.part.empty() ? Rank::kSpeedOfWhole : Rank::kSpeedOfPart;
}

std::pair<Rank, double> key_of(const RerunFinding& finding) {
  return {rank_of(finding), -std::abs(finding.change_rel.value_or(0))};
}

const RerunFinding* leading(const RerunReport& report, FindingOutcome outcome) {
  const RerunFinding* best = nullptr;
  for (const RerunFinding& finding : report.findings) {
    if (finding.outcome == outcome && (best == nullptr || key_of(finding) < key_of(*best)))
      best = &finding;
  }
  return best;
}

std::size_t count_of(const RerunReport& report, FindingOutcome outcome) {
  return static_cast<std::size_t>(
      std::count_if(report.findings.begin(), report.findings.end(),
                    [&](const RerunFinding& finding) { return finding.outcome == outcome; }));
}

std::string and_more(std::size_t count) {
  return count > 1 ? fmt::format("; and {} more", count - 1) : std::string();
}

std::string why(const std::string& reason) {
  return reason.empty() ? "no reason is given" : shown(reason);
}

std::string blocks_text(const RerunReport& report) {
  return count_text(static_cast<std::size_t>(std::max(0, report.blocks)), "block");
}

std::string why_inconclusive(const RerunReport& report) {
  if (report.is_interrupted) return "interrupted after " + blocks_text(report);
  if (report.form == RerunForm::kNotMeasured)
    return fmt::format("no speed was compared, {}", why(report.form_reason));
  if (report.form != RerunForm::kStrong && report.is_strong_required)
    return fmt::format("only the weak form could be had, {}", why(report.form_reason));
  if (!report.dirt.empty())
    return fmt::format("dirty, {}{}", shown(report.dirt.front()), and_more(report.dirt.size()));
  if (const RerunFinding* dirty = leading(report, kDirty); dirty != nullptr)
    return fmt::format("dirty, {}", in_words(*dirty));
  if (const RerunFinding* unclear = leading(report, kInconclusive); unclear != nullptr) {
    return fmt::format("{}{}{}", in_words(*unclear),
                       has_interval(*unclear)
                           ? fmt::format(", which does not rule out a loss of {} %",
                                         percent(report.rule_out_rel).substr(1))
                           : std::string(),
                       and_more(count_of(report, kInconclusive)));
  }
  return "nothing was judged";
}

std::string counts_in_words(const RerunReport& report) {
  constexpr std::array<std::pair<FindingOutcome, std::array<std::string_view, 2>>, 5> kJudged = {{
      {kRegression, {"regression", "regressions"}},
      {kImproved, {"improved", "improved"}},
      {kSame, {"same", "same"}},
      {kInconclusive, {"inconclusive", "inconclusive"}},
      {kDirty, {"dirty", "dirty"}},
  }};
  std::vector<std::string> counts;
  std::size_t judged = 0;
  for (const auto& [outcome, words] : kJudged) {
    const std::size_t count = count_of(report, outcome);
    judged += count;
    if (count > 0) counts.push_back(count_text(count, words[0], words[1]));
  }
  if (judged == 0) return "Nothing was judged.";
  return fmt::format("{} judged: {}.", count_text(judged, "figure"), fmt::join(counts, ", "));
}

// By metric, in the report's order.
std::string detectable_in_words(const RerunReport& report) {
  struct Range {
    std::string metric;
    double low = 0;
    double high = 0;
  };
  std::vector<Range> ranges;
  for (const RerunFinding& finding : report.findings) {
    if (!is_judged(finding) || !finding.smallest_detectable_rel) continue;
    const double found = *finding.smallest_detectable_rel;
    const auto same = std::find_if(ranges.begin(), ranges.end(), [&](const Range& range) {
      return range.metric == finding.metric;
    });
    if (same == ranges.end()) {
      ranges.push_back({finding.metric, found, found});
    } else {
      same->low = std::min(same->low, found);
      same->high = std::max(same->high, found);
    }
  }
  std::vector<std::string> texts;
  for (const Range& range : ranges) {
    const std::string high = percent(range.high).substr(1);
    texts.push_back(range.low < range.high ? fmt::format("{} {} to {} %", shown(range.metric),
                                                         percent(range.low).substr(1), high)
                                           : fmt::format("{} {} %", shown(range.metric), high));
  }
  if (texts.empty()) return {};
  return fmt::format("Would have been found: a change of {}.", fmt::join(texts, ", "));
}

// Of the split that became slower most, whatever else the headline is about.
std::string slowest_group_in_words(const RerunReport& report) {
  const RerunFinding* whole = nullptr;
  for (const RerunFinding& finding : report.findings) {
    if (finding.outcome == kRegression && rank_of(finding) == Rank::kSpeedOfWhole &&
        (whole == nullptr || key_of(finding) < key_of(*whole)))
      whole = &finding;
  }
  if (whole == nullptr) return {};
  const auto loss = [](const RerunFinding& group) {
    return group.now.value_or(0) - group.before.value_or(0);
  };
  const RerunFinding* slowest = nullptr;
  bool are_groups_known = false;
  for (const RerunFinding& group : report.findings) {
    if (group.metric != "group_ms" || group.split != whole->split || !is_judged(group)) continue;
    are_groups_known = true;
    if (group.outcome == kRegression && (slowest == nullptr || loss(group) > loss(*slowest)))
      slowest = &group;
  }
  if (slowest != nullptr)
    return fmt::format("Of its groups this one lost most: {}.", in_words(*slowest));
  if (are_groups_known)
    return "No group of it by itself lost more than chance and the margin explain.";
  return {};
}

}  // namespace

bool is_judged(const RerunFinding& finding) { return finding.outcome != kToldOnly; }

std::string what_in_words(const RerunFinding& finding) {
  std::string text = shown(finding.metric);
  if (!finding.split.empty()) text += " of " + shown(finding.split);
  if (!finding.part.empty()) text += (finding.split.empty() ? " of " : " ") + shown(finding.part);
  return text;
}

std::string in_words(const RerunFinding& finding) {
  std::string text = what_in_words(finding);
  const std::string_view unit = unit_of(finding.metric);
  const std::string with_unit = unit.empty() ? std::string() : fmt::format(" {}", unit);
  std::vector<std::string> parts;
  if (finding.before && finding.now) {
    parts.push_back(fmt::format("{} to {}{}", figure_text(finding.metric, finding.before),
                                figure_text(finding.metric, finding.now), with_unit));
  } else if (finding.now) {
    parts.push_back(fmt::format("now {}{}", figure_text(finding.metric, finding.now), with_unit));
  }
  if (finding.change_rel) {
    parts.push_back(has_interval(finding)
                        ? fmt::format("{} ({})", change_text(finding), interval_text(finding))
                        : change_text(finding));
  }
  if (!finding.text.empty()) parts.push_back(shown(finding.text));
  return parts.empty() ? text : fmt::format("{}: {}", text, fmt::join(parts, ", "));
}

std::string figure_text(std::string_view metric, const std::optional<double>& value) {
  if (!value) return kAbsent;
  const std::string_view unit = unit_of(metric);
  const double size = std::abs(*value);
  if (unit == "bytes" && size < 1e11) return fmt::format("{:.0f}", *value);
  if (size >= 1e7 || unit.empty() || unit == "bytes") return fmt::format("{:.6g}", *value);
  return fixed(*value, unit == "tok/s" ? 2 : 3);
}

std::string change_text(const RerunFinding& finding) {
  return finding.change_rel ? percent(*finding.change_rel) + " %" : kAbsent;
}

std::string interval_text(const RerunFinding& finding) {
  if (!has_interval(finding)) return kAbsent;
  return fmt::format("{} to {} %", percent(*finding.low_rel), percent(*finding.high_rel));
}

std::string form_in_words(const RerunReport& report) {
  const std::string blocks = blocks_text(report);
  std::string text;
  switch (report.form) {
    case RerunForm::kStrong:
      text = fmt::format(
          "Strong form: the old runner with the old artifacts and the new runner with the new "
          "ones, "
          "measured together in {}.",
          blocks);
      break;
    case RerunForm::kWeak:
      text = fmt::format(
          "Weak form: the new ones in {}, through the control, against what was measured then; "
          "changes of the runner are invisible to it. Why not the strong form: {}.",
          blocks, why(report.form_reason));
      break;
    case RerunForm::kNotMeasured:
      text = fmt::format("Nothing was timed: {}.", why(report.form_reason));
      break;
  }
  if (report.is_strong_required && report.form != RerunForm::kStrong)
    text += " The strong form was asked for.";
  if (report.wanted_blocks > report.blocks && report.form != RerunForm::kNotMeasured) {
    text += fmt::format(" The precision that was asked for would take {} blocks.",
                        report.wanted_blocks);
  }
  if (report.is_cross_host)
    text += " It is another machine than the baseline's: only ratios to the control are compared.";
  return text;
}

const RerunFinding* leading_finding(const RerunReport& report) {
  switch (outcome_of(report)) {
    case kRegression:
      return leading(report, kRegression);
    case kSame:
      return leading(report, kImproved);
    case kImproved:
    case kInconclusive:
    case kDirty:
    case kToldOnly:
      break;
  }
  return nullptr;
}

std::string headline(const RerunReport& report) {
  const FindingOutcome outcome = outcome_of(report);
  if (outcome == kInconclusive) return "Inconclusive: " + why_inconclusive(report);
  const RerunFinding* finding = leading_finding(report);
  if (outcome == kRegression) {
    FUSESWEEP_CHECK(finding != nullptr);
    return fmt::format("Regression: {}{}", in_words(*finding),
                       and_more(count_of(report, kRegression)));
  }
  if (finding != nullptr) {
    return fmt::format("No regression, and better: {}{}", in_words(*finding),
                       and_more(count_of(report, kImproved)));
  }
  const bool is_loss_ruled_out = std::any_of(
      report.findings.begin(), report.findings.end(),
      [](const RerunFinding& same) { return same.outcome == kSame && has_interval(same); });
  if (is_loss_ruled_out) {
    return fmt::format("No regression: a loss of {} % is ruled out",
                       percent(report.rule_out_rel).substr(1));
  }
  return fmt::format("No regression: {} as before",
                     count_text(count_of(report, kSame), "figure is", "figures are"));
}

std::vector<std::string> lead(const RerunReport& report) {
  std::vector<std::string> paragraphs = {counts_in_words(report)};
  for (std::string sentence : {detectable_in_words(report), slowest_group_in_words(report)}) {
    if (!sentence.empty()) paragraphs.push_back(std::move(sentence));
  }
  paragraphs.push_back(form_in_words(report));
  return paragraphs;
}

}  // namespace fusesweep
