// A picture before it is drawn: gnuplot commands and the data in them. Making one is a pure function of
// what was read, the same text everywhere; drawing it (draw_plot.h) starts gnuplot.
#pragma once

#include <string>

namespace fusesweep {

struct Plot {
  std::string name;   // "tok-s": of the file, where there are several
  std::string title;  // says the finding: "three splits tie; 24+6+2 is not resident"
  std::string about;  // one or two sentences for those who cannot see it
  // Everything but terminal and output. Text that came from outside stands in datablocks or single
  // quotes, noenhanced.
  std::string script;
  std::string csv;  // the same data, a header first
};

}  // namespace fusesweep
