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
  nano.vocab_size = 64;
  nano.rope_freq_base = 20000;
  nano.rms_norm_eps = 0.5;
  const Result<Contract> contract = contract_of({});
  ASSERT_TRUE(contract) << contract.error().message;
  EXPECT_EQ(*contract, nano);
}

TEST(ReadContract, WithoutAKeyValueCountEveryHeadHasItsOwn) {
  EXPECT_EQ(contract_of({.without = "phi3.attention.head_count_kv"})->n_kv_heads, 6);
}

TEST(ReadContract, AStatedHeadSizeIsTaken) {
  EXPECT_EQ(contract_of({.also = {{"phi3.attention.key_length", 96}}})->d_head, 96);
  EXPECT_EQ(contract_of({.n_heads = 10}).error().message,
            "m.gguf: phi3.attention.key_length: found nothing, want it, since 10 heads do not "
            "divide 384");
  EXPECT_EQ(contract_of({.also = {{"phi3.attention.value_length", 32}}}).error().message,
            "m.gguf: phi3.attention.value_length: found 32, want 64 as the keys have");
}

TEST(ReadContract, EveryOtherKeyMustBeThere) {
  for (const char* key : {"phi3.block_count", "phi3.embedding_length", "phi3.attention.head_count",
                          "phi3.feed_forward_length", "phi3.context_length", "phi3.rope.freq_base",
                          "phi3.attention.layer_norm_rms_epsilon", "phi3.rope.dimension_count"}) {
    const Result<Contract> contract = contract_of({.without = key});
    ASSERT_FALSE(contract) << key;
    EXPECT_EQ(
        contract.error().message.rfind(std::string("m.gguf: ") + key + ": found nothing, want", 0),
        0U)
        << contract.error().message;
  }
}

TEST(ReadContract, EmbeddingsHaveTheModelsWidth) {
  EXPECT_EQ(
      contract_of({.embedding_columns = 383}).error().message,
      "m.gguf: tensor 'token_embd.weight': found the shape 383x64, want a matrix with 384 columns");
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
  EXPECT_EQ(contract_of({.without = "phi3.rope.dimension_count"}).error().message,
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
  EXPECT_EQ(contract_of({.n_heads = 3}).error().message,
            "m.gguf: n_heads: found 3, want a multiple of n_kv_heads, which is 2");
  EXPECT_EQ(
      contract_of({.n_heads = 4000000000}).error().message,
      "m.gguf: phi3.attention.head_count: found 4000000000, want an integer from 0 to 2147483647");
}

}  // namespace
}  // namespace fusesweep
