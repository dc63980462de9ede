#include "harness/cli/model_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/parallel.h"
#include "harness/base/progress.h"
#include "harness/base/text.h"
#include "harness/cli/model_argument.h"
#include "harness/core/contract_json.h"
#include "runners/model/gguf_file.h"
#include "runners/model/npy.h"
#include "runners/model/reference.h"
#include "runners/model/synthetic_model.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

Result<std::vector<int>> read_ids(const std::string& text) {
  std::vector<int> ids;
  for (const std::string_view item : split_text(text, ',')) {
    const Result<std::int64_t> id = parse_integer(item, 0, std::numeric_limits<int>::max());
    if (!id) return fail_with_context(id.error(), "--ids");
    ids.push_back(static_cast<int>(*id));
  }
  return ids;
}

// What `model reference` was asked to compute, checked.
struct ReferenceRequest {
  std::vector<int> ids;
  int generate = 0;
  ReferenceOptions options;
};

Result<ReferenceRequest> read_reference_arguments(const ModelReferenceArguments& arguments) {
  constexpr int kMost = std::numeric_limits<int>::max();
  ReferenceRequest request;
  Result<std::vector<int>> ids = read_ids(arguments.ids);
  if (!ids) return fail(std::move(ids).error());
  const Result<std::int64_t> generate = parse_integer(arguments.generate, 0, kMost);
  if (!generate) return fail_with_context(generate.error(), "--generate");
  const Result<ReferenceWeights> weights = parse_reference_weights(arguments.weights);
  if (!weights) return fail_with_context(weights.error(), "--weights");
  const Result<std::int64_t> context = parse_integer(arguments.context, 1, kMost);
  if (!context) return fail_with_context(context.error(), "--context");
  const Result<std::int64_t> head_shards = parse_integer(arguments.head_shards, 1, kMost);
  if (!head_shards) return fail_with_context(head_shards.error(), "--head-shards");
  request.ids = *std::move(ids);
  request.generate = static_cast<int>(*generate);
  request.options = {.weights = *weights,
                     .context = static_cast<int>(*context),
                     .head_shards = static_cast<int>(*head_shards),
                     .threads = available_threads()};
  return request;
}

// logits [n, vocab] into one file; layer boundary i [n, d_model] into hidden_<i>.npy of a folder.
Result<void> write_reference_files(const ModelReferenceArguments& arguments,
                                   const ReferenceOutput& output, std::size_t n) {
  if (arguments.logits) {
    if (auto written = write_npy(*arguments.logits, {n, output.logits.size() / n}, output.logits);
        !written) {
      return written;
    }
  }
  if (!arguments.hidden_folder) return {};
  std::error_code error;
  std::filesystem::create_directories(*arguments.hidden_folder, error);
  if (error)
    return unavailable(fmt::format("{}: {}", one_line(*arguments.hidden_folder), error.message()));
  for (std::size_t i = 0; i < output.hidden.size(); ++i) {
    const std::filesystem::path path =
        std::filesystem::path(*arguments.hidden_folder) / fmt::format("hidden_{}.npy", i);
    if (auto written = write_npy(path, {n, output.hidden[i].size() / n}, output.hidden[i]);
        !written)
      return written;
  }
  return {};
}

}  // namespace

Result<std::string> run_model_reference(const ModelReferenceArguments& arguments) {
  const Result<ReferenceRequest> request = read_reference_arguments(arguments);
  if (!request) return fail(request.error());
  // The last id that is generated is not run.
  const std::size_t positions =
      request->ids.size() + static_cast<std::size_t>(std::max(request->generate - 1, 0));
  if (positions > static_cast<std::size_t>(request->options.context)) {
    return invalid_input(
        fmt::format("--context: found {}, want at least {} for {} ids and {} generated ones",
                    request->options.context, positions, request->ids.size(), request->generate));
  }
  const Result<GgufFile> file = GgufFile::open(arguments.file);
  if (!file) return fail(file.error());
  Result<Reference> reference = Reference::open(*file, request->options);
  if (!reference) return fail(std::move(reference).error());

  const SystemClock clock;
  std::vector<int> generated;
  {
    Progress progress(Progress::on_terminal(stderr), clock);
    const auto generate = static_cast<std::size_t>(request->generate);
    progress.begin_stage("reference", 1 + generate);
    Result<ReferenceOutput> output = reference->run(request->ids);
    if (!output) return fail(std::move(output).error());
    if (auto written = write_reference_files(arguments, *output, request->ids.size()); !written) {
      return fail(std::move(written).error());
    }
    const auto vocab_size = static_cast<std::size_t>(reference->contract().vocab_size);
    while (generated.size() < generate) {
      progress.advance();
      generated.push_back(greedy_id(std::span(output->logits).last(vocab_size)));
      if (generated.size() == generate) break;
      output = reference->run(std::span(generated).last(1));
      if (!output) return fail(std::move(output).error());
    }
  }
  if (!arguments.json) return fmt::format("{}\n", fmt::join(generated, ","));
  Json document = json_document(kSchemaVersion);
  document["file"] = arguments.file;
  document["weights"] = arguments.weights;
  document["context"] = request->options.context;
  document["ids"] = request->ids;
  document["generated_ids"] = generated;
  return to_text(document) + '\n';
}

Result<std::string> run_model_synth(const ModelSynthArguments& arguments) {
  Result<Contract> contract = read_profile_argument(arguments.shape);
  if (!contract) return fail_with_context(std::move(contract).error(), "--shape");
  const Result<SyntheticType> type = parse_synthetic_type(arguments.dtype);
  if (!type) return fail_with_context(type.error(), "--dtype");
  const Result<std::int64_t> seed =
      parse_integer(arguments.seed, 0, std::numeric_limits<std::int64_t>::max());
  if (!seed) return fail_with_context(seed.error(), "--seed");

  // Other programs tell phi3 by its name and treat it in their own ways: the file must not carry
  // it.
  const SyntheticModel model{
      .name = fmt::format("fusesweep synthetic {}seed {}", arguments.echo ? "echo " : "", *seed),
      .contract = *std::move(contract),
      .type = *type,
      .seed = static_cast<std::uint64_t>(*seed),
      .threads = available_threads(),
      .echoes = arguments.echo};
  if (model.echoes && !model.contract.tied_embeddings)
    return invalid_input("--echo: found a shape with a head of its own, want tied_embeddings");
  const SystemClock clock;
  {
    Progress progress(Progress::on_terminal(stderr), clock);
    if (Result<void> written = write_synthetic_model(model, arguments.output, progress); !written) {
      return fail(std::move(written).error());
    }
  }
  std::error_code error;
  const std::uint64_t bytes = std::filesystem::file_size(arguments.output, error);
  if (error) return unavailable(fmt::format("{}: {}", one_line(arguments.output), error.message()));
  if (!arguments.json)
    return fmt::format("{}: {}\n", one_line(arguments.output), format_bytes(bytes));
  Json document = json_document(kSchemaVersion);
  document["file"] = arguments.output;
  document["bytes"] = bytes;
  document["seed"] = *seed;
  document["dtype"] = arguments.dtype;
  document["echo"] = arguments.echo;
  document["contract"] = to_json(model.contract);
  return to_text(document) + '\n';
}

}  // namespace fusesweep
