#include "reports/answered.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "reports/sweep_rows.h"

namespace fusesweep {
namespace {

Result<StoredSweep> with_answer(const StoredSweep& sweep, std::string_view kind) {
  if (!sweep.answer.is_null()) return sweep;
  return invalid_input(
      fmt::format("{} {}: found no answer, want one that has ended", kind, to_text(sweep.id)));
}

// "an optimize", "a rerun".
std::string one_of_kind(std::string_view kind) {
  const bool is_vowel = std::string_view("aeiou").find(kind.front()) != std::string_view::npos;
  return fmt::format("{} {}", is_vowel ? "an" : "a", kind);
}

}  // namespace

Result<std::optional<StoredSweep>> find_answered(const Store& store, std::string_view kind,
                                                 std::string_view beginning) {
  const Result<std::vector<StoredSweep>> all = store.sweeps();
  if (!all) return fail(all.error());
  const StoredSweep* found = only_one(*all, beginning);
  if (found == nullptr || kind_of(found->sweep) != kind) return std::nullopt;
  Result<StoredSweep> answered = with_answer(*found, kind);
  if (!answered) return fail(std::move(answered).error());
  return *std::move(answered);
}

Result<StoredSweep> read_answered(const Store& store, std::string_view kind,
                                  std::optional<std::string_view> beginning) {
  const Result<std::vector<StoredSweep>> all = store.sweeps();
  if (!all) return fail(all.error());
  if (beginning) {
    const StoredSweep* found = only_one(*all, *beginning);
    if (found == nullptr) {
      return invalid_input(fmt::format(
          "sweep {}: found none or several whose id begins so, want one", quote(*beginning)));
    }
    if (kind_of(found->sweep) == kind) return with_answer(*found, kind);
    return invalid_input(fmt::format("sweep {}: found one of kind {}, want {}", quote(*beginning),
                                     quote(kind_of(found->sweep)), one_of_kind(kind)));
  }
  const auto newest = std::find_if(all->rbegin(), all->rend(), [&](const StoredSweep& one) {
    return kind_of(one.sweep) == kind && one.ended_unix_ms && !one.answer.is_null();
  });
  if (newest != all->rend()) return *newest;
  return invalid_input(
      fmt::format("found no {} that has ended: fusesweep {} makes one", kind, kind));
}

}  // namespace fusesweep
