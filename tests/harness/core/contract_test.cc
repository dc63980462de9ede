#include "harness/core/contract.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace fusesweep {
namespace {

TEST(KnownModel, EveryOnePassesItsOwnCheck) {
  for (const std::string_view name : known_model_names()) {
    SCOPED_TRACE(name);
    const Result<Contract> contract = known_model(name);
    ASSERT_TRUE(contract);
    EXPECT_TRUE(check_contract(*contract));
  }
}

TEST(KnownModel, Phi4MiniRotatesThreeQuartersOfEachHead) {
  const Contract phi = *known_model("phi4-mini");
  EXPECT_EQ(phi.rope_dim * 4, phi.d_head * 3);
  EXPECT_EQ(phi.n_heads * phi.d_head, phi.d_model);
}

TEST(KnownModel, Phi4MinisAttentionFactorFollowsFromItsContexts) {
  const Contract phi = *known_model("phi4-mini");
  const double longer =
      static_cast<double>(phi.max_seq_len) / phi.rope_scaling->original_max_seq_len;
  const double factor =
      std::sqrt(1 + std::log(longer) / std::log(phi.rope_scaling->original_max_seq_len));
  EXPECT_FLOAT_EQ(phi.rope_scaling->attention_factor, static_cast<float>(factor));
}

TEST(KnownModel, AnUnknownNameListsTheKnownOnes) {
  EXPECT_EQ(known_model("phi").error().message, "found 'phi', want one of phi4-mini, nano");
}

TEST(CheckContract, NamesTheFieldThatIsWrong) {
  const struct {
    const char* name;
    std::function<void(Contract&)> spoil;
    const char* message;
  } rows[] = {
      {"no layers", [](Contract& c) { c.n_layers = 0; },
       "n_layers: found 0, want an integer from 1 to 512"},
      {"too many layers", [](Contract& c) { c.n_layers = 513; },
       "n_layers: found 513, want an integer from 1 to 512"},
      {"negative", [](Contract& c) { c.d_ff = -8; },
       "d_ff: found -8, want an integer from 1 to 131072"},
      {"heads in no groups", [](Contract& c) { c.n_kv_heads = 4; },
       "n_heads: found 6, want a multiple of n_kv_heads, which is 4"},
      {"attention wider than any", [](Contract& c) { c.n_heads = 131072; },
       "n_heads: found 131072 of d_head 64, want a product of at most 131072"},
      {"odd rotation", [](Contract& c) { c.rope_dim = 47; },
       "rope_dim: found 47, want an even number of at most d_head, which is 64"},
      {"rotation beyond the head", [](Contract& c) { c.rope_dim = 66; },
       "rope_dim: found 66, want an even number of at most d_head, which is 64"},
      {"rotation not given", [](Contract& c) { c.rope_dim = 0; },
       "rope_dim: found 0, want an integer from 1 to 131072"},
      {"base not a number",
       [](Contract& c) { c.rope_freq_base = std::numeric_limits<float>::quiet_NaN(); },
       "rope_freq_base: found nan, want a positive number"},
      {"base infinite",
       [](Contract& c) { c.rope_freq_base = std::numeric_limits<float>::infinity(); },
       "rope_freq_base: found inf, want a positive number"},
      {"negative epsilon", [](Contract& c) { c.rms_norm_eps = -1; },
       "rms_norm_eps: found -1, want a number of at least 0"},
      {"no original context", [](Contract& c) { c.rope_scaling->original_max_seq_len = 0; },
       "rope_scaling.original_max_seq_len: found 0, want an integer from 1 to 134217728"},
      {"no attention", [](Contract& c) { c.rope_scaling->attention_factor = 0; },
       "rope_scaling.attention_factor: found 0, want a positive number"},
      {"a factor too few", [](Contract& c) { c.rope_scaling->long_factors.pop_back(); },
       "rope_scaling: found 23 factors, want rope_dim / 2, which is 24"},
      {"a factor of zero", [](Contract& c) { c.rope_scaling->short_factors[3] = 0; },
       "rope_scaling: found the factor 0, want a positive number"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Contract contract = *known_model("nano");
    const std::vector<float> ones(24, 1.0F);
    contract.rope_scaling = {
        .original_max_seq_len = 256, .short_factors = ones, .long_factors = ones};
    ASSERT_TRUE(check_contract(contract));
    row.spoil(contract);
    const Result<void> checked = check_contract(contract);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().message, row.message);
  }
}

TEST(CompareContracts, NamesWhatDiffers) {
  const Contract nano = *known_model("nano");
  EXPECT_TRUE(compare_contracts(nano, nano).empty());
  Contract other = nano;
  other.rope_dim = 64;
  other.rms_norm_eps = 1e-6F;
  EXPECT_EQ(compare_contracts(other, nano),
            (std::vector<ContractDifference>{{"rope_dim", "64", "48"},
                                             {"rms_norm_eps", "1e-06", "1e-05"}}));
}

TEST(CompareContracts, WhatAProfileLeavesOpenIsNotCompared) {
  const Contract nano = *known_model("nano");
  Contract file = nano;
  file.quantization = "Q8_0";
  file.eos_token_id = 7;
  EXPECT_TRUE(compare_contracts(file, nano).empty());
  EXPECT_EQ(compare_contracts(nano, file),
            (std::vector<ContractDifference>{{"quantization", "nothing", "'Q8_0'"},
                                             {"eos_token_id", "nothing", "7"}}));
}

}  // namespace
}  // namespace fusesweep
