#include "reports/sweep_csv.h"

#include <algorithm>
#include <string>
#include <utility>

#include "reports/answer_words.h"

namespace fusesweep {
namespace {

CsvCell low_of(const std::optional<Interval>& interval) {
  return interval ? CsvCell(interval->low) : CsvCell();
}

CsvCell high_of(const std::optional<Interval>& interval) {
  return interval ? CsvCell(interval->high) : CsvCell();
}

std::string yes_or_no(bool value) { return value ? "yes" : "no"; }

}  // namespace

CsvTable sweep_csv(const SweepRows& sweep) {
  CsvTable table{.columns = {"sweep",          "name",      "split",         "shards",
                             "evidence",       "standing",  "reason",        "control",
                             "may_be_fastest", "tok_per_s", "tok_per_s_low", "tok_per_s_high",
                             "ms_per_token",   "ttft_ms",   "load_ms",       "activation_ms",
                             "verdict",        "size_rel",  "size_rel_low",  "size_rel_high",
                             "notes"}};
  const std::string id = to_text(sweep.id);
  for (const SplitRow& split : sweep.splits) {
    const std::optional<int> shards = shards_of(split);
    const CsvCell shard_count = shards ? CsvCell(std::int64_t{*shards}) : CsvCell();
    const CsvCell reason = split.reason.empty() ? CsvCell() : CsvCell(split.reason);
    const std::optional<Interval> speed = tok_per_s_interval(sweep, split);
    table.rows.push_back({id,
                          split.name,
                          split.split,
                          shard_count,
                          split.tok_per_s ? CsvCell("measured") : CsvCell(),
                          split.standing,
                          reason,
                          yes_or_no(split.is_control),
                          yes_or_no(split.is_tied),
                          csv_cell(split.tok_per_s),
                          low_of(speed),
                          high_of(speed),
                          csv_cell(split.ms_per_token),
                          csv_cell(split.ttft_ms),
                          csv_cell(split.load_ms),
                          csv_cell(split.activation_ms),
                          csv_cell(split.verdict),
                          csv_cell(split.size_rel),
                          low_of(split.interval_rel),
                          high_of(split.interval_rel),
                          CsvCell()});
    for (const RecordedDecodeRow& run : split.recorded) {
      std::string notes;
      for (const std::string& note : run.notes) notes += (notes.empty() ? "" : "; ") + note;
      std::vector<CsvCell> row(table.columns.size());
      row[0] = id;
      row[1] = split.name;
      row[2] = split.split;
      row[3] = shard_count;
      row[4] = "recorded";
      row[5] = split.standing;
      row[9] = run.tok_per_s;
      row[20] = notes;
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

}  // namespace fusesweep
