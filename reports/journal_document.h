// A journal entry before it has a format. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "reports/document.h"
#include "reports/journal_record.h"

namespace fusesweep {

// The sections Intent, Setup, Result, Surprise / hurdle, Lesson, Next, Refs. Lesson and Next have what was typed for them,
// or an invitation to write something there.
Document journal_document(const JournalRecord& record);

// What Lesson and Next say until somebody writes there. Markdown leaves it as it is.
inline constexpr std::string_view kNobodyWroteYet = "(for a person to write)";

// "Intent", "Outcome", "Outcome without an intent".
std::string stage_of(const JournalRecord& record);

// What is known of the order of intent and measurement: a sentence each.
std::vector<std::string> order_in_words(const JournalRecord& record);

// schema_version first; the sweep's answer is named, not repeated.
Json journal_json(const JournalRecord& record);

}  // namespace fusesweep
