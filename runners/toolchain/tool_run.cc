#include "runners/toolchain/tool_run.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>

#include "harness/process/line_child.h"

namespace fusesweep {
namespace {

constexpr std::size_t kMostOutputBytes = std::size_t{16} << 20;
// To end by itself once its output is closed.
constexpr std::chrono::milliseconds kGrace{2000};

}  // namespace

Result<ToolRun> run_tool(const std::string& name, const std::vector<std::string>& words,
                         const std::filesystem::path& folder, std::chrono::seconds limit) {
  const LineChild::Deadline deadline = std::chrono::steady_clock::now() + limit;
  Result<LineChild> child = LineChild::start({.arguments = words, .folder = folder});
  if (!child) return fail_with_context(std::move(child).error(), name);
  child->close_input();
  ToolRun run;
  while (true) {
    LineChild::Event event = child->next(deadline);
    if (event.got == LineChild::Got::kTimeOut) {
      return timed_out(fmt::format("{}: no end within the limit of {} s; it {}", name,
                                   limit.count(), child->end({}).words));
    }
    const bool is_whole = event.got == LineChild::Got::kLine || event.got == LineChild::Got::kEnd;
    if (!is_whole || run.output.size() + event.line.size() > kMostOutputBytes) {
      return crashed(fmt::format("{}: found more than {} bytes of output; it {}", name,
                                 kMostOutputBytes, child->end({}).words));
    }
    run.output += event.line + '\n';
    if (event.got == LineChild::Got::kEnd) break;
  }
  // What closes its output and works on is given the rest of its time.
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  const LineChild::Ending ending = child->end(std::max(kGrace, left));
  run.succeeded = ending.status && WIFEXITED(*ending.status) && WEXITSTATUS(*ending.status) == 0;
  run.end = ending.words;
  return run;
}

Result<void> run_to_success(const std::string& name, const std::vector<std::string>& words,
                            const std::filesystem::path& folder, std::chrono::seconds limit) {
  const Result<ToolRun> run = run_tool(name, words, folder, limit);
  if (!run) return fail(run.error());
  if (!run->succeeded) return unavailable(fmt::format("{}: it {}", name, run->end));
  return {};
}

}  // namespace fusesweep
