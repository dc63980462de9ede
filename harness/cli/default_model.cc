#include "harness/cli/default_model.h"

#include <fmt/format.h>

#include <cstdio>
#include <system_error>

#include "harness/base/clock.h"
#include "harness/base/parallel.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/work_folder.h"
#include "runners/model/synthetic_model.h"

namespace fusesweep {
namespace {

constexpr const char* kLimit = "32MiB";  // of the miniature model: its cliff is at 21 layers

}  // namespace

Result<void> fill_in_default_model(const std::filesystem::path& work, const std::string& runner,
                                   std::optional<std::string>& model,
                                   std::optional<std::string>& residency_limit) {
  if (model || runner != "cpu") return {};
  if (!residency_limit) residency_limit = kLimit;
  const std::filesystem::path file = work / "models" / "nano.gguf";
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    const Result<FolderLock> at_work = enter_work_folder(work);
    if (!at_work) return fail(at_work.error());
    std::filesystem::create_directories(file.parent_path(), error);
    if (error) return unavailable(fmt::format("{}: {}", one_line(file.string()), error.message()));
    const SystemClock clock;
    Progress progress(Progress::on_terminal(stderr), clock);
    const auto written = write_synthetic_model({.name = "nano",
                                                .contract = *known_model("nano"),
                                                .type = SyntheticType::kQ8_0,
                                                .threads = available_threads()},
                                               file, progress);
    if (!written) return fail(written.error());
  }
  model = file.string();
  return {};
}

}  // namespace fusesweep
