#include "harness/measure/benchmark_document.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

namespace fusesweep {
namespace {

// A round and the block that it is of.
struct PlacedRound {
  int block = 0;
  const ArmRound* round = nullptr;
};

std::vector<PlacedRound> rounds_of(const std::vector<Block>& blocks, std::size_t arm) {
  std::vector<PlacedRound> rounds;
  for (const Block& block : blocks) {
    for (const ArmRound& round : block.rounds) {
      if (round.arm == arm) rounds.push_back({block.number, &round});
    }
  }
  std::sort(rounds.begin(), rounds.end(), [](const PlacedRound& a, const PlacedRound& b) {
    return std::pair(a.block, a.round->round) < std::pair(b.block, b.round->round);
  });
  return rounds;
}

void add_counters(Json& entry, const ArmRound& round) {
  const auto add = [&](const char* name, const std::optional<std::int64_t>& value) {
    if (value) entry[name] = *value;
  };
  const RunCounters& counters = round.result.decode_counters;
  add("prefill_ns", round.result.prefill_ns);
  add("involuntary_switches", counters.involuntary_switches);
  add("minor_faults", counters.minor_faults);
  add("major_faults", counters.major_faults);
  add("migrations", counters.migrations);
  add("steal_ns", counters.steal_ns);
  add("frequency_hz", counters.frequency_hz);
  add("thermal_state", counters.thermal_state);
  add("low_power_mode", counters.low_power_mode);
}

}  // namespace

Json benchmark_context(const MachineFacts& facts, std::chrono::system_clock::time_point date) {
  Json context = Json::object();
  context["date"] = fmt::format("{:%Y-%m-%dT%H:%M:%S}+00:00",
                                fmt::gmtime(std::chrono::system_clock::to_time_t(date)));
  context["executable"] = "fusesweep";
  if (facts.cpus_online) context["num_cpus"] = *facts.cpus_online;
  if (facts.frequency_hz)
    context["mhz_per_cpu"] = std::llround(static_cast<double>(*facts.frequency_hz) / 1e6);
  if (!facts.governors.empty()) {
    context["cpu_scaling_enabled"] =
        std::any_of(facts.governors.begin(), facts.governors.end(),
                    [](const std::string& governor) { return governor != "performance"; });
  }
  context["caches"] = Json::array();  // not looked at
  context["load_avg"] = Json::array();
  if (facts.load_average) context["load_avg"].push_back(*facts.load_average);
  return context;
}

Json merge_benchmarks(const std::vector<Block>& blocks, const std::vector<std::string>& arms,
                      std::string_view workload, Json context) {
  Json document = {{"context", std::move(context)}, {"benchmarks", Json::array()}};
  for (std::size_t arm = 0; arm < arms.size(); ++arm) {
    const std::string name = fmt::format("{}/{}/manual_time", workload, arms[arm]);
    const std::vector<PlacedRound> rounds = rounds_of(blocks, arm);
    for (std::size_t i = 0; i < rounds.size(); ++i) {
      const auto& [block, round] = rounds[i];
      const double token_ns = typical_token_ns(round->result);
      Json entry = {{"name", name},
                    {"family_index", arm},
                    {"per_family_instance_index", 0},
                    {"run_name", name},
                    {"run_type", "iteration"},
                    {"repetitions", rounds.size()},
                    {"repetition_index", i},
                    {"threads", 1},
                    {"iterations", 1},
                    {"real_time", token_ns},
                    {"cpu_time", static_cast<double>(round->waiting_cpu_ns)},
                    {"time_unit", "ns"},
                    {"block", block},
                    {"round", round->round},
                    {"position", round->position},
                    {"tok_per_s", 1e9 / token_ns}};
      add_counters(entry, *round);
      document["benchmarks"].push_back(std::move(entry));
    }
  }
  return document;
}

}  // namespace fusesweep
