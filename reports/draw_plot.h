// Drawing plots with gnuplot, which is started from an argument list and fed through a pipe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "reports/plot.h"

namespace fusesweep {

enum class PlotFormat { kSvg, kPng, kPdf, kText };

// The picture's bytes, the same for the same plot and gnuplot. An SVG may stand inside a page beside
// others: its ids begin with the plot's name, its title and description are the plot's, it has a
// background of its own.  Errors: gnuplot is not there (kUnavailable), refuses the script or does not
// end, with its message.
Result<std::string> draw(const Plot& plot, PlotFormat format,
                         std::optional<PlotSize> size = std::nullopt);

// The commands that draw it into that file of the current folder, for `gnuplot FILE.gp`.
std::string script_of(const Plot& plot, PlotFormat format, const std::string& file_name);

// Whether there is a gnuplot to draw with.
bool can_draw();

}  // namespace fusesweep
