#include "reports/rerun_rows.h"

#include <utility>

#include "reports/answered.h"

namespace fusesweep {

Result<std::optional<StoredRerun>> find_rerun(const Store& store, std::string_view beginning) {
  const Result<std::optional<StoredSweep>> found = find_answered(store, "rerun", beginning);
  if (!found) return fail(found.error());
  if (!*found) return std::nullopt;
  Result<StoredRerun> rerun = stored_rerun(**found);
  if (!rerun) return fail(std::move(rerun).error());
  return *std::move(rerun);
}

Result<StoredRerun> stored_rerun(const StoredSweep& stored) {
  Result<RerunReport> report = read_rerun_report(stored.answer);
  if (!report) return fail(std::move(report).error());
  return StoredRerun{stored.id, *std::move(report)};
}

}  // namespace fusesweep
