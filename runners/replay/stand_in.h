// What the replay runner leaves where others leave an artifact: the folder
// <artifacts>/<identity hash> with recorded.json, which says which shard it stands for and that
// nothing was built. It has no artifact.json on purpose: a builder that wants the same shard then
// builds it in its place, and nothing that lists or exports artifacts takes it for one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "harness/core/shard_identity.h"

namespace fusesweep {

struct StandIn {
  std::filesystem::path folder;
  ShardIdentity identity;
  Contract contract;  // the identity's
  std::uint64_t bytes = 0;
  std::string content_hash;
};

// Makes the folder, or adopts what is there: a stand-in, or a shard that somebody built.  Errors:
// an identity that is not whole, a contract that is not the identity's, a full disk.
Result<StandIn> make_stand_in(const ShardIdentity& identity, const Contract& contract,
                              const std::filesystem::path& artifacts);

// Reads a folder that make_stand_in answered with, taken for hostile.
Result<StandIn> read_stand_in(const std::filesystem::path& folder);

}  // namespace fusesweep
