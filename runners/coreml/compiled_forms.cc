#include "runners/coreml/compiled_forms.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "harness/base/new_folder.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr const char* kExtension = ".mlmodelc";

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;  // what cannot be looked at is not there
  return std::filesystem::is_directory(path, ignored);
}

// Compiles where CoreML likes to, and takes the result to its place: that may be another volume.
Result<void> compile_to(CoreMl& core_ml, const std::filesystem::path& package,
                        const std::filesystem::path& to) {
  Result<std::filesystem::path> made = core_ml.compile(package);
  if (!made) return fail(std::move(made).error());
  const CompiledPath temporary(*std::move(made), CompiledPath::Keep::kNo);
  std::error_code error;
  std::filesystem::copy(temporary.path(), to, std::filesystem::copy_options::recursive, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(to.string()), error.message()));
  return {};
}

}  // namespace

CompiledPath::CompiledPath(CompiledPath&& other) noexcept
    : path_(std::move(other.path_)), keep_(std::exchange(other.keep_, Keep::kYes)) {}

CompiledPath::~CompiledPath() {
  std::error_code ignored;  // it lies in a folder for temporary files
  if (keep_ == Keep::kNo) std::filesystem::remove_all(path_, ignored);
}

Result<CompiledPath> compiled_artifact(CoreMl& core_ml, const Artifact& artifact, int threads) {
  std::filesystem::path path = artifact.path();
  path.replace_extension(kExtension);
  if (artifact.compiled && is_folder(artifact.folder / artifact.compiled->name))
    return CompiledPath(artifact.folder / artifact.compiled->name, CompiledPath::Keep::kYes);
  Result<NewFolder> making = NewFolder::create(path);
  if (!making) return fail(std::move(making).error());
  if (auto done = compile_to(core_ml, artifact.path(), making->path()); !done)
    return fail(std::move(done).error());
  if (auto done = (*std::move(making)).commit(); !done) return fail(std::move(done).error());
  if (auto done = note_compiled(artifact, path.filename().string(), threads); !done)
    return fail(std::move(done).error());
  return CompiledPath(std::move(path), CompiledPath::Keep::kYes);
}

Result<CompiledPath> compiled_package(CoreMl& core_ml, const std::filesystem::path& package,
                                      const std::filesystem::path& compiled, int threads) {
  const Result<Artifact> artifact = read_artifact(package.parent_path());
  if (artifact && artifact->path() == package)
    return compiled_artifact(core_ml, *artifact, threads);
  if (is_folder(compiled)) return CompiledPath(compiled, CompiledPath::Keep::kYes);
  Result<std::filesystem::path> made = core_ml.compile(package);
  if (!made) return fail(std::move(made).error());
  return CompiledPath(*std::move(made), CompiledPath::Keep::kNo);
}

}  // namespace fusesweep
