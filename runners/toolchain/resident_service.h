// The user's runtime as a service: a child that is started once, warms up, says READY, and then answers one line
// for each request. It is supervised as every child is, and gone when this object is.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/process/line_child.h"
#include "runners/runner.h"

namespace fusesweep {

class ResidentService {
 public:
  // Waits until it is ready; what it prints before is chatter. Errors: it could not be started, ended, took longer
  // than the limit, or is ready for another protocol.
  static Result<ResidentService> start(const std::vector<std::string>& words,
                                       const std::filesystem::path& folder,
                                       std::chrono::seconds ready_limit);

  // `tokens` are generated after the prompt, the first among them; fewer at the end of a text. After an error that
  // is not its own answer it has been ended, and so says every later call.
  Result<DecodeResult> decode(const std::vector<int>& prompt, int tokens,
                              std::chrono::seconds limit);

 private:
  explicit ResidentService(LineChild child) : child_(std::move(child)) {}
  Failure lose(const LineChild::Event& event, std::string_view doing, std::chrono::seconds limit);

  LineChild child_;
  std::optional<Error> loss_;  // why it is gone
};

}  // namespace fusesweep
