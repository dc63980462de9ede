// The vertical axis of plots that have a line for each split, the preferred one on top.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reports/gnuplot_script.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

struct SplitLine {
  std::string name;
  bool is_grey = false;
  bool is_tied = false;
  std::string remark;  // in place of points: why there are none
};

// The same sweep with its splits as they are drawn: the measured ones from the fastest on, then those with
// recorded runs, then the others.
SweepRows in_drawing_order(SweepRows sweep);

// One for each split of the sweep. Those that `has_points` answers with no have a remark.
std::vector<SplitLine> split_lines(const SweepRows& sweep, const std::vector<bool>& has_points);

// Makes the frame as high and its left margin as wide as the lines need.
void fit_frame(const std::vector<SplitLine>& lines, Frame& frame);

// In characters, of a frame that was fitted.
PlotSize text_size_for(const std::vector<SplitLine>& lines, const Frame& frame);

// The range, the names, the remarks, and a band behind those that tie.
std::string axis_commands(const std::vector<SplitLine>& lines);

}  // namespace fusesweep
