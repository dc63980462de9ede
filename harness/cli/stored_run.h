// The work folder's database, with a run of this command begun in it.
#pragma once

#include <filesystem>
#include <string_view>

#include "harness/base/clock.h"
#include "harness/base/folder_lock.h"
#include "harness/base/result.h"
#include "harness/base/uuid.h"
#include "harness/cli/answer.h"
#include "harness/cli/invocation.h"
#include "results/store.h"

namespace fusesweep {

std::filesystem::path database_file(const std::filesystem::path& work);

// The store of a work folder, to be looked at; to write where that is possible, so that one of an older
// version is brought up to date.  Errors: there is none.
Result<Store> open_stored(const std::filesystem::path& work, const Clock& clock);

struct StoredRun {
  FolderLock at_work;  // for as long as gc must not remove anything
  Store store;
  Uuid id;

  // Makes the folder and the database where they are missing. The clock must outlive the run.
  static Result<StoredRun> begin(const std::filesystem::path& work, std::string_view command,
                                 const Invocation& invocation, const Clock& clock);

  // Says how it ended, and passes the answer on.
  Result<Answer> end(Result<Answer> answer);
};

}  // namespace fusesweep
