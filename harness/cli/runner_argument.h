// What a runner is called on the command line, the same for every command that takes one: KIND for
// one of ours, or "-- CMD ARGS" for any program that speaks the protocol.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "runners/protocol/client.h"
#include "runners/runner.h"
#include "topologies/recorded_facts.h"

namespace fusesweep {

// A runner of ours: NAME or NAME:ARGUMENT.
struct RunnerKind {
  std::string_view name;
  std::string_view argument;  // what it wants after the colon; empty: nothing
  std::string_view about;
  std::string_view missing;  // what this system lacks for it; empty: nothing
  Result<std::unique_ptr<Runner>> (*make)(const std::string& argument);
};

std::span<const RunnerKind> runner_kinds();

// The runner itself, in this process: what `fusesweep runner serve` offers.
Result<std::unique_ptr<Runner>> make_runner(const std::string& kind);

// Where this program lies, for a runner of ours is this program again. Empty where that cannot be
// found out; `typed` is argv[0].
std::filesystem::path own_program(const std::string& typed);

// The program and arguments that serve a runner: ours for a KIND, the words themselves for
// "-- CMD ARGS", which spaces separate and nothing quotes.
Result<std::vector<std::string>> words_of_runner(const std::string& runner,
                                                 const std::filesystem::path& own_program);

// What a runner of ours replays. Absent: it is another one, or its record cannot be read.
std::optional<RecordedFacts> recorded_facts_of(const std::string& runner);

// The file of a command's first word, which $PATH leads to where it has no slash; empty: there is none.
std::filesystem::path program_of(const std::string& word);

// A program starts in the work folder. So words that have a slash and name something that is there
// become absolute paths.
std::vector<std::string> with_absolute_paths(std::vector<std::string> words);

// The runner in a process of its own, which starts with the first call. Makes the work folder.
Result<std::unique_ptr<RunnerClient>> start_runner(const std::string& runner,
                                                   const std::filesystem::path& own_program,
                                                   const std::filesystem::path& work);

// Starts another one with every call, for measuring. Holds copies of all that it needs.
std::function<Result<std::unique_ptr<Runner>>()> runner_starter(std::string runner,
                                                                std::filesystem::path own_program,
                                                                std::filesystem::path work);

}  // namespace fusesweep
