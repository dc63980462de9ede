// The pictures of a sweep's page, drawn: starts gnuplot.
#pragma once

#include <string>
#include <vector>

#include "reports/html_page.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

struct SweepPictures {
  std::vector<PagePicture> drawn;
  std::string not_drawn;  // why there are none; empty: there are
};

// One that gnuplot refuses says so in its place; without gnuplot there are none.
SweepPictures draw_pictures(const SweepRows& sweep);

}  // namespace fusesweep
