#include "harness/core/contract_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

using testing::HasSubstr;

Result<Contract> read(const Json& json) {
  JsonReader reader(json, "shape.json");
  Contract contract = read_contract(reader.root());
  if (reader.error()) return fail(*reader.error());
  return contract;
}

TEST(ContractJson, EveryKnownModelIsReadBackToTheLastBit) {
  for (const std::string_view name : known_model_names()) {
    const Contract contract = *known_model(name);
    const Json json = *parse_json(to_text(to_json(contract)), "text");
    EXPECT_EQ(read(json).value(), contract) << name;
  }
}

TEST(ContractJson, FloatsAreShort) {
  EXPECT_THAT(to_text(to_json(*known_model("nano"))), HasSubstr(R"("rms_norm_eps":1e-05,)"));
}

TEST(ContractJson, AMissingOrWrongFieldIsNamed) {
  Json json = to_json(*known_model("nano"));
  json.erase("rope_dim");
  EXPECT_EQ(read(json).error().message, "shape.json.rope_dim: found nothing, want a value");
  json["rope_dim"] = 47;
  EXPECT_EQ(read(json).error().message,
            "shape.json: rope_dim: found 47, want an even number of at most d_head, which is 64");
  json["rope_dim"] = 48;
  json["ropedim"] = 48;
  EXPECT_THAT(read(json).error().message, HasSubstr("found unknown field 'ropedim'"));
}

TEST(ContractJson, OptionalFieldsComeBackAndAreLeftOutWhenAbsent) {
  Contract contract = *known_model("nano");
  EXPECT_FALSE(to_json(contract).contains("quantization"));
  contract.quantization = "Q4_K+Q6_K";
  contract.bos_token_id = 0;
  contract.eos_token_id = 5;
  const Json json = to_json(contract);
  JsonReader reader(json, "contract");
  EXPECT_EQ(read_contract(reader.root()), contract);
  EXPECT_EQ(reader.error(), std::nullopt);
}

}  // namespace
}  // namespace fusesweep
