#include "harness/cli/model_argument.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "harness/base/text.h"
#include "runners/model/gguf_contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {

Result<Contract> read_model_argument(const std::string& model) {
  if (Result<Contract> known = known_model(model)) return known;
  std::error_code ignored;  // what else there is to say of the path, opening it says
  if (std::filesystem::status(model, ignored).type() == std::filesystem::file_type::not_found) {
    return invalid_input(fmt::format("found {}, want the path of a GGUF file or one of {}",
                                     quote(model), fmt::join(known_model_names(), ", ")));
  }
  const Result<GgufFile> file = GgufFile::open(model);
  if (!file) return fail(file.error());
  return read_contract(*file);
}

}  // namespace fusesweep
