// What the reference computes for a prompt, kept on disk: hidden states and logits of a model do not
// change, and a large one takes seconds for each position.
#pragma once

#include <filesystem>
#include <span>

#include "harness/base/result.h"
#include "runners/model/model_file.h"
#include "runners/model/reference.h"

namespace fusesweep {

// The reference's output for the prompt, from the folder `fixtures` if it is there and whole, else
// computed and put there. Fixtures are found by the model's hash and everything else that the output
// depends on; the folder of one is <fixtures>/<hash>, with logits.npy and hidden_<i>.npy.
// Errors: those of Reference; a folder that cannot be written.
Result<ReferenceOutput> reference_fixture(const ModelFile& model, const ReferenceOptions& options,
                                          std::span<const int> ids,
                                          const std::filesystem::path& fixtures);

}  // namespace fusesweep
