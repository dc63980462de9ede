#include "reports/optimize_rows.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "harness/base/text.h"

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
  if (sweep.answer.is_null()) {
    return invalid_input(
        fmt::format("optimize {}: found no answer, want one that has ended", to_text(sweep.id)));
  }
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
  const Result<std::vector<StoredSweep>> all = store.sweeps();
  if (!all) return fail(all.error());
  const StoredSweep* found = only_one(*all, beginning);
  if (found == nullptr || kind_of(found->sweep) != kOptimize) return std::nullopt;
  Result<OptimizeRows> rows = rows_of(store, *found);
  if (!rows) return fail(std::move(rows).error());
  return *std::move(rows);
}

Result<OptimizeRows> read_optimize(const Store& store, std::optional<std::string_view> beginning) {
  const Result<std::vector<StoredSweep>> all = store.sweeps();
  if (!all) return fail(all.error());
  if (beginning) {
    const StoredSweep* found = only_one(*all, *beginning);
    if (found == nullptr) {
      return invalid_input(fmt::format(
          "sweep {}: found none or several whose id begins so, want one", quote(*beginning)));
    }
    if (kind_of(found->sweep) == kOptimize) return rows_of(store, *found);
    return invalid_input(fmt::format("sweep {}: found one of kind {}, want an optimize",
                                     quote(*beginning), quote(kind_of(found->sweep))));
  }
  for (auto one = all->rbegin(); one != all->rend(); ++one) {
    if (kind_of(one->sweep) == kOptimize && one->ended_unix_ms && !one->answer.is_null())
      return rows_of(store, *one);
  }
  return invalid_input("found no optimize that has ended: fusesweep optimize makes one");
}

}  // namespace fusesweep
