// Turns one operation of a program into the step that runs it: which kernels, on which memory, in
// which chunks. Everything is decided here, once; a step only runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "runners/cpu/bound_weights.h"
#include "runners/cpu/buffer_plan.h"
#include "runners/cpu/cache_update.h"
#include "runners/cpu/huge_memory.h"
#include "runners/cpu/kernels.h"
#include "runners/cpu/thread_pool.h"
#include "runners/cpu/walk.h"

namespace fusesweep {

using Step = std::function<void()>;

// States, which may be those of several programs.
struct StateMemory {
  HugeMemory memory;
  std::span<std::byte> bytes;
  bool poisoned = false;  // a value that is not finite reached a cache in this session
};

// What steps work on, beside the tensors of the plan.
struct StepMemory {
  HugeMemory weights;
  HugeMemory inputs;
  HugeMemory scratch;
  std::span<std::byte> input_bytes;
  StateMemory* states = nullptr;  // its own, or another program's
  std::span<std::byte> scratch_bytes;
  std::deque<std::vector<float>> float_constants;
  std::deque<std::vector<std::byte>> integer_constants;
  std::deque<std::vector<float>> row_scales;
  std::deque<ThreadPool::Work> shared_work;  // which steps refer to
  std::vector<std::int16_t> rounded;         // activations of the convolution at work
  std::vector<float> token_scales;
  std::vector<float> token_floats;
  std::vector<float> columns;  // gathered for a reduction, or a row of a cache
  std::string failure;         // of the run in hand; empty when all is well
};

struct ChosenStep {
  std::string place;  // "vector", "ref", "none"
  std::string implementation;
  std::string reason;  // why it is not on "vector"; empty when it is
  Step step;           // empty when there is nothing to do
  std::optional<std::size_t> done_with = std::nullopt;  // the operation whose step does it too
};

class StepMaker {
 public:
  // Everything must outlive the maker, and the memory and the pool the steps too. Without memory, steps
  // are chosen and not made.
  StepMaker(const Package& package, const BufferPlan& plan, const Kernels& kernels,
            const std::map<std::size_t, CacheUpdate>& updates, StepMemory* memory,
            ThreadPool* pool);

  // The step of an operation that computes. "none" says in `reason` what does not fit.
  ChosenStep make(std::size_t index);

 private:
  struct Operand {
    TensorType type;
    std::byte* bytes = nullptr;
    bool is_half = false;  // else floats, or int32

    const std::vector<std::uint64_t>& shape() const { return type.shape; }
    std::size_t count() const { return element_count(type.shape); }
    float* floats() const { return reinterpret_cast<float*>(bytes); }
    std::uint16_t* halves() const { return reinterpret_cast<std::uint16_t*>(bytes); }
    std::int32_t* integers() const { return reinterpret_cast<std::int32_t*>(bytes); }
  };
  using Chosen = Result<ChosenStep>;

  const Operation& operation() const { return *operation_; }
  Operand operand(const Argument& argument);
  Operand operand(const char* parameter);
  Operand output(std::size_t index = 0);
  Operand state(const std::string& name);
  Operand located(const PlacedTensor& tensor);
  bool is_alias() const;
  bool is_residual_sum() const;
  std::vector<std::int64_t> integers(const char* parameter) const;
  float number(const char* parameter) const;
  bool flag(const char* parameter) const;

  std::string place() const;  // of everything that has an implementation
  ChosenStep kernel(std::string_view name, Step step) const;
  ChosenStep copy(Step step) const;
  ChosenStep share(std::string_view name, std::size_t chunks, ThreadPool::Work work,
                   Step before = {});

  Chosen make_any();
  Chosen make_convolution();
  Chosen make_unary(UnaryKind kind);
  Chosen make_binary(BinaryKind kind);
  Chosen make_reduction(ReduceKind kind, bool is_mean);
  Chosen make_softmax();
  Chosen make_matmul();
  Chosen make_concat();
  Chosen make_reshape();
  Chosen make_split();
  Chosen make_slice_update();
  Chosen make_walked_copy(std::vector<WalkDimension> dimensions, std::ptrdiff_t begin);
  Chosen make_transpose();
  Chosen make_tile();
  Chosen make_slice();
  Chosen make_read_state();
  Chosen make_write_state();
  Chosen make_masked_update(const CacheUpdate& update);

  const Package& package_;
  const Program& program_;
  const BufferPlan& plan_;
  const Kernels& kernels_;
  const std::map<std::size_t, CacheUpdate>& updates_;
  StepMemory* memory_;  // null: only choose
  ThreadPool* pool_;
  Constants constants_;
  std::map<std::string_view, const Operation*> sources_;  // const and constexpr, by output
  std::map<std::string_view, const Operation*> makers_;   // all operations, by output
  std::map<const Value*, std::byte*> placed_constants_;
  std::map<std::size_t, std::size_t> parts_;        // of mask updates: done with the update
  std::map<std::size_t, std::size_t> done_writes_;  // done with an update in place
  const Operation* operation_ = nullptr;
  std::size_t index_ = 0;
};

}  // namespace fusesweep
