#include "reports/sweep_pictures.h"

#include <utility>

#include "reports/draw_plot.h"
#include "reports/sweep_plots.h"

namespace fusesweep {

DrawnPictures draw_pictures(const SweepRows& sweep) {
  std::vector<Plot> plots = {tok_s_plot(sweep), groups_plot(sweep), cliff_plot(sweep),
                             cold_warm_plot(sweep), golden_plot(sweep)};
  if (sweep.selfcheck) plots.push_back(power_plot(*sweep.selfcheck));
  return draw_pictures(std::move(plots));
}

DrawnPictures draw_pictures(std::vector<Plot> plots) {
  if (!can_draw()) return {.drawn = {}, .not_drawn = "gnuplot is not installed"};
  DrawnPictures pictures;
  for (Plot& plot : plots) {
    const Result<std::string> svg = draw(plot, PlotFormat::kSvg);
    pictures.drawn.push_back({.name = std::move(plot.name),
                              .title = std::move(plot.title),
                              .about = std::move(plot.about),
                              .svg = svg ? *svg : std::string(),
                              .error = svg ? std::string() : svg.error().message});
  }
  return pictures;
}

}  // namespace fusesweep
