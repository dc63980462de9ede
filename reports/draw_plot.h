// Drawing plots with gnuplot, which is started from an argument list and fed through a pipe.
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/result.h"
#include "reports/plot.h"

namespace fusesweep {

enum class PlotFormat { kSvg, kPng, kPdf, kText };

struct PlotSize {
  int width = 960;  // pixels; characters of kText
  int height = 540;
};

// The picture's bytes.  Errors: gnuplot is not there, or refuses the script, with its message.
Result<std::string> draw(const Plot& plot, PlotFormat format, PlotSize size = {});

}  // namespace fusesweep
