#include "reports/selfcheck_rows.h"

#include <vector>

namespace fusesweep {

Result<SelfcheckFigures> read_newest_selfcheck(const Store& store) {
  const Result<std::vector<StoredSweep>> all = store.sweeps();
  if (!all) return fail(all.error());
  for (auto one = all->rbegin(); one != all->rend(); ++one) {
    if (kind_of(one->sweep) == "selfcheck" && one->ended_unix_ms && !one->answer.is_null())
      return read_selfcheck(one->answer);
  }
  return invalid_input("found no selfcheck that has ended: fusesweep selfcheck makes one");
}

}  // namespace fusesweep
