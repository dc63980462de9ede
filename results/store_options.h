// How a store is opened. A header of its own, because the database below the store speaks of it too.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace fusesweep {

enum class Access { kRead, kWrite };

struct StoreOptions {
  std::chrono::milliseconds busy_timeout{10'000};  // how long to wait for another process to write
  std::optional<std::uint32_t>
      max_pages;  // of 4 KiB: beyond them the store takes the disk for full
};

}  // namespace fusesweep
