// `fusesweep runner`: serve one of ours, list them, ask any runner what it is, check whether a
// program is one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/cli/answer.h"

namespace fusesweep {

// As they were typed, all of them.
struct RunnerServeArguments {
  std::string kind;
  std::optional<std::string> work;
};

struct RunnerListArguments {
  bool json = false;
};

// Of describe and check: a KIND, or the words after "--".
struct RunnerProgramArguments {
  std::optional<std::string> kind;
  std::vector<std::string> words;
  std::optional<std::string> work;
  std::optional<std::string> limit_ms;
  bool json = false;
};

// Answers requests on stdin until it ends; then there is nothing left to print.
Result<std::string> run_runner_serve(const RunnerServeArguments& arguments);

Result<std::string> run_runner_list(const RunnerListArguments& arguments);

Result<std::string> run_runner_describe(const RunnerProgramArguments& arguments,
                                        const std::filesystem::path& own_program);

// kFailed when a rule failed.
Result<Answer> run_runner_check(const RunnerProgramArguments& arguments,
                                const std::filesystem::path& own_program);

}  // namespace fusesweep
