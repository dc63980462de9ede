#include "reports/speculation_rows.h"

#include <utility>

#include "reports/answered.h"

namespace fusesweep {
namespace {

constexpr std::string_view kSpeculate = "speculate";

Result<SpeculationRows> rows_of(const Store& store, const StoredSweep& sweep) {
  Result<SpeculationReport> report = read_speculation_report(sweep.answer);
  if (!report) return fail(std::move(report).error());
  const Result<std::optional<RunRow>> run = store.find_run(sweep.run);
  if (!run) return fail(run.error());
  return SpeculationRows{.id = sweep.id,
                         .started_unix_ms = sweep.started_unix_ms,
                         .ended_unix_ms = sweep.ended_unix_ms,
                         .run = run->value_or(RunRow{}),
                         .report = *std::move(report)};
}

}  // namespace

Result<std::optional<SpeculationRows>> find_speculation(const Store& store,
                                                        std::string_view beginning) {
  const Result<std::optional<StoredSweep>> found = find_answered(store, kSpeculate, beginning);
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  Result<SpeculationRows> rows = rows_of(store, **found);
  if (!rows) return fail(std::move(rows).error());
  return *std::move(rows);
}

Result<SpeculationRows> read_speculation(const Store& store,
                                         std::optional<std::string_view> beginning) {
  const Result<StoredSweep> found = read_answered(store, kSpeculate, beginning);
  if (!found) return fail(found.error());
  return rows_of(store, *found);
}

}  // namespace fusesweep
