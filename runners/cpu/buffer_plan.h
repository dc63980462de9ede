// Where the tensors of a program lie while it runs: decided once, when it is loaded. Operations that
// only give a tensor another shape, or take a contiguous part of it, cost nothing: their output is a
// place in their input. Memory of tensors that nobody needs any more is used again.
//
// In memory, fp16 tensors are floats, but states and what is read of them in place, which are fp16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runners/cpu/cache_update.h"
#include "runners/mlprogram/program.h"

namespace fusesweep {

// Something with memory of its own: an input, a state, or the outputs of operations one after the
// other.
struct Block {
  enum class Kind { kInput, kState, kScratch } kind = Kind::kScratch;
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;  // in the memory of its kind
  std::size_t first = 0;     // operation that writes it (scratch)
  std::size_t last = 0;      // operation that uses it last (scratch)
};

struct PlacedTensor {
  std::size_t block = 0;
  std::uint64_t offset = 0;  // in the block
  TensorType type;
  bool is_alias = false;  // nothing has to be done to get it
  bool is_half = false;   // fp16 in memory: a state
};

struct BufferPlan {
  std::vector<Block> blocks;
  std::map<std::string, PlacedTensor, std::less<>> tensors;  // but constants and states
  std::map<std::string, PlacedTensor, std::less<>> states;
  std::uint64_t input_bytes = 0;
  std::uint64_t state_bytes = 0;
  std::uint64_t scratch_bytes = 0;
};

// REQUIRES: check_types accepts the program. `updates` are those that will be done in place.
BufferPlan plan_buffers(const Program& program, const std::map<std::size_t, CacheUpdate>& updates);

// Bytes in memory while the program runs, states apart.  REQUIRES: fp16 or int32.
std::uint64_t memory_bytes(const TensorType& type);

}  // namespace fusesweep
