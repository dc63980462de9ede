// Which fusesweep this is.
#pragma once

#include <string_view>

namespace fusesweep {

// The released version, such as "0.1.0"; stated once, in CMakeLists.txt.
std::string_view version();

}  // namespace fusesweep
