#include "harness/sweep/stored_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/base/hash.h"
#include "harness/base/json.h"

namespace fusesweep {
namespace {

struct NamedCounter {
  const char* name;
  std::optional<std::int64_t> RunCounters::*member;
};

constexpr NamedCounter kCounters[] = {
    {"involuntary_switches", &RunCounters::involuntary_switches},
    {"minor_faults", &RunCounters::minor_faults},
    {"major_faults", &RunCounters::major_faults},
    {"migrations", &RunCounters::migrations},
    {"steal_ns", &RunCounters::steal_ns},
    {"frequency_hz", &RunCounters::frequency_hz},
    {"anonymous_bytes", &RunCounters::anonymous_bytes},
    {"thermal_state", &RunCounters::thermal_state},
    {"low_power_mode", &RunCounters::low_power_mode},
};

std::string key_of(const std::vector<ShardIdentity>& shards) {
  std::string hashes;
  for (const ShardIdentity& shard : shards) hashes += hash_of(shard);
  return to_hex(hash128(hashes));
}

}  // namespace

std::string display_name(const ShardKind& kind) {
  if (const auto* segment = std::get_if<Segment>(&kind)) return to_text(*segment);
  const auto* slice = std::get_if<HeadSlice>(&kind);
  return slice != nullptr && slice->of == 1 ? "head" : to_text(kind);
}

RunnerRow row_of(const RunnerDescription& description) {
  return {.name = description.name,
          .version = description.version,
          .device = description.device,
          .device_kind = description.device_kind,
          .evidence = description.evidence == Evidence::kRecorded ? "recorded" : "measured",
          .emulated = description.emulated,
          .toolchain = description.toolchain};
}

std::map<std::string, std::int64_t> row_of(const RunCounters& counters) {
  std::map<std::string, std::int64_t> row;
  for (const auto& [name, member] : kCounters) {
    if (counters.*member) row[name] = *(counters.*member);
  }
  return row;
}

RunCounters counters_of(const std::map<std::string, std::int64_t>& stored) {
  RunCounters counters;
  for (const auto& [name, member] : kCounters) {
    if (const auto found = stored.find(name); found != stored.end())
      counters.*member = found->second;
  }
  return counters;
}

ModelRow row_of(const RunnableModel& model) {
  return {.hash = model.hash, .name = model.name, .contract = model.contract};
}

Conditions conditions_of(const RunnerDescription& description, const RunnerOptions& options) {
  return conditions_of(description, options, default_limits(description.device_kind));
}

Conditions conditions_of(const RunnerDescription& description, const RunnerOptions& options,
                         const GateLimits& limits) {
  Json counting = {
      {"residency_limit_bytes",
       options.residency_limit_bytes ? Json(*options.residency_limit_bytes) : Json(nullptr)},
      {"own", options.own}};
  if (limits != default_limits(description.device_kind)) counting["limits"] = to_json(limits);
  return {.runner = fingerprint_of(row_of(description)),
          .options_hash = to_hex(hash128(to_text(counting)))};
}

Subject subject_of(const RunnableModel& model) {
  return {.kind = "model", .key = model.hash, .text = model.name};
}

Subject subject_of(const ShardIdentity& shard) {
  return {.kind = "shard", .key = hash_of(shard), .text = display_name(shard.kind)};
}

Subject subject_of(const Split& split, const std::vector<ShardIdentity>& shards) {
  return {.kind = "split", .key = key_of(shards), .text = to_text(split)};
}

ContentHashes contents_of(const std::vector<ShardIdentity>& shards, const PreparedSplit& prepared) {
  ContentHashes content;
  for (std::size_t i = 0; i < std::min(shards.size(), prepared.shards.size()); ++i)
    content[hash_of(shards[i])] = prepared.shards[i].content_hash;
  return content;
}

std::string content_of(const std::vector<ShardIdentity>& shards, const ContentHashes& content) {
  std::string hashes;
  for (const ShardIdentity& shard : shards) {
    const auto found = content.find(hash_of(shard));
    if (found == content.end()) return {};
    hashes += found->second;
  }
  return to_hex(hash128(hashes));
}

Subject chain_of(const std::vector<ShardIdentity>& shards) {
  return {.kind = "chain",
          .key = key_of(shards),
          .text = fmt::format("to {}", display_name(shards.back().kind))};
}

}  // namespace fusesweep
