#include "tests/fuzz/execution.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>

#include "harness/base/check.h"
#include "harness/base/fp16.h"
#include "runners/cpu/executable.h"
#include "runners/cpu/kernels.h"
#include "runners/cpu/thread_pool.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMostElements = 1 << 18;  // of all tensors together

bool is_small(const Program& program) {
  std::uint64_t elements = 0;
  const auto add = [&](const std::vector<NamedType>& names) {
    for (const NamedType& named : names)
      elements += std::min(kMostElements, element_count(named.type.shape));
  };
  add(program.inputs);
  add(program.states);
  for (const Operation& operation : program.operations) add(operation.outputs);
  return elements < kMostElements;
}

// The same for the same call; now and then something that is not finite, and integers that are and are
// not positions in a small cache.
void fill(std::span<std::byte> input, DataType element, std::mt19937& random) {
  std::normal_distribution<float> normal;
  const std::uint32_t kind = random() % 8;
  for (std::size_t at = 0; at + element_bytes(element) <= input.size();
       at += element_bytes(element)) {
    if (element == DataType::kInt32) {
      const auto integer = static_cast<std::int32_t>(random() % 6) - 1;
      std::memcpy(&input[at], &integer, sizeof integer);
      continue;
    }
    float value = normal(random);
    if (kind < 3) value = random() % 4 == 0 ? 1.0F : 0.0F;  // a mask
    if (kind == 3 && random() % 16 == 0) value = -1 / (value * 0.0F);
    const std::uint16_t half = float_to_fp16(value);
    std::memcpy(&input[at], &half, sizeof half);
  }
}

// Bits, but that any NaN is as good as another.
bool agree(std::span<const std::byte> a, std::span<const std::byte> b) {
  for (std::size_t at = 0; at + sizeof(std::uint16_t) <= a.size(); at += sizeof(std::uint16_t)) {
    std::uint16_t halves[2];
    std::memcpy(&halves[0], &a[at], sizeof halves[0]);
    std::memcpy(&halves[1], &b[at], sizeof halves[1]);
    const auto is_nan = [](std::uint16_t half) { return (half & 0x7fff) > 0x7c00; };
    if (halves[0] != halves[1] && !(is_nan(halves[0]) && is_nan(halves[1]))) return false;
  }
  return true;
}

}  // namespace

void check_execution(const Package& package) {
  static ThreadPool pool(1);
  static const Kernels& best = vector_kernels().empty() ? ref_kernels() : vector_kernels().front();
  const Program& program = package.model().program;
  plan_placement(package, {.kernels = &best});
  if (!is_small(program)) return;
  Result<Executable> plain = Executable::load(package, {.kernels = &ref_kernels()}, pool);
  Result<Executable> fast = Executable::load(package, {.kernels = &best}, pool);
  FUSESWEEP_CHECK(plain.has_value() == fast.has_value());
  if (!plain) {
    FUSESWEEP_CHECK(plain.error().message.find('\n') == std::string::npos);
    return;
  }
  std::mt19937 random(1);
  for (int call = 0; call < 4; ++call) {
    for (const auto& [name, type] : program.inputs) {
      const std::span<std::byte> input = plain->input(name);
      fill(input, type.element, random);
      std::memcpy(fast->input(name).data(), input.data(), input.size());
    }
    const Result<void> done = plain->run();
    FUSESWEEP_CHECK(done.has_value() == fast->run().has_value());
    if (!done) {  // what the caches hold then is not said
      plain->reset();
      fast->reset();
      continue;
    }
    for (const NamedType& output : program.outputs)
      FUSESWEEP_CHECK(agree(plain->output(output.name), fast->output(output.name)));
  }
}

}  // namespace fusesweep
