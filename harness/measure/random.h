// Random numbers and orders that a seed fixes on every machine, which the standard library's
// distributions and std::shuffle do not. For prompts and for the order of measuring; not for secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace fusesweep {

// SplitMix64 (Steele, Lea, Flood 2014).
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  // 0 to bound-1. Its remainders prefer small numbers by less than bound / 2^64: nothing that could be
  // seen.  REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

// 0 to count-1, each once, in an order that the key fixes (Fisher-Yates); keys that differ in any
// part, or in the order of their parts, give orders that have nothing to do with each other.
std::vector<std::size_t> shuffled_order(std::size_t count,
                                        std::initializer_list<std::uint64_t> key);

}  // namespace fusesweep
