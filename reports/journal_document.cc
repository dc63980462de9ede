#include "reports/journal_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "harness/base/utc_time.h"
#include "reports/answer_words.h"
#include "reports/shown_text.h"
#include "reports/sweep_tables.h"

namespace fusesweep {
namespace {

std::string at_utc(std::int64_t unix_ms) { return utc_time(unix_ms) + " UTC"; }

constexpr int kSchemaVersion = 1;

// A paragraph for each line that was written.
void add_text(DocumentSection& section, std::string_view text) {
  for (const std::string_view line : split_text(text, '\n')) {
    if (!line.empty()) section.sentences.emplace_back(line);
  }
}

DocumentSection intent_section(const JournalRecord& record) {
  DocumentSection section{.id = "intent", .title = "Intent"};
  if (!record.entry) {
    section.sentences.emplace_back(
        "None was written: nobody said beforehand what was to be found out, so nothing below "
        "confirms or refutes an expectation.");
    return section;
  }
  const JournalIntent& intent = record.entry->intent;
  add_text(section, intent.intent);
  for (std::size_t i = 0; i < intent.hypotheses.size(); ++i)
    section.facts.push_back({fmt::format("Hypothesis {}", i + 1), intent.hypotheses[i]});
  if (intent.hypotheses.empty()) section.facts.push_back({"Hypotheses", "none were written"});
  return section;
}

std::string spec_text(const SweepRows& sweep, const char* key) {
  const auto found = sweep.spec.find(key);
  return found == sweep.spec.end() || found->is_null() ? "not known" : shown(to_text(*found));
}

DocumentSection setup_section(const JournalRecord& record) {
  DocumentSection section{.id = "setup", .title = "Setup"};
  if (record.entry) {
    add_text(section, record.entry->intent.setup);
    section.facts.push_back({"Stop rule", record.entry->intent.stop_rule.empty()
                                              ? std::string("none was written")
                                              : record.entry->intent.stop_rule});
  }
  if (!record.sweep) {
    section.facts.push_back({"Measured", "not yet"});
    return section;
  }
  const SweepRows& sweep = *record.sweep;
  const Provenance& made = sweep.run.start.provenance;
  section.facts.push_back({"Measured", subject_of(sweep)});
  section.facts.push_back({"Evidence", evidence_in_words(sweep)});
  if (sweep.runner && !sweep.runner->emulated.empty()) {
    section.facts.push_back({"Emulated, no property of the device",
                             shown(fmt::format("{}", fmt::join(sweep.runner->emulated, ", ")))});
  }
  section.facts.push_back({"Machine", fmt::format("{}, {}", shown(made.host.value_or("not known")),
                                                  shown(made.os.value_or("not known")))});
  section.facts.push_back(
      {"Workload", fmt::format("prompt of {} tokens, {} decoding steps, {} decodings a block",
                               spec_text(sweep, "prompt_tokens"), spec_text(sweep, "decode_tokens"),
                               spec_text(sweep, "decodings"))});
  return section;
}

Tone tone_of(Judged judged) {
  switch (judged) {
    case Judged::kConfirmed:
      return Tone::kGood;
    case Judged::kRefuted:
      return Tone::kBad;
    case Judged::kUndecided:
      return Tone::kUnsure;
  }
  FUSESWEEP_UNREACHABLE();
}

DocumentTable hypotheses_table(std::span<const JudgedHypothesis> judged) {
  DocumentTable table{.id = "hypotheses",
                      .caption = "Hypotheses",
                      .columns = {{"Hypothesis"}, {"Judged"}, {"Because"}}};
  for (const JudgedHypothesis& one : judged) {
    table.rows.push_back({{.text = one.hypothesis.text},
                          {.text = std::string(to_text(one.judgement.judged)),
                           .tone = tone_of(one.judgement.judged)},
                          {.text = one.judgement.reason}});
  }
  return table;
}

void add_table(DocumentSection& section, DocumentTable table) {
  if (!table.rows.empty()) section.tables.push_back(std::move(table));
}

DocumentSection result_section(const JournalRecord& record,
                               std::span<const JudgedHypothesis> judged) {
  DocumentSection section{.id = "result", .title = "Result"};
  if (!record.sweep) {
    section.sentences.emplace_back("None yet: this was written before the work.");
    return section;
  }
  const SweepRows& sweep = *record.sweep;
  section.sentences.push_back(headline(sweep) + ".");
  for (std::string& sentence : lead(sweep)) section.sentences.push_back(std::move(sentence));
  if (sweep.cliff) {
    section.sentences.push_back(fmt::format("Residency: {}{}.",
                                            in_words(*sweep.cliff, sweep.n_layers),
                                            sweep.is_recorded ? ", as recorded" : ""));
  }
  for (std::string& sentence : order_in_words(record))
    section.sentences.push_back(std::move(sentence));
  add_table(section, hypotheses_table(judged));
  add_table(section, splits_table(sweep));
  add_table(section, recorded_table(sweep));
  return section;
}

DocumentSection surprise_section(const JournalRecord& record,
                                 std::span<const JudgedHypothesis> judged) {
  DocumentSection section{.id = "surprise", .title = "Surprise / hurdle"};
  if (!record.sweep) {
    section.sentences.emplace_back("None yet.");
    return section;
  }
  for (const std::string& surprise : surprises_of(judged, *record.sweep))
    section.sentences.push_back(surprise + ".");
  if (section.sentences.empty()) {
    section.sentences.emplace_back(
        judged.empty() ? "Nothing stands out; there was no hypothesis to contradict."
                       : "Nothing contradicts what was expected.");
  }
  return section;
}

// What was typed with outcomes, each text once.
DocumentSection typed_section(const JournalRecord& record, const char* id, const char* title,
                              std::string JournalOutcome::*text) {
  DocumentSection section{.id = id, .title = title};
  std::vector<std::string> seen;
  for (const JournalOutcomeRow& row : record.outcomes) {
    const std::string& typed = row.outcome.*text;
    if (std::find(seen.begin(), seen.end(), typed) != seen.end()) continue;
    seen.push_back(typed);
    add_text(section, typed);
  }
  if (section.sentences.empty()) section.sentences.emplace_back(kNobodyWroteYet);
  return section;
}

DocumentSection refs_section(const JournalRecord& record) {
  DocumentSection section{.id = "refs", .title = "Refs"};
  if (record.entry) {
    section.facts.push_back(
        {"Intent", fmt::format("{}, hash {}", at_utc(record.entry->began_unix_ms),
                               shown(record.entry->hash))});
  }
  for (std::size_t i = 0; i + 1 < record.outcomes.size(); ++i) {
    const JournalOutcomeRow& row = record.outcomes[i];
    section.facts.push_back(
        {"Earlier outcome",
         fmt::format("{}, sweep {}", at_utc(row.ended_unix_ms), to_text(row.outcome.sweep))});
  }
  if (!record.sweep) return section;
  const SweepRows& sweep = *record.sweep;
  const Provenance& made = sweep.run.start.provenance;
  section.facts.push_back({"Outcome", at_utc(record.outcomes.back().ended_unix_ms)});
  section.facts.push_back(
      {"Sweep", fmt::format("{}, {} to {}", to_text(sweep.id), at_utc(sweep.started_unix_ms),
                            sweep.ended_unix_ms ? at_utc(*sweep.ended_unix_ms) : "no end yet")});
  section.facts.push_back(
      {"Report", fmt::format("fusesweep report --sweep {}", to_text(sweep.id))});
  section.facts.push_back(
      {"fusesweep", fmt::format("{}, revision {}{}", shown(made.program_version),
                                shown(made.git_revision.value_or("not known")),
                                made.git_dirty.value_or(false) ? ", with changes" : "")});
  if (sweep.model) section.facts.push_back({"Model", shown(sweep.model->hash)});
  if (!sweep.manifest.empty()) section.facts.push_back({"Manifest", shown(sweep.manifest)});
  return section;
}

// Outcomes of several sweeps for one intent: the reader has to know that somebody could choose.
std::size_t sweeps_tried(const JournalRecord& record) {
  std::vector<Uuid> sweeps;
  for (const JournalOutcomeRow& row : record.outcomes) {
    if (std::find(sweeps.begin(), sweeps.end(), row.outcome.sweep) == sweeps.end())
      sweeps.push_back(row.outcome.sweep);
  }
  return sweeps.size();
}

}  // namespace

std::string stage_of(const JournalRecord& record) {
  if (!record.sweep) return "Intent";
  return record.entry ? "Outcome" : "Outcome without an intent";
}

std::vector<std::string> order_in_words(const JournalRecord& record) {
  std::vector<std::string> text;
  const auto time_of = [](const std::optional<std::int64_t>& time) {
    return time ? at_utc(*time) : std::string("at an unknown time");
  };
  switch (order_of(record)) {
    case JournalOrder::kNoIntent:
      text.emplace_back("No intent was written before.");
      break;
    case JournalOrder::kNoOutcome:
      return text;
    case JournalOrder::kNothingMeasured:
      text.emplace_back("Nothing was measured since the intent was written.");
      break;
    case JournalOrder::kRecorded:
      text.emplace_back(
          "Others measured this and wrote it down: it could be known before the intent was "
          "written.");
      break;
    case JournalOrder::kIntentFirst:
      text.push_back(fmt::format("The intent was written before the first measurement, {}.",
                                 time_of(record.evidence.first_unix_ms)));
      break;
    case JournalOrder::kMeasuredFirst:
      text.push_back(fmt::format(
          "The intent was written after the first measurement: {}, and the sweep measured from {} "
          "on.",
          at_utc(record.entry->began_unix_ms), time_of(record.evidence.first_unix_ms)));
      break;
  }
  const auto& known = record.evidence.model_first_unix_ms;
  const bool was_known = order_of(record) == JournalOrder::kIntentFirst && known &&
                         *known <= record.entry->began_unix_ms;
  if (was_known) {
    text.push_back(fmt::format(
        "This model had been probed, gated or measured on this runner before, since {}.",
        time_of(known)));
  }
  if (record.entry && !is_as_written(*record.entry)) {
    text.push_back(fmt::format(
        "The intent was changed after it was written: its hash was {}, that of its text is {}.",
        shown(record.entry->hash), hash_of(record.entry->intent, record.entry->began_unix_ms)));
  }
  if (sweeps_tried(record) > 1) {
    text.push_back(fmt::format("{} sweeps were taken for the outcome, one after the other.",
                               sweeps_tried(record)));
  }
  return text;
}

Document journal_document(const JournalRecord& record) {
  const std::vector<JudgedHypothesis> judged = judged_hypotheses(record);
  const std::int64_t when = record.outcomes.empty() && record.entry ? record.entry->began_unix_ms
                            : record.outcomes.empty()               ? -1
                                                      : record.outcomes.back().ended_unix_ms;
  Document document{
      .kind = stage_of(record),
      .subject = record.sweep ? headline(*record.sweep) : "nothing is measured yet",
      .headline = fmt::format("{} - {} - {}", utc_day(when), record.name, stage_of(record))};
  document.sections = {
      intent_section(record),
      setup_section(record),
      result_section(record, record.sweep ? judged : std::vector<JudgedHypothesis>()),
      surprise_section(record, judged),
      typed_section(record, "lesson", "Lesson", &JournalOutcome::lesson),
      typed_section(record, "next", "Next", &JournalOutcome::next),
      refs_section(record)};
  return document;
}

Json journal_json(const JournalRecord& record) {
  Json json = json_document(kSchemaVersion);
  const auto or_null = [](const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
  };
  json["name"] = record.name;
  json["stage"] = stage_of(record);
  json["order"] = to_text(order_of(record));
  json["intent"] = nullptr;
  if (record.entry) {
    const JournalIntent& intent = record.entry->intent;
    json["intent"] = {{"intent", intent.intent},
                      {"setup", or_null(intent.setup)},
                      {"stop_rule", or_null(intent.stop_rule)},
                      {"hypotheses", intent.hypotheses},
                      {"began_unix_ms", record.entry->began_unix_ms},
                      {"hash", record.entry->hash},
                      {"as_written", is_as_written(*record.entry)}};
  }
  Json& outcomes = json["outcomes"] = Json::array();
  for (const JournalOutcomeRow& row : record.outcomes) {
    outcomes.push_back({{"sweep", to_text(row.outcome.sweep)},
                        {"ended_unix_ms", row.ended_unix_ms},
                        {"lesson", or_null(row.outcome.lesson)},
                        {"next", or_null(row.outcome.next)}});
  }
  json["outcome"] = nullptr;
  json["headline"] = nullptr;
  if (record.sweep) {
    json["outcome"] = to_text(outcome_of(*record.sweep));
    json["headline"] = headline(*record.sweep);
  }
  const std::vector<JudgedHypothesis> judged = judged_hypotheses(record);
  Json& hypotheses = json["hypotheses"] = Json::array();
  for (const JudgedHypothesis& one : judged) {
    hypotheses.push_back({{"hypothesis", one.hypothesis.text},
                          {"judged", to_text(one.judgement.judged)},
                          {"reason", one.judgement.reason}});
  }
  json["surprises"] =
      record.sweep ? Json(surprises_of(judged, *record.sweep)) : Json(Json::array());
  return json;
}

}  // namespace fusesweep
