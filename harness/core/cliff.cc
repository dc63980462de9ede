#include "harness/core/cliff.h"

#include "harness/base/check.h"

namespace fusesweep {

std::string_view to_text(ProbeFailure failure) {
  switch (failure) {
    case ProbeFailure::kBuild:
      return "build";
    case ProbeFailure::kPlan:
      return "plan";
    case ProbeFailure::kRun:
      return "run";
    case ProbeFailure::kCrash:
      return "crash";
    case ProbeFailure::kTimeOut:
      return "time-out";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string_view to_text(CliffSurprise::Kind kind) {
  switch (kind) {
    case CliffSurprise::Kind::kFlaky:
      return "flaky";
    case CliffSurprise::Kind::kValueDependent:
      return "value-dependent";
    case CliffSurprise::Kind::kNotMonotone:
      return "not monotone";
  }
  FUSESWEEP_UNREACHABLE();
}

std::string_view to_text(CliffExplanation::Quantity quantity) {
  switch (quantity) {
    case CliffExplanation::Quantity::kWeightBytes:
      return "weight bytes";
    case CliffExplanation::Quantity::kOperations:
      return "operations";
    case CliffExplanation::Quantity::kLength:
      return "length";
  }
  FUSESWEEP_UNREACHABLE();
}

}  // namespace fusesweep
