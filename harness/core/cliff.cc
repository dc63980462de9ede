#include "harness/core/cliff.h"

#include <fmt/format.h>

#include <array>
#include <limits>

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

constexpr int kMostLayers = 1 << 20;

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

constexpr std::array kFailures = {ProbeFailure::kBuild, ProbeFailure::kPlan, ProbeFailure::kRun,
                                  ProbeFailure::kCrash, ProbeFailure::kTimeOut};
constexpr std::array kSurprises = {CliffSurprise::Kind::kFlaky,
                                   CliffSurprise::Kind::kValueDependent,
                                   CliffSurprise::Kind::kNotMonotone};
constexpr std::array kQuantities = {CliffExplanation::Quantity::kWeightBytes,
                                    CliffExplanation::Quantity::kOperations,
                                    CliffExplanation::Quantity::kLength};

// The one of these that to_text() gives the field's text for.
template <typename Word, std::size_t count>
Word read_word(const JsonField& field, const std::array<Word, count>& words) {
  const std::string text = field.text();
  for (const Word word : words) {
    if (to_text(word) == text) return word;
  }
  field.reject(text, fmt::format("a word such as {}", to_text(words.front())));
  return words.front();
}

int read_length(const JsonField& field) { return static_cast<int>(field.integer(0, kMostLayers)); }

std::uint64_t read_size(const JsonField& field) {
  return static_cast<std::uint64_t>(field.integer(0, std::numeric_limits<std::int64_t>::max()));
}

Segment read_pair(const JsonField& field) {
  const std::vector<JsonField> ends = field.items();
  if (ends.size() != 2) {
    field.reject(fmt::format("{} numbers", ends.size()), "2");
    return {};
  }
  return {read_length(ends[0]), read_length(ends[1])};
}

CliffEdge read_edge(const JsonField& field) {
  return {read_length(field.at("last_resident")), read_length(field.at("first_not_resident"))};
}

ProbeAnswer read_answer(const JsonField& field) {
  ProbeAnswer answer;
  answer.probe = {read_pair(field.at("segment")), read_length(field.at("attempt"))};
  answer.is_recorded = field.at("recorded").boolean();
  if (const auto resident = field.find("resident")) answer.is_resident = resident->boolean();
  if (const auto failure = field.find("failure")) answer.failure = read_word(*failure, kFailures);
  answer.weight_bytes = read_size(field.at("weight_bytes"));
  if (const auto operations = field.find("operations")) answer.operations = read_size(*operations);
  answer.reason = field.at("reason").text();
  if (const auto wrong = field.find("wrong")) answer.wrong = wrong->text();
  return answer;
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

CliffResult read_cliff_result(const JsonField& field) {
  CliffResult result;
  if (const auto edge = field.find("edge")) result.edge = read_edge(*edge);
  if (const auto edge = field.find("lower_edge")) result.lower_edge = read_edge(*edge);
  result.is_confirmed = field.at("confirmed").boolean();
  for (const JsonField& length : field.at("not_recorded").items())
    result.not_recorded.push_back(read_length(length));
  if (const auto failure = field.find("first_failure")) {
    result.first_failure = read_word(*failure, kFailures);
  }
  for (const JsonField& surprise : field.at("surprises").items()) {
    result.surprises.push_back({.kind = read_word(surprise.at("kind"), kSurprises),
                                .resident = read_pair(surprise.at("resident")),
                                .not_resident = read_pair(surprise.at("not_resident"))});
  }
  for (const JsonField& explanation : field.at("explanations").items()) {
    result.explanations.push_back(
        {.quantity = read_word(explanation.at("quantity"), kQuantities),
         .resident_most = read_size(explanation.at("resident_most")),
         .not_resident_least = read_size(explanation.at("not_resident_least"))});
  }
  if (const auto next = field.find("next")) result.next = read_pair(*next);
  for (const JsonField& answer : field.at("answers").items())
    result.answers.push_back(read_answer(answer));
  return result;
}

}  // namespace fusesweep
