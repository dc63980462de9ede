#include "harness/sweep/begun_sweep.h"

#include <utility>

#include "harness/base/hash.h"

namespace fusesweep {

Result<BegunSweep> begin_or_go_on(Store& store, const Uuid& run, Json question, bool is_fresh) {
  SweepRow row{.spec = std::move(question)};
  row.spec_hash = to_hex(hash128(to_text(row.spec)));
  Result<std::optional<StoredSweep>> known = store.find_sweep(run, row.spec_hash);
  if (!known) return fail(std::move(known).error());
  if (*known && !is_fresh) {
    BegunSweep begun{.id = (*known)->id};
    if ((*known)->ended_unix_ms) begun.ended = *std::move(known);
    return begun;
  }
  const Result<Uuid> id = store.begin_sweep(run, row);
  if (!id) return fail(id.error());
  return BegunSweep{.id = *id};
}

}  // namespace fusesweep
