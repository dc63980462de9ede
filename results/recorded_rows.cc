#include "results/recorded_rows.h"

#include <algorithm>
#include <chrono>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

std::optional<int> part_of_date(std::string_view date, std::size_t begin, std::size_t count) {
  const std::string_view part = date.substr(begin, count);
  if (part.find('-') != std::string_view::npos) return std::nullopt;
  const Result<std::int64_t> value = parse_integer(part, 0, 9999);
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

}  // namespace

std::optional<std::int64_t> unix_ms_of_date(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  const std::optional<int> year = part_of_date(date, 0, 4);
  const std::optional<int> month = part_of_date(date, 5, 2);
  const std::optional<int> day = part_of_date(date, 8, 2);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day calendar(std::chrono::year(*year),
                                             std::chrono::month(static_cast<unsigned>(*month)),
                                             std::chrono::day(static_cast<unsigned>(*day)));
  if (!calendar.ok()) return std::nullopt;
  const auto since_1970 = std::chrono::sys_days(calendar).time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

std::vector<RecordedRunRow> recorded_rows(const RecordedFacts& facts) {
  std::vector<RecordedRunRow> rows;
  for (const RecordedSplit& split : facts.splits) {
    for (const RecordedRun& run : split.runs) {
      RecordedRunRow row{.facts = facts.name,
                         .facts_hash = facts.content_hash,
                         .position = static_cast<int>(rows.size()),
                         .device = facts.device,
                         .accelerator = facts.accelerator,
                         .os = facts.os,
                         .model = facts.model,
                         .n_layers = facts.n_layers,
                         .rope_dim = run.rope_dim,
                         .encoding = facts.encoding,
                         .split = to_text(split.split),
                         .tok_per_s = run.decode_tok_per_s,
                         .decode_tokens = run.decode_tokens,
                         .layers_ms_per_token = run.layers_ms_per_token,
                         .head_ms_per_token = run.head_ms_per_token,
                         .prefill_tok_per_s = run.prefill_tok_per_s,
                         .request_s = run.request_s,
                         .source = run.source,
                         .note = run.note};
      for (const RecordedGroup& group : run.groups)
        row.groups.push_back({to_text(group.segment), group.ms_per_token});
      const auto source =
          std::find_if(facts.sources.begin(), facts.sources.end(),
                       [&](const RecordedSource& known) { return known.id == run.source; });
      if (source != facts.sources.end()) {
        row.source_title = source->title;
        if (source->date) row.date_unix_ms = unix_ms_of_date(*source->date);
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Result<int> import_recorded(Store& store, const Uuid& run, const RecordedFacts& facts) {
  return store.put_recorded(run, recorded_rows(facts));
}

}  // namespace fusesweep
