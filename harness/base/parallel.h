// Splits independent work over threads.
#pragma once

#include <cstddef>
#include <functional>

namespace fusesweep {

// How many threads this process may run at once, at least 1.
int available_threads();

// Calls work(begin, end) on pieces that together cover [0, count) once, from `threads` threads at
// most (the caller's is one of them), and returns when all are done. Results must not depend on how
// the range was cut.  REQUIRES: threads >= 1.
void parallel_for(std::size_t count, int threads,
                  const std::function<void(std::size_t begin, std::size_t end)>& work);

}  // namespace fusesweep
