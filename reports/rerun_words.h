// What a rerun of a baseline comes to, in words that a person reads in five seconds. Pure functions; texts from
// models, runners and stores are shown as one line each, nothing else of them is escaped.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/rerun.h"

namespace fusesweep {

// One short sentence, without its full stop: "Regression: ms_per_token of 16+8+6+2: 12.100 to 12.862 ms,
// +6.30 % (+4.00 to +8.60 %)".
std::string headline(const RerunReport& report);

// What would have been found, which group lost most, how it was compared: a sentence or two each. The cause
// and the dirt stand in the report.
std::vector<std::string> lead(const RerunReport& report);

// The finding that the headline is about: wrong answers before slower ones, the whole before its parts, the
// larger before the smaller. Null: the headline is about none.
const RerunFinding* leading_finding(const RerunReport& report);

bool is_judged(const RerunFinding& finding);

// "ms_per_token of 16+8+6+2 [0,16)"
std::string what_in_words(const RerunFinding& finding);

// The same with its figures, its interval and its text.
std::string in_words(const RerunFinding& finding);

// Each of them "-" where it is absent, and at most 24 characters.
std::string figure_text(std::string_view metric, const std::optional<double>& value);  // "12.862"
std::string change_text(const RerunFinding& finding);                                  // "+6.30 %"
std::string interval_text(const RerunFinding& finding);  // "+4.00 to +8.60 %"

// "strong form: ...", with the reason of any other.
std::string form_in_words(const RerunReport& report);

}  // namespace fusesweep
