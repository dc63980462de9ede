// A model that is built in no time: the phi3 architecture with every dimension as small as it gets.
#pragma once

#include <filesystem>

#include "harness/base/check.h"
#include "harness/base/clock.h"
#include "runners/model/synthetic_model.h"

namespace fusesweep {

inline Contract small_contract() {
  Contract contract = *known_model("nano");
  contract.n_layers = 3;
  contract.d_model = 32;
  contract.n_heads = 2;
  contract.n_kv_heads = 1;
  contract.d_head = 16;
  contract.rope_dim = 8;
  contract.d_ff = 64;
  contract.vocab_size = 48;
  contract.max_seq_len = 64;
  return contract;
}

inline void write_small_model(const std::filesystem::path& path, std::uint64_t seed = 1,
                              const Contract& contract = small_contract()) {
  const SystemClock clock;
  Progress progress({}, clock);
  FUSESWEEP_CHECK(write_synthetic_model(
      {.name = "small", .contract = contract, .type = SyntheticType::kQ8_0, .seed = seed}, path,
      progress));
}

// The same with room for so many positions.
inline void write_small_model_of(const std::filesystem::path& path, int positions) {
  Contract contract = small_contract();
  contract.max_seq_len = positions;
  write_small_model(path, 1, contract);
}

}  // namespace fusesweep
