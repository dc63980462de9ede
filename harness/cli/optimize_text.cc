#include "harness/cli/optimize_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/base/text.h"
#include "reports/optimize_words.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

std::string best_line(const OptimizeReport& report) {
  if (!report.chosen) return "best: none, for no split could be verified and ranked\n";
  std::string text = fmt::format("best: {}", one_line(*report.chosen));
  if (const PathFinding* path = answered_path(report)) {
    text += fmt::format(
        ", whose layers take {:.3f} ms a token by their sum, {} interval {:.3f} to {:.3f}",
        path->ms, short_share_text(report.confidence), path->low_ms, path->high_ms);
  }
  text += '\n';
  if (report.ties.size() > 1) {
    text += fmt::format(
        "tie: each of {} may be the fastest; preferred: fewer and then smaller shards\n",
        one_line(fmt::format("{}", fmt::join(report.ties, ", "))));
  }
  return text;
}

// Why it ended, where that is not the bound.
std::string why_not_proven(const OptimizeReport& report) {
  switch (report.end) {
    case SearchEnd::kBuildsSpent:
      return fmt::format("{} builds were granted (--max-builds)", report.effort.builds);
    case SearchEnd::kTimeSpent:
      return "the time for measuring was spent (--budget)";
    case SearchEnd::kNothingLeft:
      return "more measuring would not bring it down";
    case SearchEnd::kProven:
    case SearchEnd::kNoPath:
    case SearchEnd::kInterrupted:
    case SearchEnd::kNotMeasured:
      break;
  }
  return std::string(to_text(report.end));
}

std::string bound_lines(const OptimizeReport& report) {
  if (!report.bound_rel) return {};
  std::string text =
      fmt::format("bound: at {} no split is faster than the best measured one by more than {}",
                  short_share_text(report.confidence), short_share_text(*report.bound_rel));
  const std::optional<double> answered = answered_bound(report);
  if (report.chosen && answered && *answered != *report.bound_rel) {
    text += fmt::format(", and none than {} by more than {}", one_line(*report.chosen),
                        short_share_text(*answered));
  }
  if (report.end != SearchEnd::kProven) {
    text += fmt::format("; {} was asked for: {}", short_share_text(report.regret_rel),
                        why_not_proven(report));
  }
  return text +
         "\n  given the form: cost = boundary + f(length) + place + residual; segments that were "
         "never built may "
         "still fail a gate\n";
}

std::string place_lines(const CostForm& form) {
  if (form.places.empty()) return "places: none stands out\n";
  std::string text = "places:";
  for (const PlaceEffect& place : form.places) {
    text += fmt::format("{} {} {:+.4f} ms (sd {:.4f})", &place == &form.places.front() ? "" : ",",
                        one_line(place.what), place.ms, place.sd_ms);
  }
  return text + '\n';
}

std::string form_lines(const OptimizeReport& report) {
  if (!report.form) return {};
  const CostForm& form = *report.form;
  std::string text =
      fmt::format("boundary: {:+.4f} ms a shard beyond its segment's own time (sd {:.4f})\n",
                  form.boundary_ms, form.boundary_sd_ms);
  text += place_lines(form);
  if (!report.additivity) return text;
  const Additivity& sums = *report.additivity;
  text += fmt::format(
      "sums: beside the control, {} measured whole took {} against their sums on average; the "
      "worst, {}, {}\n",
      count_text(static_cast<std::size_t>(sums.splits), "split"), signed_share_text(sums.mean_rel),
      one_line(sums.worst), signed_share_text(sums.largest_rel));
  return text;
}

std::string effort_lines(const SearchEffort& effort) {
  std::string text = fmt::format(
      "effort: {} of {} segments built, {} of them in vain; {} of segments; {} of measuring\n",
      effort.builds, effort.segments, effort.failed_builds,
      count_text(static_cast<std::size_t>(effort.trials), "trial"), duration_text(effort.seconds));
  text += "  instead of:";
  if (effort.builds_by_hand > 0)
    text += fmt::format(" {} builds for the front-fused splits alone;", effort.builds_by_hand);
  text += fmt::format(" {} splits in all", effort.splits);
  if (effort.exhaustive_s > 0)
    text += fmt::format(", {} of measuring each", duration_text(effort.exhaustive_s));
  return text + '\n';
}

std::string verification_of(const OptimizeAnswer& answer) {
  if (!answer.verification) return {};
  const SweepAnswer& swept = *answer.verification;
  std::string text = '\n' + candidates_table(swept, false) + '\n';
  if (!answer.report.front_fused.empty())
    text +=
        fmt::format("front-fused: {} is the best of them\n", one_line(answer.report.front_fused));
  return text + dirt_lines(swept) + noise_line(swept);
}

std::string closing(const OptimizeAnswer& answer) {
  std::string text;
  for (const std::string& note : answer.report.notes)
    text += fmt::format("note: {}\n", one_line(note));
  for (const std::string& line : answer.report.advice) text += one_line(line) + '\n';
  if (!answer.manifest.empty())
    text += fmt::format("manifest: {}\n", one_line(answer.manifest.string()));
  if (answer.is_interrupted) {
    text +=
        "interrupted: what was done is kept; the same command, without --fresh, goes on from "
        "here\n";
  } else if (answer.work_done == 0) {
    text += "nothing was left to do: all of this was known from before (--fresh asks anew)\n";
  }
  return text;
}

std::string findings(const OptimizeAnswer& answer) {
  const OptimizeReport& report = answer.report;
  if (report.is_recorded) return "no answer: nothing is measured here, and records rank nothing\n";
  if (report.end == SearchEnd::kNoPath)
    return "no answer: no split is left of which every segment may be used\n";
  std::string text;
  if (!answer.is_interrupted) text = best_line(report);
  return text + bound_lines(report) + verification_of(answer) + form_lines(report) +
         effort_lines(report.effort);
}

}  // namespace

std::string optimize_text(const OptimizeAnswer& answer, const SweepTitle& title) {
  std::string text = title_line(title) + '\n' + what_is_real(title.runner) + "\n\n";
  if (answer.cliff) text += in_words(*answer.cliff, title.n_layers) + '\n';
  return text + findings(answer) + closing(answer);
}

}  // namespace fusesweep
