// The records that come with fusesweep (topologies/recorded/, compiled in), and how a user names
// one of them or a file of their own.
#pragma once

#include <span>
#include <string_view>

#include "harness/base/result.h"
#include "topologies/recorded_facts.h"

namespace fusesweep {

struct RecordedText {
  std::string_view name;  // "phi4-mini-m4max"
  std::string_view text;  // the file's
};

std::span<const RecordedText> recorded_records();

// A record by the name of one that comes with fusesweep, or by the path of a file, which ends in
// ".json". The error says what was found and lists what there is; the caller adds where.
Result<RecordedFacts> find_recorded(std::string_view name_or_path);

}  // namespace fusesweep
