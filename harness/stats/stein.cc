#include "harness/stats/stein.h"

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"
#include "harness/stats/distributions.h"

namespace fusesweep {
namespace {

constexpr double kMostBlocks = 1e6;  // wanted by a hopeless pilot; keeps the count an int

}  // namespace

std::optional<BlockPlan> plan_blocks(const TwoWayFit& pilot, const PrecisionGoal& goal) {
  FUSESWEEP_CHECK(goal.half_width_rel > 0);
  if (!pilot.error) return std::nullopt;
  const double t = t_half_width(goal.level, pilot.error->degrees_of_freedom);
  const double half_width = std::log1p(goal.half_width_rel);
  const double wanted =
      std::ceil(kArmAgainstTwo * pilot.error->variance * t * t / (half_width * half_width));
  const auto measured = static_cast<int>(pilot.blocks.size());
  BlockPlan plan;
  plan.wanted = std::max(measured, static_cast<int>(std::min(wanted, kMostBlocks)));
  plan.blocks = std::max(measured, std::min(plan.wanted, goal.max_blocks));
  plan.half_width_rel =
      std::expm1(t * std::sqrt(kArmAgainstTwo * pilot.error->variance / plan.blocks));
  return plan;
}

TwoWayFit fit_two_stages(std::span<const BlockCells> table, std::size_t pilot_blocks,
                         const BlockPlan& plan) {
  TwoWayFit fit = fit_two_way(table);
  if (pilot_blocks < table.size() && !plan.is_short())
    fit.pilot_error = fit_two_way(table.first(pilot_blocks)).error;
  return fit;
}

}  // namespace fusesweep
