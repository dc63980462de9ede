#include "runners/cpu/executable.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <new>
#include <set>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "runners/cpu/bound_weights.h"
#include "runners/cpu/cache_update.h"
#include "runners/cpu/operation_steps.h"

namespace fusesweep {
namespace {

// The weights of all convolutions that have constant ones, each counted once.
struct ConvolutionWeights {
  std::uint64_t stored_bytes = 0;
  std::uint64_t bound_bytes = 0;
};

ConvolutionWeights weights_of(const Program& program) {
  const Constants constants(program);
  std::set<const Operation*> counted;
  ConvolutionWeights sum;
  for (const Convolution& convolution : convolutions_of(program)) {
    if (convolution.source == nullptr) continue;
    const WeightForm form = form_of(*convolution.source, constants);
    sum.bound_bytes += with_padding(form.bytes);
    if (counted.insert(convolution.source).second) sum.stored_bytes += form.stored_bytes;
  }
  return sum;
}

// What is decided of a program before any memory is taken.
struct Layout {
  ConvolutionWeights weights;
  const Kernels* kernels = nullptr;
  std::string on_ref;  // why an operation is there, if it is
  std::map<std::size_t, CacheUpdate> updates;
  BufferPlan plan;
};

Layout lay_out(const Program& program, const ExecutionChoice& choice) {
  Layout layout{.weights = weights_of(program)};
  const bool exceeds_limit = layout.weights.stored_bytes > choice.residency_limit_bytes;
  layout.kernels = exceeds_limit ? &ref_kernels() : choice.kernels;
  layout.on_ref =
      exceeds_limit
          ? fmt::format(
                "the weights of the graph are {} bytes, more than the residency limit of {}: "
                "all of it is placed on ref",
                layout.weights.stored_bytes, choice.residency_limit_bytes)
          : "ref was asked for";
  // The plain loops do what the program says, as it says it.
  if (layout.kernels != &ref_kernels()) layout.updates = find_cache_updates(program);
  layout.plan = plan_buffers(program, layout.updates);
  return layout;
}

PlacedOperation placed(const Operation& operation, const ChosenStep& chosen) {
  return {.name = operation.name,
          .type = operation.type,
          .place = chosen.place,
          .implementation = chosen.implementation,
          .is_resident = chosen.place == "vector"};
}

// What an operation was loaded as.
struct LoadedOperation {
  PlacedOperation placed;
  std::size_t done_with = 0;  // the operation whose step does it, by its index in the program
  std::size_t steps = 0;      // it is done once so many steps have run
};

}  // namespace

struct Executable::Work {
  StepMemory memory;
  std::deque<std::vector<std::byte>> ports;
  std::vector<Step> before;
  std::vector<Step> steps;
  std::vector<LoadedOperation> operations;
  std::string on_ref;         // why an operation is there, if it is
  std::size_t steps_run = 0;  // since the last reset, from the first one on
};

Executable::Executable() = default;
Executable::Executable(Executable&& other) noexcept = default;
Executable& Executable::operator=(Executable&& other) noexcept = default;
Executable::~Executable() = default;

Placement plan_placement(const Package& package, const ExecutionChoice& choice) {
  const Program& program = package.model().program;
  const Layout layout = lay_out(program, choice);
  StepMaker maker(package, layout.plan, *layout.kernels, layout.updates, nullptr, nullptr);
  PlacementSum sum;
  for (std::size_t i = 0; i < program.operations.size(); ++i) {
    const Operation& operation = program.operations[i];
    if (!is_compute(operation)) continue;
    const ChosenStep chosen = maker.make(i);
    sum.add(placed(operation, chosen), chosen.reason.empty() ? layout.on_ref : chosen.reason);
  }
  return sum.placement(PlacementEvidence::kPlan);
}

Result<Executable> Executable::load(const Package& package, const ExecutionChoice& choice,
                                    ThreadPool& pool) {
  try {
    return load_all(package, choice, pool);
  } catch (const std::bad_alloc&) {
    return unavailable("not enough memory for the program's constants and activations");
  }
}

Result<Executable> Executable::load_all(const Package& package, const ExecutionChoice& choice,
                                        ThreadPool& pool) {
  const Program& program = package.model().program;
  const Layout layout = lay_out(program, choice);
  Executable executable;
  executable.weight_bytes_ = layout.weights.stored_bytes;
  executable.work_ = std::make_unique<Work>();
  StepMemory& memory = executable.work_->memory;
  const struct {
    HugeMemory& memory;
    std::uint64_t bytes;
    std::span<std::byte>* all;
  } wanted[] = {{memory.weights, layout.weights.bound_bytes, nullptr},
                {memory.inputs, layout.plan.input_bytes, &memory.input_bytes},
                {memory.states, layout.plan.state_bytes, &memory.state_bytes},
                {memory.scratch, layout.plan.scratch_bytes, &memory.scratch_bytes}};
  // The system may promise more than it has, and end the process when all of it is used.
  std::uint64_t together = 0;
  for (const auto& [into, bytes, all] : wanted) together += bytes;
  if (const auto most = physical_memory_bytes(); most && together > *most) {
    return unavailable(
        fmt::format("found a program that takes {} MiB, want at most the {} MiB of memory",
                    together >> 20, *most >> 20));
  }
  for (const auto& [into, bytes, all] : wanted) {
    Result<HugeMemory> created = HugeMemory::create(bytes);
    if (!created) return fail(std::move(created).error());
    into = *std::move(created);
    if (all != nullptr) *all = into.take(bytes);
  }

  StepMaker maker(package, layout.plan, *layout.kernels, layout.updates, &memory, &pool);
  Work& work = *executable.work_;
  work.on_ref = layout.on_ref;
  std::vector<std::size_t> steps_after(program.operations.size());
  for (std::size_t i = 0; i < program.operations.size(); ++i) {
    const Operation& operation = program.operations[i];
    if (!is_compute(operation)) continue;
    ChosenStep chosen = maker.make(i);
    if (chosen.place == "none") {
      return unavailable(
          fmt::format("{} {}: {}", one_line(operation.type), quote(operation.name), chosen.reason));
    }
    work.operations.push_back(
        {.placed = placed(operation, chosen), .done_with = chosen.done_with.value_or(i)});
    if (chosen.step) work.steps.push_back(std::move(chosen.step));
    steps_after[i] = work.steps.size();
  }
  // What needs no step is there once the steps before it have run, and not before anything has.
  for (LoadedOperation& operation : work.operations)
    operation.steps = std::max<std::size_t>(1, steps_after[operation.done_with]);
  // What goes in becomes floats first, and what comes out fp16 last.
  const auto located = [&](const PlacedTensor& tensor) {
    const Block& block = layout.plan.blocks[tensor.block];
    const std::span<std::byte> all =
        block.kind == Block::Kind::kInput ? memory.input_bytes : memory.scratch_bytes;
    return all.subspan(block.offset + tensor.offset, memory_bytes(tensor.type));
  };
  const auto& tensors = layout.plan.tensors;
  const Kernels& k = *layout.kernels;
  const auto port = [&](const TensorType& type) {
    return std::span(work.ports.emplace_back(stored_bytes(type)));
  };
  for (const NamedType& input : program.inputs) {
    const auto tensor = located(tensors.find(input.name)->second);
    if (input.type.element == DataType::kInt32) {
      executable.inputs_[input.name] = tensor;
      continue;
    }
    if (input.type.element != DataType::kFp16)
      return unavailable(fmt::format("input {}: found {}, want fp16 or int32", quote(input.name),
                                     to_text(input.type)));
    const auto halves = executable.inputs_[input.name] = port(input.type);
    work.before.push_back([&k, halves, tensor] {
      k.to_floats(reinterpret_cast<const std::uint16_t*>(halves.data()), halves.size() / 2,
                  reinterpret_cast<float*>(tensor.data()));
    });
  }
  for (const NamedType& output : program.outputs) {
    const auto placed = tensors.find(output.name);
    if (placed == tensors.end() || placed->second.is_half ||
        output.type.element != DataType::kFp16) {
      return unavailable(fmt::format("output {}: found {}, want fp16 that is computed",
                                     quote(output.name), to_text(output.type)));
    }
    const auto tensor = located(placed->second);
    const auto halves = executable.outputs_[output.name] = port(output.type);
    work.steps.push_back([&k, halves, tensor] {
      k.to_halves(reinterpret_cast<const float*>(tensor.data()), halves.size() / 2,
                  reinterpret_cast<std::uint16_t*>(halves.data()));
    });
  }
  return executable;
}

std::span<std::byte> Executable::named(const Names& names, std::string_view name) {
  const auto found = names.find(name);
  FUSESWEEP_CHECK(found != names.end());
  return found->second;
}

Result<void> Executable::run() {
  Work& work = *work_;
  for (const Step& step : work.before) step();
  std::size_t run = 0;
  for (const Step& step : work.steps) {
    step();
    if (!work.memory.failure.empty()) break;
    ++run;
  }
  work.steps_run = std::max(work.steps_run, run);
  if (run == work.steps.size()) return {};
  return invalid_input(std::exchange(work.memory.failure, {}));
}

void Executable::add_run(PlacementSum& sum) const {
  for (const LoadedOperation& operation : work_->operations) {
    if (operation.steps <= work_->steps_run) sum.add(operation.placed, work_->on_ref);
  }
}

void Executable::reset() {
  StepMemory& memory = work_->memory;
  std::fill(memory.state_bytes.begin(), memory.state_bytes.end(), std::byte{0});
  memory.poisoned = false;
  work_->steps_run = 0;
}

}  // namespace fusesweep
