// What the residuals of a trial say about the model that its intervals rest on: one cell that stands
// out, an arm noisier than the others, blocks that drift. Evidence to show beside a verdict; it decides
// nothing by itself.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "harness/stats/two_way.h"

namespace fusesweep {

struct OutlyingCell {
  std::size_t block = 0;  // by its place in the table
  std::size_t arm = 0;
  double residual = 0;  // log units; 0.02 is 2 % above what block and arm let expect
  // That the furthest of all cells lies so far out by chance, at most: the residual against the spread
  // of the others (externally studentized), times the number of cells.
  double probability = 1;

  bool operator==(const OutlyingCell&) const = default;
};

struct ResidualFigures {
  std::optional<OutlyingCell> furthest;  // absent below two degrees of freedom
  // Standard deviation of each arm's noise, log units, were it the same for all: one that is far above
  // the others has intervals that are too short, and makes those of the others too long.
  std::vector<double> arm_sd;
  std::optional<double> block_sd;  // of the blocks' levels, log units
  std::optional<double>
      drift_rel;  // of the level from the first block to the last, by a straight line
};

// All of it absent or empty without an error variance.
ResidualFigures residual_figures(const TwoWayFit& fit);

}  // namespace fusesweep
