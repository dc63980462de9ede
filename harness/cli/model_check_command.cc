#include "harness/cli/model_check_command.h"

#include <fmt/format.h>

#include <vector>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/model_argument.h"
#include "runners/model/gguf_contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

}  // namespace

Result<Answer> run_model_check(const ModelCheckArguments& arguments) {
  const Result<GgufFile> file = GgufFile::open(arguments.file);
  if (!file) return fail(file.error());
  const Result<std::optional<Profile>> known = find_profile(arguments.profile, *file);
  if (!known) return fail(known.error());
  if (!*known) {
    return invalid_input(fmt::format(
        "{}: found no built-in profile of its width and depth, want --profile P", file->where()));
  }
  const Profile* profile = &**known;
  const std::vector<ProfileDifference> differences = compare_with_profile(*file, profile->contract);
  const ExitCode code = differences.empty() ? ExitCode::kDone : ExitCode::kFailed;
  if (!arguments.json) {
    std::string text;
    for (const auto& [field, key, found, wanted] : differences)
      text +=
          fmt::format("{}: {}: found {}, contract wants {}\n", file->where(), key, found, wanted);
    if (differences.empty())
      text =
          fmt::format("{}: agrees with the profile {}\n", file->where(), one_line(profile->name));
    return Answer(std::move(text), code);
  }
  Json document = json_document(kSchemaVersion);
  document["file"] = arguments.file;
  document["profile"] = profile->name;
  document["agrees"] = differences.empty();
  Json& list = document["differences"] = Json::array();
  for (const auto& [field, key, found, wanted] : differences) {
    list.push_back({{"field", field.empty() ? Json(nullptr) : Json(field)},
                    {"key", key},
                    {"found", found},
                    {"wanted", wanted}});
  }
  return Answer(to_text(document) + '\n', code);
}

}  // namespace fusesweep
