#include "harness/cli/runner_command.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "harness/base/bytes.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/runner_argument.h"
#include "runners/protocol/client.h"
#include "runners/protocol/conformance.h"
#include "runners/protocol/messages.h"
#include "runners/protocol/server.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::chrono::milliseconds kAnswerLimit = std::chrono::seconds(30);

Result<ChildCommand> read_command(const RunnerProgramArguments& arguments,
                                  const std::filesystem::path& own_program) {
  if (arguments.kind.has_value() == !arguments.words.empty())
    return invalid_input("found both or neither of KIND and -- CMD, want one of them");
  Result<std::vector<std::string>> words = arguments.kind
                                               ? words_of_runner(*arguments.kind, own_program)
                                               : with_absolute_paths(arguments.words);
  if (!words) return fail(std::move(words).error());
  return ChildCommand{.arguments = *std::move(words), .folder = arguments.work.value_or(".")};
}

Result<std::chrono::milliseconds> read_limit(const RunnerProgramArguments& arguments) {
  if (!arguments.limit_ms) return kAnswerLimit;
  const Result<std::int64_t> limit_ms = parse_integer(*arguments.limit_ms, 1, 86'400'000);
  if (!limit_ms) return fail_with_context(limit_ms.error(), "--limit-ms");
  return std::chrono::milliseconds(*limit_ms);
}

std::string bytes_or(const std::optional<std::uint64_t>& bytes, std::string_view otherwise) {
  return bytes ? format_bytes(*bytes) : std::string(otherwise);
}

std::string joined(const std::vector<std::string>& words) {
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}

std::string description_table(const RunnerDescription& description) {
  const bool recorded = description.evidence == Evidence::kRecorded;
  std::string text;
  for (const auto& [name, value] : std::vector<std::pair<std::string_view, std::string>>{
           {"name", description.name},
           {"version", description.version},
           {"device", fmt::format("{} ({}), {}", description.device, description.device_kind,
                                  bytes_or(description.device_memory_bytes, "memory not stated"))},
           {"evidence", recorded ? "recorded: it reads its figures from a record" : "measured"},
           {"capabilities", joined(description.capabilities)},
           {"emulated", joined(description.emulated)},
           {"graph limit", bytes_or(description.graph_limit_bytes, "none stated")},
           {"process limit", bytes_or(description.process_limit_bytes, "none stated")},
           {"toolchain", description.toolchain},
           {"own model", description.own_model}}) {
    if (!value.empty()) text += fmt::format("{:<13}  {}\n", name, one_line(value));
  }
  return text;
}

std::size_t count(const std::vector<RuleResult>& results, RuleVerdict verdict) {
  std::size_t found = 0;
  for (const RuleResult& result : results) found += result.verdict == verdict ? 1 : 0;
  return found;
}

}  // namespace

Result<std::string> run_runner_serve(const RunnerServeArguments& arguments) {
  const Result<std::unique_ptr<Runner>> runner = make_runner(arguments.kind);
  if (!runner) return fail(runner.error());
  const Result<void> served = serve_standard_streams(**runner, arguments.work.value_or("."), [] {
    std::_Exit(static_cast<int>(ExitCode::kDone));
  });
  if (!served) return fail(served.error());
  return std::string();
}

Result<std::string> run_runner_list(const RunnerListArguments& arguments) {
  Json document = json_document(kSchemaVersion);
  Json& list = document["runners"] = Json::array();
  std::string text;
  for (const RunnerKind& kind : runner_kinds()) {
    const std::string typed = kind.argument.empty()
                                  ? std::string(kind.name)
                                  : fmt::format("{}:{}", kind.name, kind.argument);
    list.push_back({{"kind", typed},
                    {"about", kind.about},
                    {"missing", kind.missing.empty() ? Json(nullptr) : Json(kind.missing)}});
    text += fmt::format("{:<20}  {}{}\n", typed, kind.about,
                        kind.missing.empty() ? "" : fmt::format("; not here: {}", kind.missing));
  }
  text += fmt::format("{:<20}  any program that `fusesweep runner check` passes\n", "-- CMD ARGS");
  return arguments.json ? to_text(document) + '\n' : text;
}

Result<std::string> run_runner_describe(const RunnerProgramArguments& arguments,
                                        const std::filesystem::path& own_program) {
  Result<ChildCommand> command = read_command(arguments, own_program);
  if (!command) return fail(std::move(command).error());
  const auto limit = read_limit(arguments);
  if (!limit) return fail(limit.error());
  RunnerClient runner(*std::move(command), {.describe = *limit});
  const Result<RunnerDescription> description = runner.describe({});
  if (!description) return fail(description.error());
  if (!arguments.json) return description_table(*description);
  Json document = json_document(kSchemaVersion);
  document.update(to_json(*description));
  return to_text(document) + '\n';
}

Result<Answer> run_runner_check(const RunnerProgramArguments& arguments,
                                const std::filesystem::path& own_program) {
  const Result<ChildCommand> command = read_command(arguments, own_program);
  if (!command) return fail(command.error());
  const auto limit = read_limit(arguments);
  if (!limit) return fail(limit.error());
  const Result<std::vector<RuleResult>> results = check_runner(*command, *limit);
  if (!results) return fail(results.error());

  const std::size_t failed = count(*results, RuleVerdict::kFail);
  const ExitCode code = failed == 0 ? ExitCode::kDone : ExitCode::kFailed;
  if (arguments.json) {
    Json document = json_document(kSchemaVersion);
    document["conforms"] = failed == 0;
    Json& rules = document["rules"] = Json::array();
    for (const auto& [rule, verdict, reason] : *results) {
      rules.push_back({{"rule", rule},
                       {"verdict", to_text(verdict)},
                       {"reason", reason.empty() ? Json(nullptr) : Json(reason)}});
    }
    return Answer(to_text(document) + '\n', code);
  }
  std::string text;
  for (const auto& [rule, verdict, reason] : *results) {
    text +=
        fmt::format("{:<7}  {}{}{}\n", to_text(verdict), rule, reason.empty() ? "" : ": ", reason);
  }
  text += fmt::format("{} passed, {} failed, {} skipped\n", count(*results, RuleVerdict::kPass),
                      failed, count(*results, RuleVerdict::kSkipped));
  return Answer(std::move(text), code);
}

}  // namespace fusesweep
