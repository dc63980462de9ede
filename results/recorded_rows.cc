#include "results/recorded_rows.h"

#include <algorithm>

#include "harness/base/utc_time.h"

namespace fusesweep {
std::optional<std::int64_t> unix_ms_of_date(std::string_view date) {
  constexpr std::size_t kDay = 10;  // a time of day has no place in a record
  if (date.size() != kDay) return std::nullopt;
  const Result<std::int64_t> unix_ms = parse_utc(date);
  return unix_ms ? std::optional(*unix_ms) : std::nullopt;
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
