#include "harness/cli/sweep_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/base/text.h"
#include "harness/cli/runner_text.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

std::string compared(const CandidateAnswer& candidate, bool is_control) {
  if (is_control) return "control";
  if (!candidate.comparison || !candidate.comparison->size_rel) return "-";
  const Comparison& comparison = *candidate.comparison;
  std::string text = signed_share_text(*comparison.size_rel);
  if (const auto& interval = comparison.interval_rel)
    text += fmt::format(" [{}, {}]", signed_share_text(interval->low),
                        signed_share_text(interval->high));
  return text;
}

// One row a candidate: split, tok/s, ms/token, against the control, verdict or why not.
std::vector<std::vector<std::string>> rows_of(const SweepAnswer& answer, bool is_recorded) {
  std::vector<std::vector<std::string>> rows;
  rows.push_back(is_recorded ? std::vector<std::string>{"split", "tok/s of each run", "standing"}
                             : std::vector<std::string>{"split", "tok/s", "ms/token",
                                                        "time against control", "verdict"});
  for (std::size_t i = 0; i < answer.candidates.size(); ++i) {
    const CandidateAnswer& candidate = answer.candidates[i];
    const bool is_disqualified = candidate.standing == Standing::kDisqualified;
    const std::string why =
        candidate.reason.empty()
            ? std::string("not gated yet")
            : fmt::format("{}: {}", to_text(candidate.standing), one_line(candidate.reason));
    if (is_recorded) {
      std::vector<std::string> runs;
      for (const RecordedDecode& run : candidate.recorded) {
        const bool is_old = std::any_of(run.notes.begin(), run.notes.end(), [](const auto& note) {
          return note.find("old contract") != std::string::npos;
        });
        runs.push_back(fmt::format("{:.3f}{}", run.tok_per_s, is_old ? "*" : ""));
      }
      rows.push_back(
          {candidate.name, runs.empty() ? "-" : fmt::format("{}", fmt::join(runs, " ")),
           is_disqualified ? why : "not all gates are recorded: " + one_line(candidate.reason)});
      continue;
    }
    if (!candidate.figures) {
      rows.push_back({candidate.name, "-", "-", "-",
                      candidate.standing == Standing::kQualified ? "not measured" : why});
      continue;
    }
    const bool is_control = answer.control == i;
    rows.push_back({candidate.name, fmt::format("{:.2f}", candidate.figures->tok_per_s),
                    fmt::format("{:.3f}", candidate.figures->ms_per_token),
                    compared(candidate, is_control),
                    candidate.comparison ? std::string(to_text(candidate.comparison->outcome))
                    : is_control         ? std::string("control")
                                         : std::string("-")});
  }
  return rows;
}

std::string recorded_conclusion(const SweepAnswer& answer) {
  double highest_low = 0;  // of each split's slowest run, the fastest
  double lowest_high = HUGE_VAL;
  int splits = 0;
  bool has_old = false;
  for (const CandidateAnswer& candidate : answer.candidates) {
    if (candidate.recorded.empty()) continue;
    ++splits;
    const auto [low, high] =
        std::minmax_element(candidate.recorded.begin(), candidate.recorded.end(),
                            [](const auto& a, const auto& b) { return a.tok_per_s < b.tok_per_s; });
    highest_low = std::max(highest_low, low->tok_per_s);
    lowest_high = std::min(lowest_high, high->tok_per_s);
    for (const RecordedDecode& run : candidate.recorded) {
      for (const std::string& note : run.notes)
        has_old = has_old || note.find("old contract") != std::string::npos;
    }
  }
  std::string text;
  if (splits < 2) {
    text = "no winner: fewer than two splits have a recorded run\n";
  } else if (highest_low <= lowest_high) {
    text = fmt::format("no winner: the runs of these {} splits lie within each other's spread\n",
                       splits);
  } else {
    text = fmt::format(
        "no winner: the runs of these {} splits do not all overlap, but so few, made one after the "
        "other, rank nothing\n",
        splits);
  }
  if (has_old) text += "* old contract: made with another rope_dim than the model's\n";
  return text;
}

std::string conclusion(const SweepAnswer& answer) {
  if (answer.is_interrupted)
    return "interrupted: what was done is kept; the same command, without --fresh, goes on from "
           "here\n";
  const bool all_out =
      std::all_of(answer.candidates.begin(), answer.candidates.end(),
                  [](const CandidateAnswer& c) { return c.standing == Standing::kDisqualified; });
  if (all_out) return "no answer: every candidate is disqualified\n";
  if (!answer.trial) return "no answer: nothing was measured\n";
  std::string text = dirt_lines(answer);
  if (answer.ties.size() == 1) {
    text += fmt::format("best: {}\n", answer.candidates[answer.ties.front()].name);
  } else if (answer.ties.size() > 1) {
    std::vector<std::string> names;
    for (const std::size_t index : answer.ties) names.push_back(answer.candidates[index].name);
    text += fmt::format("tie: each of {} may be the fastest; fewest shards: {}\n",
                        fmt::join(names, ", "), names.front());
  } else {
    text += "no ranking: this trial ranks nothing\n";
  }
  return text;
}

std::string closing(const SweepAnswer& answer, const SweepTitle& title) {
  if (title.runner.evidence == Evidence::kRecorded) return recorded_conclusion(answer);
  std::string text = conclusion(answer) + noise_line(answer);
  if (!answer.manifest.empty())
    text += fmt::format("manifest: {}\n", one_line(answer.manifest.string()));
  if (answer.work_done == 0 && !answer.is_interrupted)
    text += "nothing was left to do: all of this was known from before (--fresh asks anew)\n";
  return text;
}

}  // namespace

std::string title_line(const SweepTitle& title) {
  return fmt::format("{} on {} ({})", one_line(title.model), one_line(title.runner.name),
                     one_line(title.runner.device));
}

std::string what_is_real(const RunnerDescription& runner) {
  if (runner.evidence == Evidence::kRecorded)
    return "recorded: others saw, measured and wrote down all of this; fusesweep measured nothing";
  std::string text = "real: every weight, output and time";
  const std::string emulated = emulated_text(runner);
  if (!emulated.empty()) text += "; " + emulated;
  return text;
}

std::string candidates_table(const SweepAnswer& answer, bool is_recorded) {
  const auto rows = rows_of(answer, is_recorded);
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t c = 0; c + 1 < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      const bool is_number = c == 1 || c == 2;
      text += c == 0 ? "" : "  ";
      text += c + 1 == row.size()           ? row[c]
              : is_number && row.size() > 3 ? fmt::format("{:>{}}", row[c], widths[c])
                                            : fmt::format("{:<{}}", row[c], widths[c]);
    }
    text += '\n';
  }
  return text;
}

std::string dirt_lines(const SweepAnswer& answer) {
  std::string text;
  if (!answer.trial) return text;
  for (const Dirt& dirt : answer.trial->dirt) text += fmt::format("dirty: {}\n", to_text(dirt));
  return text;
}

std::string noise_line(const SweepAnswer& answer) {
  if (!answer.trial) return {};
  std::string text = fmt::format("noise: {} blocks", answer.blocks);
  if (answer.wanted_blocks > answer.blocks)
    text += fmt::format(" of {} that the precision would take, ended by the budget",
                        answer.wanted_blocks);
  if (answer.trial->twin.size_rel)
    text += fmt::format("; the control's twin {}", signed_share_text(*answer.trial->twin.size_rel));
  if (answer.trial->smallest_detectable_rel)
    text += fmt::format("; a difference of {} would have been found",
                        share_text(*answer.trial->smallest_detectable_rel));
  if (answer.noise.steal_rel)
    text += fmt::format("; steal {}", share_text(*answer.noise.steal_rel));
  return text + '\n';
}

std::string sweep_table(const SweepAnswer& answer, const SweepTitle& title) {
  std::string text = title_line(title) + '\n' + what_is_real(title.runner) + "\n\n";
  if (answer.cliff) text += in_words(*answer.cliff, title.n_layers) + '\n';
  text += '\n' + candidates_table(answer, title.runner.evidence == Evidence::kRecorded);
  return text + '\n' + closing(answer, title);
}

}  // namespace fusesweep
