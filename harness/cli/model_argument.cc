#include "harness/cli/model_argument.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "harness/base/text.h"
#include "runners/model/gguf_contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {

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

Result<Contract> read_model_argument(const std::string& model) {
  return known_model_or_file(model, "GGUF", [](const std::string& path) -> Result<Contract> {
    const Result<GgufFile> file = GgufFile::open(path);
    if (!file) return fail(file.error());
    return read_contract(*file);
  });
}

}  // namespace fusesweep
