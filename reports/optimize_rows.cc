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

}  // namespace

Result<OptimizeRows> optimize_rows(const Store& store, const StoredSweep& stored) {
  Result<OptimizeReport> report = read_optimize_report(stored.answer);
  if (!report) return fail(std::move(report).error());
  const Result<std::optional<RunRow>> run = store.find_run(stored.run);
  if (!run) return fail(run.error());
  OptimizeRows rows{.id = stored.id,
                    .started_unix_ms = stored.started_unix_ms,
                    .ended_unix_ms = stored.ended_unix_ms,
                    .run = run->value_or(RunRow{}),
                    .spec = stored.sweep.spec,
                    .report = *std::move(report)};
  rows.verification = verification_of(store, rows.report.sweep);
  return rows;
}

Result<std::optional<OptimizeRows>> find_optimize(const Store& store, std::string_view beginning) {
  const Result<std::optional<StoredSweep>> found = find_answered(store, kOptimize, beginning);
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  Result<OptimizeRows> rows = optimize_rows(store, **found);
  if (!rows) return fail(std::move(rows).error());
  return *std::move(rows);
}

Result<OptimizeRows> read_optimize(const Store& store, std::optional<std::string_view> beginning) {
  const Result<StoredSweep> found = read_answered(store, kOptimize, beginning);
  if (!found) return fail(found.error());
  return optimize_rows(store, *found);
}

}  // namespace fusesweep
