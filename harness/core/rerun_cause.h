// What may have caused a regression: the changes that are known, less those that cannot have done it. Whoever
// fills in a RerunReport puts it there. Pure functions; nothing here is found out by trying.
//
// How it reasons. Arms of a strong trial ran on this machine as it is now, so no difference between them comes
// from the host, the system or its frequency. Artifacts with the same bytes were not made worse by the
// builder or another model. A runner whose program has the same bytes was not compiled otherwise. Gates and
// residency were seen then and now, so the system may have changed them. What is left is named, all of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/rerun.h"

namespace fusesweep {

// On what something acts that changed.
enum class ChangeActsOn {
  kArtifacts,  // "builder", "model"
  kRunner,     // "runner version", "toolchain", "device"
  kBoth,  // fusesweep itself: "git revision", "compiler", "compiler flags", "build type", "program version"
  kMachine,   // "host", "CPU", "OS", "kernel", "governor", "memory"
  kAnything,  // any other word
  // No causes themselves: they are listed where bytes differ, or where it is not known that they do not.
  kArtifactBytes,  // "weights": of the shards
  kProgramBytes,   // "program": of the runner's file
};

ChangeActsOn acts_on(std::string_view what);

// Findings that are regressions, in the report's order.
std::vector<const RerunFinding*> regressions_of(const RerunReport& report);

// One printable line about all regressions together; empty: there is none. What explains every one of them is
// likelier than what explains some.
std::string likely_cause(const RerunReport& report);

}  // namespace fusesweep
