// The pictures of pages, drawn: starts gnuplot.
#pragma once

#include <string>
#include <vector>

#include "reports/html_page.h"
#include "reports/plot.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

struct DrawnPictures {
  std::vector<PagePicture> drawn;
  std::string not_drawn;  // why there are none; empty: there are
};

// One that gnuplot refuses says so in its place; without gnuplot there are none.
DrawnPictures draw_pictures(const SweepRows& sweep);
DrawnPictures draw_pictures(std::vector<Plot> plots);

}  // namespace fusesweep
