// Walks over tensors of several dimensions as runs of contiguous elements, for operations that
// broadcast, transpose, slice or repeat.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fusesweep {

// One dimension: how many steps, and how far each moves in the (up to two) inputs, in elements. The
// output is walked through in order.
struct WalkDimension {
  std::size_t size = 1;
  std::array<std::ptrdiff_t, 2> step{};
};

class Walk {
 public:
  // Outermost dimension first. Dimensions that can be walked as one are joined.
  explicit Walk(std::vector<WalkDimension> dimensions) {
    for (const WalkDimension& dimension : dimensions) {
      if (dimension.size == 1) continue;
      const auto size = static_cast<std::ptrdiff_t>(dimension.size);
      if (!dimensions_.empty() && dimensions_.back().step[0] == dimension.step[0] * size &&
          dimensions_.back().step[1] == dimension.step[1] * size) {
        dimensions_.back() = {dimensions_.back().size * dimension.size, dimension.step};
      } else {
        dimensions_.push_back(dimension);
      }
    }
    if (!dimensions_.empty()) {
      run_ = dimensions_.back();
      dimensions_.pop_back();
    }
    index_.resize(dimensions_.size());
  }

  const WalkDimension& run() const { return run_; }  // the innermost dimension
  bool is_one_run() const { return dimensions_.empty(); }

  // Calls visit(first, second, out) with the offset where each run begins.
  template <typename Visit>
  void for_each_run(const Visit& visit) {
    std::ptrdiff_t first = 0;
    std::ptrdiff_t second = 0;
    std::size_t out = 0;
    for (;;) {
      visit(first, second, out);
      out += run_.size;
      std::size_t d = dimensions_.size();
      for (;;) {
        if (d == 0) return;
        const WalkDimension& dimension = dimensions_[--d];
        first += dimension.step[0];
        second += dimension.step[1];
        if (++index_[d] < dimension.size) break;
        first -= dimension.step[0] * static_cast<std::ptrdiff_t>(dimension.size);
        second -= dimension.step[1] * static_cast<std::ptrdiff_t>(dimension.size);
        index_[d] = 0;
      }
    }
  }

 private:
  std::vector<WalkDimension> dimensions_;  // but the innermost
  WalkDimension run_;
  std::vector<std::size_t> index_;  // all zero between walks
};

// Steps of a row-major tensor; 0 where a dimension is 1.
inline std::vector<std::ptrdiff_t> steps_of(const std::vector<std::uint64_t>& shape) {
  std::vector<std::ptrdiff_t> steps(shape.size());
  std::ptrdiff_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    steps[i] = shape[i] == 1 ? 0 : step;
    step *= static_cast<std::ptrdiff_t>(shape[i]);
  }
  return steps;
}

}  // namespace fusesweep
