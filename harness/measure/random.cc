#include "harness/measure/random.h"

#include <numeric>
#include <utility>

namespace fusesweep {

std::uint64_t SplitMix64::next() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::vector<std::size_t> shuffled_order(std::size_t count,
                                        std::initializer_list<std::uint64_t> key) {
  std::uint64_t seed = 0;
  for (const std::uint64_t part : key) seed = SplitMix64(seed + part).next();
  SplitMix64 random(seed);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = count; left > 1; --left)
    std::swap(order[left - 1], order[random.below(left)]);
  return order;
}

}  // namespace fusesweep
