#include "harness/base/parallel.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "harness/base/check.h"

namespace fusesweep {

int available_threads() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

void parallel_for(std::size_t count, int threads,
                  const std::function<void(std::size_t, std::size_t)>& work) {
  FUSESWEEP_CHECK(threads >= 1);
  const std::size_t pieces = std::min(count, static_cast<std::size_t>(threads));
  if (pieces == 0) return;
  const auto piece_begin = [&](std::size_t piece) { return count * piece / pieces; };
  std::vector<std::jthread> others;
  others.reserve(pieces - 1);
  for (std::size_t piece = 1; piece < pieces; ++piece) {
    others.emplace_back(
        [&work, begin = piece_begin(piece), end = piece_begin(piece + 1)] { work(begin, end); });
  }
  work(0, piece_begin(1));
}

}  // namespace fusesweep
