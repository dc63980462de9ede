#include "harness/sweep/rerun_speed.h"

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"
#include "harness/stats/grouped_fit.h"
#include "harness/sweep/trial_blocks.h"

namespace fusesweep {
namespace {

constexpr double kLeastShare = 0.01;  // of the token's time that a group must have to be judged
// First calls and memory are no speeds of tokens: one figure a block, and a change of a few per cent
// that nobody feels. Judgement, not measurement.
constexpr double kOtherMarginRel = 0.05;
constexpr double kOtherRuleOutRel = 0.25;

bool is_of_tokens(const SpeedTable& table) {
  return table.metric == "tok_per_s" || table.metric == "group_ms";
}

double mean_level(std::span<const BlockCells> cells, std::size_t arm) {
  double sum = 0;
  int count = 0;
  for (const BlockCells& block : cells) {
    if (!block[arm]) continue;
    sum += *block[arm];
    ++count;
  }
  return count > 0 ? sum / count : -HUGE_VAL;
}

bool is_told(std::span<const BlockCells> cells) {
  return std::any_of(cells.begin(), cells.end(), [](const BlockCells& block) {
    return std::all_of(block.begin(), block.end(), [](const auto& cell) { return !!cell; });
  });
}

std::optional<double> log_of(double value) {
  return value > 0 ? std::optional(std::log(value)) : std::nullopt;
}

BlockCells activation_cells(const BlockRow& block, std::span<const std::string> arms) {
  BlockCells cells(arms.size());
  for (const ArmLoadRow& load : block.loads) {
    const auto arm = std::find(arms.begin(), arms.end(), load.arm);
    double first_calls_ns = 0;
    for (const auto& [group, ns] : load.activation_ns) first_calls_ns += static_cast<double>(ns);
    if (arm != arms.end())
      cells[static_cast<std::size_t>(arm - arms.begin())] = log_of(first_calls_ns);
  }
  return cells;
}

// The most of any turn.
BlockCells memory_cells(const BlockRow& block, std::span<const std::string> arms) {
  std::vector<double> most(arms.size());
  for (const CellRow& cell : block.cells) {
    const auto arm = std::find(arms.begin(), arms.end(), cell.arm);
    const auto bytes = cell.counters.find("anonymous_bytes");
    if (arm == arms.end() || bytes == cell.counters.end()) continue;
    double& so_far = most[static_cast<std::size_t>(arm - arms.begin())];
    so_far = std::max(so_far, static_cast<double>(bytes->second));
  }
  BlockCells cells;
  for (const double bytes : most) cells.push_back(log_of(bytes));
  return cells;
}

std::vector<std::string> groups_in(std::span<const BlockRow> blocks) {
  std::vector<std::string> groups;
  for (const BlockRow& block : blocks) {
    for (const CellRow& cell : block.cells) {
      for (const std::string& group : cell.groups) {
        if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
      }
    }
  }
  return groups;
}

// In the unit of the metric: of tokens a second, the inverse of ns.
double figure_of(const SpeedTable& table, double level) {
  if (table.metric == "tok_per_s") return 1e9 / std::exp(level);
  return table.metric == "anonymous_bytes" ? std::exp(level) : std::exp(level) / 1e6;
}

// What is more of time is less of speed.
void set_change(RerunFinding& finding, const SpeedTable& table, double log_ratio,
                const std::optional<Interval>& logs) {
  const bool is_speed = table.metric == "tok_per_s";
  finding.change_rel = std::expm1(is_speed ? -log_ratio : log_ratio);
  if (!logs) return;
  finding.low_rel = std::expm1(is_speed ? -logs->high : logs->low);
  finding.high_rel = std::expm1(is_speed ? -logs->low : logs->high);
}

struct Judged {
  double then = 0;  // log levels
  double now = 0;
  std::optional<Interval> at_once;  // of now - then, at the level of the verdict
  std::optional<Interval> alone;    // at 95 %
};

// What a loss is a share of: of a group, the whole token's time.
FindingOutcome outcome_of(const Judged& judged, double whole, double margin_rel,
                          double rule_out_rel) {
  const double base = std::exp(judged.then - whole);
  const auto loss = [&](double log_ratio) { return std::expm1(log_ratio) * base; };
  const double size = loss(judged.now - judged.then);
  if (!judged.at_once) {
    // Figures without a spread are exact.
    if (size >= margin_rel) return FindingOutcome::kRegression;
    return size <= -margin_rel ? FindingOutcome::kImproved : FindingOutcome::kSame;
  }
  if (judged.at_once->low > 0 && size >= margin_rel) return FindingOutcome::kRegression;
  if (judged.at_once->high < 0 && size <= -margin_rel) return FindingOutcome::kImproved;
  return loss(judged.alone->high) < rule_out_rel ? FindingOutcome::kSame
                                                 : FindingOutcome::kInconclusive;
}

}  // namespace

bool is_timed_metric(std::string_view metric) {
  return metric == "tok_per_s" || metric == "group_ms" || metric == "activation_ms" ||
         metric == "anonymous_bytes";
}

std::vector<SpeedTable> speed_tables(std::span<const BlockRow> blocks,
                                     std::span<const std::string> arms) {
  const auto collect = [&](auto cells_of_block) {
    std::vector<BlockCells> cells;
    for (const BlockRow& block : blocks) cells.push_back(cells_of_block(block));
    return cells;
  };
  std::vector<SpeedTable> tables;
  tables.push_back(
      {"tok_per_s", "", collect([&](const BlockRow& block) { return cells_of(block, arms); })});
  const double whole = mean_level(tables.front().cells, kControlArm);
  for (const std::string& group : groups_in(blocks)) {
    std::vector<BlockCells> cells =
        collect([&](const BlockRow& block) { return group_cells_of(block, arms, group); });
    const double most =
        std::max(mean_level(cells, kControlArm), mean_level(cells, kFirstCandidateArm));
    if (std::exp(most - whole) >= kLeastShare)
      tables.push_back({"group_ms", group, std::move(cells)});
  }
  std::vector<BlockCells> first_calls =
      collect([&](const BlockRow& block) { return activation_cells(block, arms); });
  if (is_told(first_calls)) tables.push_back({"activation_ms", "", std::move(first_calls)});
  std::vector<BlockCells> memory =
      collect([&](const BlockRow& block) { return memory_cells(block, arms); });
  if (is_told(memory)) tables.push_back({"anonymous_bytes", "", std::move(memory)});
  return tables;
}

SpeedVerdict judge_speed(const std::string& split, std::span<const SpeedTable> tables,
                         const std::optional<BlockPlan>& plan, const TrialNoise& noise,
                         const SpeedRules& rules) {
  FUSESWEEP_CHECK(!tables.empty());
  SpeedVerdict verdict;
  VerdictRules trial_rules = rules.trial;
  trial_rules.level = level_of_each(rules.trial.level, rules.figures);
  std::optional<double> whole;
  for (const SpeedTable& table : tables) {
    const TwoWayFit fit =
        plan ? fit_two_stages(table.cells, static_cast<std::size_t>(trial_rules.min_blocks), *plan)
             : fit_two_way(table.cells);
    RerunFinding finding{.split = split, .metric = table.metric, .part = table.part};
    if (static_cast<int>(fit.blocks.size()) < trial_rules.min_blocks) {
      finding.outcome = FindingOutcome::kInconclusive;
      finding.text = "not enough blocks";
      verdict.findings.push_back(std::move(finding));
      continue;
    }
    const GroupedFit levels(fit, ControlLevel::kWithItsTwin);
    const double ratio = levels.log_ratio(kFirstCandidateArm, kControlArm);
    Judged judged{.then = fit.arm_means[kFirstCandidateArm] - ratio,
                  .now = fit.arm_means[kFirstCandidateArm]};
    if (levels.has_error()) {
      judged.at_once = levels.interval(kFirstCandidateArm, kControlArm, trial_rules.level);
      judged.alone =
          levels.interval(kFirstCandidateArm, kControlArm, trial_rules.equivalence_level);
    }
    if (!whole) whole = judged.then;
    finding.before = figure_of(table, judged.then);
    finding.now = figure_of(table, judged.now);
    set_change(finding, table, ratio, judged.at_once);
    const TrialVerdict trial = judge_trial(fit, noise, trial_rules);
    finding.smallest_detectable_rel = trial.smallest_detectable_rel;
    finding.outcome = is_of_tokens(table)
                          ? outcome_of(judged, *whole, rules.margin_rel, rules.rule_out_rel)
                          : outcome_of(judged, judged.then, kOtherMarginRel, kOtherRuleOutRel);
    if (&table == &tables.front()) {
      for (const Dirt& dirt : trial.dirt) verdict.dirt.push_back(to_text(dirt));
    }
    // What nobody rules out is no reason to doubt the tokens.
    if (!is_of_tokens(table) && finding.outcome == FindingOutcome::kInconclusive) {
      finding.outcome = FindingOutcome::kToldOnly;
      finding.text = "too noisy to judge";
    }
    if (!trial.dirt.empty()) finding.outcome = FindingOutcome::kDirty;
    verdict.findings.push_back(std::move(finding));
  }
  if (!verdict.dirt.empty()) {
    for (RerunFinding& finding : verdict.findings) finding.outcome = FindingOutcome::kDirty;
  }
  return verdict;
}

}  // namespace fusesweep
