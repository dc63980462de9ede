#include "harness/core/segment.h"

#include <fmt/format.h>

namespace fusesweep {

std::string to_text(const Segment& segment) {
  return fmt::format("[{},{})", segment.begin, segment.end);
}

bool holds(const Segment& outer, const Segment& inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

}  // namespace fusesweep
