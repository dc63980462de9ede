// HugeMemory: room for the weights of one program, on pages of 2 MiB where the system gives them:
// weights are read from end to end for every token, and with small pages the address translation
// takes a part of the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "harness/base/result.h"

namespace fusesweep {

class HugeMemory {
 public:
  // Zeroed. The error says how much was wanted.
  static Result<HugeMemory> create(std::uint64_t bytes);

  HugeMemory() = default;
  HugeMemory(HugeMemory&& other) noexcept;
  HugeMemory& operator=(HugeMemory&& other) noexcept;
  ~HugeMemory();

  // The next so many bytes, at a multiple of 64.  REQUIRES: they are within what was asked for, each
  // piece counted as a multiple of 64.
  std::span<std::byte> take(std::uint64_t bytes);

 private:
  explicit HugeMemory(std::span<std::byte> memory) : memory_(memory) {}

  std::span<std::byte> memory_;
  std::uint64_t taken_ = 0;
};

// Of this machine; absent where the system does not tell.
std::optional<std::uint64_t> physical_memory_bytes();

// Bytes that a piece takes up.
constexpr std::uint64_t with_padding(std::uint64_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace fusesweep
