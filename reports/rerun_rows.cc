#include "reports/rerun_rows.h"

#include <fmt/format.h>

#include <utility>

#include "reports/sweep_rows.h"

namespace fusesweep {

Result<std::optional<StoredRerun>> find_rerun(const Store& store, std::string_view beginning) {
  const Result<std::vector<StoredSweep>> all = store.sweeps();
  if (!all) return fail(all.error());
  const StoredSweep* found = only_one(*all, beginning);
  if (found == nullptr || kind_of(found->sweep) != "rerun") return std::nullopt;
  if (found->answer.is_null()) {
    return invalid_input(
        fmt::format("rerun {}: found no answer, want one that has ended", to_text(found->id)));
  }
  Result<RerunReport> report = read_rerun_report(found->answer);
  if (!report) return fail(std::move(report).error());
  return StoredRerun{found->id, *std::move(report)};
}

}  // namespace fusesweep
