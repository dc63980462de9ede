// How many blocks a trial needs, from the spread of its first ones: Stein's two stages (1945). The
// number is fixed once, after the pilot, by its spread alone; nobody looks at differences before the
// end, and there is one analysis then.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "harness/stats/two_way.h"

namespace fusesweep {

struct PrecisionGoal {
  double half_width_rel = 0.01;  // of a candidate's interval against the control: 0.01 is 1 %
  double level = 0.95;           // of that interval
  int max_blocks = 0;            // what the budget has room for, pilot included
};

struct BlockPlan {
  int wanted = 0;  // in all, for the goal
  int blocks = 0;  // in all: as wanted, within the budget, never fewer than the pilot has
  double half_width_rel = 0;  // that many blocks are expected to give

  // Whether the budget ends the trial before it is as precise as was aimed at.
  bool is_short() const { return blocks < wanted; }

  bool operator==(const BlockPlan&) const = default;
};

// Absent where the pilot has no error variance to tell it from.  REQUIRES: half_width_rel > 0,
// 0 < level < 1.
std::optional<BlockPlan> plan_blocks(const TwoWayFit& pilot, const PrecisionGoal& goal);

// The analysis at the end, of the pilot's blocks and those after. Intervals are the wider of two: with
// the pilot's variance and degrees of freedom, which Stein proves exact while the noise is steady, and
// with those of all blocks, which see noise that came later. MEASURING.md has what each gives by itself.
// Where the budget ended the trial, all blocks' alone: no quiet pilot stopped it early, and only such a
// pilot makes them too small.  REQUIRES: the plan is of the table's first `pilot_blocks`.
TwoWayFit fit_two_stages(std::span<const BlockCells> table, std::size_t pilot_blocks,
                         const BlockPlan& plan);

}  // namespace fusesweep
