#include "runners/stack/port_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace fusesweep {
namespace {

constexpr std::uint64_t kMaxTokens = 65536;
// Of the rotary tables, which are made when shards are loaded: 1.4 million positions of 48 pairs.
constexpr std::uint64_t kMaxAngles = 1 << 26;

std::uint64_t wide(int n) { return static_cast<std::uint64_t>(n); }

const TensorType* find_type(const std::vector<NamedType>& names, std::string_view name) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const NamedType& n) { return n.name == name; });
  return found == names.end() ? nullptr : &found->type;
}

std::string found_text(const TensorType* type) {
  return type == nullptr ? "nothing" : to_text(*type);
}

using Ports = std::vector<std::pair<std::string_view, TensorType>>;

Result<void> check_types(const std::vector<NamedType>& found, const Ports& wanted,
                         std::string_view where) {
  for (const auto& [name, type] : wanted) {
    const TensorType* port = find_type(found, name);
    if (port == nullptr || *port != type)
      return invalid_input(
          fmt::format("{}: {}: found {}, want {}", where, name, found_text(port), to_text(type)));
  }
  return {};
}

}  // namespace

Result<PortPlan> plan_ports(const ShardPorts& ports, const ShardKind& kind,
                            const Contract& contract, std::string_view where) {
  PortPlan plan{.is_head = std::holds_alternative<HeadSlice>(kind)};
  const TensorType* x = find_type(ports.inputs, plan.input());
  if (x == nullptr || x->shape.size() != 4 || x->shape[2] < 1 || x->shape[2] > kMaxTokens)
    return invalid_input(fmt::format("{}: {}: found {}, want fp16[1,{},T,1]", where, plan.input(),
                                     found_text(x), contract.d_model));
  const std::uint64_t tokens = x->shape[2];
  plan.tokens = static_cast<int>(tokens);
  Ports inputs = {{plan.input(), {DataType::kFp16, {1, wide(contract.d_model), tokens, 1}}}};
  std::uint64_t rows = wide(contract.d_model);
  if (const auto* slice = std::get_if<HeadSlice>(&kind)) {
    rows = wide(slice->vocab_end - slice->vocab_begin);
  } else {
    const TensorType* mask = find_type(ports.inputs, "attn_mask");
    const std::uint64_t context =
        mask == nullptr || mask->shape.size() != 4 ? 0 : mask->shape.back();
    const std::uint64_t pairs = wide(contract.rope_dim) / 2;
    const std::uint64_t most = kMaxAngles / std::max<std::uint64_t>(1, pairs);
    if (context < tokens || context > most) {
      return invalid_input(
          fmt::format("{}: attn_mask: found {}, want fp16[1,1,{},S], S from {} to {}", where,
                      found_text(mask), tokens, tokens, most));
    }
    plan.context = static_cast<int>(context);
    plan.kv_form = find_type(ports.inputs, "pos") != nullptr ? KvForm::kSlice : KvForm::kMask;
    inputs.insert(inputs.end(), {{"rope_cos", {DataType::kFp16, {tokens, pairs}}},
                                 {"rope_sin", {DataType::kFp16, {tokens, pairs}}},
                                 {"attn_mask", {DataType::kFp16, {1, 1, tokens, context}}}});
    if (plan.kv_form == KvForm::kSlice) {
      inputs.push_back({"pos", {DataType::kInt32, {1}}});
    } else {
      inputs.push_back({"kv_write_mask", {DataType::kFp16, {1, 1, context, tokens}}});
    }
  }
  plan.rows = static_cast<std::size_t>(rows);
  if (auto fits = check_types(ports.inputs, inputs, where); !fits) return fail(fits.error());
  if (ports.inputs.size() != inputs.size()) {
    return invalid_input(
        fmt::format("{}: found {} inputs, want {}", where, ports.inputs.size(), inputs.size()));
  }
  const Ports outputs = {{plan.output(), {DataType::kFp16, {1, rows, tokens, 1}}}};
  if (auto fits = check_types(ports.outputs, outputs, where); !fits) return fail(fits.error());
  // A cache that is not there would be forgotten from one call to the next.
  const auto* segment = std::get_if<Segment>(&kind);
  const std::size_t states =
      segment == nullptr ? 0 : 2 * static_cast<std::size_t>(segment->layers());
  if (ports.states.size() != states) {
    return invalid_input(
        fmt::format("{}: found {} states, want {}", where, ports.states.size(), states));
  }
  return plan;
}

}  // namespace fusesweep
