#include "runners/model/gguf_contract.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
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
  nano.quantization = "F32";
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

TEST(ReadContract, TokenIdsAreTakenWhereTheyAreStated) {
  EXPECT_EQ(contract_of({})->bos_token_id, std::nullopt);
  const Contract stated = *contract_of(
      {.also = {{"tokenizer.ggml.bos_token_id", 3}, {"tokenizer.ggml.eos_token_id", 9}}});
  EXPECT_EQ(stated.bos_token_id, 3);
  EXPECT_EQ(stated.eos_token_id, 9);
  EXPECT_FALSE(contract_of({.also = {{"tokenizer.ggml.eos_token_id", 64}}}));
}

// The contract that file_that_states has, as a profile.
Contract stated_profile() {
  Contract profile = *known_model("nano");
  profile.vocab_size = 64;
  profile.rope_freq_base = 20000;
  profile.rms_norm_eps = 0.5;
  return profile;
}

// Without the tensors, which this small file does not have.
std::vector<std::string> contract_lines(const Stated& stated, const Contract& profile) {
  const GgufBytes file = file_that_states(stated);
  const GgufFile parsed = *GgufFile::parse(file.bytes(), "m.gguf");
  std::vector<std::string> lines;
  for (const auto& [field, key, found, wanted] : compare_with_profile(parsed, profile)) {
    if (!field.empty()) lines.push_back(fmt::format("{} {}: {} but {}", field, key, found, wanted));
  }
  return lines;
}

TEST(CompareWithProfile, NamesEveryFieldThatDiffersByItsKey) {
  EXPECT_THAT(contract_lines({}, stated_profile()), testing::IsEmpty());

  Contract profile = stated_profile();
  profile.rope_dim = 32;
  profile.max_seq_len = 4096;
  profile.tied_embeddings = false;
  EXPECT_THAT(contract_lines({}, profile),
              testing::ElementsAre("rope_dim phi3.rope.dimension_count: 48 but 32",
                                   "max_seq_len phi3.context_length: 512 but 4096",
                                   "tied_embeddings tensor 'output.weight': true but false"));
}

TEST(CompareWithProfile, AMissingRopeDimIsADifferenceAmongTheOthers) {
  Contract profile = stated_profile();
  profile.d_ff = 2048;
  EXPECT_THAT(contract_lines({.without = "phi3.rope.dimension_count"}, profile),
              testing::ElementsAre("rope_dim phi3.rope.dimension_count: nothing but 48",
                                   "d_ff phi3.feed_forward_length: 1024 but 2048"));
}

TEST(CompareWithProfile, RotaryFactorsAreComparedOneByOne) {
  const Stated scaled{.long_factors = true, .short_factors = true};
  EXPECT_THAT(contract_lines(scaled, stated_profile()),
              testing::Contains("rope_scaling.attention_factor phi3.rope.scaling.attn_factor: 1.25 "
                                "but nothing"));
  Contract profile = *contract_of(scaled);
  profile.rope_scaling->long_factors[7] = 2;
  EXPECT_THAT(contract_lines(scaled, profile),
              testing::ElementsAre("rope_scaling.long_factors[7] tensor "
                                   "'rope_factors_long.weight'[7]: 1 but 2"));
}

TEST(CompareWithProfile, AnotherArchitectureIsTheOnlyDifferenceThatIsTold) {
  EXPECT_THAT(contract_lines({.architecture = "llama"}, stated_profile()),
              testing::ElementsAre("architecture general.architecture: 'llama' but 'phi3' (others "
                                   "are not supported yet)"));
}

TEST(CompareWithProfile, ATensorThatIsMissingOrOfAnotherShapeIsNamed) {
  const GgufBytes file = file_that_states({});
  const GgufFile parsed = *GgufFile::parse(file.bytes(), "m.gguf");
  Contract profile = stated_profile();
  const auto missing = compare_with_profile(parsed, profile);
  ASSERT_EQ(missing.size(), 6U * 32 + 1);  // all but the embeddings
  EXPECT_EQ(missing[1].key, "tensor 'blk.0.attn_qkv.weight'");
  EXPECT_EQ(missing[1].found, "none");
  EXPECT_EQ(missing[1].wanted, "384x640 of a type that can be decoded");

  profile.vocab_size = 65;
  const auto narrow = compare_with_profile(parsed, profile);
  EXPECT_EQ(narrow[0].field, "vocab_size");
  EXPECT_EQ(narrow[0].found, "64");
}

}  // namespace
}  // namespace fusesweep
