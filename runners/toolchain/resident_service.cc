#include "runners/toolchain/resident_service.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "harness/base/text.h"
#include "runners/toolchain/tool_outputs.h"

namespace fusesweep {
namespace {

constexpr std::string_view kName = "run";
constexpr std::chrono::milliseconds kGrace{2000};

}  // namespace

Failure ResidentService::lose(const LineChild::Event& event, std::string_view doing,
                              std::chrono::seconds limit) {
  const bool is_end = event.got == LineChild::Got::kEnd;
  const std::string how = child_.end(is_end ? kGrace : std::chrono::milliseconds(0)).words;
  if (event.got == LineChild::Got::kTimeOut) {
    loss_ = timed_out(fmt::format("{}: {}: nothing within the limit of {} s; it {}", kName, doing,
                                  limit.count(), how))
                .value();
  } else {
    loss_ = crashed(fmt::format("{}: {}: {}; it {}", kName, doing,
                                is_end ? "its output ended" : "found a line without end", how))
                .value();
  }
  return fail(*loss_);
}

Result<ResidentService> ResidentService::start(const std::vector<std::string>& words,
                                               const std::filesystem::path& folder,
                                               std::chrono::seconds ready_limit) {
  const LineChild::Deadline deadline = std::chrono::steady_clock::now() + ready_limit;
  Result<LineChild> child = LineChild::start({.arguments = words, .folder = folder});
  if (!child) return fail_with_context(std::move(child).error(), kName);
  ResidentService service(*std::move(child));
  while (true) {
    const LineChild::Event event = service.child_.next(deadline);
    if (event.got != LineChild::Got::kLine)
      return service.lose(event, "waiting for READY", ready_limit);
    const Result<ReadyLine> line = parse_ready(event.line, kName);
    if (!line) return fail(line.error());
    if (*line == ReadyLine::kReady) return service;
  }
}

Result<DecodeResult> ResidentService::decode(const std::vector<int>& prompt, int tokens,
                                             std::chrono::seconds limit) {
  if (loss_) return fail_with_context(*loss_, "the service is gone");
  const LineChild::Deadline deadline = std::chrono::steady_clock::now() + limit;
  child_.send(resident_request(prompt, tokens));
  while (true) {
    const LineChild::Event event = child_.next(deadline);
    if (event.got != LineChild::Got::kLine) return lose(event, "waiting for an answer", limit);
    Result<std::optional<DecodeResult>> answer = parse_resident_answer(event.line, kName);
    if (!answer) return fail(std::move(answer).error());
    if (*answer) return **std::move(answer);
  }
}

}  // namespace fusesweep
