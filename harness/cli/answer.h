// What a command has to say.
#pragma once

#include <string>
#include <utility>

#include "harness/base/exit_code.h"

namespace fusesweep {

struct Answer {
  Answer() = default;
  // NOLINTNEXTLINE(*-explicit-*): most have only text
  Answer(std::string text_to_print, ExitCode code = ExitCode::kDone)
      : text(std::move(text_to_print)), exit_code(code) {}

  std::string text;    // to stdout
  std::string remark;  // to stderr, for who is watching
  // kDone: every asked question is answered, and none with a no
  ExitCode exit_code = ExitCode::kDone;
};

}  // namespace fusesweep
