// Prompts: lists of token ids that a model is run on. There is no tokenizer here; what is measured
// does not depend on what the ids mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"

namespace fusesweep {

struct Prompt {
  std::string name;
  std::vector<int> ids;

  bool operator==(const Prompt&) const = default;
};

// Generated prompts of so many tokens each, the same on every machine; and before them, where the
// vocabulary has its ids, "phi4-mini-chat": the four ids of a short question in Phi-4-mini's own
// format, [199999, 200021, 14350, 200019].
// REQUIRES: vocab_size, count, tokens are positive.
std::vector<Prompt> built_in_prompts(int vocab_size, int count, int tokens);

// A JSON list of lists of ids: [[1,2,3],[4,5]]. Named "0", "1", ... Errors name `where` and the place.
Result<std::vector<Prompt>> parse_prompts(std::string_view text, std::string_view where,
                                          int vocab_size);

// "1,2,3". The error says what was found; the caller adds where.
Result<std::vector<int>> parse_ids(std::string_view text, int vocab_size);

}  // namespace fusesweep
