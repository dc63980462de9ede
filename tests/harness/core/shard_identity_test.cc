#include "harness/core/shard_identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace fusesweep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHash(32, 'a');

ShardIdentity layers() {
  return {.model_hash = kHash,
          .contract_hash = std::string(32, 'b'),
          .kind = Segment{4, 20},
          .builder_version = 1,
          .tokens = 4,
          .encoding = Encoding::kShiftScaleChannel,
          .context = 2048,
          .kv_form = KvForm::kSlice};
}

ShardIdentity head() {
  return {.model_hash = kHash,
          .contract_hash = kHash,
          .kind = HeadSlice{10, 20, 3},
          .builder_version = 2,
          .tokens = 1,
          .encoding = Encoding::kFp16};
}

ShardIdentity embedding() {
  return {
      .model_hash = kHash, .contract_hash = kHash, .kind = EmbeddingTable{}, .builder_version = 1};
}

TEST(ShardIdentity, ComesBackFromJson) {
  for (const ShardIdentity& identity : {layers(), head(), embedding()}) {
    const Json json = to_json(identity);
    JsonReader reader(json, "identity");
    EXPECT_EQ(read_shard_identity(reader.root()), identity);
    EXPECT_EQ(reader.error(), std::nullopt);
  }
}

TEST(ShardIdentity, EveryFieldChangesTheHash) {
  std::vector<ShardIdentity> identities(9, layers());
  identities[1].model_hash[5] = 'c';
  identities[2].contract_hash[5] = 'c';
  identities[3].kind = Segment{4, 21};
  identities[4].builder_version = 2;
  identities[5].tokens = 1;
  identities[6].encoding = Encoding::kInt8;
  identities[7].context = 512;
  identities[8].kv_form = KvForm::kMask;
  identities.push_back(head());
  identities.push_back(embedding());
  std::set<std::string> hashes;
  for (const ShardIdentity& identity : identities) hashes.insert(hash_of(identity));
  EXPECT_EQ(hashes.size(), identities.size());
}

TEST(ShardIdentity, WhatDoesNotApplyIsNotPartOfIt) {
  EXPECT_EQ(to_text(to_json(embedding())), "{\"model_hash\":\"" + kHash +
                                               "\",\"contract_hash\":\"" + kHash +
                                               "\",\"kind\":\"embedding\",\"builder_version\":1}");
  ShardIdentity with_context = head();
  with_context.context = 99;
  EXPECT_EQ(hash_of(with_context), hash_of(head()));
}

TEST(ShardIdentity, HostileJsonIsRefusedByName) {
  const struct {
    const char* pointer;
    Json value;
    const char* message;
  } rows[] = {
      {"/model_hash", "xyz", "i.model_hash: found 'xyz', want 32 hexadecimal digits"},
      {"/kind", "table", "i.kind: found 'table', want 'embedding'"},
      {"/kind/layers", {3, 3}, "i.kind.layers[1]: found 3, want an integer from 4"},
      {"/kind/layers", {0, 513}, "i.kind.layers: found 513 layers, want at most 512"},
      {"/kind/layers", {0, 1, 2}, "i.kind.layers: found 3 items, want two"},
      {"/builder_version", -1, "i.builder_version: found -1, want an integer from 0"},
      {"/tokens", 0, "i.tokens: found 0, want an integer from 1"},
      {"/encoding", "int4", "i.encoding: found 'int4'"},
      {"/kv_form", "ring", "i.kv_form: found 'ring', want mask or slice"},
      {"/other", 1, "i: found unknown field 'other'"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    Json json = to_json(layers());
    json[Json::json_pointer(row.pointer)] = row.value;
    JsonReader reader(json, "i");
    read_shard_identity(reader.root());
    ASSERT_TRUE(reader.error());
    EXPECT_THAT(reader.error()->message, HasSubstr(row.message));
  }
}

TEST(HeadSlices, CoverTheVocabularyInEqualPartsButTheLast) {
  Contract contract = *known_model("nano");
  contract.vocab_size = 10;
  EXPECT_THAT(*head_slices(contract, 1), ElementsAre(HeadSlice{0, 10, 1}));
  EXPECT_THAT(*head_slices(contract, 3),
              ElementsAre(HeadSlice{0, 4, 3}, HeadSlice{4, 8, 3}, HeadSlice{8, 10, 3}));
  EXPECT_EQ(head_slices(contract, 10)->size(), 10U);
  for (const int count : {0, -1, 7, 11}) {  // 7 slices of 2 rows would leave two empty
    EXPECT_FALSE(head_slices(contract, count)) << count;
  }
}

}  // namespace
}  // namespace fusesweep
