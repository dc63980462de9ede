#include "reports/journal_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

// Outcomes without an entry belong together by their name.
JournalRecord& record_of(std::vector<JournalRecord>& records, const JournalOutcomeRow& row) {
  const JournalOutcome& outcome = row.outcome;
  for (JournalRecord& record : records) {
    const bool is_its = outcome.entry ? record.entry && record.entry->id == *outcome.entry
                                      : !record.entry && record.name == outcome.name;
    if (is_its) return record;
  }
  records.push_back({.name = outcome.name});
  return records.back();
}

Result<void> read_its_sweep(const Store& store, JournalRecord& record) {
  if (record.outcomes.empty()) return {};
  const Uuid& id = record.outcomes.back().outcome.sweep;
  Result<SweepRows> sweep = read_sweep(store, to_text(id));
  if (!sweep) return fail(std::move(sweep).error());
  record.sweep = *std::move(sweep);
  const Result<SweepEvidence> evidence = store.evidence_of(id);
  if (!evidence) return fail(evidence.error());
  record.evidence = *evidence;
  return {};
}

}  // namespace

std::string_view to_text(JournalOrder order) {
  switch (order) {
    case JournalOrder::kNoIntent:
      return "no intent";
    case JournalOrder::kNoOutcome:
      return "no outcome";
    case JournalOrder::kNothingMeasured:
      return "nothing measured";
    case JournalOrder::kRecorded:
      return "recorded first";
    case JournalOrder::kIntentFirst:
      return "intent first";
    case JournalOrder::kMeasuredFirst:
      return "measured first";
  }
  FUSESWEEP_UNREACHABLE();
}

JournalOrder order_of(const JournalRecord& record) {
  if (!record.entry) return JournalOrder::kNoIntent;
  if (!record.sweep) return JournalOrder::kNoOutcome;
  if (record.sweep->is_recorded) return JournalOrder::kRecorded;
  if (!record.evidence.first_unix_ms) return JournalOrder::kNothingMeasured;
  return record.entry->began_unix_ms < *record.evidence.first_unix_ms
             ? JournalOrder::kIntentFirst
             : JournalOrder::kMeasuredFirst;
}

bool is_as_written(const JournalEntryRow& entry) {
  return entry.hash == hash_of(entry.intent, entry.began_unix_ms);
}

std::vector<JudgedHypothesis> judged_hypotheses(const JournalRecord& record) {
  std::vector<JudgedHypothesis> judged;
  if (!record.entry) return judged;
  for (const std::string& text : record.entry->intent.hypotheses) {
    const Result<Hypothesis> hypothesis = parse_hypothesis(text);
    if (!hypothesis) {
      judged.push_back({{.text = one_line(text), .claim = CliffIsConfirmed{}},
                        {Judged::kUndecided, hypothesis.error().message}});
    } else if (!record.sweep) {
      judged.push_back({*hypothesis, {Judged::kUndecided, "no sweep came of it yet"}});
    } else {
      judged.push_back({*hypothesis, judge(*hypothesis, *record.sweep)});
    }
  }
  return judged;
}

Result<std::vector<JournalRecord>> read_journal(const Store& store) {
  Result<std::vector<JournalEntryRow>> entries = store.journal_entries();
  if (!entries) return fail(std::move(entries).error());
  const Result<std::vector<JournalOutcomeRow>> outcomes = store.journal_outcomes();
  if (!outcomes) return fail(outcomes.error());
  std::vector<JournalRecord> records;
  for (JournalEntryRow& entry : *entries)
    records.push_back({.name = entry.intent.name, .entry = std::move(entry)});
  for (const JournalOutcomeRow& outcome : *outcomes)
    record_of(records, outcome).outcomes.push_back(outcome);
  return records;
}

Result<JournalRecord> read_journal_record(const Store& store, std::string_view name_or_hash) {
  Result<std::vector<JournalRecord>> records = read_journal(store);
  if (!records) return fail(std::move(records).error());
  std::vector<JournalRecord> chosen;
  for (JournalRecord& record : *records) {
    const bool is_hash = record.entry && record.entry->hash == name_or_hash;
    if (is_hash || record.name == name_or_hash) chosen.push_back(std::move(record));
  }
  if (chosen.size() != 1) {
    return invalid_input(fmt::format(
        "found {} entries of the name {}, want one{}", chosen.size(), quote(name_or_hash),
        chosen.empty() ? ": fusesweep journal list" : ", by its hash: fusesweep journal list"));
  }
  if (auto read = read_its_sweep(store, chosen.front()); !read)
    return fail(std::move(read).error());
  return std::move(chosen.front());
}

}  // namespace fusesweep
