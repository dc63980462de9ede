#include "harness/core/cliff.h"

#include <fmt/format.h>

#include "harness/base/check.h"

namespace fusesweep {

std::string_view to_text(ProbeFailure failure) {
  switch (failure) {
    case ProbeFailure::kBuild:
      return "build";
    case ProbeFailure::kPlan:
      return "plan";
    case ProbeFailure::kRun:
      return "run";
    case ProbeFailure::kCrash:
      return "crash";
    case ProbeFailure::kTimeOut:
      return "time-out";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string_view to_text(CliffSurprise::Kind kind) {
  switch (kind) {
    case CliffSurprise::Kind::kFlaky:
      return "flaky";
    case CliffSurprise::Kind::kValueDependent:
      return "value-dependent";
    case CliffSurprise::Kind::kNotMonotone:
      return "not monotone";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string_view to_text(CliffExplanation::Quantity quantity) {
  switch (quantity) {
    case CliffExplanation::Quantity::kWeightBytes:
      return "weight bytes";
    case CliffExplanation::Quantity::kOperations:
      return "operations";
    case CliffExplanation::Quantity::kLength:
      return "length";
  }
  FUSESWEEP_UNREACHABLE();
}

namespace {

template <typename T, typename ToJson>
Json or_null(const std::optional<T>& value, ToJson as_json) {
  return value ? Json(as_json(*value)) : Json(nullptr);
}

Json pair_of(const Segment& segment) { return Json::array({segment.begin, segment.end}); }

Json to_json(const CliffEdge& edge) {
  return {{"last_resident", edge.last_resident}, {"first_not_resident", edge.first_not_resident}};
}

Json to_json(const ProbeAnswer& answer) {
  const auto same = [](const auto& value) { return value; };
  return {{"segment", pair_of(answer.probe.segment)},
          {"attempt", answer.probe.attempt},
          {"recorded", answer.is_recorded},
          {"resident", answer.is_recorded ? Json(answer.is_resident) : Json(nullptr)},
          {"failure", or_null(answer.failure, [](ProbeFailure f) { return to_text(f); })},
          {"weight_bytes", answer.weight_bytes},
          {"operations", or_null(answer.operations, same)},
          {"reason", answer.reason},
          {"wrong", or_null(answer.wrong, same)}};
}

}  // namespace

std::string in_words(const CliffResult& result, int n_layers) {
  if (!result.edge) return "no length is known: there is no cliff to speak of";
  const auto [last, first] = *result.edge;
  const char* confirmed = result.is_confirmed ? ", confirmed" : "";
  if (last == 0) return fmt::format("no front shard is resident, not even [0,1){}", confirmed);
  if (first > n_layers) {
    return fmt::format("no cliff: [0,{}) is resident, all {} layers of it{}", last, n_layers,
                       confirmed);
  }
  return fmt::format("the cliff: [0,{}) is resident, [0,{}) is not{}", last, first, confirmed);
}

Json to_json(const CliffResult& result) {
  const auto edge_json = [](const CliffEdge& edge) { return to_json(edge); };
  Json json = {
      {"edge", or_null(result.edge, edge_json)},
      {"lower_edge", or_null(result.lower_edge, edge_json)},
      {"confirmed", result.is_confirmed},
      {"not_recorded", result.not_recorded},
      {"first_failure", or_null(result.first_failure, [](ProbeFailure f) { return to_text(f); })},
      {"surprises", Json::array()},
      {"explanations", Json::array()},
      {"next", or_null(result.next, pair_of)},
      {"answers", Json::array()}};
  for (const CliffSurprise& surprise : result.surprises) {
    json["surprises"].push_back({{"kind", to_text(surprise.kind)},
                                 {"resident", pair_of(surprise.resident)},
                                 {"not_resident", pair_of(surprise.not_resident)}});
  }
  for (const CliffExplanation& explanation : result.explanations) {
    json["explanations"].push_back({{"quantity", to_text(explanation.quantity)},
                                    {"resident_most", explanation.resident_most},
                                    {"not_resident_least", explanation.not_resident_least}});
  }
  for (const ProbeAnswer& answer : result.answers) json["answers"].push_back(to_json(answer));
  return json;
}

}  // namespace fusesweep
