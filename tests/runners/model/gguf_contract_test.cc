#include "runners/model/gguf_contract.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/gguf_bytes.h"

namespace fusesweep {
namespace {

Result<Contract> contract_of(const Stated& stated) {
  const GgufBytes file = file_that_states(stated);
  return read_contract(*GgufFile::parse(file.bytes(), "m.gguf"));
}

TEST(ReadContract, TakesEveryFieldFromTheFile) {
  Contract nano = *known_model("nano");
  nano.rms_norm_eps = 0.5;
  const Result<Contract> contract = contract_of({});
  ASSERT_TRUE(contract) << contract.error().message;
  EXPECT_EQ(*contract, nano);
}

TEST(ReadContract, AnOutputMatrixMeansThatEmbeddingsAreNotTied) {
  EXPECT_FALSE(contract_of({.output = true})->tied_embeddings);
}

TEST(ReadContract, TakesBothListsOfRotaryFactorsOrNone) {
  EXPECT_FALSE(contract_of({})->rope_scaling);
  const std::vector<float> ones(24, 1.0F);
  const Result<Contract> both = contract_of({.long_factors = true, .short_factors = true});
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(both->rope_scaling, (RopeScaling{256, 1.25F, ones, ones}));
  EXPECT_EQ(contract_of({.long_factors = true}).error().message,
            "m.gguf: tensor 'rope_factors_short.weight': found none, want a vector of numbers");
}

TEST(ReadContract, AMissingRopeDimIsAnErrorAndNeverDHead) {
  EXPECT_EQ(contract_of({.rope_dim = false}).error().message,
            "m.gguf: phi3.rope.dimension_count: found nothing, want an integer");
}

TEST(ReadContract, AnotherArchitectureIsRefusedByName) {
  EXPECT_EQ(
      contract_of({.architecture = "llama"}).error().message,
      "m.gguf: general.architecture: found 'llama', want 'phi3' (others are not supported yet)");
  EXPECT_EQ(
      read_contract(*GgufFile::parse(GgufBytes().header(0, 0).bytes(), "m.gguf")).error().message,
      "m.gguf: general.architecture: found nothing, want 'phi3' (others are not supported yet)");
}

TEST(ReadContract, WhatDoesNotFitTogetherIsAnError) {
  EXPECT_EQ(contract_of({.n_heads = 5}).error().message,
            "m.gguf: n_heads: found 5, want a multiple of n_kv_heads, which is 2");
  EXPECT_EQ(contract_of({.n_heads = 0}).error().message,
            "m.gguf: n_heads: found 0, want an integer from 1 to 262144");
  EXPECT_EQ(
      contract_of({.n_heads = 4000000000}).error().message,
      "m.gguf: phi3.attention.head_count: found 4000000000, want an integer from 0 to 2147483647");
}

}  // namespace
}  // namespace fusesweep
