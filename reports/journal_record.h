// A journal entry as reports see it: what was meant, and the sweep that came of it. Read once from the store; shown
// by the pure functions of journal_document.h and journal_page.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "reports/judgement.h"
#include "reports/sweep_rows.h"
#include "results/store.h"

namespace fusesweep {

struct JournalRecord {
  std::string name;
  std::optional<JournalEntryRow> entry;     // absent: nobody wrote an intent
  std::vector<JournalOutcomeRow> outcomes;  // oldest first; the last is what came of it
  // Of the last outcome; absent: there is none yet.
  std::optional<SweepRows> sweep;
  SweepEvidence evidence;
};

// Which was there first.
enum class JournalOrder {
  kNoIntent,
  kNoOutcome,
  kNothingMeasured,  // so far
  kRecorded,         // others measured it, and wrote it down, before
  kIntentFirst,
  kMeasuredFirst,  // at the latest at the same time
};

std::string_view to_text(JournalOrder order);  // "intent first", ...

JournalOrder order_of(const JournalRecord& record);

// Whether the entry is what was written at first, by its hash.
bool is_as_written(const JournalEntryRow& entry);

// The entry's hypotheses. One that cannot be read (another version wrote it) is undecided, with the reason.
std::vector<JudgedHypothesis> judged_hypotheses(const JournalRecord& record);

// Of all names, oldest first: without their sweeps.
Result<std::vector<JournalRecord>> read_journal(const Store& store);

// By name or, where stores were merged and several have one, by hash; with its sweep. Errors: none or several
// such; what read_sweep() says.
Result<JournalRecord> read_journal_record(const Store& store, std::string_view name_or_hash);

}  // namespace fusesweep
