#include "runners/cpu/huge_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kPage = 2 << 20;

}  // namespace

Result<HugeMemory> HugeMemory::create(std::uint64_t bytes) {
  if (bytes == 0) return HugeMemory();
  const std::uint64_t size = (bytes + kPage - 1) / kPage * kPage;
  // Large mappings are given out at multiples of a large page by systems that have them.
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return unavailable(fmt::format("{} MiB of memory for weights: {}", size >> 20,
                                   std::generic_category().message(errno)));
  }
#ifdef MADV_HUGEPAGE
  ::madvise(memory, size, MADV_HUGEPAGE);  // a wish: without it there are small pages
#endif
  return HugeMemory({static_cast<std::byte*>(memory), size});
}

std::optional<std::uint64_t> physical_memory_bytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

HugeMemory::HugeMemory(HugeMemory&& other) noexcept
    : memory_(std::exchange(other.memory_, {})), taken_(std::exchange(other.taken_, 0)) {}

HugeMemory& HugeMemory::operator=(HugeMemory&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(taken_, other.taken_);
  return *this;
}

HugeMemory::~HugeMemory() {
  if (!memory_.empty()) ::munmap(memory_.data(), memory_.size());
}

std::span<std::byte> HugeMemory::take(std::uint64_t bytes) {
  FUSESWEEP_CHECK(bytes <= memory_.size() - taken_);
  const auto piece = memory_.subspan(taken_, bytes);
  taken_ = std::min<std::uint64_t>(memory_.size(), taken_ + with_padding(bytes));
  return piece;
}

}  // namespace fusesweep
