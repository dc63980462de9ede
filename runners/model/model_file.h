// A model file, opened: its bytes, its contract, and the hash that names it.
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/result.h"
#include "harness/core/contract.h"
#include "runners/model/gguf_file.h"

namespace fusesweep {

struct ModelFile {
  GgufFile file;
  Contract contract;
  std::string name;  // of the file, without its folder
  std::string hash;  // of all its bytes: 32 hexadecimal digits
};

// Reads the whole file for its hash (4 GB from memory: 0.3 s).
Result<ModelFile> open_model_file(const std::filesystem::path& path, int threads);

}  // namespace fusesweep
