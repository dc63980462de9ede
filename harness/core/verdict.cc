#include "harness/core/verdict.h"

#include "harness/base/check.h"

namespace fusesweep {

std::string_view to_text(GateOutcome outcome) {
  switch (outcome) {
    case GateOutcome::kPass:
      return "pass";
    case GateOutcome::kFail:
      return "fail";
    case GateOutcome::kNotRun:
      return "not run";
    case GateOutcome::kNotEnoughData:
      return "not enough data";
  }
  FUSESWEEP_UNREACHABLE();
}

}  // namespace fusesweep
