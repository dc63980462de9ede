// ShardExecutor: one shard, loaded by whatever runs it, with its caches and with buffers for what goes
// in and comes out. StackSession drives several of them as a Session; the cpu and the coreml runner
// implement it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "runners/mlprogram/program.h"
#include "runners/stack/placement_sum.h"
#include "runners/stack/stack.h"

namespace fusesweep {

// What a shard takes and gives, as the loaded shard says.
struct ShardPorts {
  std::vector<NamedType> inputs;
  std::vector<NamedType> outputs;
  std::vector<NamedType> states;

  bool operator==(const ShardPorts&) const = default;
};

class ShardExecutor {
 public:
  virtual ~ShardExecutor() = default;

  // The bytes of an input or output, row-major as its type says; they stay where they are.
  // REQUIRES: it is one of the shard's ports.
  virtual std::span<std::byte> port(std::string_view name) = 0;

  // One call: reads the inputs, updates the caches, writes the outputs.
  virtual Result<void> run() = 0;

  // Empties the caches; nothing has run then.
  virtual Result<void> reset() = 0;

  // Adds the operations that have run since; adds none where they are not known.
  virtual void add_run(PlacementSum& sum) const = 0;
};

struct LoadedShard {
  ShardPorts ports;
  std::unique_ptr<ShardExecutor> executor;
};

// Loads the package, or its compiled form. Errors name it.
using LoadShard = std::function<Result<LoadedShard>(const StackedShard& shard)>;

}  // namespace fusesweep
