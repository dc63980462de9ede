#include "harness/core/verdict.h"

#include <utility>

#include "harness/base/check.h"

namespace fusesweep {

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

}  // namespace fusesweep
