#include "reports/judgement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include "harness/base/check.h"
#include "harness/stats/distributions.h"
#include "reports/answer_words.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr double kLevel = 0.999;  // as of verdicts
constexpr std::size_t kFewestBlocks = 6;

Judgement confirmed(std::string reason) { return {Judged::kConfirmed, std::move(reason)}; }
Judgement refuted(std::string reason) { return {Judged::kRefuted, std::move(reason)}; }
Judgement undecided(std::string reason) { return {Judged::kUndecided, std::move(reason)}; }

std::string as_recorded(const SweepRows& sweep) {
  return sweep.is_recorded ? ", as recorded by others" : "";
}

struct Found {
  const SplitRow* split = nullptr;
  std::string why_not;
};

// By the name that the sweep gave it, else by its split where that is one candidate's alone.
Found find_split(const SweepRows& sweep, const std::string& wanted) {
  if (!sweep.ended_unix_ms) return {nullptr, "the sweep has no answer yet"};
  std::vector<const SplitRow*> found;
  for (const SplitRow& split : sweep.splits) {
    if (split.name == wanted) return {&split, ""};
    if (split.split == wanted) found.push_back(&split);
  }
  if (found.empty()) return {nullptr, fmt::format("{} was no candidate", wanted)};
  if (found.size() == 1) return {found.front(), ""};
  std::vector<std::string> names;
  for (const SplitRow* split : found) names.push_back(split->name);
  return {nullptr,
          fmt::format("{} candidates have this split: {}", found.size(), fmt::join(names, ", "))};
}

std::string why_out(const SplitRow& split) {
  return fmt::format("{} is disqualified{}{}", split.name, split.reason.empty() ? "" : ": ",
                     split.reason);
}

// Why nothing can be said about this split's speed.
std::optional<std::string> why_no_speed(const SweepRows& sweep, const SplitRow& split) {
  if (split.standing == "disqualified") return why_out(split) + ", and so was not measured";
  if (sweep.is_recorded) {
    if (split.recorded.empty()) return fmt::format("no run of {} is recorded", split.name);
    const auto [low, high] =
        std::minmax_element(split.recorded.begin(), split.recorded.end(),
                            [](const auto& a, const auto& b) { return a.tok_per_s < b.tok_per_s; });
    return fmt::format("others' runs, not blocks: {} of {}, {} to {} tok/s",
                       count_text(split.recorded.size(), "run"), split.name,
                       fixed(low->tok_per_s, 3), fixed(high->tok_per_s, 3));
  }
  if (!sweep.dirt.empty()) return fmt::format("the trial is dirty: {}", sweep.dirt.front());
  if (!split.tok_per_s) return fmt::format("{} was not measured", split.name);
  return std::nullopt;
}

std::optional<std::string> why_no_speed(const SweepRows& sweep, const Found& one,
                                        const Found& other) {
  for (const Found* found : {&one, &other}) {
    if (found->split == nullptr) return found->why_not;
    if (auto why = why_no_speed(sweep, *found->split)) return why;
  }
  return std::nullopt;
}

// Whether what lies within the interval is above (below) the bound, surely or surely not.
Judged compare(const Interval& interval, Comparison comparison, double bound) {
  switch (comparison) {
    case Comparison::kAbove:
      return interval.low > bound     ? Judged::kConfirmed
             : interval.high <= bound ? Judged::kRefuted
                                      : Judged::kUndecided;
    case Comparison::kAtLeast:
      return interval.low >= bound   ? Judged::kConfirmed
             : interval.high < bound ? Judged::kRefuted
                                     : Judged::kUndecided;
    case Comparison::kBelow:
      return interval.high < bound   ? Judged::kConfirmed
             : interval.low >= bound ? Judged::kRefuted
                                     : Judged::kUndecided;
    case Comparison::kAtMost:
      return interval.high <= bound ? Judged::kConfirmed
             : interval.low > bound ? Judged::kRefuted
                                    : Judged::kUndecided;
  }
  FUSESWEEP_UNREACHABLE();
}

// The same comparison of times where it was of speeds.
Comparison of_times(Comparison comparison) {
  switch (comparison) {
    case Comparison::kAbove:
      return Comparison::kBelow;
    case Comparison::kBelow:
      return Comparison::kAbove;
    case Comparison::kAtLeast:
      return Comparison::kAtMost;
    case Comparison::kAtMost:
      return Comparison::kAtLeast;
  }
  FUSESWEEP_UNREACHABLE();
}

// Of its time per token against the control's, of all candidates together at 99.9 %.
std::optional<Interval> against_control(const SplitRow& split) {
  if (split.is_control) return Interval{0, 0};
  if (!split.interval_rel || split.interval_rel->low > split.interval_rel->high)
    return std::nullopt;
  return split.interval_rel;
}

std::string interval_text(const SplitRow& split) {
  const Interval interval = against_control(split).value_or(Interval{});
  return split.is_control
             ? fmt::format("{} is the control", split.name)
             : fmt::format("{} takes {} to {} time a token against the control", split.name,
                           signed_share_text(interval.low), signed_share_text(interval.high));
}

// Of what the intervals allow time(left) - time(right) to be, both as shares of the control's.
Judgement compare_steps(const SweepRows& sweep, const SplitsComparison& claim, const SplitRow& left,
                        const SplitRow& right) {
  const SweepOutcome outcome = outcome_of(sweep);
  if (outcome != SweepOutcome::kBest && outcome != SweepOutcome::kTie)
    return undecided("too little was measured for a verdict");
  const std::optional<Interval> of_left = against_control(left);
  const std::optional<Interval> of_right = against_control(right);
  if (!of_left || !of_right) {
    return undecided(fmt::format("no interval of {} against the control is stored",
                                 (of_left ? right : left).name));
  }
  const Comparison comparison =
      claim.metric == SplitMetric::kTokPerS ? of_times(claim.comparison) : claim.comparison;
  const Interval difference{of_left->low - of_right->high, of_left->high - of_right->low};
  const Judged judged = compare(difference, comparison, 0);
  std::string reason = fmt::format("{}; {} (99.9 %)", interval_text(left), interval_text(right));
  if (judged == Judged::kUndecided) {
    const SplitRow& candidate = left.is_control ? right : left;
    const bool is_equal =
        (left.is_control || right.is_control) && candidate.verdict.value_or("") == "equivalent";
    reason += is_equal ? ": equivalent within the margin that was asked for"
                       : ": this trial cannot tell them apart";
  }
  return {judged, std::move(reason)};
}

std::optional<double> figure_of(const ProcessRow& process, SplitMetric metric) {
  switch (metric) {
    case SplitMetric::kTokPerS:
      return process.tok_per_s;
    case SplitMetric::kMsPerToken:
      return 1000 / process.tok_per_s;
    case SplitMetric::kTtftMs:
      return process.ttft_ms;
    case SplitMetric::kLoadMs:
      return process.load_ms;
    case SplitMetric::kActivationMs:
      return process.activation_ms;
  }
  FUSESWEEP_UNREACHABLE();
}

std::optional<double> log_figure(const ProcessRow& process, SplitMetric metric) {
  const std::optional<double> figure = figure_of(process, metric);
  if (!figure || !std::isfinite(*figure) || *figure <= 0) return std::nullopt;
  return std::log(*figure);
}

std::vector<double> logs_of(const SplitRow& split, SplitMetric metric) {
  std::vector<double> logs;
  for (const ProcessRow& process : split.processes) {
    if (const auto log = log_figure(process, metric)) logs.push_back(*log);
  }
  return logs;
}

// log(left / right) within each block that has both: what a block's processes share falls out.
std::vector<double> log_ratios(const SplitRow& left, const SplitRow& right, SplitMetric metric) {
  std::vector<double> ratios;
  for (const ProcessRow& one : left.processes) {
    for (const ProcessRow& other : right.processes) {
      const auto of_left = log_figure(one, metric);
      const auto of_right = log_figure(other, metric);
      if (one.block == other.block && of_left && of_right) ratios.push_back(*of_left - *of_right);
    }
  }
  return ratios;
}

// Student's t, of the mean of one value a block. Absent: too few, or copies of each other.
std::optional<Interval> mean_interval(const std::vector<double>& values) {
  if (values.size() < kFewestBlocks) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double value : values) mean += value / n;
  double variance = 0;
  for (const double value : values) variance += (value - mean) * (value - mean) / (n - 1);
  const double half =
      t_half_width(kLevel, static_cast<int>(values.size()) - 1) * std::sqrt(variance / n);
  if (!std::isfinite(half) || half <= 0) return std::nullopt;
  return Interval{mean - half, mean + half};
}

std::string too_few(std::size_t blocks, SplitMetric metric) {
  return blocks < kFewestBlocks ? fmt::format("{} in {}, want at least {}", to_text(metric),
                                              count_text(blocks, "block"), kFewestBlocks)
                                : fmt::format("{} is the same in all blocks", to_text(metric));
}

Judgement compare_costs(const SplitsComparison& claim, const SplitRow& left,
                        const SplitRow& right) {
  const std::vector<double> ratios = log_ratios(left, right, claim.metric);
  const std::optional<Interval> interval = mean_interval(ratios);
  if (!interval) return undecided(too_few(ratios.size(), claim.metric));
  return {compare(*interval, claim.comparison, 0),
          fmt::format("{} of {} is {} to {} of that of {} (99.9 %, {})", to_text(claim.metric),
                      left.name, signed_share_text(std::expm1(interval->low)),
                      signed_share_text(std::expm1(interval->high)), right.name,
                      count_text(ratios.size(), "block"))};
}

Judgement judge_claim(const SplitsComparison& claim, const SweepRows& sweep) {
  const Found left = find_split(sweep, claim.left);
  const Found right = find_split(sweep, claim.right);
  if (auto why = why_no_speed(sweep, left, right)) return undecided(*std::move(why));
  if (left.split == right.split) return undecided("both are the same candidate");
  const bool is_step =
      claim.metric == SplitMetric::kTokPerS || claim.metric == SplitMetric::kMsPerToken;
  return is_step ? compare_steps(sweep, claim, *left.split, *right.split)
                 : compare_costs(claim, *left.split, *right.split);
}

Judgement judge_claim(const SplitBound& claim, const SweepRows& sweep) {
  const Found found = find_split(sweep, claim.split);
  if (auto why = why_no_speed(sweep, found, found)) return undecided(*std::move(why));
  const std::vector<double> logs = logs_of(*found.split, claim.metric);
  const std::optional<Interval> interval = mean_interval(logs);
  if (!interval) return undecided(too_few(logs.size(), claim.metric));
  const Interval figures{std::exp(interval->low), std::exp(interval->high)};
  return {compare(figures, claim.comparison, claim.bound),
          fmt::format("{} of {} is {} to {} {} (99.9 %, {})", to_text(claim.metric),
                      found.split->name, fixed(figures.low, 3), fixed(figures.high, 3),
                      unit_of(claim.metric), count_text(logs.size(), "block"))};
}

std::string surprise_text(const CliffSurprise& surprise) {
  return fmt::format("{}: [{},{}) is resident, [{},{}) is not", to_text(surprise.kind),
                     surprise.resident.begin, surprise.resident.end, surprise.not_resident.begin,
                     surprise.not_resident.end);
}

// Absent: there is an edge to speak of.
std::optional<std::string> why_no_cliff(const SweepRows& sweep) {
  if (!sweep.ended_unix_ms) return "the sweep has no answer yet";
  if (!sweep.cliff) return "no cliff was looked for";
  if (!sweep.cliff->edge) return "no length is known";
  return std::nullopt;
}

Judgement judge_claim(const CliffWithin& claim, const SweepRows& sweep) {
  if (auto why = why_no_cliff(sweep)) return undecided(*std::move(why));
  const CliffResult& cliff = *sweep.cliff;
  if (!cliff.surprises.empty()) {
    return undecided("length alone does not decide, " + surprise_text(cliff.surprises.front()) +
                     as_recorded(sweep));
  }
  const auto [last, first] = *cliff.edge;
  const std::string found = in_words(cliff, sweep.n_layers) + as_recorded(sweep);
  if (last >= claim.resident && first <= claim.not_resident) return confirmed(found);
  if (last >= claim.not_resident || first <= claim.resident) return refuted(found);
  return undecided(found + ", and what lies between is not known");
}

Judgement judge_claim(const CliffIsConfirmed& /*claim*/, const SweepRows& sweep) {
  if (auto why = why_no_cliff(sweep)) return undecided(*std::move(why));
  const CliffResult& cliff = *sweep.cliff;
  const std::string found = in_words(cliff, sweep.n_layers) + as_recorded(sweep);
  if (!cliff.surprises.empty())
    return refuted(surprise_text(cliff.surprises.front()) + as_recorded(sweep));
  return cliff.is_confirmed
             ? confirmed(found)
             : undecided(found + ", and not every probe that would confirm it agreed");
}

Judgement judge_claim(const SplitQualifies& claim, const SweepRows& sweep) {
  const Found found = find_split(sweep, claim.split);
  if (found.split == nullptr) return undecided(found.why_not);
  const SplitRow& split = *found.split;
  if (split.standing == "qualified" || split.standing == "disqualified") {
    const bool qualifies = split.standing == "qualified";
    std::string reason =
        (qualifies ? fmt::format("{} passed every gate", split.name) : why_out(split)) +
        as_recorded(sweep);
    return {qualifies == claim.qualifies ? Judged::kConfirmed : Judged::kRefuted,
            std::move(reason)};
  }
  return undecided(fmt::format("{} is not gated{}{}", split.name, split.reason.empty() ? "" : ": ",
                               split.reason));
}

// Why a split is not among those that may be the fastest; empty: it is.
std::string why_behind(const SplitRow& split, const SweepRows& sweep) {
  return split.is_tied
             ? ""
             : fmt::format("{} is not among the fastest: {}", split.name, headline(sweep));
}

Judgement judge_claim(const SplitIsBest& claim, const SweepRows& sweep) {
  const Found found = find_split(sweep, claim.split);
  if (found.split == nullptr) return undecided(found.why_not);
  if (found.split->standing == "disqualified")
    return refuted(why_out(*found.split) + as_recorded(sweep));
  if (auto why = why_no_speed(sweep, found, found)) return undecided(*std::move(why));
  const SweepOutcome outcome = outcome_of(sweep);
  if (outcome != SweepOutcome::kBest && outcome != SweepOutcome::kTie)
    return undecided("too little was measured for a verdict");
  if (std::string why = why_behind(*found.split, sweep); !why.empty()) return refuted(why);
  return outcome == SweepOutcome::kBest ? confirmed(headline(sweep)) : undecided(headline(sweep));
}

Judgement judge_claim(const SplitsTie& claim, const SweepRows& sweep) {
  const Found one = find_split(sweep, claim.one);
  const Found other = find_split(sweep, claim.other);
  for (const Found* found : {&one, &other}) {
    if (found->split != nullptr && found->split->standing == "disqualified")
      return refuted(why_out(*found->split) + as_recorded(sweep));
  }
  if (auto why = why_no_speed(sweep, one, other)) return undecided(*std::move(why));
  if (one.split == other.split) return undecided("both are the same candidate");
  const SweepOutcome outcome = outcome_of(sweep);
  if (outcome != SweepOutcome::kBest && outcome != SweepOutcome::kTie)
    return undecided("too little was measured for a verdict");
  for (const Found* found : {&one, &other}) {
    if (std::string why = why_behind(*found->split, sweep); !why.empty()) return refuted(why);
  }
  std::string reason = headline(sweep);
  if (sweep.smallest_detectable_rel) {
    reason += fmt::format("; a difference of {} would have been found",
                          share_text(*sweep.smallest_detectable_rel));
  }
  return confirmed(std::move(reason));
}

bool was_expected_out(std::span<const JudgedHypothesis> judged, const SweepRows& sweep,
                      const SplitRow& split) {
  return std::any_of(judged.begin(), judged.end(), [&](const JudgedHypothesis& one) {
    const auto* claim = std::get_if<SplitQualifies>(&one.hypothesis.claim);
    return claim != nullptr && !claim->qualifies && find_split(sweep, claim->split).split == &split;
  });
}

}  // namespace

std::string_view to_text(Judged judged) {
  switch (judged) {
    case Judged::kConfirmed:
      return "confirmed";
    case Judged::kRefuted:
      return "refuted";
    case Judged::kUndecided:
      return "undecided";
  }
  FUSESWEEP_UNREACHABLE();
}

Judgement judge(const Hypothesis& hypothesis, const SweepRows& sweep) {
  return std::visit([&](const auto& claim) { return judge_claim(claim, sweep); }, hypothesis.claim);
}

std::vector<JudgedHypothesis> judge_all(std::span<const Hypothesis> hypotheses,
                                        const SweepRows& sweep) {
  std::vector<JudgedHypothesis> judged;
  for (const Hypothesis& hypothesis : hypotheses)
    judged.push_back({hypothesis, judge(hypothesis, sweep)});
  return judged;
}

std::vector<std::string> surprises_of(std::span<const JudgedHypothesis> judged,
                                      const SweepRows& sweep) {
  std::vector<std::string> surprises;
  for (const JudgedHypothesis& one : judged) {
    if (one.judgement.judged == Judged::kRefuted)
      surprises.push_back(
          fmt::format("Refuted: {} ({})", one.hypothesis.text, one.judgement.reason));
  }
  if (sweep.cliff) {
    for (const CliffSurprise& surprise : sweep.cliff->surprises)
      surprises.push_back(fmt::format("The cliff is {}", surprise_text(surprise)));
  }
  for (const SplitRow& split : sweep.splits) {
    if (split.standing == "disqualified" && !was_expected_out(judged, sweep, split))
      surprises.push_back(why_out(split) + ", which no hypothesis expected");
  }
  for (const std::string& dirt : sweep.dirt)
    surprises.push_back(fmt::format("The trial is dirty: {}", dirt));
  return surprises;
}

}  // namespace fusesweep
