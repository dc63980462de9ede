#include "reports/optimize_rows.h"

#include <utility>

#include "reports/answered.h"

namespace fusesweep {
namespace {

constexpr std::string_view kOptimize = "optimize";

// One that names a sweep that is not here, or whose answer cannot be read, does without.
std::optional<SweepRows> verification_of(const Store& store, const std::string& sweep) {
  const Result<Uuid> id = parse_uuid(sweep);
  if (!id) return std::nullopt;
  Result<SweepRows> rows = read_sweep(store, to_text(*id));
  return rows ? std::optional(*std::move(rows)) : std::nullopt;
}

Result<OptimizeRows> rows_of(const Store& store, const StoredSweep& sweep) {
  Result<OptimizeReport> report = read_optimize_report(sweep.answer);
  if (!report) return fail(std::move(report).error());
  const Result<std::optional<RunRow>> run = store.find_run(sweep.run);
  if (!run) return fail(run.error());
  OptimizeRows rows{.id = sweep.id,
                    .started_unix_ms = sweep.started_unix_ms,
                    .ended_unix_ms = sweep.ended_unix_ms,
                    .run = run->value_or(RunRow{}),
                    .spec = sweep.sweep.spec,
                    .report = *std::move(report)};
  rows.verification = verification_of(store, rows.report.sweep);
  return rows;
}

}  // namespace

Result<std::optional<OptimizeRows>> find_optimize(const Store& store, std::string_view beginning) {
  const Result<std::optional<StoredSweep>> found = find_answered(store, kOptimize, beginning);
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  Result<OptimizeRows> rows = rows_of(store, **found);
  if (!rows) return fail(std::move(rows).error());
  return *std::move(rows);
}

Result<OptimizeRows> read_optimize(const Store& store, std::optional<std::string_view> beginning) {
  const Result<StoredSweep> found = read_answered(store, kOptimize, beginning);
  if (!found) return fail(found.error());
  return rows_of(store, *found);
}

}  // namespace fusesweep
