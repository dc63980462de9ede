// What the host must feed to a shard, told from the shard's inputs, outputs and states: whoever built
// it, it drops in only if these are what harness/docs/MLPROGRAM.md lists.
#pragma once

#include <cstddef>
#include <string_view>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"
#include "runners/stack/shard_executor.h"

namespace fusesweep {

struct PortPlan {
  bool is_head = false;
  KvForm kv_form = KvForm::kMask;  // which of kv_write_mask and pos is fed
  std::size_t rows = 0;            // of the output: d_model, or the slice of the vocabulary
  int tokens = 0;                  // a call
  int context = 0;                 // positions of the cache; 0 for heads

  const char* input() const { return is_head ? "hidden" : "x"; }
  const char* output() const { return is_head ? "logits" : "hidden"; }

  bool operator==(const PortPlan&) const = default;
};

// The error says which port is not as the model wants it; `where` begins it.
Result<PortPlan> plan_ports(const ShardPorts& ports, const ShardKind& kind,
                            const Contract& contract, std::string_view where);

}  // namespace fusesweep
