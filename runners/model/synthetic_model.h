// Models that nobody trained: GGUF files of any shape with random weights, so that everything can
// be built, gated and measured without a download. The same request gives the same bytes on any
// machine, with any number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "harness/core/contract.h"

namespace fusesweep {

enum class SyntheticType { kF32, kF16, kQ8_0 };

// "f32", "f16", "q8_0". The error says what was found and wanted; the caller adds where.
Result<SyntheticType> parse_synthetic_type(std::string_view text);

struct SyntheticModel {
  std::string name;  // general.name in the file
  Contract contract;
  SyntheticType type = SyntheticType::kF32;  // of the matrices; vectors are F32 always
  std::uint64_t seed = 1;
  int threads = 1;
  // Whether greedy decoding says the last id again, for ever: a text that drafts are always right about.
  // Everything is computed and costs as much as it does otherwise.
  bool echoes = false;
};

// Writes the file through NewFile; memory does not grow with the model (about 32 MiB).
// Weights are scaled so that the residual stream grows to a root mean square of about 4 over 32
// layers, which keeps fp16 finite, and so that a token's own embedding is small in it, which keeps
// greedy decoding from repeating the token, unless it is to (harness/docs/MODEL.md). Errors: a contract that
// check_contract refuses or whose rows the type cannot store, or a disk that is full.
Result<void> write_synthetic_model(const SyntheticModel& model, const std::filesystem::path& path,
                                   Progress& progress);

}  // namespace fusesweep
