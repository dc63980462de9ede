#include "harness/sweep/tensor_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <utility>

#include "harness/sweep/scratch_folder.h"
#include "runners/model/npy.h"

namespace fusesweep {
namespace {

// A runner is another program: what it wrote must be what it says.
Result<std::vector<GroupValues>> read_values(std::vector<GroupOutput> outputs, std::size_t n) {
  std::vector<GroupValues> all;
  for (GroupOutput& output : outputs) {
    GroupValues values{.output = std::move(output), .values = {}};
    if (!values.output.file.empty()) {
      Result<NpyArray> array = read_npy(values.output.file);
      if (!array) return unavailable(array.error().message);
      if (array->shape.size() != 2 || array->shape[0] != n) {
        return unavailable(fmt::format("{}: found an output of the shape [{}], want [{},width]",
                                       values.output.group, fmt::join(array->shape, ","), n));
      }
      values.values = std::move(array->values);
    }
    all.push_back(std::move(values));
  }
  return all;
}

}  // namespace

Result<std::vector<GroupValues>> run_chain(Runner& runner, const ChainToRun& chain,
                                           const std::filesystem::path& scratch,
                                           Progress& progress) {
  const Result<ScratchFolder> folder = ScratchFolder::create(scratch);
  if (!folder) return fail(folder.error());
  const std::size_t n = chain.hidden.size() / chain.d_model;
  RunRequest request{.ids = {}, .hidden = folder->path() / "in.npy", .folder = folder->path()};
  if (auto written = write_npy(request.hidden, {n, chain.d_model}, chain.hidden); !written)
    return fail(std::move(written).error());
  Result<Opened> opened = runner.open(
      {.manifest = {}, .artifacts = chain.artifacts, .options = chain.options}, progress);
  if (!opened) return fail(std::move(opened).error());
  Result<std::vector<GroupOutput>> outputs = opened->session->run(request);
  if (!outputs) return fail(std::move(outputs).error());
  return read_values(*std::move(outputs), n);
}

Result<std::vector<GroupValues>> run_ids(Session& session, const std::vector<int>& ids,
                                         const std::filesystem::path& scratch) {
  const Result<ScratchFolder> folder = ScratchFolder::create(scratch);
  if (!folder) return fail(folder.error());
  Result<std::vector<GroupOutput>> outputs =
      session.run({.ids = ids, .hidden = {}, .folder = folder->path()});
  if (!outputs) return fail(std::move(outputs).error());
  return read_values(*std::move(outputs), ids.size());
}

std::vector<float> pattern_states(int tokens, int d_model) {
  std::vector<float> values(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(d_model));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::sin(static_cast<float>(i) * 0.37F);
  return values;
}

}  // namespace fusesweep
