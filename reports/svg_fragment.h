// A picture that gnuplot drew, made ready to stand within an HTML page: without its own prologue, its
// names (ids) told apart from those of other pictures, and nothing in it that could act or load. What
// is not known to be harmless is refused, not mended.
#pragma once

#include <string>
#include <string_view>

#include "harness/base/result.h"

namespace fusesweep {

// What the root element must say of itself: `title` and `description` become its name and description
// for those who cannot see it. `prefix` begins every id: letters and dashes.
struct SvgLabel {
  std::string prefix;
  std::string title;
  std::string description;
};

// Errors: not an SVG, or one with other elements and attributes than pictures need.
Result<std::string> svg_fragment(std::string_view svg, const SvgLabel& label);

}  // namespace fusesweep
