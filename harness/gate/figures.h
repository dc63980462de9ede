// What figures with limits come to: the last step of every gate that is a matter of figures.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/verdict.h"

namespace fusesweep {

GateFigure shown(std::string_view name, std::optional<double> value);  // without a limit
GateFigure at_least(std::string_view name, std::optional<double> value,
                    std::optional<double> limit);
GateFigure at_most(std::string_view name, std::optional<double> value, std::optional<double> limit);

// The first figure beyond its limit fails the gate; else a limit whose figure is absent makes it not
// enough data; else it passes. The reason names that figure, or all that have a limit.
GateVerdict judge_figures(std::string_view gate, std::vector<GateFigure> figures);

}  // namespace fusesweep
