// A picture before it is drawn: gnuplot commands and the data in them. Making one is a pure function of
// what was read, the same text everywhere; drawing it (draw_plot.h) starts gnuplot.
#pragma once

#include <string>

namespace fusesweep {

struct PlotSize {
  int width = 960;  // pixels, or characters of a terminal
  int height = 540;

  bool operator==(const PlotSize&) const = default;
};

struct Plot {
  std::string name;   // "tok-s": of the file, where there are several
  std::string title;  // says the finding: "three splits tie; 24+6+2 is not resident"
  std::string about;  // one or two sentences for those who cannot see it
  // Everything but terminal and output. Text that came from outside stands in single quotes, and
  // datablocks hold numbers only. It asks GPVAL_TERM whether it is drawn in characters.
  std::string script;
  std::string csv;                // the same data, a header first
  PlotSize size;                  // that it is made for: it grows with what is in it
  PlotSize text_size = {80, 24};  // the same in characters
};

}  // namespace fusesweep
