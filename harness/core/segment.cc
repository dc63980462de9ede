#include "harness/core/segment.h"

#include <fmt/format.h>

namespace fusesweep {

std::string to_text(const Segment& segment) {
  return fmt::format("[{},{})", segment.begin, segment.end);
}

}  // namespace fusesweep
