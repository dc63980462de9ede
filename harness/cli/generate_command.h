// `fusesweep generate`: greedy decoding with the shards of a manifest, to try a split by hand.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/cli/answer.h"

namespace fusesweep {

// As they were typed, all of them.
struct GenerateArguments {
  std::string manifest;
  std::string ids;
  std::string count = "32";
  std::string runner = "cpu";
  std::optional<std::string> threads;
  std::optional<std::string> residency_limit;
  bool stop_at_eos = false;
  std::optional<std::string> work;
  bool json = false;
};

// The generated ids; how long it took goes to stderr.
Result<Answer> run_generate(const GenerateArguments& arguments,
                            const std::filesystem::path& own_program);

}  // namespace fusesweep
