#include "reports/sweep_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "harness/base/utc_time.h"
#include "reports/answer_words.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kManyRows = 16;  // beyond them a table is folded

TableCell text_cell(std::string_view text, Tone tone = Tone::kPlain) {
  return {.text = shown(text), .tone = tone};
}

TableCell number_cell(const std::optional<double>& value, int decimals) {
  if (!value) return {.text = "-"};
  return {.text = fixed(*value, decimals), .value = value};
}

TableCell share_cell(const std::optional<double>& share) {
  if (!share) return {.text = "-"};
  return {.text = share_text(*share), .value = share};
}

TableColumn text_column(std::string title) { return {.title = std::move(title)}; }
TableColumn number_column(std::string title) {
  return {.title = std::move(title), .is_number = true};
}

// Figure and interval of each measured split, on one scale.
class Scale {
 public:
  explicit Scale(const SweepRows& sweep) {
    for (const SplitRow& split : sweep.splits) {
      const std::optional<RangeMark> mark = of(sweep, split);
      if (!mark) continue;
      low_ = is_empty_ ? mark->low : std::min(low_, mark->low);
      high_ = is_empty_ ? mark->high : std::max(high_, mark->high);
      is_empty_ = false;
    }
  }

  // Absent: not measured, or an interval without ends.
  std::optional<RangeMark> of(const SweepRows& sweep, const SplitRow& split) const {
    if (!split.tok_per_s) return std::nullopt;
    RangeMark mark{*split.tok_per_s, *split.tok_per_s, *split.tok_per_s, low_, high_};
    if (const std::optional<Interval> interval = tok_per_s_interval(sweep, split)) {
      // An interval that reaches down to no time at all has no end in tok/s.
      const bool has_ends = std::isfinite(interval->low) && std::isfinite(interval->high) &&
                            interval->low > 0 && interval->high > 0;
      if (!has_ends) return std::nullopt;
      mark.low = std::min(interval->low, mark.low);
      mark.high = std::max(interval->high, mark.high);
    }
    return mark;
  }

 private:
  bool is_empty_ = true;
  double low_ = 0;
  double high_ = 1;
};

Tone tone_of(GateOutcome outcome) {
  switch (outcome) {
    case GateOutcome::kPass:
      return Tone::kGood;
    case GateOutcome::kFail:
      return Tone::kBad;
    case GateOutcome::kNotRun:
    case GateOutcome::kNotEnoughData:
      break;
  }
  return Tone::kUnsure;
}

// Verdict of a measured split, why another one is out.
TableCell standing_cell(const SplitRow& split, bool is_alone = false) {
  if (split.standing == "disqualified")
    return text_cell(fmt::format("disqualified: {}", split.reason), Tone::kBad);
  if (split.standing != "qualified") {
    return text_cell(split.reason.empty() ? std::string("not gated yet")
                                          : fmt::format("not gated: {}", split.reason),
                     Tone::kUnsure);
  }
  if (!split.tok_per_s) return text_cell("qualified, not measured");
  std::string text = split.is_control ? "control" : split.verdict.value_or("measured");
  if (split.is_tied) text += is_alone ? ", the fastest" : ", may be the fastest";
  return text_cell(text, split.is_tied ? Tone::kGood : Tone::kPlain);
}

TableCell against_control(const SplitRow& split) {
  if (!split.size_rel) return {.text = "-"};
  TableCell cell{.text = signed_share_text(*split.size_rel), .value = split.size_rel};
  if (split.interval_rel) {
    cell.text += fmt::format(" [{}, {}]", signed_share_text(split.interval_rel->low),
                             signed_share_text(split.interval_rel->high));
  }
  return cell;
}

std::optional<double> noise_number(const BlockNoiseRow& block, const char* key) {
  const auto found = block.noise.find(key);
  if (found == block.noise.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string length_of(const Segment& segment) {
  return fmt::format("[{},{})", segment.begin, segment.end);
}

TableCell rate_cell(const TrialRate& rate) {
  const double share = rate.trials > 0 ? static_cast<double>(rate.count) / rate.trials : 0;
  return {.text = fmt::format("{} of {} [{}, {}]", rate.count, rate.trials, share_text(rate.low),
                              share_text(rate.high)),
          .value = share};
}

// Those that were run and are no pass, or those that were not run.
DocumentTable verdicts_table(const SweepRows& sweep, bool was_run) {
  DocumentTable table{.columns = {text_column("What"), text_column("Gate"), text_column("Outcome"),
                                  text_column("Reason")}};
  for (const GateRow& gate : sweep.gates) {
    const GateOutcome outcome = gate.verdict.outcome;
    if (outcome == GateOutcome::kPass || (outcome != GateOutcome::kNotRun) != was_run) continue;
    table.rows.push_back({text_cell(gate.kind + " " + gate.text), text_cell(gate.verdict.gate),
                          text_cell(to_text(outcome), tone_of(outcome)),
                          text_cell(gate.verdict.reason)});
  }
  return table;
}

// "16.669, 17.174", of runs that others made.
std::string runs_of(const SplitRow& split) {
  std::string text;
  for (const RecordedDecodeRow& run : split.recorded)
    text += (text.empty() ? "" : ", ") + fixed(run.tok_per_s, 3);
  return text.empty() ? "-" : text;
}

DocumentTable recorded_splits_table(const SweepRows& sweep) {
  DocumentTable table{
      .id = "splits",
      .caption =
          "Every split that was asked about, with the runs that others made "
          "of it.",
      .columns = {text_column("Split"), number_column("Shards"),
                  text_column("tok/s of each recorded run"), text_column("Standing")}};
  for (const SplitRow& split : sweep.splits) {
    const std::optional<int> shards = shards_of(split);
    table.rows.push_back({text_cell(split.name),
                          number_cell(shards ? std::optional<double>(*shards) : std::nullopt, 0),
                          {.text = runs_of(split), .tone = Tone::kRecorded},
                          standing_cell(split)});
  }
  return table;
}

}  // namespace

DocumentTable splits_table(const SweepRows& sweep) {
  if (sweep.is_recorded) return recorded_splits_table(sweep);
  DocumentTable table{.id = "splits",
                      .caption =
                          "Every split that was asked about. Time against the control is a "
                          "share of its time a token, less is faster; in brackets the "
                          "interval that holds at 99.9 % for all splits together.",
                      .columns = {text_column("Split"), number_column("Shards"),
                                  number_column("tok/s"), number_column("ms/token"),
                                  number_column("Time against control"), text_column("Verdict")}};
  const Scale scale(sweep);
  for (const SplitRow* split : in_reading_order(sweep)) {
    TableCell speed = number_cell(split->tok_per_s, 2);
    speed.mark = scale.of(sweep, *split);
    const std::optional<int> shards = shards_of(*split);
    table.rows.push_back({text_cell(split->name),
                          number_cell(shards ? std::optional<double>(*shards) : std::nullopt, 0),
                          std::move(speed), number_cell(split->ms_per_token, 3),
                          against_control(*split),
                          standing_cell(*split, outcome_of(sweep) == SweepOutcome::kBest)});
  }
  return table;
}

DocumentTable recorded_table(const SweepRows& sweep) {
  DocumentTable table{.id = "recorded",
                      .caption =
                          "Runs that others made and wrote down, each once, in no order of "
                          "merit.",
                      .columns = {text_column("Split"), number_column("Run"),
                                  number_column("tok/s, recorded"), text_column("Notes")},
                      .is_detail = true};
  for (const SplitRow& split : sweep.splits) {
    int number = 0;
    for (const RecordedDecodeRow& run : split.recorded) {
      std::string notes;
      for (const std::string& note : run.notes) notes += (notes.empty() ? "" : "; ") + note;
      ++number;
      table.rows.push_back(
          {text_cell(split.name),
           number_cell(number, 0),
           {.text = fixed(run.tok_per_s, 3), .value = run.tok_per_s, .tone = Tone::kRecorded},
           text_cell(notes.empty() ? "-" : notes)});
    }
  }
  return table;
}

DocumentTable probes_table(const SweepRows& sweep) {
  DocumentTable table{.id = "probes",
                      .caption =
                          "Shards that were built or looked up to find the cliff, in that "
                          "order.",
                      .columns = {text_column("Shard"), number_column("Layers"),
                                  number_column("Weights, MiB"), text_column("Answer")}};
  if (!sweep.cliff) return table;
  for (const ProbeAnswer& answer : sweep.cliff->answers) {
    const Segment& segment = answer.probe.segment;
    std::string text = !answer.is_recorded  ? "nothing recorded"
                       : answer.is_resident ? "resident"
                                            : "not resident";
    if (answer.failure) text += fmt::format(" ({})", to_text(*answer.failure));
    if (!answer.reason.empty()) text += ": " + answer.reason;
    if (answer.wrong) text += "; " + *answer.wrong;
    const std::string again =
        answer.probe.attempt > 1 ? fmt::format(", attempt {}", answer.probe.attempt) : "";
    table.rows.push_back({text_cell(length_of(segment) + again),
                          number_cell(segment.end - segment.begin, 0),
                          number_cell(static_cast<double>(answer.weight_bytes) / (1 << 20), 1),
                          text_cell(text, !answer.is_recorded  ? Tone::kUnsure
                                          : answer.is_resident ? Tone::kGood
                                                               : Tone::kBad)});
  }
  table.is_detail = true;
  return table;
}

DocumentTable failed_gates_table(const SweepRows& sweep) {
  DocumentTable table = verdicts_table(sweep, true);
  table.id = "failed-gates";
  table.caption = "Verdicts that fail, or lack data.";
  table.is_detail = table.rows.size() > kManyRows;
  return table;
}

DocumentTable gates_not_run_table(const SweepRows& sweep) {
  DocumentTable table = verdicts_table(sweep, false);
  table.id = "gates-not-run";
  table.caption = "Gates that were not run, which is no pass.";
  table.is_detail = table.rows.size() > 4;
  return table;
}

DocumentTable gates_table(const SweepRows& sweep) {
  DocumentTable table{.id = "gates",
                      .caption = "Every subject and gate.",
                      .columns = {text_column("What")},
                      .is_detail = true};
  std::vector<std::string> gates;
  std::vector<std::pair<std::string, std::map<std::string, GateOutcome>>> subjects;
  for (const GateRow& gate : sweep.gates) {
    if (std::find(gates.begin(), gates.end(), gate.verdict.gate) == gates.end())
      gates.push_back(gate.verdict.gate);
    const std::string subject = gate.kind + " " + gate.text;
    if (subjects.empty() || subjects.back().first != subject) subjects.push_back({subject, {}});
    subjects.back().second[gate.verdict.gate] = gate.verdict.outcome;
  }
  for (const std::string& gate : gates) table.columns.push_back(text_column(shown(gate)));
  for (const auto& [subject, outcomes] : subjects) {
    std::vector<TableCell> row = {text_cell(subject)};
    for (const std::string& gate : gates) {
      const auto found = outcomes.find(gate);
      row.push_back(found == outcomes.end()
                        ? TableCell{.text = "-"}
                        : text_cell(to_text(found->second), tone_of(found->second)));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

DocumentTable groups_table(const SweepRows& sweep) {
  DocumentTable table{.id = "groups",
                      .caption =
                          "Time of each group of layers in a token; embed and host are what "
                          "the host does.",
                      .columns = {text_column("Split"), text_column("Group"),
                                  number_column("ms/token"), number_column("Share of token")}};
  // Of the whole token, which medians of groups need not add up to.
  const auto add = [&](const std::string& name, const std::vector<GroupRow>& groups,
                       const std::optional<double>& token_ms, Tone tone) {
    for (const GroupRow& group : groups) {
      TableCell time = number_cell(group.ms_per_token, 3);
      time.tone = tone;
      std::optional<double> share;
      if (token_ms && *token_ms > 0) share = group.ms_per_token / *token_ms;
      table.rows.push_back(
          {text_cell(name), text_cell(group.group), std::move(time), share_cell(share)});
    }
  };
  for (const SplitRow* split : in_reading_order(sweep)) {
    add(split->name, split->groups, split->ms_per_token, Tone::kPlain);
    int number = 0;
    for (const RecordedDecodeRow& run : split->recorded) {
      ++number;
      add(fmt::format("{}, recorded run {}", split->name, number), run.groups, std::nullopt,
          Tone::kRecorded);
    }
  }
  table.is_detail = table.rows.size() > kManyRows;
  return table;
}

DocumentTable cold_warm_table(const SweepRows& sweep) {
  DocumentTable table{
      .id = "cold-warm",
      .caption =
          "Medians over all processes. The first calls come once, after loading; TTFT is "
          "from the prompt to the first token of a model that is warm.",
      .columns = {text_column("Split"), number_column("Load, ms"), number_column("First calls, ms"),
                  number_column("TTFT, ms"), number_column("Warm token, ms"),
                  number_column("First calls in tokens")}};
  for (const SplitRow* split : in_reading_order(sweep)) {
    if (!split->load_ms && !split->activation_ms && !split->ttft_ms) continue;
    std::optional<double> in_tokens;
    if (split->activation_ms && split->ms_per_token && *split->ms_per_token > 0)
      in_tokens = *split->activation_ms / *split->ms_per_token;
    table.rows.push_back({text_cell(split->name), number_cell(split->load_ms, 1),
                          number_cell(split->activation_ms, 1), number_cell(split->ttft_ms, 1),
                          number_cell(split->ms_per_token, 3), number_cell(in_tokens, 1)});
  }
  return table;
}

DocumentTable blocks_table(const SweepRows& sweep) {
  DocumentTable table{
      .id = "blocks",
      .caption = "Blocks in the order in which they were measured.",
      .columns = {number_column("Block"), text_column("Began"), number_column("Took, s"),
                  number_column("Steal"), number_column("Involuntary switches"),
                  number_column("Migrations"), number_column("Major faults"),
                  number_column("Lowest GHz")}};
  for (const BlockNoiseRow& block : sweep.block_noise) {
    std::optional<double> ghz = noise_number(block, "frequency_min_hz");
    if (ghz) *ghz /= 1e9;
    table.rows.push_back(
        {number_cell(block.block, 0), text_cell(utc_time(block.began_unix_ms) + " UTC"),
         number_cell(static_cast<double>(block.wall_ns) / 1e9, 1),
         share_cell(noise_number(block, "steal_rel")),
         number_cell(noise_number(block, "involuntary_switches"), 0),
         number_cell(noise_number(block, "migrations"), 0),
         number_cell(noise_number(block, "major_faults"), 0), number_cell(ghz, 2)});
  }
  table.is_detail = table.rows.size() > kManyRows;
  return table;
}

DocumentTable selfcheck_table(const SweepRows& sweep) {
  DocumentTable table{
      .id = "selfcheck-trials",
      .caption =
          "Trials of one and the same split against itself, some with a "
          "delay put in; counts with 95 % intervals.",
      .columns = {text_column("Condition"), number_column("Length, s"), number_column("Delay"),
                  number_column("Slower"), number_column("Faster"), number_column("Equivalent"),
                  number_column("Dirty")},
      .is_detail = true};
  if (!sweep.selfcheck) return table;
  for (const SelfcheckTrials& trials : sweep.selfcheck->trials) {
    table.rows.push_back({text_cell(trials.condition), number_cell(trials.seconds, 0),
                          share_cell(trials.injected_rel), rate_cell(trials.slower),
                          rate_cell(trials.faster), rate_cell(trials.equivalent),
                          rate_cell(trials.dirty)});
  }
  return table;
}

}  // namespace fusesweep
