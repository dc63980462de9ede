#include "harness/base/bytes.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::uint64_t kKibi = 1024;
constexpr std::uint64_t kKilo = 1000;
constexpr auto kUnits = std::to_array<Unit>({
    {"", 1},
    {"B", 1},
    {"KiB", kKibi},
    {"MiB", kKibi* kKibi},
    {"GiB", kKibi* kKibi* kKibi},
    {"TiB", kKibi* kKibi* kKibi* kKibi},
    {"kB", kKilo},
    {"MB", kKilo* kKilo},
    {"GB", kKilo* kKilo* kKilo},
    {"TB", kKilo* kKilo* kKilo* kKilo},
});

}  // namespace

Result<std::uint64_t> parse_bytes(std::string_view text) {
  const Failure no = invalid_input(fmt::format(
      "found {}, want a number of bytes such as 2147483648, 32MiB or 2GiB", quote(text)));
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return no;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.size() > 1 && unit.front() == ' ') unit.remove_prefix(1);
  for (const Unit& known : kUnits) {
    if (known.name != unit) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / known.bytes) return no;
    return number * known.bytes;
  }
  return no;
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr auto kNames = std::to_array<std::string_view>({"KiB", "MiB", "GiB", "TiB"});
  if (bytes < kKibi) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / static_cast<double>(kKibi);
  std::size_t name = 0;
  // 1023.995 would print as 1024.00, which is 1.00 of the next unit.
  while (value >= 1023.995 && name + 1 < kNames.size()) {
    value /= static_cast<double>(kKibi);
    ++name;
  }
  return fmt::format("{:.2f} {}", value, kNames.at(name));
}

}  // namespace fusesweep
