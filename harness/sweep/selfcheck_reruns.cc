#include "harness/sweep/selfcheck_reruns.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fusesweep {
namespace {

std::vector<SpeedTable> cut_of(std::span<const SpeedTable> tables, const BankCut& cut,
                               double delay_ns, const std::string& group) {
  std::vector<SpeedTable> all;
  for (const SpeedTable& table : tables) {
    SpeedTable part{.metric = table.metric, .part = table.part, .cells = {}};
    const auto blocks = std::span(table.cells).subspan(cut.first, cut.count);
    part.cells.assign(blocks.begin(), blocks.end());
    const bool is_delayed =
        table.metric == "tok_per_s" || (table.metric == "group_ms" && table.part == group);
    for (BlockCells& cells : part.cells) {
      std::optional<double>& candidate = cells[kFirstCandidateArm];
      if (is_delayed && candidate) candidate = std::log(std::exp(*candidate) + delay_ns);
    }
    all.push_back(std::move(part));
  }
  return all;
}

bool names_only(const std::vector<RerunFinding>& findings, const std::string& group) {
  bool is_named = false;
  for (const RerunFinding& finding : findings) {
    if (finding.outcome != FindingOutcome::kRegression || finding.metric != "group_ms") continue;
    if (finding.part != group) return false;
    is_named = true;
  }
  return is_named;
}

}  // namespace

SelfcheckReruns cut_reruns(std::span<const SpeedTable> tables, std::span<const BankBlock> bank,
                           double seconds, double injected_rel, const std::string& group,
                           int trials) {
  SpeedRules rules{.figures = tables.size()};
  rules.trial.power.reset();
  const double delay_ns = injected_rel * control_token_ns(bank);
  const std::vector<BankCut> cuts = cuts_of(bank, seconds, trials, rules.trial.min_blocks);
  int regressions = 0;
  int right = 0;
  int dirty = 0;
  double blocks = 0;
  for (const BankCut& cut : cuts) {
    const SpeedVerdict verdict = judge_speed("", cut_of(tables, cut, delay_ns, group), std::nullopt,
                                             noise_of(bank.subspan(cut.first, cut.count)), rules);
    const bool has_regression =
        std::any_of(verdict.findings.begin(), verdict.findings.end(),
                    [](const RerunFinding& f) { return f.outcome == FindingOutcome::kRegression; });
    if (has_regression) ++regressions;
    if (names_only(verdict.findings, group)) ++right;
    if (!verdict.dirt.empty()) ++dirty;
    blocks += static_cast<double>(cut.count);
  }
  SelfcheckReruns reruns{.seconds = seconds,
                         .injected_rel = injected_rel,
                         .group = injected_rel > 0 ? group : std::string(),
                         .regressions = rate_of(regressions, cuts.size()),
                         .right_group = rate_of(right, cuts.size()),
                         .dirty = rate_of(dirty, cuts.size())};
  if (!cuts.empty()) reruns.blocks = blocks / static_cast<double>(cuts.size());
  return reruns;
}

}  // namespace fusesweep
