#include "harness/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace fusesweep {

void check_failed(const char* file, int line, const char* what) {
  // No allocation here: the heap may be what is broken.
  std::fprintf(stderr, "fusesweep: bug at %s:%d: this does not hold: %s\n", file, line, what);
  std::abort();
}

}  // namespace fusesweep
