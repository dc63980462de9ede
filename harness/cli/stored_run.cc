#include "harness/cli/stored_run.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "harness/base/text.h"
#include "harness/cli/provenance.h"
#include "harness/cli/work_folder.h"

namespace fusesweep {

std::filesystem::path database_file(const std::filesystem::path& work) {
  return work / "fusesweep.db";
}

Result<Store> open_stored(const std::filesystem::path& work, const Clock& clock) {
  const std::filesystem::path file = database_file(work);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return invalid_input(fmt::format(
        "{}: found no store, want one that fusesweep sweep or bench made, or --recorded NAME",
        one_line(file.string())));
  }
  if (Result<Store> store = Store::open(file, Access::kWrite, clock)) return store;
  return Store::open(file, Access::kRead, clock);
}

Result<StoredRun> StoredRun::begin(const std::filesystem::path& work, std::string_view command,
                                   const Invocation& invocation, const Clock& clock) {
  Result<FolderLock> at_work = enter_work_folder(work);
  if (!at_work) return fail(std::move(at_work).error());
  Result<Store> store = Store::open(database_file(work), Access::kWrite, clock);
  if (!store) return fail(std::move(store).error());
  const Result<Uuid> run = store->begin_run({.command = std::string(command),
                                             .arguments = invocation.words,
                                             .seed = std::nullopt,
                                             .provenance = gather_provenance(work)});
  if (!run) return fail(run.error());
  return StoredRun{*std::move(at_work), *std::move(store), *run};
}

Result<Answer> StoredRun::end(Result<Answer> answer) {
  const std::string outcome =
      answer ? fmt::format("exit {}", static_cast<int>(answer->exit_code)) : "error";
  if (auto ended = store.end_run(id, outcome); !ended && answer)
    return fail(std::move(ended).error());
  return answer;
}

}  // namespace fusesweep
