#include "harness/sweep/sweep_answer.h"

namespace fusesweep {
namespace {

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json to_json(const std::optional<Interval>& interval) {
  return interval ? Json::array({interval->low, interval->high}) : Json(nullptr);
}

Json to_json(const std::vector<GroupTime>& groups) {
  Json json = Json::array();
  for (const GroupTime& group : groups)
    json.push_back({{"group", group.group}, {"ms_per_token", group.ms_per_token}});
  return json;
}

Json to_json(const Gated& gated) {
  Json verdicts = Json::array();
  for (const GateVerdict& verdict : gated.verdicts) verdicts.push_back(to_json(verdict));
  return {{"kind", gated.subject.kind},
          {"key", gated.subject.key},
          {"text", gated.subject.text},
          {"verdicts", std::move(verdicts)}};
}

Json to_json(const ArmFigures& figures) {
  return {{"tok_per_s", figures.tok_per_s},
          {"ms_per_token", figures.ms_per_token},
          {"ttft_ms", or_null(figures.ttft_ms)},
          {"load_ms", or_null(figures.load_ms)},
          {"activation_ms", or_null(figures.activation_ms)},
          {"groups", to_json(figures.groups)}};
}

Json to_json(const CandidateAnswer& answer) {
  const Candidate& candidate = answer.candidate;
  Json json = {{"name", answer.name},
               {"split", to_text(candidate.split)},
               {"tokens", candidate.shape.tokens},
               {"context", candidate.shape.context},
               {"encoding", to_text(candidate.shape.encoding)},
               {"kv", to_text(candidate.shape.kv_form)},
               {"head_shards", candidate.head_shards},
               {"qualified", answer.standing == Standing::kQualified},
               {"standing", to_text(answer.standing)},
               {"reason", answer.reason.empty() ? Json(nullptr) : Json(answer.reason)}};
  if (answer.figures) {
    json.update(to_json(*answer.figures));
  } else {
    json["tok_per_s"] = nullptr;
    json["groups"] = Json::array();
  }
  if (answer.comparison) {
    json["verdict"] = to_text(answer.comparison->outcome);
    json["size_rel"] = or_null(answer.comparison->size_rel);
    json["interval"] = to_json(answer.comparison->interval_rel);
    json["equivalence_interval"] = to_json(answer.comparison->equivalence_interval_rel);
  } else {
    json["verdict"] = nullptr;
    json["interval"] = nullptr;
  }
  Json& recorded = json["recorded"] = Json::array();
  for (const RecordedDecode& run : answer.recorded) {
    recorded.push_back(
        {{"tok_per_s", run.tok_per_s}, {"groups", to_json(run.groups)}, {"notes", run.notes}});
  }
  return json;
}

}  // namespace

Json to_json(const SweepAnswer& answer) {
  Json json;
  json["cliff"] = answer.cliff ? to_json(*answer.cliff) : Json(nullptr);
  Json& candidates = json["candidates"] = Json::array();
  for (const CandidateAnswer& candidate : answer.candidates)
    candidates.push_back(to_json(candidate));
  const auto name_of = [&](std::size_t index) { return answer.candidates[index].name; };
  json["control"] = answer.control ? Json(name_of(*answer.control)) : Json(nullptr);
  json["best"] = answer.ties.size() == 1 ? Json(name_of(answer.ties.front())) : Json(nullptr);
  Json& tie = json["tie"] = answer.ties.size() > 1 ? Json::array() : Json(nullptr);
  for (const std::size_t index : answer.ties) {
    if (answer.ties.size() > 1) tie.push_back(name_of(index));
  }
  json["manifest"] = answer.manifest.empty() ? Json(nullptr) : Json(answer.manifest.string());
  Json& gates = json["gates"] = Json::array();
  for (const Gated& gated : answer.gates) gates.push_back(to_json(gated));
  json["trials"] = answer.trials;
  json["blocks"] = answer.blocks;
  json["wanted_blocks"] = answer.wanted_blocks;
  Json dirt = Json::array();
  if (answer.trial) {
    for (const Dirt& one : answer.trial->dirt) dirt.push_back(to_text(one));
  }
  json["noise"] = {
      {"dirty", answer.trial ? Json(!answer.trial->dirt.empty()) : Json(nullptr)},
      {"dirt", std::move(dirt)},
      {"steal_rel", or_null(answer.noise.steal_rel)},
      {"throttled_rel", or_null(answer.noise.throttled_rel)},
      {"twin_rel", answer.trial ? or_null(answer.trial->twin.size_rel) : Json(nullptr)},
      {"smallest_detectable_rel",
       answer.trial ? or_null(answer.trial->smallest_detectable_rel) : Json(nullptr)}};
  json["work_done"] = answer.work_done;
  json["interrupted"] = answer.is_interrupted;
  return json;
}

}  // namespace fusesweep
