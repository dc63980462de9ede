#include "harness/gate/gate_limits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

Json as_json(const std::optional<double>& limit) { return limit ? Json(*limit) : Json(nullptr); }

Json to_json(const GoldenLimits& limits) {
  return {{"cosine_at_least", as_json(limits.cosine_at_least)},
          {"per_token_cosine_at_least", as_json(limits.per_token_cosine_at_least)},
          {"relative_l2_at_most", as_json(limits.relative_l2_at_most)}};
}

// A member that is there sets the limit, and one that is null takes it away.
void read_limit(const JsonField& field, const char* name, double low, double high,
                std::optional<double>& limit) {
  for (const auto& [key, member] : field.members()) {
    if (key != name) continue;
    const bool is_null = member.json().is_null();
    limit = is_null ? std::nullopt : std::optional(member.number(low, high));
  }
}

void read_golden(const JsonField& field, const char* name, GoldenLimits& limits) {
  const std::optional<JsonField> member = field.find(name);
  if (!member) return;
  member->allow_only({"cosine_at_least", "per_token_cosine_at_least", "relative_l2_at_most"});
  const double most = std::numeric_limits<float>::max();
  read_limit(*member, "cosine_at_least", -1, 1, limits.cosine_at_least);
  read_limit(*member, "per_token_cosine_at_least", -1, 1, limits.per_token_cosine_at_least);
  read_limit(*member, "relative_l2_at_most", 0, most, limits.relative_l2_at_most);
}

// What may be done without: the rest tells whether the shard runs where it should, and what it answers.
constexpr std::string_view kMayBeMissing[] = {"contract",       "weights",      "golden-fidelity",
                                              "golden-quality", "block-parity", "error-budget"};

void read_accepted(const JsonField& field, GateLimits& limits) {
  const std::optional<JsonField> member = field.find("accept_not_run");
  if (!member) return;
  for (const JsonField& item : member->items()) {
    const std::string gate = item.text();
    if (std::find(std::begin(kMayBeMissing), std::end(kMayBeMissing), gate) ==
        std::end(kMayBeMissing)) {
      item.reject(quote(gate), fmt::format("one of {}", fmt::join(kMayBeMissing, ", ")));
    }
    limits.accept_not_run.insert(gate);
  }
}

}  // namespace

bool hinders(const GateVerdict& verdict, const GateLimits& limits) {
  if (verdict.outcome == GateOutcome::kPass) return false;
  return verdict.outcome != GateOutcome::kNotRun || !limits.accept_not_run.contains(verdict.gate);
}

GateLimits default_limits(std::string_view device_kind) {
  GateLimits limits;
  if (device_kind == "ane") {
    limits.fidelity = {.relative_l2_at_most = 6e-2};
    limits.block_parity = {.per_token_cosine_at_least = 0.98};
  }
  return limits;
}

Json to_json(const GateLimits& limits) {
  Json json = {{"fidelity", to_json(limits.fidelity)},
               {"quality", to_json(limits.quality)},
               {"block_parity", to_json(limits.block_parity)},
               {"full_stack",
                {{"cosine_at_least", limits.full_stack.cosine_at_least},
                 {"margin_per_rmse", limits.full_stack.margin_per_rmse}}},
               {"foreign_weight_steps", limits.foreign_weight_steps},
               {"floor_gb_per_s", as_json(limits.floor_gb_per_s)}};
  // Stored hashes of limits without it stay.
  if (!limits.accept_not_run.empty()) json["accept_not_run"] = limits.accept_not_run;
  return json;
}

GateLimits read_gate_limits(const JsonField& field, const GateLimits& defaults) {
  GateLimits limits = defaults;
  field.allow_only({"fidelity", "quality", "block_parity", "full_stack", "foreign_weight_steps",
                    "floor_gb_per_s", "accept_not_run"});
  read_golden(field, "fidelity", limits.fidelity);
  read_golden(field, "quality", limits.quality);
  read_golden(field, "block_parity", limits.block_parity);
  if (const std::optional<JsonField> full_stack = field.find("full_stack")) {
    full_stack->allow_only({"cosine_at_least", "margin_per_rmse"});
    if (const auto cosine = full_stack->find("cosine_at_least"))
      limits.full_stack.cosine_at_least = cosine->number(-1, 1);
    if (const auto margin = full_stack->find("margin_per_rmse"))
      limits.full_stack.margin_per_rmse = margin->number(0, 1e6);
  }
  if (const auto steps = field.find("foreign_weight_steps"))
    limits.foreign_weight_steps = steps->number(0, 255);
  read_limit(field, "floor_gb_per_s", 0, 1e6, limits.floor_gb_per_s);
  read_accepted(field, limits);
  return limits;
}

}  // namespace fusesweep
