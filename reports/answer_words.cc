#include "reports/answer_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/base/check.h"
#include "reports/shown_text.h"
#include "topologies/split.h"

namespace fusesweep {
namespace {

constexpr std::size_t kNamedSplits = 6;  // more of them are counted

const SplitRow* control_of(const SweepRows& sweep) {
  for (const SplitRow& split : sweep.splits) {
    if (split.is_control) return &split;
  }
  return nullptr;
}

std::string names_of(const std::vector<const SplitRow*>& splits) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < splits.size() && i < kNamedSplits; ++i)
    names.push_back(shown(splits[i]->name));
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (splits.size() > kNamedSplits)
    text += fmt::format(" and {} more", splits.size() - kNamedSplits);
  return text;
}

std::string speed_of(const SplitRow& split) {
  if (!split.tok_per_s) return "was not measured";
  std::string text = fmt::format("decodes {} tokens a second", fixed(*split.tok_per_s, 2));
  if (split.ms_per_token) text += fmt::format(" ({} ms a token)", fixed(*split.ms_per_token, 3));
  return text;
}

// "5.20 % less time", of a share of the control's.
std::string time_of(double size_rel) {
  return fmt::format("{} {} time", share_text(std::abs(size_rel)), size_rel < 0 ? "less" : "more");
}

std::string interval_text(const std::optional<Interval>& interval) {
  if (!interval) return "";
  return fmt::format(" (99.9 % sure of {} to {})", signed_share_text(interval->low),
                     signed_share_text(interval->high));
}

// Of those that were compared with the control, the one that is nearest to it in time.
const SplitRow* nearest_to_control(const SweepRows& sweep) {
  const SplitRow* nearest = nullptr;
  for (const SplitRow& split : sweep.splits) {
    if (split.is_control || !split.size_rel) continue;
    if (nearest == nullptr || *split.size_rel < *nearest->size_rel) nearest = &split;
  }
  return nearest;
}

std::string lead_of_best(const SweepRows& sweep, const SplitRow& best) {
  std::string text = fmt::format("{} {}", shown(best.name), speed_of(best));
  const SplitRow* control = control_of(sweep);
  if (!best.is_control && best.size_rel && control != nullptr) {
    return text + fmt::format(": {} a token than {}, the control{}.", time_of(*best.size_rel),
                              shown(control->name), interval_text(best.interval_rel));
  }
  const SplitRow* next = best.is_control ? nearest_to_control(sweep) : nullptr;
  if (next == nullptr) return text + ". Nothing else was measured beside it.";
  return text + fmt::format(". The next, {}, takes {} a token{}.", shown(next->name),
                            time_of(*next->size_rel), interval_text(next->interval_rel));
}

std::string lead_of_tie(const SweepRows& sweep) {
  const std::vector<const SplitRow*> tied = tied_splits(sweep);
  const SplitRow& first = *tied.front();
  const bool is_alone = std::none_of(tied.begin() + 1, tied.end(), [&](const SplitRow* other) {
    return shards_of(*other) == shards_of(first);
  });
  std::string text = fmt::format(
      "{} has {} and {}.", shown(first.name),
      is_alone ? "the fewest shards of these" : "as few shards as any of these", speed_of(first));
  std::vector<double> sizes;
  for (const SplitRow* split : tied) {
    if (!split->is_control && split->size_rel) sizes.push_back(*split->size_rel);
  }
  const SplitRow* control = control_of(sweep);
  if (control == nullptr || sizes.empty()) return text;
  const auto [low, high] = std::minmax_element(sizes.begin(), sizes.end());
  text += sizes.size() == 1
              ? fmt::format(" The other takes {} a token, which this trial cannot tell from noise.",
                            time_of(*low))
              : fmt::format(
                    " Against {}, the control, the time a token of the others differs by {} to {}, "
                    "which this trial cannot tell from noise.",
                    shown(control->name), signed_share_text(*low), signed_share_text(*high));
  return text;
}

std::string how_sure(const SweepRows& sweep) {
  std::string text =
      fmt::format("Measured in {}, each split in a fresh process in every one of them",
                  count_text(static_cast<std::size_t>(sweep.blocks), "block"));
  if (sweep.smallest_detectable_rel) {
    text += fmt::format("; a difference of {} would have been found 95 times in 100",
                        share_text(*sweep.smallest_detectable_rel));
  }
  text += '.';
  if (sweep.wanted_blocks > sweep.blocks) {
    text += fmt::format(
        " The precision that was asked for would take {} blocks: --budget-s "
        "says how long it may measure.",
        sweep.wanted_blocks);
  }
  return text;
}

std::vector<std::string> lead_of_record(const SweepRows& sweep) {
  const RecordedRuns recorded = recorded_runs(sweep);
  std::vector<std::string> text = {
      "Others saw, measured and wrote down all of this; fusesweep measured nothing. Runs that were "
      "made one after the other, without repetition, rank nothing, however far apart they lie."};
  if (recorded.splits.empty()) {
    text.emplace_back("The record has no run of these splits.");
  } else {
    text.push_back(fmt::format(
        "It has {} of {}.{}", count_text(recorded.runs, "run"), names_of(recorded.splits),
        recorded.splits.size() < 2 ? ""
        : recorded.do_all_overlap  ? " The runs of all of them lie within each other's spread."
                                   : " Not all of their spreads overlap."));
  }
  return text;
}

std::vector<std::string> lead_of_disqualified(const SweepRows& sweep) {
  std::vector<std::string> text = {
      "A split that fails a gate is not timed: its answers would be wrong, or not from the device "
      "that was asked for. The reasons stand in the tables below."};
  if (!sweep.splits.empty() && !sweep.splits.front().reason.empty()) {
    text.push_back(fmt::format("{}: {}.", shown(sweep.splits.front().name),
                               shown(sweep.splits.front().reason)));
  }
  return text;
}

std::vector<std::string> lead_of_interrupted(const SweepRows& sweep) {
  return {sweep.block_noise.empty()
              ? std::string("Nothing was measured yet; what was built and gated is kept.")
              : fmt::format("{} measured; what was built and gated is kept too.",
                            sweep.block_noise.size() == 1
                                ? std::string("1 block was")
                                : fmt::format("{} blocks were", sweep.block_noise.size())),
          "The same command, without --fresh, goes on from here."};
}

std::string of_length(double seconds, const std::string& condition) {
  return fmt::format("trials of {} s, {}", fixed(seconds, 0), shown(condition));
}

}  // namespace

std::string_view to_text(SweepOutcome outcome) {
  switch (outcome) {
    case SweepOutcome::kInterrupted:
      return "interrupted";
    case SweepOutcome::kRecorded:
      return "recorded";
    case SweepOutcome::kAllDisqualified:
      return "all disqualified";
    case SweepOutcome::kNothingMeasured:
      return "nothing measured";
    case SweepOutcome::kDirty:
      return "dirty";
    case SweepOutcome::kNoRanking:
      return "no ranking";
    case SweepOutcome::kTie:
      return "tie";
    case SweepOutcome::kBest:
      return "best";
  }
  FUSESWEEP_UNREACHABLE();
}

SweepOutcome outcome_of(const SweepRows& sweep) {
  if (!sweep.ended_unix_ms) return SweepOutcome::kInterrupted;
  const auto all = [&](auto holds) {
    return std::all_of(sweep.splits.begin(), sweep.splits.end(), holds);
  };
  if (!sweep.splits.empty() &&
      all([](const SplitRow& split) { return split.standing == "disqualified"; }))
    return SweepOutcome::kAllDisqualified;
  if (sweep.is_recorded) return SweepOutcome::kRecorded;
  if (all([](const SplitRow& split) { return !split.tok_per_s; }))
    return SweepOutcome::kNothingMeasured;
  if (!sweep.dirt.empty()) return SweepOutcome::kDirty;
  const std::size_t tied = tied_splits(sweep).size();
  return tied == 0   ? SweepOutcome::kNoRanking
         : tied == 1 ? SweepOutcome::kBest
                     : SweepOutcome::kTie;
}

std::string headline(const SweepRows& sweep) {
  const std::vector<const SplitRow*> tied = tied_splits(sweep);
  switch (outcome_of(sweep)) {
    case SweepOutcome::kInterrupted:
      return "No answer yet: the sweep was interrupted, or goes on";
    case SweepOutcome::kRecorded:
      return "Recorded, not measured: no split is ranked";
    case SweepOutcome::kAllDisqualified:
      return sweep.splits.size() == 1
                 ? "No answer: the only split is disqualified"
                 : fmt::format("No answer: all {} splits are disqualified", sweep.splits.size());
    case SweepOutcome::kNothingMeasured:
      return "No answer: nothing was measured";
    case SweepOutcome::kDirty:
      return "No ranking: the measurement is dirty";
    case SweepOutcome::kNoRanking:
      return "No ranking: too little was measured";
    case SweepOutcome::kTie:
      return fmt::format("Tie: {} splits may be the fastest, {}", tied.size(), names_of(tied));
    case SweepOutcome::kBest:
      return fmt::format("{} is the fastest", shown(tied.front()->name));
  }
  FUSESWEEP_UNREACHABLE();
}

std::vector<std::string> lead(const SweepRows& sweep) {
  switch (outcome_of(sweep)) {
    case SweepOutcome::kInterrupted:
      return lead_of_interrupted(sweep);
    case SweepOutcome::kRecorded:
      return lead_of_record(sweep);
    case SweepOutcome::kAllDisqualified:
      return lead_of_disqualified(sweep);
    case SweepOutcome::kNothingMeasured:
      return {"Nothing stands here that could be compared."};
    case SweepOutcome::kDirty: {
      std::vector<std::string> text;
      for (const std::string& dirt : sweep.dirt) text.push_back(fmt::format("{}.", shown(dirt)));
      text.emplace_back(
          "The figures are shown and rank nothing. Measure again with --fresh on a quieter "
          "machine; "
          "fusesweep doctor says what disturbs this one.");
      return text;
    }
    case SweepOutcome::kNoRanking:
      return {how_sure(sweep), "A verdict takes at least 6 blocks: give it a larger --budget-s."};
    case SweepOutcome::kTie:
      return {lead_of_tie(sweep), how_sure(sweep)};
    case SweepOutcome::kBest:
      return {lead_of_best(sweep, *chosen_split(sweep)), how_sure(sweep)};
  }
  FUSESWEEP_UNREACHABLE();
}

std::vector<const SplitRow*> tied_splits(const SweepRows& sweep) {
  std::vector<const SplitRow*> tied;
  for (const SplitRow& split : sweep.splits) {
    if (split.is_tied && split.tok_per_s) tied.push_back(&split);
  }
  return tied;
}

RecordedRuns recorded_runs(const SweepRows& sweep) {
  RecordedRuns recorded;
  double highest_low = 0;
  double lowest_high = std::numeric_limits<double>::max();
  for (const SplitRow& split : sweep.splits) {
    if (split.recorded.empty()) continue;
    const auto [low, high] =
        std::minmax_element(split.recorded.begin(), split.recorded.end(),
                            [](const auto& a, const auto& b) { return a.tok_per_s < b.tok_per_s; });
    highest_low = std::max(highest_low, low->tok_per_s);
    lowest_high = std::min(lowest_high, high->tok_per_s);
    recorded.splits.push_back(&split);
    recorded.runs += split.recorded.size();
  }
  recorded.do_all_overlap = highest_low <= lowest_high;
  return recorded;
}

std::string subject_of(const SweepRows& sweep) {
  std::string text = sweep.model ? shown(sweep.model->name) : "a model that is not known";
  if (sweep.runner) {
    text += fmt::format(" on {} ({})", shown(sweep.runner->name), shown(sweep.runner->device));
  }
  return text;
}

std::string evidence_in_words(const SweepRows& sweep) {
  if (sweep.is_recorded) return "recorded by others, not measured";
  return outcome_of(sweep) == SweepOutcome::kInterrupted || sweep.blocks == 0
             ? "nothing measured"
             : "measured on this device";
}

std::vector<std::string> selfcheck_in_words(const SweepRows& sweep) {
  if (sweep.is_recorded) return {};
  if (!sweep.selfcheck) return {"No selfcheck of this machine yet: fusesweep selfcheck."};
  std::vector<std::string> text;
  for (const SelfcheckTrials& trials : sweep.selfcheck->trials) {
    if (trials.injected_rel != 0) continue;
    const int alarms = trials.faster.count + trials.slower.count;
    const double high = std::max(trials.faster.high, trials.slower.high);
    text.push_back(fmt::format(
        "Between equal splits this harness on this machine saw a difference in {} of {} {}{}.",
        alarms, trials.faster.trials, of_length(trials.seconds, trials.condition),
        alarms == 0
            ? fmt::format(" (95 % sure that it is at most {} of them each way)", share_text(high))
            : ""));
  }
  for (const SelfcheckSmallest& smallest : sweep.selfcheck->smallest) {
    text.push_back(smallest.injected_rel
                       ? fmt::format("It finds a delay of {} in 95 of 100 {}.",
                                     share_text(*smallest.injected_rel),
                                     of_length(smallest.seconds, smallest.condition))
                       : fmt::format("No delay that was tried is found in 95 of 100 {}.",
                                     of_length(smallest.seconds, smallest.condition)));
  }
  if (text.empty()) text.emplace_back("The selfcheck of this machine has no trials.");
  return text;
}

std::optional<int> shards_of(const SplitRow& split) {
  const Result<Split> parsed = parse_split(split.split);
  if (!parsed) return std::nullopt;
  return parsed->shards();
}

const SplitRow* chosen_split(const SweepRows& sweep) {
  const SweepOutcome outcome = outcome_of(sweep);
  if (outcome != SweepOutcome::kBest && outcome != SweepOutcome::kTie) return nullptr;
  return tied_splits(sweep).front();
}

std::vector<const SplitRow*> in_reading_order(const SweepRows& sweep) {
  std::vector<const SplitRow*> splits;
  for (const SplitRow& split : sweep.splits) splits.push_back(&split);
  if (chosen_split(sweep) == nullptr) return splits;
  std::stable_sort(splits.begin(), splits.end(), [](const SplitRow* a, const SplitRow* b) {
    if (a->is_tied != b->is_tied) return a->is_tied;
    if (a->is_tied) return false;
    return a->tok_per_s.value_or(0) > b->tok_per_s.value_or(0);
  });
  return splits;
}

}  // namespace fusesweep
