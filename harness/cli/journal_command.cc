#include "harness/cli/journal_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/base/utc_time.h"
#include "harness/cli/report_files.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "reports/journal_document.h"
#include "reports/journal_page.h"
#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr std::uint64_t kMostBytes = 1U << 20U;  // of a file that is read
constexpr std::size_t kLongestText = 1U << 16U;  // bytes of an intent and the like
constexpr std::size_t kMostHypotheses = 100;

Result<void> want_store(const std::filesystem::path& work) {
  const std::filesystem::path file = database_file(work);
  std::error_code error;
  if (std::filesystem::exists(file, error)) return {};
  return invalid_input(
      fmt::format("{}: found no store, want one that fusesweep journal begin or sweep made",
                  one_line(file.string())));
}

Result<JournalIntent> read_intent_file(const std::string& path) {
  const Result<std::string> text = read_file(path, kMostBytes);
  if (!text) return fail(text.error());
  const Result<Json> document = parse_json(*text, one_line(path));
  if (!document) return fail(document.error());
  JsonReader reader(*document, one_line(path));
  const JsonField root = reader.root();
  root.allow_only({"intent", "setup", "hypotheses", "stop_rule"});
  const auto text_of = [&](std::string_view key) {
    const std::optional<JsonField> field = root.find(key);
    return field ? field->text() : std::string();
  };
  JournalIntent intent{.intent = root.at("intent").text(),
                       .setup = text_of("setup"),
                       .stop_rule = text_of("stop_rule")};
  if (const auto hypotheses = root.find("hypotheses")) {
    for (const JsonField& item : hypotheses->items()) intent.hypotheses.push_back(item.text());
  }
  if (reader.error()) return fail(*reader.error());
  return intent;
}

Result<void> check_text(std::string_view what, const std::string& text) {
  if (text.size() <= kLongestText) return {};
  return invalid_input(
      fmt::format("{}: found {} bytes, want at most {}", what, text.size(), kLongestText));
}

Result<JournalIntent> read_intent(const JournalBeginArguments& arguments) {
  JournalIntent intent;
  if (arguments.file) {
    if (arguments.intent || arguments.setup || arguments.stop_rule || !arguments.hypotheses.empty())
      return invalid_input("found --file beside what it has in it, want one of them");
    Result<JournalIntent> read = read_intent_file(*arguments.file);
    if (!read) return fail_with_context(std::move(read).error(), "--file");
    intent = *std::move(read);
  } else {
    intent = {.intent = arguments.intent.value_or(""),
              .setup = arguments.setup.value_or(""),
              .hypotheses = arguments.hypotheses,
              .stop_rule = arguments.stop_rule.value_or("")};
  }
  intent.name = arguments.name;
  if (intent.intent.find_first_not_of(" \t\r\n") == std::string::npos)
    return invalid_input("found no intent, want --intent TEXT or --file ENTRY.json with one");
  for (const auto& [what, text] : {std::pair{"intent", &intent.intent},
                                   {"setup", &intent.setup},
                                   {"stop rule", &intent.stop_rule}}) {
    if (auto checked = check_text(what, *text); !checked) return fail(std::move(checked).error());
  }
  if (intent.hypotheses.size() > kMostHypotheses) {
    return invalid_input(fmt::format("found {} hypotheses, want at most {}",
                                     intent.hypotheses.size(), kMostHypotheses));
  }
  for (const std::string& text : intent.hypotheses) {
    if (const auto hypothesis = parse_hypothesis(text); !hypothesis)
      return fail_with_context(hypothesis.error(), "hypothesis");
  }
  return intent;
}

// Where stores were merged several entries may have one name, and need a file each.
std::filesystem::path page_of(const std::filesystem::path& work, const Store& store,
                              const JournalRecord& record) {
  std::string name = record.name;
  const Result<std::vector<JournalRecord>> records = read_journal(store);
  const auto namesakes =
      records ? std::count_if(records->begin(), records->end(),
                              [&](const JournalRecord& other) { return other.name == name; })
              : 0;
  if (namesakes > 1 && record.entry) name += '-' + record.entry->hash.substr(0, 8);
  return work / "reports" / "journal" / (name + ".md");
}

Result<std::optional<std::string>> read_page(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return std::nullopt;
  Result<std::string> text = read_file(file, kMostBytes);
  if (!text) return fail(std::move(text).error());
  return *std::move(text);
}

Result<std::string> new_page(const JournalRecord& record, const std::filesystem::path& file) {
  const Result<std::optional<std::string>> before = read_page(file);
  if (!before) return fail(before.error());
  Result<std::string> page = journal_page(record, *before);
  if (!page) return fail_with_context(std::move(page).error(), one_line(file.string()));
  return page;
}

Result<Answer> begin_entry(const JournalBeginArguments& arguments, const JournalIntent& intent,
                           const std::filesystem::path& work, StoredRun& run) {
  const std::filesystem::path file = work / "reports" / "journal" / (intent.name + ".md");
  std::error_code error;
  if (is_journal_name(intent.name) && std::filesystem::exists(file, error)) {
    return invalid_input(
        fmt::format("{}: found a page of that name, want a new name", one_line(file.string())));
  }
  const Result<JournalEntryRow> entry = run.store.put_journal_entry(run.id, intent);
  if (!entry) return fail_with_context(entry.error(), "NAME");
  const JournalRecord record{.name = intent.name, .entry = *entry};
  const Result<std::string> page = journal_page(record, std::nullopt);
  if (!page) return fail(page.error());
  if (auto written = write_report_file(file, *page); !written)
    return fail(std::move(written).error());
  if (arguments.json) {
    Json document = journal_json(record);
    document["file"] = file.string();
    return Answer(to_text(document) + '\n');
  }
  Answer answer(one_line(file.string()) + '\n');
  answer.remark = fmt::format("{}: hash {}, {}\n", intent.name, entry->hash,
                              utc_time(entry->began_unix_ms) + " UTC");
  return answer;
}

// That of the name or hash, or an empty one that is called so.
Result<JournalRecord> find_or_new(const Store& store, const std::string& name) {
  const Result<std::vector<JournalRecord>> records = read_journal(store);
  if (!records) return fail(records.error());
  const bool is_known =
      std::any_of(records->begin(), records->end(), [&](const JournalRecord& record) {
        return record.name == name || (record.entry && record.entry->hash == name);
      });
  if (is_known) return read_journal_record(store, name);
  if (!is_journal_name(name))
    return invalid_input(fmt::format("found {}, want the name of an entry", quote(name)));
  return JournalRecord{.name = name};
}

// The one that was asked for, else that of the outcome before, else the newest that has ended.
Result<SweepRows> its_sweep(const Store& store, const JournalEndArguments& arguments,
                            const JournalRecord& record) {
  if (arguments.sweep || !record.sweep) {
    Result<SweepRows> sweep = read_sweep(store, arguments.sweep);
    if (!sweep) return fail_with_context(std::move(sweep).error(), "--sweep");
    return sweep;
  }
  return *record.sweep;
}

Result<Answer> end_entry(const JournalEndArguments& arguments, const std::filesystem::path& work,
                         StoredRun& run) {
  Result<JournalRecord> record = find_or_new(run.store, arguments.name);
  if (!record) return fail_with_context(std::move(record).error(), "NAME");
  if (record->entry && !is_as_written(*record->entry)) {
    return invalid_input(fmt::format(
        "{}: the entry was changed after it was written: found a text of hash {}, want {}",
        quote(record->name), hash_of(record->entry->intent, record->entry->began_unix_ms),
        quote(record->entry->hash)));
  }
  Result<SweepRows> sweep = its_sweep(run.store, arguments, *record);
  if (!sweep) return fail(std::move(sweep).error());
  JournalOutcome outcome{.name = record->name,
                         .sweep = sweep->id,
                         .lesson = arguments.lesson.value_or(""),
                         .next = arguments.next.value_or("")};
  if (record->entry) outcome.entry = record->entry->id;
  const Result<SweepEvidence> evidence = run.store.evidence_of(sweep->id);
  if (!evidence) return fail(evidence.error());
  record->sweep = *std::move(sweep);
  record->evidence = *evidence;
  const bool says_more = record->outcomes.empty() || !outcome.lesson.empty() ||
                         !outcome.next.empty() ||
                         record->outcomes.back().outcome.sweep != outcome.sweep;
  const std::filesystem::path file = page_of(work, run.store, *record);
  if (says_more) {
    // Before it is stored: a page that somebody wrote in elsewhere stops here.
    record->outcomes.push_back({.outcome = outcome});
    if (const auto page = new_page(*record, file); !page) return fail(page.error());
    Result<JournalOutcomeRow> stored = run.store.put_journal_outcome(run.id, outcome);
    if (!stored) return fail(std::move(stored).error());
    record->outcomes.back() = *std::move(stored);
  }
  const Result<std::string> page = new_page(*record, file);
  if (!page) return fail(page.error());
  if (auto written = write_report_file(file, *page); !written)
    return fail(std::move(written).error());
  if (arguments.json) {
    Json document = journal_json(*record);
    document["file"] = file.string();
    return Answer(to_text(document) + '\n');
  }
  const std::vector<JudgedHypothesis> judged = judged_hypotheses(*record);
  const auto count = [&](Judged what) {
    return std::count_if(judged.begin(), judged.end(),
                         [&](const JudgedHypothesis& one) { return one.judgement.judged == what; });
  };
  Answer answer(one_line(file.string()) + '\n');
  answer.remark = fmt::format("{}: {} confirmed, {} refuted, {} undecided; {}\n", record->name,
                              count(Judged::kConfirmed), count(Judged::kRefuted),
                              count(Judged::kUndecided), to_text(order_of(*record)));
  return answer;
}

std::string line_of(const JournalRecord& record) {
  const std::int64_t when =
      record.entry ? record.entry->began_unix_ms : record.outcomes.front().ended_unix_ms;
  std::string text = fmt::format("{}  {}  {}", utc_time(when) + " UTC", record.name,
                                 record.entry ? record.entry->hash : "without an intent");
  if (record.entry && !is_as_written(*record.entry)) text += "  CHANGED after it was written";
  if (record.outcomes.empty()) return text + "  no outcome yet\n";
  return text + fmt::format("  sweep {}\n", to_text(record.outcomes.back().outcome.sweep));
}

Json item_of(const JournalRecord& record) {
  Json item = {{"name", record.name}};
  item["hash"] = record.entry ? Json(record.entry->hash) : Json(nullptr);
  item["began_unix_ms"] = record.entry ? Json(record.entry->began_unix_ms) : Json(nullptr);
  item["as_written"] = record.entry ? Json(is_as_written(*record.entry)) : Json(nullptr);
  item["sweep"] =
      record.outcomes.empty() ? Json(nullptr) : Json(to_text(record.outcomes.back().outcome.sweep));
  return item;
}

}  // namespace

Result<Answer> run_journal_begin(const JournalBeginArguments& arguments,
                                 const Invocation& invocation) {
  const Result<JournalIntent> intent = read_intent(arguments);
  if (!intent) return fail(intent.error());
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  const SystemClock clock;
  Result<StoredRun> run = StoredRun::begin(work, "journal begin", invocation, clock);
  if (!run) return fail(std::move(run).error());
  return run->end(begin_entry(arguments, *intent, work, *run));
}

Result<Answer> run_journal_end(const JournalEndArguments& arguments, const Invocation& invocation) {
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  if (auto there = want_store(work); !there) return fail(std::move(there).error());
  for (const auto& [what, text] :
       {std::pair{"--lesson", &arguments.lesson}, {"--next", &arguments.next}}) {
    if (auto checked = check_text(what, text->value_or("")); !checked)
      return fail(std::move(checked).error());
  }
  const SystemClock clock;
  Result<StoredRun> run = StoredRun::begin(work, "journal end", invocation, clock);
  if (!run) return fail(std::move(run).error());
  return run->end(end_entry(arguments, work, *run));
}

Result<Answer> run_journal_list(const JournalListArguments& arguments) {
  const std::filesystem::path work = work_folder(arguments.work);
  if (auto there = want_store(work); !there) return fail(std::move(there).error());
  const SystemClock clock;
  const Result<Store> store = open_stored(work, clock);
  if (!store) return fail(store.error());
  const Result<std::vector<JournalRecord>> records = read_journal(*store);
  if (!records) return fail(records.error());
  if (arguments.json) {
    Json document = json_document(kSchemaVersion);
    Json& entries = document["entries"] = Json::array();
    for (const JournalRecord& record : *records) entries.push_back(item_of(record));
    return Answer(to_text(document) + '\n');
  }
  std::string text;
  for (const JournalRecord& record : *records) text += line_of(record);
  return Answer(text.empty() ? "no entry yet: fusesweep journal begin\n" : text);
}

Result<Answer> run_journal_show(const JournalShowArguments& arguments) {
  const std::filesystem::path work = std::filesystem::absolute(work_folder(arguments.work));
  if (auto there = want_store(work); !there) return fail(std::move(there).error());
  const SystemClock clock;
  const Result<Store> store = open_stored(work, clock);
  if (!store) return fail(store.error());
  const Result<JournalRecord> record = read_journal_record(*store, arguments.name);
  if (!record) return fail_with_context(record.error(), "NAME");
  if (arguments.json) return Answer(to_text(journal_json(*record)) + '\n');
  // With what a person wrote in the file; where that cannot be told, without.
  Result<std::string> page = new_page(*record, page_of(work, *store, *record));
  Answer answer;
  if (!page) {
    answer.remark = page.error().message + '\n';
    page = journal_page(*record, std::nullopt);
    if (!page) return fail(std::move(page).error());
  }
  answer.text = *std::move(page);
  return answer;
}

}  // namespace fusesweep
