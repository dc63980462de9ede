#include "harness/cli/runner_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/bytes.h"
#include "harness/base/text.h"

namespace fusesweep {

std::string emulated_text(const RunnerDescription& runner) {
  if (runner.emulated.empty()) return {};
  std::string text = one_line(
      fmt::format("emulated, not a property of the device: {}", fmt::join(runner.emulated, ", ")));
  if (runner.graph_limit_bytes)
    text += fmt::format(" ({} a shard)", format_bytes(*runner.graph_limit_bytes));
  return text;
}

}  // namespace fusesweep
