// Baselines as they are shown: `fusesweep baseline list`, `show`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/cli/baseline_contents.h"
#include "results/baseline.h"

namespace fusesweep {

// What its folder says beside its document.
struct BaselineFolderFacts {
  std::filesystem::path folder;
  ProgramState program = ProgramState::kMissing;
  Result<BaselineBytes> bytes;
};

BaselineFolderFacts facts_of_folder(const Baseline& baseline, const std::filesystem::path& folder);

// A table of those that can be read, and a line for each of the others.
std::string list_text(const std::vector<ListedBaseline>& listed,
                      const std::filesystem::path& baselines);
Json list_json(const std::vector<ListedBaseline>& listed, const std::filesystem::path& baselines);

std::string show_text(const Baseline& baseline, const BaselineFolderFacts& facts);
// The document, and the facts beside it.
Json show_json(const Baseline& baseline, const BaselineFolderFacts& facts);

// "'ssh' 'mac'": the command that a runner is started with.
std::string words_text(const BaselineRunner& runner);

}  // namespace fusesweep
