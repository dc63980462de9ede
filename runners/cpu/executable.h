// Executable: an ML Program loaded for this machine. Weights are bound, every operation has its
// implementation, every tensor its place; running it allocates nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/placement.h"
#include "runners/cpu/buffer_plan.h"
#include "runners/cpu/huge_memory.h"
#include "runners/cpu/kernels.h"
#include "runners/cpu/thread_pool.h"
#include "runners/mlprogram/package.h"
#include "runners/stack/placement_sum.h"

namespace fusesweep {

struct ExecutionChoice {
  const Kernels* kernels = nullptr;  // the best of this machine; ref_kernels() when it has none
  // Weights in convolutions beyond which the whole graph is placed on ref: the rule of the emulated
  // accelerator.
  std::uint64_t residency_limit_bytes = std::uint64_t{2} << 30;
};

// Where each operation would run. An operation that no implementation fits has the place "none".
// What runs is the same.
Placement plan_placement(const Package& package, const ExecutionChoice& choice);

class Executable {
 public:
  Executable();  // of nothing, until one is moved into it
  Executable(Executable&& other) noexcept;
  Executable& operator=(Executable&& other) noexcept;
  ~Executable();

  // Errors: an operation or a type that no implementation fits, by name; not enough memory.
  // The pool must outlive the executable; the package is not needed afterwards.
  static Result<Executable> load(const Package& package, const ExecutionChoice& choice,
                                 ThreadPool& pool);

  // What goes in and comes out, as the types say.  REQUIRES: the program has it.
  std::span<std::byte> input(std::string_view name) { return named(inputs_, name); }
  std::span<std::byte> output(std::string_view name) { return named(outputs_, name); }

  // Errors: what only running tells, such as a cache position past the end.
  Result<void> run();

  // All states zero and nothing run, as after loading.
  void reset();

  // Adds the operations that have run since, as they were loaded.
  void add_run(PlacementSum& sum) const;

  std::uint64_t weight_bytes() const { return weight_bytes_; }  // in convolutions

 private:
  struct Work;
  static Result<Executable> load_all(const Package& package, const ExecutionChoice& choice,
                                     ThreadPool& pool);
  using Names = std::map<std::string, std::span<std::byte>, std::less<>>;
  static std::span<std::byte> named(const Names& names, std::string_view name);

  std::unique_ptr<Work> work_;
  Names inputs_;
  Names outputs_;
  std::uint64_t weight_bytes_ = 0;
};

}  // namespace fusesweep
