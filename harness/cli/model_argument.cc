#include "harness/cli/model_argument.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/core/contract_json.h"
#include "runners/model/gguf_contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMaxProfileBytes = 1 << 20;

// `kind` is that of the file which `read` takes the contract from.
Result<Contract> known_model_or_file(
    const std::string& typed, std::string_view kind,
    const std::function<Result<Contract>(const std::string& path)>& read) {
  if (Result<Contract> known = known_model(typed)) return known;
  std::error_code ignored;  // what else there is to say of the path, opening it says
  if (std::filesystem::status(typed, ignored).type() == std::filesystem::file_type::not_found) {
    return invalid_input(fmt::format("found {}, want the path of a {} file or one of {}",
                                     quote(typed), kind, fmt::join(known_model_names(), ", ")));
  }
  return read(typed);
}

}  // namespace

Result<Contract> read_profile_argument(const std::string& profile) {
  return known_model_or_file(profile, "JSON", [](const std::string& path) -> Result<Contract> {
    const Result<std::string> text = read_file(path, kMaxProfileBytes);
    if (!text) return fail(text.error());
    const std::string where = one_line(path);
    const Result<Json> json = parse_json(*text, where);
    if (!json) return fail(json.error());
    JsonReader reader(*json, where);
    Contract contract = read_contract(reader.root());
    if (reader.error()) return fail(*reader.error());
    return contract;
  });
}

Result<Contract> read_model_argument(const std::string& model) {
  return known_model_or_file(model, "GGUF", [](const std::string& path) -> Result<Contract> {
    const Result<GgufFile> file = GgufFile::open(path);
    if (!file) return fail(file.error());
    return read_contract(*file);
  });
}

Result<std::optional<Profile>> find_profile(const std::optional<std::string>& typed,
                                            const GgufFile& file) {
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
  return std::nullopt;
}

Result<std::optional<Profile>> find_profile(const std::optional<std::string>& typed,
                                            const std::filesystem::path& model) {
  if (model.empty()) return std::optional<Profile>();
  const Result<GgufFile> file = GgufFile::open(model);
  if (!file) return fail(file.error());
  return find_profile(typed, *file);
}

}  // namespace fusesweep
