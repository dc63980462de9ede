// Any bytes, cut into a model file and a weight file, either are refused or are a package that can be
// placed, and, when it is small, executed: with the same bits on the plain loops and on vectors.
// Seeds: as package_fuzz.cc has them.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "runners/mlprogram/package.h"
#include "tests/fuzz/execution.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::uint32_t length = 0;
  if (size < sizeof length) return 0;
  std::memcpy(&length, bytes, sizeof length);
  const auto input = std::as_bytes(std::span(bytes, size)).subspan(sizeof length);
  const std::size_t cut = length % (input.size() + 1);
  const fusesweep::Result<fusesweep::Package> package =
      fusesweep::Package::parse(input.first(cut), input.subspan(cut), "input");
  if (package) fusesweep::check_execution(*package);
  return 0;
}
