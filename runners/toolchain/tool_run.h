// One run of a user's tool, from its start to its end: supervised as every child is, within a limit, with what it
// printed. What its end means is the caller's to say, for a tool may have a good report to give and exit with 1.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

struct ToolRun {
  std::string output;      // its stdout
  bool succeeded = false;  // it exited with status 0
  std::string end;         // "exited with status 1, last word on stderr: ..."
};

// `name` begins the message of an error: "convert". Errors: it could not be started (kUnavailable), ran into the
// limit (kTimedOut), or printed more than a report may have (kCrashed).
Result<ToolRun> run_tool(const std::string& name, const std::vector<std::string>& words,
                         const std::filesystem::path& folder, std::chrono::seconds limit);

// The same where success is all that is wanted: anything else is an error that says how it ended.
Result<void> run_to_success(const std::string& name, const std::vector<std::string>& words,
                            const std::filesystem::path& folder, std::chrono::seconds limit);

}  // namespace fusesweep
