#include "harness/gate/figures.h"

#include <fmt/format.h>

#include <utility>

namespace fusesweep {
namespace {

bool fails(const GateFigure& figure) {
  if (!figure.value) return false;
  return (figure.at_least && !(*figure.value >= *figure.at_least)) ||
         (figure.at_most && !(*figure.value <= *figure.at_most));
}

bool has_limit(const GateFigure& figure) {
  return figure.at_least.has_value() || figure.at_most.has_value();
}

std::string in_words(const GateFigure& figure) {
  return fmt::format("{} {:.6g}, want {} {:.6g}", figure.name, *figure.value,
                     figure.at_least ? "at least" : "at most",
                     figure.at_least ? *figure.at_least : *figure.at_most);
}

}  // namespace

GateFigure shown(std::string_view name, std::optional<double> value) {
  return {
      .name = std::string(name), .value = value, .at_least = std::nullopt, .at_most = std::nullopt};
}

GateFigure at_least(std::string_view name, std::optional<double> value,
                    std::optional<double> limit) {
  GateFigure figure = shown(name, value);
  figure.at_least = limit;
  return figure;
}

GateFigure at_most(std::string_view name, std::optional<double> value,
                   std::optional<double> limit) {
  GateFigure figure = shown(name, value);
  figure.at_most = limit;
  return figure;
}

GateVerdict judge_figures(std::string_view gate, std::vector<GateFigure> figures) {
  GateVerdict verdict{.gate = std::string(gate), .figures = std::move(figures)};
  for (const GateFigure& figure : verdict.figures) {
    if (!fails(figure)) continue;
    verdict.outcome = GateOutcome::kFail;
    verdict.reason = in_words(figure);
    return verdict;
  }
  for (const GateFigure& figure : verdict.figures) {
    if (figure.value || !has_limit(figure)) continue;
    verdict.outcome = GateOutcome::kNotEnoughData;
    verdict.reason = fmt::format("{} is not known", figure.name);
    return verdict;
  }
  verdict.outcome = GateOutcome::kPass;
  for (const GateFigure& figure : verdict.figures) {
    if (has_limit(figure))
      verdict.reason += (verdict.reason.empty() ? "" : "; ") + in_words(figure);
  }
  return verdict;
}

}  // namespace fusesweep
