#include "harness/cli/verdict_text.h"

#include <fmt/format.h>

#include "harness/base/text.h"

namespace fusesweep {

std::string verdict_text(const GateVerdict& verdict, std::string_view indentation) {
  std::string text = fmt::format("{}: {}{}\n", one_line(verdict.gate), to_text(verdict.outcome),
                                 verdict.reason.empty() ? "" : ": " + one_line(verdict.reason));
  for (const GateFigure& figure : verdict.figures) {
    text += fmt::format("{}{} {}", indentation, one_line(figure.name),
                        figure.value ? fmt::format("{}", *figure.value) : "-");
    if (figure.at_least) text += fmt::format(", want at least {}", *figure.at_least);
    if (figure.at_most) text += fmt::format(", want at most {}", *figure.at_most);
    text += '\n';
  }
  return text;
}

}  // namespace fusesweep
