// The flags that say which form of a shard is meant, the same for every command that takes them.
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"

namespace fusesweep {

// An identity with tokens, context, encoding and kv_form filled in; errors name the flag.
Result<ShardIdentity> read_shard_arguments(const std::string& tokens, const std::string& context,
                                           const std::string& encoding, const std::string& kv_form);

// --segment A:B, such as "0:16" for the layers 0 to 15; errors name the flag.
Result<Segment> read_segment(const std::string& text, const Contract& contract);

// --head-shards N, and the slices of a head cut into so many; errors name the flag.
Result<int> read_head_shards(const std::string& count);
Result<std::vector<HeadSlice>> read_head_slices(const std::string& count, const Contract& contract);

}  // namespace fusesweep
