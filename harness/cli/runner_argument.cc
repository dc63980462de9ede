#include "harness/cli/runner_argument.h"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>
#include <utility>

#include "harness/base/program_path.h"
#include "harness/base/text.h"
#include "runners/cpu/cpu_runner.h"
#include "runners/replay/replay_runner.h"
#include "runners/toolchain/toolchain_config.h"
#include "runners/toolchain/toolchain_runner.h"
#include "topologies/recorded_library.h"
#ifdef __APPLE__
#include "runners/coreml/apple_core_ml.h"
#include "runners/coreml/coreml_runner.h"
#endif

namespace fusesweep {
namespace {

Result<std::unique_ptr<Runner>> make_cpu(const std::string& /*argument*/) {
  return std::make_unique<CpuRunner>();
}

#ifdef __APPLE__
constexpr std::string_view kCoreMlMissing;

Result<std::unique_ptr<Runner>> make_coreml(const std::string& /*argument*/) {
  return std::make_unique<CoreMlRunner>(make_apple_core_ml());
}
#else
constexpr std::string_view kCoreMlMissing =
    "found no CoreML, want macOS: it is a part of that alone";
constexpr auto make_coreml = nullptr;
#endif

Result<std::unique_ptr<Runner>> make_replay(const std::string& argument) {
  Result<RecordedFacts> facts = find_recorded(argument);
  if (!facts) return fail(std::move(facts).error());
  return std::make_unique<ReplayRunner>(*std::move(facts));
}

Result<std::unique_ptr<Runner>> make_toolchain(const std::string& argument) {
  Result<ToolchainConfig> config = read_toolchain(argument);
  if (!config) return fail(std::move(config).error());
  return std::make_unique<ToolchainRunner>(*std::move(config));
}

constexpr RunnerKind kKinds[] = {
    {"cpu", "", "builds CoreML packages and runs them on this machine's CPU", "", make_cpu},
    {"coreml", "", "builds CoreML packages and has CoreML run them, only on macOS", kCoreMlMissing,
     make_coreml},
    {"replay", "NAME_OR_FILE", "answers from recorded facts, such as phi4-mini-m4max", "",
     make_replay},
    {"toolchain", "FILE",
     "drives your own converter, compiler, checker and runtime, named in a file", "",
     make_toolchain},
};

// A kind and what stands after the colon.
struct Named {
  const RunnerKind* kind;
  std::string argument;
};

Result<Named> find_kind(const std::string& typed) {
  const std::size_t colon = typed.find(':');
  const std::string name = typed.substr(0, colon);
  const std::string argument = colon == std::string::npos ? "" : typed.substr(colon + 1);
  std::vector<std::string> known;
  for (const RunnerKind& kind : kKinds) {
    known.push_back(kind.argument.empty() ? std::string(kind.name)
                                          : fmt::format("{}:{}", kind.name, kind.argument));
    if (name != kind.name) continue;
    if (kind.argument.empty() == argument.empty() &&
        (colon == std::string::npos) == kind.argument.empty()) {
      if (kind.missing.empty()) return Named{&kind, argument};
      return unavailable(fmt::format("{}: {}", kind.name, kind.missing));
    }
    return invalid_input(fmt::format("found {}, want {}", quote(typed), known.back()));
  }
  return invalid_input(fmt::format("found {}, want one of {}, or -- and a command", quote(typed),
                                   fmt::join(known, ", ")));
}

}  // namespace

std::span<const RunnerKind> runner_kinds() { return kKinds; }

Result<std::unique_ptr<Runner>> make_runner(const std::string& kind) {
  const Result<Named> named = find_kind(kind);
  if (!named) return fail(named.error());
  Result<std::unique_ptr<Runner>> runner = named->kind->make(named->argument);
  if (!runner) return fail_with_context(std::move(runner).error(), quote(kind));
  return runner;
}

std::filesystem::path own_program([[maybe_unused]] const std::string& typed) {
  std::error_code error;
#ifdef __linux__
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path() : self;
#else
  if (typed.find('/') != std::string::npos) return std::filesystem::absolute(typed, error);
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split_text(path != nullptr ? path : "", ':')) {
    const std::filesystem::path candidate = std::filesystem::path(folder) / typed;
    if (!typed.empty() && std::filesystem::is_regular_file(candidate, error))
      return std::filesystem::absolute(candidate, error);
  }
  return {};
#endif
}

std::filesystem::path program_of(const std::string& word) {
  if (word.find('/') != std::string::npos) return word;
  return find_on_path(word).value_or("");
}

std::vector<std::string> with_absolute_paths(std::vector<std::string> words) {
  for (std::string& word : words) {
    std::error_code error;
    if (word.find('/') == std::string::npos || !std::filesystem::exists(word, error)) continue;
    const std::filesystem::path path = std::filesystem::absolute(word, error);
    if (!error) word = path.string();
  }
  return words;
}

Result<std::vector<std::string>> words_of_runner(const std::string& runner,
                                                 const std::filesystem::path& own_program) {
  if (runner.starts_with("--")) {
    std::vector<std::string> words;
    for (const std::string_view word : split_text(std::string_view(runner).substr(2), ' ')) {
      if (!word.empty()) words.emplace_back(word);
    }
    if (words.empty()) return invalid_input(fmt::format("found {}, want -- CMD", quote(runner)));
    return with_absolute_paths(std::move(words));
  }
  const Result<Named> named = find_kind(runner);
  if (!named) return fail(named.error());
  if (own_program.empty())
    return unavailable(
        fmt::format("{}: could not be started: this program does not know where it lies", runner));
  std::string kind = runner;
  std::error_code error;
  if (std::filesystem::exists(named->argument, error))
    kind = fmt::format("{}:{}", named->kind->name,
                       std::filesystem::absolute(named->argument, error).string());
  return std::vector<std::string>{own_program.string(), "runner", "serve", std::move(kind)};
}

std::optional<RecordedFacts> recorded_facts_of(const std::string& runner) {
  constexpr std::string_view kReplay = "replay:";
  if (!runner.starts_with(kReplay)) return std::nullopt;
  Result<RecordedFacts> facts = find_recorded(runner.substr(kReplay.size()));
  return facts ? std::optional(*std::move(facts)) : std::nullopt;
}

Result<std::unique_ptr<RunnerClient>> start_runner(const std::string& runner,
                                                   const std::filesystem::path& own_program,
                                                   const std::filesystem::path& work) {
  Result<std::vector<std::string>> words = words_of_runner(runner, own_program);
  if (!words) return fail(std::move(words).error());
  std::error_code error;
  std::filesystem::create_directories(work, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(work.string()), error.message()));
  return std::make_unique<RunnerClient>(
      ChildCommand{.arguments = *std::move(words), .folder = work});
}

std::function<Result<std::unique_ptr<Runner>>()> runner_starter(std::string runner,
                                                                std::filesystem::path own_program,
                                                                std::filesystem::path work) {
  return [runner = std::move(runner), own_program = std::move(own_program),
          work = std::move(work)]() -> Result<std::unique_ptr<Runner>> {
    Result<std::unique_ptr<RunnerClient>> started = start_runner(runner, own_program, work);
    if (!started) return fail(std::move(started).error());
    return std::unique_ptr<Runner>(*std::move(started));
  };
}

}  // namespace fusesweep
