#include "reports/selfcheck_rows.h"

#include "reports/answered.h"

namespace fusesweep {

Result<SelfcheckFigures> read_newest_selfcheck(const Store& store) {
  const Result<StoredSweep> found = read_answered(store, "selfcheck");
  if (!found) return fail(found.error());
  return read_selfcheck(found->answer);
}

}  // namespace fusesweep
