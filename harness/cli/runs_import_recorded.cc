#include "harness/cli/runs_import_recorded.h"

#include <fmt/format.h>

#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "results/recorded_rows.h"
#include "topologies/recorded_library.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

}  // namespace

Result<Answer> run_import_recorded(std::string_view name, const std::optional<std::string>& work,
                                   bool json, const Invocation& invocation) {
  // Before a run begins: a name that is misspelt leaves nothing behind.
  const Result<RecordedFacts> facts = find_recorded(name);
  if (!facts) return fail_with_context(facts.error(), "recorded");
  const SystemClock clock;
  Result<StoredRun> stored = StoredRun::begin(work_folder(work), "runs import", invocation, clock);
  if (!stored) return fail(std::move(stored).error());
  const Result<int> added = import_recorded(stored->store, stored->id, *facts);
  if (!added) return stored->end(fail(added.error()));
  const int all = static_cast<int>(recorded_rows(*facts).size());
  if (json) {
    Json document = json_document(kSchemaVersion);
    document["record"] = facts->name;
    document["imported"] = *added;
    document["were_there"] = all - *added;
    return stored->end(Answer(to_text(document) + '\n'));
  }
  return stored->end(Answer(
      fmt::format("{}: imported {} recorded runs, {} were there; fusesweep measured none of them\n",
                  one_line(facts->name), *added, all - *added)));
}

}  // namespace fusesweep
