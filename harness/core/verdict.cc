#include "harness/core/verdict.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::array kOutcomes = {GateOutcome::kPass, GateOutcome::kFail, GateOutcome::kNotRun,
                                  GateOutcome::kNotEnoughData};

}  // namespace

std::string_view to_text(GateOutcome outcome) {
  switch (outcome) {
    case GateOutcome::kPass:
      return "pass";
    case GateOutcome::kFail:
      return "fail";
    case GateOutcome::kNotRun:
      return "not run";
    case GateOutcome::kNotEnoughData:
      return "not enough data";
  }
  FUSESWEEP_UNREACHABLE();
}

Json to_json(const GateVerdict& verdict) {
  const auto or_null = [](const std::optional<double>& x) { return x ? Json(*x) : Json(nullptr); };
  Json figures = Json::array();
  for (const GateFigure& figure : verdict.figures) {
    figures.push_back({{"metric", figure.name},
                       {"value", or_null(figure.value)},
                       {"at_least", or_null(figure.at_least)},
                       {"at_most", or_null(figure.at_most)}});
  }
  return {{"gate", verdict.gate},
          {"outcome", to_text(verdict.outcome)},
          {"reason", verdict.reason},
          {"figures", std::move(figures)}};
}

GateVerdict read_gate_verdict(const JsonField& field) {
  GateVerdict verdict{.gate = field.at("gate").text(), .reason = field.at("reason").text()};
  const std::string outcome = field.at("outcome").text();
  const auto known = std::find_if(kOutcomes.begin(), kOutcomes.end(),
                                  [&](GateOutcome one) { return to_text(one) == outcome; });
  if (known == kOutcomes.end()) {
    field.at("outcome").reject(quote(outcome), "the outcome of a gate");
    return verdict;
  }
  verdict.outcome = *known;
  constexpr double kMost = std::numeric_limits<double>::max();
  const auto number = [](const JsonField& of, std::string_view key) {
    const std::optional<JsonField> value = of.find(key);
    return value ? std::optional(value->number(-kMost, kMost)) : std::nullopt;
  };
  for (const JsonField& figure : field.at("figures").items()) {
    verdict.figures.push_back({.name = figure.at("metric").text(),
                               .value = number(figure, "value"),
                               .at_least = number(figure, "at_least"),
                               .at_most = number(figure, "at_most")});
  }
  return verdict;
}

}  // namespace fusesweep
