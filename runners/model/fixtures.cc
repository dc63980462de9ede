#include "runners/model/fixtures.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/new_folder.h"
#include "runners/model/npy.h"

namespace fusesweep {
namespace {

// Changes whenever the reference would compute something else.
constexpr int kReferenceVersion = 1;

std::string key_of(const ModelFile& model, const ReferenceOptions& options,
                   std::span<const int> ids) {
  const Json key = {{"model_hash", model.hash},
                    {"reference_version", kReferenceVersion},
                    {"weights", to_text(options.weights)},
                    {"context", options.context},
                    {"head_shards", options.head_shards},
                    {"ids", std::vector<int>(ids.begin(), ids.end())}};
  return to_hex(hash128(to_text(key)));
}

std::string hidden_name(std::size_t boundary) { return fmt::format("hidden_{}.npy", boundary); }

Result<ReferenceOutput> read_fixture(const std::filesystem::path& folder, const Contract& contract,
                                     std::size_t n) {
  const auto read = [&](const std::string& name, int width) -> Result<std::vector<float>> {
    Result<NpyArray> array = read_npy(folder / name);
    if (!array) return fail(std::move(array).error());
    if (array->shape != std::vector<std::size_t>{n, static_cast<std::size_t>(width)})
      return invalid_input(name + ": found another shape");
    return std::move(array->values);
  };
  ReferenceOutput output;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(contract.n_layers); ++i) {
    Result<std::vector<float>> hidden = read(hidden_name(i), contract.d_model);
    if (!hidden) return fail(std::move(hidden).error());
    output.hidden.push_back(*std::move(hidden));
  }
  Result<std::vector<float>> logits = read("logits.npy", contract.vocab_size);
  if (!logits) return fail(std::move(logits).error());
  output.logits = *std::move(logits);
  return output;
}

Result<void> write_fixture(const std::filesystem::path& folder, const ReferenceOutput& output,
                           std::size_t n) {
  Result<NewFolder> making = NewFolder::create(folder, WhenBusy::kWait);
  if (!making) return fail(std::move(making).error());
  for (std::size_t i = 0; i < output.hidden.size(); ++i) {
    const std::vector<float>& hidden = output.hidden[i];
    if (auto written = write_npy(making->path() / hidden_name(i), {n, hidden.size() / n}, hidden);
        !written)
      return written;
  }
  if (auto written =
          write_npy(making->path() / "logits.npy", {n, output.logits.size() / n}, output.logits);
      !written)
    return written;
  return (*std::move(making)).commit();
}

}  // namespace

Result<ReferenceOutput> reference_fixture(const ModelFile& model, const ReferenceOptions& options,
                                          std::span<const int> ids,
                                          const std::filesystem::path& fixtures) {
  const std::filesystem::path folder = fixtures / key_of(model, options, ids);
  // What cannot be read is computed anew.
  if (Result<ReferenceOutput> kept = read_fixture(folder, model.contract, ids.size())) return kept;
  Result<Reference> reference = Reference::open(model.file, options);
  if (!reference) return fail(std::move(reference).error());
  Result<ReferenceOutput> output = reference->run(ids);
  if (!output) return output;
  if (auto written = write_fixture(folder, *output, ids.size()); !written)
    return fail(std::move(written).error());
  return output;
}

}  // namespace fusesweep
