// What a command has to say.
#pragma once

#include <string>
#include <utility>

#include "harness/base/exit_code.h"

namespace fusesweep {

struct Answer {
  Answer() = default;
  Answer(std::string text_to_print,
         ExitCode code = ExitCode::kDone)  // NOLINT(*-explicit-*): most have only text
      : text(std::move(text_to_print)), exit_code(code) {}

  std::string text;    // to stdout
  std::string remark;  // to stderr, for who is watching
  ExitCode exit_code =
      ExitCode::kDone;  // kDone: every asked question is answered, and none with a no
};

}  // namespace fusesweep
