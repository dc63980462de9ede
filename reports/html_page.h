// A document as one HTML page that carries everything with it: it opens from a disk without a network,
// is whole without its script, and forbids by its content security policy everything but its own style
// and script. Pure functions: the same text everywhere.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "reports/document.h"

namespace fusesweep {

// A plot that was drawn, or why it was not.
struct PagePicture {
  std::string name;   // of the plot
  std::string title;  // as plots have them
  std::string about;
  std::string svg;    // as gnuplot wrote it; empty: it was not drawn
  std::string error;  // why not
};

// Pictures stand where a section names them.
std::string html_page(const Document& document, std::span<const PagePicture> pictures);

// The text where elements and attributes (in double quotes) have theirs: markup, quotes and control
// characters harmless.
std::string html_text(std::string_view text);

}  // namespace fusesweep
