// `fusesweep runs import recorded:NAME`: runs that others recorded, into the work folder's database.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/result.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"

namespace fusesweep {

// What an argument of `runs import` begins with that names a record and not a file.
inline constexpr std::string_view kRecordedPrefix = "recorded:";

// `name` is what find_recorded() knows: the name of a record that comes with fusesweep, or the path of
// a .json file. What is there already is not imported again, and that is said.
Result<Answer> run_import_recorded(std::string_view name, const std::optional<std::string>& work,
                                   bool json, const Invocation& invocation);

}  // namespace fusesweep
