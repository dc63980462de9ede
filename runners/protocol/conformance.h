// What a program must do to be a runner, as rules that are tried one by one, each on a process of its
// own. Used by `fusesweep runner check`. It needs no model, so it says nothing about results: only
// that the program speaks the protocol of harness/docs/RUNNERS.md, also with somebody who does not.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/process/line_child.h"

namespace fusesweep {

enum class RuleVerdict { kPass, kFail, kSkipped };

std::string_view to_text(RuleVerdict verdict);  // "pass", "fail", "skipped"

struct RuleResult {
  std::string rule;
  RuleVerdict verdict = RuleVerdict::kPass;
  std::string reason;  // of kFail and kSkipped

  bool operator==(const RuleResult&) const = default;
};

// Every rule's result, in a fixed order. `limit` is for each answer. An error when the program cannot
// be started at all.
Result<std::vector<RuleResult>> check_runner(const ChildCommand& command,
                                             std::chrono::milliseconds limit);

}  // namespace fusesweep
