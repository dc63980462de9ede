// Checks of our own promises, in release builds too. For bugs only: what the outside world can get
// wrong is an Error.
#pragma once

namespace fusesweep {

// Prints the place and what did not hold, then aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* what);

}  // namespace fusesweep

#define FUSESWEEP_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::fusesweep::check_failed(__FILE__, __LINE__, #condition))

// For the end of a switch that names every enumerator.
#define FUSESWEEP_UNREACHABLE() \
  ::fusesweep::check_failed(__FILE__, __LINE__, "this is never reached")
