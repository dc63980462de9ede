#include "reports/sweep_json.h"

#include <string>
#include <utility>

#include "reports/answer_words.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json(nullptr);
}

Json to_json(const std::vector<GroupRow>& groups) {
  Json json = Json::array();
  for (const GroupRow& group : groups)
    json.push_back({{"group", group.group}, {"ms_per_token", group.ms_per_token}});
  return json;
}

Json to_json(const ProcessRow& process) {
  return {{"block", process.block},
          {"tok_per_s", process.tok_per_s},
          {"ttft_ms", or_null(process.ttft_ms)},
          {"load_ms", or_null(process.load_ms)},
          {"activation_ms", or_null(process.activation_ms)}};
}

Json to_json(const SweepRows& sweep, const SplitRow& split) {
  Json json = {{"name", split.name},
               {"split", split.split},
               {"shards", or_null(shards_of(split))},
               {"standing", split.standing},
               {"reason", split.reason.empty() ? Json(nullptr) : Json(split.reason)},
               {"control", split.is_control},
               {"tied", split.is_tied},
               {"tok_per_s", or_null(split.tok_per_s)},
               {"tok_per_s_interval", to_json(tok_per_s_interval(sweep, split))},
               {"ms_per_token", or_null(split.ms_per_token)},
               {"ttft_ms", or_null(split.ttft_ms)},
               {"load_ms", or_null(split.load_ms)},
               {"activation_ms", or_null(split.activation_ms)},
               {"verdict", or_null(split.verdict)},
               {"size_rel", or_null(split.size_rel)},
               {"interval_rel", to_json(split.interval_rel)},
               {"equivalence_interval_rel", to_json(split.equivalence_interval_rel)},
               {"groups", to_json(split.groups)}};
  Json& processes = json["processes"] = Json::array();
  for (const ProcessRow& process : split.processes) processes.push_back(to_json(process));
  Json& recorded = json["recorded"] = Json::array();
  for (const RecordedDecodeRow& run : split.recorded) {
    recorded.push_back(
        {{"tok_per_s", run.tok_per_s}, {"groups", to_json(run.groups)}, {"notes", run.notes}});
  }
  return json;
}

Json to_json(const Provenance& made) {
  return {{"program_version", made.program_version},
          {"git_revision", or_null(made.git_revision)},
          {"git_dirty", or_null(made.git_dirty)},
          {"compiler", made.compiler},
          {"compiler_flags", made.compiler_flags},
          {"build_type", made.build_type},
          {"host", or_null(made.host)},
          {"cpu", or_null(made.cpu)},
          {"os", or_null(made.os)},
          {"kernel", or_null(made.kernel)},
          {"machine", made.machine}};
}

Json to_json(const RunnerRow& runner) {
  return {{"name", runner.name},          {"version", runner.version},
          {"device", runner.device},      {"device_kind", runner.device_kind},
          {"evidence", runner.evidence},  {"emulated", runner.emulated},
          {"toolchain", runner.toolchain}};
}

Json noise_json(const SweepRows& sweep) {
  Json json = {{"dirt", sweep.dirt},
               {"blocks", sweep.blocks},
               {"wanted_blocks", sweep.wanted_blocks},
               {"steal_rel", or_null(sweep.steal_rel)},
               {"throttled_rel", or_null(sweep.throttled_rel)},
               {"twin_rel", or_null(sweep.twin_rel)},
               {"smallest_detectable_rel", or_null(sweep.smallest_detectable_rel)}};
  Json& blocks = json["by_block"] = Json::array();
  for (const BlockNoiseRow& block : sweep.block_noise) {
    blocks.push_back({{"block", block.block},
                      {"began_unix_ms", block.began_unix_ms},
                      {"wall_ns", block.wall_ns},
                      {"noise", block.noise}});
  }
  return json;
}

}  // namespace

Json sweep_json(const SweepRows& sweep, std::int64_t created_unix_ms) {
  Json json = json_document(kSchemaVersion);
  json["sweep"] = to_text(sweep.id);
  json["created_unix_ms"] = created_unix_ms;
  json["started_unix_ms"] = sweep.started_unix_ms;
  json["ended_unix_ms"] = or_null(sweep.ended_unix_ms);
  json["evidence"] = sweep.is_recorded ? "recorded" : "measured";
  json["outcome"] = to_text(outcome_of(sweep));
  json["headline"] = headline(sweep);
  const SplitRow* chosen = chosen_split(sweep);
  json["best"] = or_null(sweep.best);
  json["chosen"] = chosen == nullptr ? Json(nullptr) : Json(chosen->name);
  json["manifest"] = sweep.manifest.empty() ? Json(nullptr) : Json(sweep.manifest);
  json["model"] = sweep.model ? Json{{"name", sweep.model->name},
                                     {"hash", sweep.model->hash},
                                     {"n_layers", sweep.model->contract.n_layers}}
                              : Json(nullptr);
  json["runner"] = sweep.runner ? to_json(*sweep.runner) : Json(nullptr);
  json["cliff"] = sweep.cliff ? to_json(*sweep.cliff) : Json(nullptr);
  Json& gates = json["gates"] = Json::array();
  for (const GateRow& gate : sweep.gates) {
    gates.push_back({{"kind", gate.kind}, {"text", gate.text}, {"verdict", to_json(gate.verdict)}});
  }
  Json& splits = json["splits"] = Json::array();
  for (const SplitRow& split : sweep.splits) splits.push_back(to_json(sweep, split));
  json["noise"] = noise_json(sweep);
  json["selfcheck"] = sweep.selfcheck ? to_json(*sweep.selfcheck) : Json(nullptr);
  json["question"] = sweep.spec;
  json["provenance"] = to_json(sweep.run.start.provenance);
  json["arguments"] = sweep.run.start.arguments;
  return json;
}

}  // namespace fusesweep
