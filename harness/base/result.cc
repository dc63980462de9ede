#include "harness/base/result.h"

#include <fmt/format.h>

#include <utility>

#include "harness/base/check.h"

namespace fusesweep {

Failure invalid_input(std::string message) {
  return Failure(Error{ErrorCode::kInvalidInput, std::move(message)});
}

Failure unavailable(std::string message) {
  return Failure(Error{ErrorCode::kUnavailable, std::move(message)});
}

Failure not_recorded(std::string message) {
  return Failure(Error{ErrorCode::kNotRecorded, std::move(message)});
}

Failure crashed(std::string message) {
  return Failure(Error{ErrorCode::kCrashed, std::move(message)});
}

Failure timed_out(std::string message) {
  return Failure(Error{ErrorCode::kTimedOut, std::move(message)});
}

Failure fail(Error error) { return Failure(std::move(error)); }

Failure fail_with_context(Error error, std::string_view context) {
  error.message = fmt::format("{}: {}", context, error.message);
  return Failure(std::move(error));
}

ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput:
      return ExitCode::kUsage;
    case ErrorCode::kUnavailable:
    case ErrorCode::kNotRecorded:
    case ErrorCode::kCrashed:
    case ErrorCode::kTimedOut:
      return ExitCode::kEnvironment;
  }
  FUSESWEEP_UNREACHABLE();
}

}  // namespace fusesweep
