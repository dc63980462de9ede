#include "reports/trial_figures.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/cell_estimate.h"
#include "harness/stats/distributions.h"

namespace fusesweep {
namespace {

constexpr double kLevel = 0.95;

// Of the mean of an arm over whole blocks, from Student's t.
std::optional<Interval> interval_of_arm(const std::vector<BlockCells>& table, const TwoWayFit& fit,
                                        std::size_t arm) {
  const auto count = static_cast<double>(fit.blocks.size());
  if (fit.blocks.size() < 2) return std::nullopt;
  double squares = 0;
  for (const std::size_t block : fit.blocks) {
    const double deviation = *table[block][arm] - fit.arm_means[arm];
    squares += deviation * deviation;
  }
  const double error = std::sqrt(squares / (count - 1) / count);
  const double reach = error * t_half_width(kLevel, static_cast<int>(fit.blocks.size()) - 1);
  return Interval{fit.arm_means[arm] - reach, fit.arm_means[arm] + reach};
}

}  // namespace

void LogMean::add(std::optional<double> log) {
  if (!log) {
    is_broken_ = true;
    return;
  }
  sum_ += *log;
  ++count_;
}

std::optional<double> LogMean::value() const {
  if (is_broken_ || count_ == 0) return std::nullopt;
  return sum_ / count_;
}

BlockCells TrialTimes::cells_of_last() const {
  BlockCells cells;
  for (const std::vector<std::int64_t>& all_ns : all_ns_) cells.push_back(cell_estimate(all_ns));
  return cells;
}

void TrialTimes::add(const Uuid& block, const Arm& arm, std::span<const std::int64_t> all_ns) {
  if (last_ != block) {
    if (last_) cells_.push_back(cells_of_last());
    last_ = block;
    for (std::vector<std::int64_t>& times : all_ns_) times.clear();
  }
  const std::size_t index = arms_.try_emplace(arm, arms_.size()).first->second;
  if (all_ns_.size() <= index) all_ns_.resize(index + 1);
  all_ns_[index].insert(all_ns_[index].end(), all_ns.begin(), all_ns.end());
}

std::map<TrialTimes::Arm, ArmEstimate> TrialTimes::estimates(const std::string& control) const {
  std::vector<BlockCells> all = cells_;
  if (last_) all.push_back(cells_of_last());
  // Arms that tell nothing in any block must not cost the others theirs.
  std::vector<std::pair<Arm, std::size_t>> arms;
  for (const auto& [arm, index] : arms_) {
    const bool tells = std::any_of(all.begin(), all.end(), [i = index](const BlockCells& cells) {
      return i < cells.size() && cells[i];
    });
    if (tells) arms.emplace_back(arm, index);
  }
  std::map<Arm, ArmEstimate> estimates;
  if (arms.empty()) return estimates;
  std::vector<BlockCells> table;
  for (const BlockCells& cells : all) {
    BlockCells row;
    for (const auto& [arm, index] : arms)
      row.push_back(index < cells.size() ? cells[index] : std::nullopt);
    table.push_back(std::move(row));
  }
  const TwoWayFit fit = fit_two_way(table);
  if (fit.blocks.empty()) return estimates;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const Arm& arm = arms[i].first;
    ArmEstimate& estimate = estimates[arm];
    estimate.log_ns = fit.arm_means[i];
    estimate.interval = interval_of_arm(table, fit, i);
    if (arm.first == control) continue;
    // Of groups, the control's of the same name: another split has others.
    const auto other = std::find_if(arms.begin(), arms.end(), [&](const auto& candidate) {
      return candidate.first == Arm(control, arm.second);
    });
    if (other == arms.end()) continue;
    const auto c = static_cast<std::size_t>(other - arms.begin());
    estimate.log_control_ns = fit.arm_means[c];
    estimate.log_ratio = log_ratio(fit, i, c);
    estimate.ratio_interval = log_ratio_interval(fit, i, c, kLevel);
  }
  return estimates;
}

}  // namespace fusesweep
