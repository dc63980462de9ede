// `fusesweep baseline list|show|rm|export|import`: looking at baselines, and moving them between
// machines. harness/docs/BASELINES.md.
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"

namespace fusesweep {

// As they were typed, all of them.
struct BaselineListArguments {
  std::optional<std::string> work;
  bool json = false;
};

struct BaselineShowArguments {
  std::string name;
  std::optional<std::string> work;
  bool json = false;
};

struct BaselineRemoveArguments {
  std::string name;
  std::optional<std::string> work;
  bool json = false;
};

struct BaselineExportArguments {
  std::string name;
  std::string output;
  std::optional<std::string> work;
  bool json = false;
};

struct BaselineImportArguments {
  std::string file;
  std::optional<std::string> name;  // --as
  bool trust_program = false;
  std::string max_bytes = "64GiB";
  std::optional<std::string> work;
  bool json = false;
};

Result<Answer> run_baseline_list(const BaselineListArguments& arguments);
Result<Answer> run_baseline_show(const BaselineShowArguments& arguments);
Result<Answer> run_baseline_remove(const BaselineRemoveArguments& arguments);
// After a look at every byte of it: a damaged one is not sent anywhere.
Result<Answer> run_baseline_export(const BaselineExportArguments& arguments);
// Starts nothing, and without trust_program never lets anything of it be started.
Result<Answer> run_baseline_import(const BaselineImportArguments& arguments);

}  // namespace fusesweep
