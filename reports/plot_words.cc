#include "reports/plot_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include "harness/base/check.h"
#include "reports/answer_words.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kNameCharacters = 28;

std::string name_of(const SplitRow& split) { return shown(split.name, kNameCharacters); }

// "24+6+2 is not resident", "4 of 40 splits are out".
std::string out_words(const SweepRows& sweep) {
  std::vector<const SplitRow*> out;
  for (const SplitRow& split : sweep.splits) {
    if (is_out(split)) out.push_back(&split);
  }
  if (out.empty()) return {};
  if (out.size() == 1) {
    const std::string why = why_out(*out.front());
    return fmt::format("; {} {}{}", name_of(*out.front()),
                       why == "not resident" ? "is " : "is out: ", why);
  }
  const std::string why = why_out(*out.front());
  const bool is_one_reason = std::all_of(
      out.begin(), out.end(), [&](const SplitRow* split) { return why_out(*split) == why; });
  return fmt::format("; {} of {} splits are {}", out.size(), sweep.splits.size(),
                     !is_one_reason          ? std::string("disqualified")
                     : why == "not resident" ? why
                                             : "out: " + why);
}

std::string recorded_words(const SweepRows& sweep) {
  const RecordedRuns recorded = recorded_runs(sweep);
  const std::size_t splits = recorded.splits.size();
  if (splits == 0) return "Recorded: no run of any of these splits";
  if (splits == 1) return "Recorded: the runs of one split";
  return fmt::format("Recorded: the runs of {} splits {}overlap, none is shown to be faster",
                     splits, recorded.do_all_overlap ? "" : "do not all ");
}

std::string tie_words(const std::vector<const SplitRow*>& tied) {
  double low = std::numeric_limits<double>::max();
  double high = 0;
  for (const SplitRow* split : tied) {
    low = std::min(low, *split->tok_per_s);
    high = std::max(high, *split->tok_per_s);
  }
  return fmt::format("{} tie, within {}", count_text(tied.size(), "split"),
                     short_share_text(high / low - 1));
}

std::string best_words(const SweepRows& sweep, const SplitRow& best) {
  double next = 0;
  for (const SplitRow& split : sweep.splits) {
    if (&split != &best && split.tok_per_s) next = std::max(next, *split.tok_per_s);
  }
  std::string text = fmt::format("{} is the fastest: {:.4g} tok/s", name_of(best), *best.tok_per_s);
  if (next > 0 && next <= *best.tok_per_s)
    text += fmt::format(", {} ahead of the next", short_share_text(*best.tok_per_s / next - 1));
  return text;
}

}  // namespace

bool is_out(const SplitRow& split) { return split.standing == "disqualified"; }

std::string why_out(const SplitRow& split) {
  const std::string_view reason = split.reason;
  if (reason.starts_with("residency") || reason.find("beyond the cliff") != std::string_view::npos)
    return "not resident";
  if (reason.starts_with("golden") || reason.starts_with("full-stack") ||
      reason.starts_with("error-budget") || reason.starts_with("block-parity"))
    return "wrong outputs";
  if (reason.starts_with("build")) return "did not build";
  return "disqualified";
}

std::string finding(const SweepRows& sweep) {
  const std::string out = out_words(sweep);
  const std::vector<const SplitRow*> tied = tied_splits(sweep);
  switch (outcome_of(sweep)) {
    case SweepOutcome::kInterrupted:
      return "Interrupted: this sweep has no answer yet";
    case SweepOutcome::kAllDisqualified:
      return sweep.splits.size() == 1 ? "No answer" + out
                                      : "No answer: every split is disqualified";
    case SweepOutcome::kRecorded:
      return recorded_words(sweep) + out;
    case SweepOutcome::kNothingMeasured:
      return sweep.splits.empty() ? "Nothing to show: this sweep had no candidate"
                                  : "Nothing was measured" + out;
    case SweepOutcome::kDirty:
      return fmt::format("No ranking, the trial is dirty: {}{}", shown(sweep.dirt.front(), 60),
                         out);
    case SweepOutcome::kNoRanking:
      return "No ranking: too little was measured" + out;
    case SweepOutcome::kTie:
      return tie_words(tied) + out;
    case SweepOutcome::kBest:
      return best_words(sweep, *tied.front()) + out;
  }
  FUSESWEEP_UNREACHABLE();
}

std::string source_line(const SweepRows& sweep) {
  std::vector<std::string> parts;
  std::string where = sweep.model ? shown(sweep.model->name, 40) : std::string();
  if (sweep.runner) {
    where += fmt::format("{}{} ({})", where.empty() ? "on " : " on ", shown(sweep.runner->name, 40),
                         shown(sweep.runner->device, 48));
  }
  if (!where.empty()) parts.push_back(where);
  if (sweep.is_recorded)
    parts.emplace_back("RECORDED: others measured this and wrote it down, fusesweep did not");
  if (sweep.blocks > 0)
    parts.push_back(count_text(static_cast<std::size_t>(sweep.blocks), "block"));
  if (sweep.runner && !sweep.runner->emulated.empty())
    parts.push_back("EMULATED, no property of the device: " +
                    shown(fmt::format("{}", fmt::join(sweep.runner->emulated, ", ")), 80));
  return fmt::format("{}", fmt::join(parts, " · "));
}

}  // namespace fusesweep
