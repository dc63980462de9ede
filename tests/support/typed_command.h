// The command as a user types it in a folder of a test, with runners as programs of their own.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/ran_command.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {

class TypedCommand : public testing::Test {
 protected:
  // `program` lies where the build put it.
  explicit TypedCommand(std::filesystem::path program) : program_(std::move(program)) {}

  Ran run_here(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--work", work().string()});
    return run(std::move(arguments), program_);
  }

  nlohmann::json run_json(std::vector<std::string> arguments,
                          ExitCode wanted = ExitCode::kDone) const {
    arguments.emplace_back("--json");
    const Ran ran = run_here(std::move(arguments));
    EXPECT_EQ(ran.exit_code, wanted) << ran.err;
    return nlohmann::json::parse(ran.out, nullptr, false);
  }

  std::filesystem::path work() const { return folder_.path() / "work"; }

  const TemporaryFolder folder_;

 private:
  std::filesystem::path program_;
};

}  // namespace fusesweep
