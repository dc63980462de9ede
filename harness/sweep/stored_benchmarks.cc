#include "harness/sweep/stored_benchmarks.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "harness/measure/benchmark_document.h"
#include "harness/sweep/stored_words.h"

namespace fusesweep {
namespace {

// Those that the verdicts come from; others were given up, and measured again without the arm that failed.
Result<std::vector<std::string>> trials_of(const Store& store, const StoredSweep& sweep) {
  const auto named = sweep.answer.find("trials");
  if (named == sweep.answer.end() || !named->is_array()) return store.trials_of(sweep.id);
  std::vector<std::string> trials;
  for (const Json& name : *named) {
    if (name.is_string()) trials.push_back(name.get<std::string>());
  }
  return trials;
}

// Adds the entries of another trial behind those that are there.
void append(Json& document, Json trial) {
  Json& entries = document["benchmarks"];
  const std::int64_t families =
      entries.empty() ? 0 : entries.back()["family_index"].get<std::int64_t>() + 1;
  for (Json& entry : trial["benchmarks"]) {
    entry["family_index"] = entry["family_index"].get<std::int64_t>() + families;
    entries.push_back(std::move(entry));
  }
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
      if (times_of_steps(cell.token_ns, cell.sum).empty()) continue;
      auto arm = std::find(arms.begin(), arms.end(), cell.arm);
      if (arm == arms.end()) arm = arms.insert(arms.end(), cell.arm);
      ArmRound round{.arm = static_cast<std::size_t>(arm - arms.begin()),
                     .round = cell.round,
                     .position = cell.position};
      round.result.prefill_ns = cell.prefill_ns;
      round.result.token_ns = cell.token_ns;
      round.result.sum = cell.sum;
      round.result.decode_counters = counters_of(cell.counters);
      block.rounds.push_back(std::move(round));
    }
    measured.push_back(std::move(block));
  }
  return merge_benchmarks(measured, arms, workload, std::move(context));
}

Result<std::optional<Json>> sweep_benchmarks(const Store& store, const StoredSweep& sweep) {
  const Result<std::vector<std::string>> trials = trials_of(store, sweep);
  if (!trials) return fail(trials.error());
  const Result<std::optional<RunRow>> run = store.find_run(sweep.run);
  if (!run) return fail(run.error());
  Json context = *run ? benchmark_context_of(**run) : Json::object();
  context["sweep"] = to_text(sweep.id);
  context["trials"] = *trials;
  Json document = {{"context", std::move(context)}, {"benchmarks", Json::array()}};
  for (std::size_t i = 0; i < trials->size(); ++i) {
    const Result<std::vector<BlockRow>> blocks = store.blocks_of(sweep.id, (*trials)[i]);
    if (!blocks) return fail(blocks.error());
    const std::string workload =
        trials->size() == 1 ? std::string("decode") : fmt::format("decode/trial{}", i + 1);
    append(document, benchmark_document_of(*blocks, workload, Json::object()));
  }
  if (document["benchmarks"].empty()) return std::nullopt;
  return std::optional(std::move(document));
}

}  // namespace fusesweep
