// Result<T>: a value, or the reason why there is none. Every function that the outside world can
// say no to returns one; nothing here throws. The member names are those of std::expected, which it
// becomes with C++23.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "harness/base/exit_code.h"

namespace fusesweep {

// What kind of no it was. Each kind has one exit code; add a kind only when somebody must tell it
// apart.
enum class ErrorCode {
  kInvalidInput,  // what the user gave is wrong: an argument, a file's content, a file that is not
                  // there
  kUnavailable,   // the environment or a runner could not do it: no memory, no space, no permission
  kNotRecorded,   // what was asked for stands in no record, and nobody is there to find it out
  kCrashed,       // a runner's program was lost: it died, talked nonsense or took too much memory
  kTimedOut,      // a runner's program was lost: it did not answer within the limit of the call
};

struct Error {
  ErrorCode code = ErrorCode::kInvalidInput;
  std::string message;  // one line: where, what was found, what was wanted

  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

Failure invalid_input(std::string message);
Failure unavailable(std::string message);
Failure not_recorded(std::string message);
Failure crashed(std::string message);
Failure timed_out(std::string message);

// Passes an error on to the caller: `if (!split) return fail(std::move(split).error());`
Failure fail(Error error);

// The same error, said from further out: "context: message".
Failure fail_with_context(Error error, std::string_view context);

ExitCode exit_code_of(ErrorCode code);

}  // namespace fusesweep
