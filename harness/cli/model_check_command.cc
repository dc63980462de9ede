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

struct Profile {
  std::string name;
  Contract contract;
};

// Without a name: the built-in shape as wide and as deep as the file says that it is.
Result<Profile> find_profile(const std::optional<std::string>& typed, const GgufFile& file) {
  if (typed) {
    Result<Contract> contract = read_profile_argument(*typed);
    if (!contract) return fail_with_context(std::move(contract).error(), "--profile");
    return Profile{*typed, *std::move(contract)};
  }
  const auto stated = [&](std::string_view key) -> std::uint64_t {
    const GgufValue* value = file.find(key);
    const auto* number = value == nullptr ? nullptr : std::get_if<std::uint64_t>(value);
    return number == nullptr ? 0 : *number;
  };
  for (const std::string_view name : known_model_names()) {
    const Contract known = *known_model(name);
    if (stated("phi3.block_count") == static_cast<std::uint64_t>(known.n_layers) &&
        stated("phi3.embedding_length") == static_cast<std::uint64_t>(known.d_model))
      return Profile{std::string(name), known};
  }
  return invalid_input(
      fmt::format("{}: found no built-in profile of its width and depth, want "
                  "--profile P",
                  file.where()));
}

}  // namespace

Result<Answer> run_model_check(const ModelCheckArguments& arguments) {
  const Result<GgufFile> file = GgufFile::open(arguments.file);
  if (!file) return fail(file.error());
  const Result<Profile> profile = find_profile(arguments.profile, *file);
  if (!profile) return fail(profile.error());
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
