#include "harness/sweep/stored_benchmarks.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "harness/measure/benchmark_document.h"

namespace fusesweep {
namespace {

RunCounters counters_of(const std::map<std::string, std::int64_t>& stored) {
  RunCounters counters;
  const auto take = [&](const char* name, std::optional<std::int64_t>& to) {
    if (const auto found = stored.find(name); found != stored.end()) to = found->second;
  };
  take("involuntary_switches", counters.involuntary_switches);
  take("minor_faults", counters.minor_faults);
  take("major_faults", counters.major_faults);
  take("migrations", counters.migrations);
  take("steal_ns", counters.steal_ns);
  take("frequency_hz", counters.frequency_hz);
  return counters;
}

}  // namespace

Json benchmark_context_of(const RunRow& run) {
  const Provenance& made_by = run.start.provenance;
  MachineFacts facts;
  if (const auto found = made_by.machine.find("cpus_online");
      found != made_by.machine.end() && found->is_number_integer())
    facts.cpus_online = found->get<int>();
  if (const auto found = made_by.machine.find("governors");
      found != made_by.machine.end() && found->is_array()) {
    for (const Json& governor : *found) {
      if (governor.is_string()) facts.governors.push_back(governor.get<std::string>());
    }
  }
  Json context = benchmark_context(
      facts, std::chrono::system_clock::time_point(std::chrono::milliseconds(run.started_unix_ms)));
  if (made_by.host) context["host_name"] = *made_by.host;
  if (made_by.cpu) context["cpu"] = *made_by.cpu;
  context["fusesweep_version"] = made_by.program_version;
  context["library_build_type"] = made_by.build_type == "Release" ? "release" : "debug";
  return context;
}

Json benchmark_document_of(const std::vector<BlockRow>& blocks, std::string_view workload,
                           Json context) {
  std::vector<std::string> arms;
  std::vector<Block> measured;
  for (const BlockRow& row : blocks) {
    Block block{.number = row.block};
    for (const CellRow& cell : row.cells) {
      if (cell.token_ns.empty()) continue;
      auto arm = std::find(arms.begin(), arms.end(), cell.arm);
      if (arm == arms.end()) arm = arms.insert(arms.end(), cell.arm);
      ArmRound round{.arm = static_cast<std::size_t>(arm - arms.begin()),
                     .round = cell.round,
                     .position = cell.position};
      round.result.prefill_ns = cell.prefill_ns;
      round.result.token_ns = cell.token_ns;
      round.result.decode_counters = counters_of(cell.counters);
      block.rounds.push_back(std::move(round));
    }
    measured.push_back(std::move(block));
  }
  return merge_benchmarks(measured, arms, workload, std::move(context));
}

}  // namespace fusesweep
