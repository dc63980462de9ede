#include "runners/stack/port_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/small_model.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kContext = 16;

// Of [0,2) of the small model: d_model 32, rope_dim 8.
ShardPorts layer_ports(std::uint64_t tokens, KvForm kv_form) {
  const auto half = [](std::string name, std::vector<std::uint64_t> shape) {
    return NamedType{std::move(name), {DataType::kFp16, std::move(shape)}};
  };
  ShardPorts ports{
      .inputs = {half("x", {1, 32, tokens, 1}), half("rope_cos", {tokens, 4}),
                 half("rope_sin", {tokens, 4}), half("attn_mask", {1, 1, tokens, kContext})},
      .outputs = {half("hidden", {1, 32, tokens, 1})},
      .states = {}};
  if (kv_form == KvForm::kMask) {
    ports.inputs.push_back(half("kv_write_mask", {1, 1, kContext, tokens}));
  } else {
    ports.inputs.push_back({"pos", {DataType::kInt32, {1}}});
  }
  for (const char* name : {"k0", "v0", "k1", "v1"})
    ports.states.push_back(half(name, {1, 1, kContext, 16}));
  return ports;
}

ShardPorts head_ports() {
  return {.inputs = {{"hidden", {DataType::kFp16, {1, 32, 1, 1}}}},
          .outputs = {{"logits", {DataType::kFp16, {1, 24, 1, 1}}}},
          .states = {}};
}

Result<PortPlan> planned(const ShardPorts& ports, const ShardKind& kind = Segment{0, 2}) {
  return plan_ports(ports, kind, small_contract(), "w");
}

TEST(PortPlan, SaysWhatTheHostFeeds) {
  EXPECT_EQ(
      *planned(layer_ports(1, KvForm::kMask)),
      (PortPlan{
          .is_head = false, .kv_form = KvForm::kMask, .rows = 32, .tokens = 1, .context = 16}));
  EXPECT_EQ(
      *planned(layer_ports(4, KvForm::kSlice)),
      (PortPlan{
          .is_head = false, .kv_form = KvForm::kSlice, .rows = 32, .tokens = 4, .context = 16}));
  const Result<PortPlan> head = planned(head_ports(), HeadSlice{24, 48, 2});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(*head, (PortPlan{.is_head = true, .rows = 24, .tokens = 1, .context = 0}));
  EXPECT_STREQ(head->input(), "hidden");
  EXPECT_STREQ(head->output(), "logits");
}

TEST(PortPlan, DoesNotDependOnTheOrder) {
  ShardPorts ports = layer_ports(1, KvForm::kMask);
  std::reverse(ports.inputs.begin(), ports.inputs.end());
  EXPECT_EQ(*planned(ports), *planned(layer_ports(1, KvForm::kMask)));
}

TEST(PortPlan, NamesThePortThatDoesNotFit) {
  const struct {
    const char* said;
    void (*break_it)(ShardPorts&);
  } kRows[] = {
      {"w: x: found nothing, want fp16[1,32,T,1]",
       [](ShardPorts& p) { p.inputs.erase(p.inputs.begin()); }},
      {"w: x: found fp16[1,31,1,1], want fp16[1,32,1,1]",
       [](ShardPorts& p) { p.inputs[0].type.shape[1] = 31; }},
      {"w: x: found fp16[1,32,0,1], want", [](ShardPorts& p) { p.inputs[0].type.shape[2] = 0; }},
      {"w: rope_cos: found fp16[1,3], want fp16[1,4]",
       [](ShardPorts& p) { p.inputs[1].type.shape[1] = 3; }},
      {"w: rope_sin: found int32[1,4]",
       [](ShardPorts& p) { p.inputs[2].type.element = DataType::kInt32; }},
      {"w: attn_mask: found fp16[1,1,1,0], want",
       [](ShardPorts& p) { p.inputs[3].type.shape[3] = 0; }},
      {"w: attn_mask: found fp16[1,1,1,99999999], want",
       [](ShardPorts& p) { p.inputs[3].type.shape[3] = 99999999; }},
      {"w: kv_write_mask: found fp16[1,1,15,1]",
       [](ShardPorts& p) { p.inputs[4].type.shape[2] = 15; }},
      {"w: kv_write_mask: found nothing", [](ShardPorts& p) { p.inputs.pop_back(); }},
      {"w: found 6 inputs, want 5",
       [](ShardPorts& p) {
         p.inputs.push_back({"y", {}});
       }},
      {"w: hidden: found nothing", [](ShardPorts& p) { p.outputs.clear(); }},
      {"w: found 3 states, want 4", [](ShardPorts& p) { p.states.pop_back(); }},
      {"w: found 0 states, want 4", [](ShardPorts& p) { p.states.clear(); }},
  };
  for (const auto& [said, break_it] : kRows) {
    SCOPED_TRACE(said);
    ShardPorts ports = layer_ports(1, KvForm::kMask);
    break_it(ports);
    const Result<PortPlan> plan = planned(ports);
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().message, HasSubstr(said));
  }
  EXPECT_FALSE(planned(head_ports(), HeadSlice{0, 48, 1})) << "another slice's rows";
  EXPECT_FALSE(planned(head_ports())) << "a head is no segment";
}

}  // namespace
}  // namespace fusesweep
