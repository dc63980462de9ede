#include "harness/sweep/gate_workbench.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "harness/measure/prompts.h"
#include "harness/sweep/stored_words.h"

namespace fusesweep {
namespace {

// Of somebody's packages, which we may not understand, by a runner that gives no outputs.
constexpr std::string_view kBeyondTools[] = {"contract",       "weights",      "golden-fidelity",
                                             "golden-quality", "block-parity", "error-budget"};

}  // namespace

GateWorkbench::GateWorkbench(Runner& runner, const RunnerDescription& description, GateSetup setup,
                             Store& store, const Uuid& run, Progress& progress)
    : runner_(&runner),
      description_(description),
      setup_(std::move(setup)),
      conditions_(conditions_of(description, setup_.options, setup_.limits)),
      store_(&store),
      run_(run),
      progress_(&progress),
      ids_(built_in_prompts(setup_.model.contract.vocab_size, 1, setup_.positions).back().ids) {}

Result<GateWorkbench> GateWorkbench::create(Runner& runner, const RunnerDescription& description,
                                            GateSetup setup, Store& store, const Uuid& run,
                                            Progress& progress) {
  GateWorkbench bench(runner, description, std::move(setup), store, run, progress);
  if (auto put = store.put_runner(row_of(description)); !put) return fail(std::move(put).error());
  if (auto put = store.put_model(row_of(bench.setup_.model)); !put)
    return fail(std::move(put).error());
  if (bench.setup_.model.path.empty()) return bench;
  Result<ModelFile> model = open_model_file(bench.setup_.model.path, bench.setup_.threads);
  if (!model) return fail(std::move(model).error());
  bench.references_.emplace(
      *std::move(model),
      ReferenceOptions{.context = bench.setup_.shape.context,
                       .head_shards = bench.setup_.head_shards,
                       .threads = bench.setup_.threads},
      bench.setup_.fixtures.empty() ? bench.setup_.work / "fixtures" : bench.setup_.fixtures,
      progress);
  return bench;
}

bool GateWorkbench::wants(std::string_view gate) const {
  return setup_.only.empty() || setup_.only.contains(gate);
}

bool GateWorkbench::is_beyond_runner(std::string_view gate) const {
  return can(description_, kExportCapability) && !can(description_, "run") &&
         std::find(std::begin(kBeyondTools), std::end(kBeyondTools), gate) !=
             std::end(kBeyondTools);
}

Result<void> GateWorkbench::keep(Gated& gated, GateVerdict verdict,
                                 const std::string& content_hash) {
  const VerdictRow row{.subject = gated.subject,
                       .content_hash = content_hash,
                       .conditions = conditions_,
                       .verdict = std::move(verdict)};
  if (auto put = store_->put_verdict(run_, row); !put) return put;
  gated.verdicts.push_back(row.verdict);
  if (row.verdict.outcome != GateOutcome::kNotRun) ++kept_;
  return {};
}

Result<std::optional<std::vector<GateVerdict>>> GateWorkbench::find_stored(
    const Subject& subject, const std::vector<std::string_view>& gates,
    const std::string& content_hash) const {
  using Found = std::optional<std::vector<GateVerdict>>;
  if (setup_.stored == StoredVerdicts::kIgnore) return Found();
  Result<std::vector<VerdictRow>> rows = store_->verdicts_of(subject, conditions_);
  if (!rows) return fail(std::move(rows).error());
  std::vector<GateVerdict> verdicts;
  bool is_failed = false;
  for (VerdictRow& row : *rows) {
    if (row.content_hash != content_hash || !wants(row.verdict.gate)) continue;
    is_failed = is_failed || row.verdict.outcome == GateOutcome::kFail;
    verdicts.push_back(std::move(row.verdict));
  }
  for (const std::string_view gate : gates) {
    const bool is_there = std::any_of(verdicts.begin(), verdicts.end(), [&](const GateVerdict& v) {
      return v.gate == gate && (v.outcome != GateOutcome::kNotRun || is_beyond_runner(gate));
    });
    const bool may_miss = is_failed && setup_.after_failure == AfterFailure::kStop;
    if (wants(gate) && !is_there && !may_miss) return Found();
  }
  return Found(std::move(verdicts));
}

ReferenceWeights GateWorkbench::rounding() const { return rounding_of(setup_.shape.encoding); }

Result<const ReferenceOutput*> GateWorkbench::reference(ReferenceWeights weights) {
  return references_->kept(weights, ids_);
}

std::filesystem::path GateWorkbench::next_scratch() {
  return setup_.work / "gates" / fmt::format("{}-{}", to_text(run_), scratches_++);
}

Result<std::vector<GroupValues>> GateWorkbench::run_chain(
    const std::vector<std::filesystem::path>& artifacts, std::span<const float> hidden) {
  const ChainToRun chain{.artifacts = artifacts,
                         .options = setup_.options,
                         .hidden = hidden,
                         .d_model = static_cast<std::size_t>(setup_.model.contract.d_model)};
  return fusesweep::run_chain(*runner_, chain, next_scratch(), *progress_);
}

}  // namespace fusesweep
