#include "reports/optimize_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kSplitsInHeadline = 4;
constexpr double kLargestSpelt = 1000;  // shares and times beyond it are not spelt out

std::string level_text(const OptimizeReport& report) {
  return fmt::format("{:.4g} %", 100 * report.confidence);
}

std::string ties_text(const std::vector<std::string>& ties) {
  std::vector<std::string> names;
  for (const std::string& tie : ties) {
    if (names.size() == kSplitsInHeadline) break;
    names.push_back(shown(tie));
  }
  return fmt::format("{}{}", fmt::join(names, ", "),
                     ties.size() > kSplitsInHeadline
                         ? fmt::format(" and {} more", ties.size() - kSplitsInHeadline)
                         : "");
}

std::string bound_in_headline(const OptimizeReport& report) {
  const std::optional<double> bound = answered_bound(report);
  if (!bound) return {};
  return fmt::format("; none is faster{} by more than {} ({})",
                     report.ties.size() > 1 ? " than the first" : "", rel_text(*bound),
                     level_text(report));
}

std::string recorded_headline(const OptimizeReport& report) {
  std::string text = "Recorded, not measured: nothing is proven";
  if (report.ties.size() > 1)
    text += fmt::format("; {} tie on record", count_text(report.ties.size(), "split"));
  return text;
}

// The whole's own interval, and whether all of it was measured.
std::string time_in_words(const OptimizeReport& report, const PathFinding& path) {
  return fmt::format(
      "By the sum of its shards and boundaries the layers of {} take {} ms a token ({} to {} at "
      "{}){}.",
      shown(path.split), ms_text(path.ms), ms_text(path.low_ms), ms_text(path.high_ms),
      level_text(report),
      path.is_measured ? ", every shard of it measured" : "; not every shard of it was measured");
}

std::string end_in_words(const OptimizeReport& report) {
  const std::string wanted = rel_text(report.regret_rel);
  switch (report.end) {
    case SearchEnd::kProven:
      return fmt::format(
          "The search ended when the {} that were asked for had been shown of the "
          "best measured split.",
          wanted);
    case SearchEnd::kBuildsSpent:
      return fmt::format("It ended with its builds spent, before {} had been shown.", wanted);
    case SearchEnd::kTimeSpent:
      return fmt::format("It ended with its time spent, before {} had been shown.", wanted);
    case SearchEnd::kNothingLeft:
      return "It ended when every segment that may be used had been measured.";
    case SearchEnd::kNoPath:
      return "No split is left of which every segment may be used.";
    case SearchEnd::kInterrupted:
      return "It was interrupted: the same command goes on with it.";
    case SearchEnd::kNotMeasured:
      return "Nothing was measured: what others recorded proves no bound.";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string bound_in_words(const OptimizeReport& report) {
  const std::optional<double> bound = answered_bound(report);
  if (!bound) return "No bound follows: " + end_in_words(report);
  return fmt::format(
      "At {} no split of the segments that may be used is faster than it by more than {} of its "
      "time a token. {}",
      level_text(report), rel_text(*bound), end_in_words(report));
}

std::string condition_in_words(const OptimizeReport& report) {
  std::string text =
      "The bound is conditional on the form that was fitted: a segment costs a boundary, "
      "f(length), "
      "the effect of its place and a residual of its own";
  if (report.form)
    text += fmt::format(", of {} of an average layer's time", rel_text(report.form->residual_rel));
  text += ".";
  const std::size_t predicted = count_segments(report).predicted;
  if (predicted > 0) {
    text += fmt::format(
        " {} never built, and may fail a gate: the bound says how fast they would be, not that "
        "they "
        "would pass.",
        count_text(predicted, "segment was", "segments were"));
  }
  return text;
}

std::string verified_in_words(const OptimizeReport& report) {
  if (!report.chosen)
    return "The best splits were not measured whole: nothing verifies their sums.";
  if (report.ties.size() > 1) {
    return fmt::format(
        "Measured whole beside the control, {} cannot be told apart: {}. The first of them has the "
        "fewest and smallest shards.",
        count_text(report.ties.size(), "split"), ties_text(report.ties));
  }
  return fmt::format("Measured whole beside the control, {} is the fastest of those verified.",
                     shown(*report.chosen));
}

}  // namespace

std::string headline(const OptimizeReport& report) {
  if (report.is_recorded) return recorded_headline(report);
  if (report.end == SearchEnd::kNoPath)
    return "No answer: no split is left of which every segment may be used";
  const std::string answer = shown(answer_of(report));
  if (answer_of(report).empty()) return "No answer: nothing was measured";
  if (report.end == SearchEnd::kInterrupted)
    return fmt::format("No answer yet: the search was interrupted, {} leads", answer);
  const std::string bound = bound_in_headline(report);
  if (!report.chosen) return fmt::format("{} leads, and was not measured whole{}", answer, bound);
  if (report.ties.size() > 1) {
    return fmt::format("Tie: {} may be the fastest, {}{}", count_text(report.ties.size(), "split"),
                       ties_text(report.ties), bound);
  }
  return fmt::format("{} is the fastest{}", answer, bound);
}

std::vector<std::string> lead(const OptimizeReport& report) {
  if (report.is_recorded) {
    std::vector<std::string> paragraphs = {
        "Others measured this and wrote it down, fusesweep did not: no bound follows, and segment "
        "times of different runs are not mixed."};
    if (report.ties.size() > 1)
      paragraphs.push_back(fmt::format("On record these tie: {}.", ties_text(report.ties)));
    return paragraphs;
  }
  std::vector<std::string> paragraphs;
  if (answer_of(report).empty()) return {end_in_words(report)};
  paragraphs.push_back(verified_in_words(report));
  if (const PathFinding* path = answered_path(report); path != nullptr)
    paragraphs.push_back(time_in_words(report, *path));
  paragraphs.push_back(bound_in_words(report));
  if (answered_bound(report)) paragraphs.push_back(condition_in_words(report));
  return paragraphs;
}

std::string answer_of(const OptimizeReport& report) {
  if (report.chosen) return *report.chosen;
  return report.best.empty() ? std::string() : report.best.front().split;
}

const PathFinding* answered_path(const OptimizeReport& report) {
  const std::string answer = answer_of(report);
  const auto found = std::find_if(report.best.begin(), report.best.end(),
                                  [&](const PathFinding& path) { return path.split == answer; });
  return found == report.best.end() ? nullptr : &*found;
}

std::optional<double> answered_bound(const OptimizeReport& report) {
  const PathFinding* path = answered_path(report);
  return path == nullptr ? std::nullopt : path->bound_rel;
}

SegmentCounts count_segments(const OptimizeReport& report) {
  SegmentCounts counts;
  for (const SegmentFinding& finding : report.segments) {
    switch (finding.standing) {
      case SegmentStanding::kMeasured:
        ++counts.measured;
        break;
      case SegmentStanding::kPredicted:
        ++counts.predicted;
        break;
      case SegmentStanding::kExcluded:
        ++counts.excluded;
        break;
    }
  }
  return counts;
}

std::optional<double> best_ms_per_layer(const OptimizeReport& report) {
  const PathFinding* path = answered_path(report);
  if (path == nullptr && !report.best.empty()) path = &report.best.front();
  if (path == nullptr || report.n_layers < 1 || !(path->ms > 0)) return std::nullopt;
  return path->ms / report.n_layers;
}

std::optional<double> relative_cost(const OptimizeReport& report, const SegmentFinding& finding) {
  const std::optional<double> reference = best_ms_per_layer(report);
  if (!reference || !finding.ms) return std::nullopt;
  const double boundary = report.form ? report.form->boundary_ms : 0;
  const double share = (*finding.ms + boundary) / finding.segment.layers() / *reference - 1;
  return std::isfinite(share) ? std::optional(share) : std::nullopt;
}

std::string ms_text(double ms) {
  return std::abs(ms) < kLargestSpelt ? fixed(ms, 3) : fmt::format("{:.6g}", ms);
}

std::string rel_text(double share) {
  return std::abs(share) < kLargestSpelt ? share_text(share) : fmt::format("{:.3g} %", 100 * share);
}

std::string signed_rel_text(double share) {
  return std::abs(share) < kLargestSpelt ? signed_share_text(share)
                                         : fmt::format("{:+.3g} %", 100 * share);
}

std::string duration_text(double seconds) {
  constexpr struct {
    double seconds;
    double from;  // seconds
    const char* unit;
  } kUnits[] = {{365.25 * 86'400, 2 * 365.25 * 86'400, "years"},
                {86'400, 2 * 86'400.0, "days"},
                {3'600, 7'200, "h"},
                {60, 120, "min"}};
  for (const auto& unit : kUnits) {
    if (seconds >= unit.from) return fmt::format("{:.3g} {}", seconds / unit.seconds, unit.unit);
  }
  return fmt::format("{:.3g} s", seconds);
}

}  // namespace fusesweep
