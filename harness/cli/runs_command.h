// `fusesweep runs`: what is in the store, and moving it between machines. harness/docs/RUNS.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// As they were typed, all of them.
struct RunsListArguments {
  std::optional<std::string> command;
  std::optional<std::string> since;
  std::optional<std::string> work;
  bool csv = false;
  bool json = false;
};

struct RunsShowArguments {
  std::string id;
  std::optional<std::string> work;
  bool json = false;
};

struct RunsMergeArguments {
  std::vector<std::string> files;
  bool dry_run = false;
  std::optional<std::string> work;
  bool json = false;
};

struct RunsExportArguments {
  std::vector<std::string> sweeps;
  std::vector<std::string> runs;
  std::optional<std::string> since;
  std::string output;
  bool gbench = false;
  std::optional<std::string> work;
  bool json = false;
};

Result<Answer> run_runs_list(const RunsListArguments& arguments);
// Exit code 2 where no run begins so, or several do.
Result<Answer> run_runs_show(const RunsShowArguments& arguments);
// Stores of other machines and files that export wrote, which are stores too: `runs import` takes one,
// `runs merge` any number; they are the same otherwise.
Result<Answer> run_runs_merge(const RunsMergeArguments& arguments);

// The same of one file; and of "recorded:NAME" instead, the runs that others recorded.
Result<Answer> run_runs_import(const RunsMergeArguments& arguments, const Invocation& invocation);
// What it writes is said by the ending of the file's name: .db, .json, .csv, .gbench.json.
Result<Answer> run_runs_export(const RunsExportArguments& arguments);

}  // namespace fusesweep
