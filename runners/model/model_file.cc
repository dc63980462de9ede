#include "runners/model/model_file.h"

#include <utility>

#include "harness/base/file.h"
#include "runners/model/gguf_contract.h"

namespace fusesweep {

Result<ModelFile> open_model_file(const std::filesystem::path& path, int threads) {
  Result<GgufFile> file = GgufFile::open(path);
  if (!file) return fail(std::move(file).error());
  Result<Contract> contract = read_contract(*file);
  if (!contract) return fail(std::move(contract).error());
  const Result<Hash128> hash = hash_file(path, threads);
  if (!hash) return fail(hash.error());
  return ModelFile{*std::move(file), *std::move(contract), path.filename().string(), to_hex(*hash)};
}

}  // namespace fusesweep
