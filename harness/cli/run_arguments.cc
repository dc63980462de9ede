#include "harness/cli/run_arguments.h"

#include <cstdint>

#include "harness/base/bytes.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr int kMostThreads = 4096;

}  // namespace

Result<RunnerOptions> read_run_options(const std::optional<std::string>& threads,
                                       const std::optional<std::string>& residency_limit) {
  RunnerOptions options;
  if (threads) {
    const Result<std::int64_t> count = parse_integer(*threads, 1, kMostThreads);
    if (!count) return fail_with_context(count.error(), "--threads");
    options.threads = static_cast<int>(*count);
  }
  if (residency_limit) {
    const Result<std::uint64_t> bytes = parse_bytes(*residency_limit);
    if (!bytes) return fail_with_context(bytes.error(), "--residency-limit");
    options.residency_limit_bytes = *bytes;
  }
  return options;
}

}  // namespace fusesweep
