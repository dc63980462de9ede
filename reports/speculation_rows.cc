#include "reports/speculation_rows.h"

#include <utility>

#include "reports/answered.h"

namespace fusesweep {
namespace {

constexpr std::string_view kSpeculate = "speculate";

}  // namespace

Result<SpeculationRows> speculation_rows(const Store& store, const StoredSweep& stored) {
  Result<SpeculationReport> report = read_speculation_report(stored.answer);
  if (!report) return fail(std::move(report).error());
  const Result<std::optional<RunRow>> run = store.find_run(stored.run);
  if (!run) return fail(run.error());
  return SpeculationRows{.id = stored.id,
                         .started_unix_ms = stored.started_unix_ms,
                         .ended_unix_ms = stored.ended_unix_ms,
                         .run = run->value_or(RunRow{}),
                         .report = *std::move(report)};
}

Result<std::optional<SpeculationRows>> find_speculation(const Store& store,
                                                        std::string_view beginning) {
  const Result<std::optional<StoredSweep>> found = find_answered(store, kSpeculate, beginning);
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  Result<SpeculationRows> rows = speculation_rows(store, **found);
  if (!rows) return fail(std::move(rows).error());
  return *std::move(rows);
}

Result<SpeculationRows> read_speculation(const Store& store,
                                         std::optional<std::string_view> beginning) {
  const Result<StoredSweep> found = read_answered(store, kSpeculate, beginning);
  if (!found) return fail(found.error());
  return speculation_rows(store, *found);
}

}  // namespace fusesweep
