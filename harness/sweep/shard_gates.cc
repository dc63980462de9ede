#include "harness/sweep/shard_gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/text.h"
#include "harness/core/shard_weight.h"
#include "harness/gate/artifact_gates.h"
#include "harness/gate/golden_gate.h"
#include "harness/gate/residency_gate.h"
#include "harness/plan/cliff_search.h"
#include "harness/sweep/scratch_folder.h"
#include "harness/sweep/stored_words.h"
#include "runners/mlprogram/artifact.h"
#include "runners/mlprogram/package.h"
#include "runners/mlprogram/package_shape.h"
#include "runners/mlprogram/weight_check.h"

namespace fusesweep {
namespace {

// The stages at which a runner can fail a shard, as the store calls them.
constexpr std::string_view kBuild = "build";
constexpr std::string_view kInspect = "inspect";
constexpr std::string_view kRun = "run";

std::size_t size_of(int n) { return static_cast<std::size_t>(n); }

// What the shard gets and what it must give: boundaries of the reference, or columns of its logits.
std::span<const float> input_of(const ReferenceOutput& reference, const ShardKind& kind) {
  const auto* segment = std::get_if<Segment>(&kind);
  return segment != nullptr ? reference.hidden[size_of(segment->begin)] : reference.hidden.back();
}

std::vector<float> wanted_of(const ReferenceOutput& reference, const ShardKind& kind,
                             const Contract& contract) {
  if (const auto* segment = std::get_if<Segment>(&kind))
    return reference.hidden[size_of(segment->end)];
  const auto& slice = std::get<HeadSlice>(kind);
  const std::size_t vocab = size_of(contract.vocab_size);
  std::vector<float> columns;
  for (std::size_t row = 0; row < reference.logits.size(); row += vocab) {
    columns.insert(columns.end(),
                   reference.logits.begin() + static_cast<std::ptrdiff_t>(row) + slice.vocab_begin,
                   reference.logits.begin() + static_cast<std::ptrdiff_t>(row) + slice.vocab_end);
  }
  return columns;
}

// Outputs of weights that are rounded otherwise than the reference's prove nothing by being off a
// little; that they are finite they must prove.
void excuse_rounding(GateVerdict& fidelity) {
  const auto is_finite = [](const GateFigure& figure) {
    return figure.name == "non_finite_count" && figure.value == 0;
  };
  if (fidelity.outcome != GateOutcome::kFail ||
      std::none_of(fidelity.figures.begin(), fidelity.figures.end(), is_finite))
    return;
  fidelity.outcome = GateOutcome::kNotEnoughData;
  fidelity.reason += ", but its weights are rounded otherwise than the reference's";
}

}  // namespace

struct ShardGates::Shard {
  ShardIdentity identity;
  Gated gated;
  std::optional<BuiltShard> built;
  bool is_foreign = false;
  bool is_over = false;  // no other gate of it is run
  bool can_run = true;
  bool is_rounded_otherwise = false;  // by somebody else, and within what the weights gate allows
  std::optional<Placement> ran;       // what the runs say of its placement
  std::vector<std::string> warnings;  // what the runner noticed when it ran

  void note_run(const GroupOutput& output) {
    ran = output.placement;
    warnings = output.notes;
  }
};

const BuiltShard* ShardGates::built(const ShardIdentity& shard) const {
  const auto found = built_.find(hash_of(shard));
  return found == built_.end() ? nullptr : &found->second;
}

std::optional<double> ShardGates::fidelity(const ShardIdentity& shard) const {
  const auto found = fidelities_.find(hash_of(shard));
  return found == fidelities_.end() ? std::nullopt : std::optional(found->second);
}

bool ShardGates::wants(const Shard& shard, std::string_view gate) const {
  return !shard.is_over && bench_.wants(gate);
}

Result<void> ShardGates::keep(Shard& shard, GateVerdict verdict) {
  const bool failed = verdict.outcome == GateOutcome::kFail;
  if (failed && bench_.setup().after_failure == AfterFailure::kStop) shard.is_over = true;
  return bench_.keep(shard.gated, std::move(verdict),
                     shard.built ? shard.built->content_hash : std::string());
}

// A call that the runner failed fails the gate that needed it; what stands in no record does not. A
// build that says that it was asked for nonsense ends the question; an artifact that cannot be run is
// a bad artifact.
Result<GateVerdict> ShardGates::failed_call(const ShardIdentity& shard, std::string_view gate,
                                            std::string_view stage, const Error& error) {
  if ((error.code == ErrorCode::kInvalidInput && stage == kBuild) ||
      is_disk_full(bench_.setup().work))
    return fail_with_context(error, display_name(shard.kind));
  GateVerdict verdict = not_run(gate, fmt::format("{}: {}", stage, error.message));
  if (error.code == ErrorCode::kNotRecorded) return verdict;
  verdict.outcome = GateOutcome::kFail;
  const FailureRow failure{.shard = shard,
                           .conditions = bench_.conditions(),
                           .stage = std::string(stage),
                           .reason = error.message};
  if (auto put = bench_.store().put_failure(bench_.run(), failure); !put) return fail(put.error());
  return verdict;
}

Result<void> ShardGates::keep_failed_call(Shard& shard, std::string_view gate,
                                          std::string_view stage, const Error& error) {
  Result<GateVerdict> verdict = failed_call(shard.identity, gate, stage, error);
  if (!verdict) return fail(std::move(verdict).error());
  return keep(shard, *std::move(verdict));
}

Result<Gated> ShardGates::gate(const ShardKind& kind) {
  const GateSetup& setup = bench_.setup();
  Shard shard{.identity = shard_of(setup.model, setup.shape, kind),
              .is_foreign = can(bench_.description(), kExportCapability)};
  shard.gated.subject = subject_of(shard.identity);
  if (auto done = build(shard); !done) return fail(std::move(done).error());
  if (auto done = run_gates(shard); !done) return fail(std::move(done).error());
  return std::move(shard.gated);
}

// What stored probes say of a segment that was not tried: a shorter one that is not resident.
Result<std::optional<Segment>> ShardGates::known_cliff(const Segment& segment) const {
  const GateSetup& setup = bench_.setup();
  std::vector<ProbeAnswer> answers;
  for (int end = segment.begin + 1; end <= setup.model.contract.n_layers; ++end) {
    const ShardIdentity shard = shard_of(setup.model, setup.shape, Segment{segment.begin, end});
    for (const int attempt : {1, 2}) {
      Result<std::optional<ProbeAnswer>> known =
          bench_.store().find_probe(shard, attempt, bench_.conditions());
      if (!known) return fail(std::move(known).error());
      if (*known) answers.push_back(**std::move(known));
    }
  }
  return beyond_cliff(answers, segment);
}

Result<Gated> ShardGates::gate_unless_hopeless(const ShardKind& kind) {
  const auto* segment = std::get_if<Segment>(&kind);
  if (segment == nullptr || bench_.is_recorded() || !bench_.wants("residency")) return gate(kind);
  const Result<std::optional<Segment>> beyond = known_cliff(*segment);
  if (!beyond) return fail(beyond.error());
  if (!*beyond) return gate(kind);
  Gated gated{.subject = subject_of(shard_of(bench_.setup().model, bench_.setup().shape, kind)),
              .verdicts = {}};
  GateVerdict verdict = not_run(
      "residency", fmt::format("beyond the cliff, inferred: {} is not resident, and it is longer",
                               to_text(**beyond)));
  if (auto kept = bench_.keep(gated, std::move(verdict)); !kept)
    return fail(std::move(kept).error());
  return gated;
}

Result<Gated> ShardGates::gate_package(const std::filesystem::path& package,
                                       const ShardKind& kind) {
  const GateSetup& setup = bench_.setup();
  Shard shard{.identity = shard_of(setup.model, setup.shape, kind), .is_foreign = true};
  shard.identity.builder_version = kAdoptedVersion;
  shard.gated.subject = subject_of(shard.identity);
  shard.gated.subject.kind = "package";
  const Result<Artifact> artifact =
      adopt_package(package, shard.identity, setup.model.contract, setup.model.name,
                    setup.work / "preflight", setup.threads);
  if (!artifact) return fail(artifact.error());
  shard.gated.subject.key = artifact->content_hash;
  shard.built = BuiltShard{.artifact = artifact->folder,
                           .bytes = artifact->bytes,
                           .build_ns = std::nullopt,
                           .content_hash = artifact->content_hash};
  if (auto done = run_gates(shard); !done) return fail(std::move(done).error());
  return std::move(shard.gated);
}

Result<void> ShardGates::build(Shard& shard) {
  const GateSetup& setup = bench_.setup();
  const Result<std::optional<FailureRow>> remembered =
      bench_.store().find_failure(shard.identity, bench_.conditions());
  if (!remembered) return fail(remembered.error());
  if (*remembered) {
    shard.is_over = true;
    return bench_.keep(
        shard.gated,
        judge_build({.failure = fmt::format("failed before, at {}: {} (--retry-failed forgets it)",
                                            (*remembered)->stage, (*remembered)->reason)}));
  }
  Result<BuiltShard> built = bench_.runner().build({.identity = shard.identity,
                                                    .model = setup.model.path,
                                                    .artifacts = setup.work / "artifacts",
                                                    .options = setup.options},
                                                   bench_.progress());
  if (!built) {
    shard.is_over = true;  // there is nothing to look at
    return keep_failed_call(shard, "build", kBuild, built.error());
  }
  shard.built = *std::move(built);
  built_[hash_of(shard.identity)] = *shard.built;
  const std::filesystem::path relative = shard.built->artifact.lexically_relative(setup.work);
  return bench_.store().put_artifact(
      bench_.run(), {.shard = shard.identity,
                     .content_hash = shard.built->content_hash,
                     .path = relative.string(),
                     .bytes = shard.built->bytes,
                     .weight_bytes = shard_weight_bytes(setup.model.contract, shard.identity.kind,
                                                        shard.identity.encoding),
                     .build_ns = shard.built->build_ns});
}

Result<void> ShardGates::run_gates(Shard& shard) {
  bench_.progress().begin_stage("gates", 0);
  bench_.progress().set_item(shard.gated.subject.text);
  if (shard.is_over) return {};
  Result<std::optional<std::vector<GateVerdict>>> stored =
      bench_.find_stored(shard.gated.subject, gates_of(shard.identity), shard.built->content_hash);
  if (!stored) return fail(std::move(stored).error());
  if (*stored) {
    shard.gated.verdicts = **std::move(stored);
  } else if (bench_.is_recorded()) {
    if (auto done = judge_record(shard); !done) return done;
  } else {
    if (auto done = judge_artifact(shard); !done) return done;
    if (auto done = judge_behaviour(shard); !done) return done;
  }
  for (const GateVerdict& verdict : shard.gated.verdicts) {
    for (const GateFigure& figure : verdict.figures) {
      if (verdict.gate == "golden-fidelity" && figure.name == "relative_l2" && figure.value)
        fidelities_[hash_of(shard.identity)] = *figure.value;
    }
  }
  return {};
}

// Made by tools of a user's own, in whatever form these have: what we cannot read we have nothing to say of. A
// package that somebody hands us must be one that we can read.
bool ShardGates::is_beyond_us(const Shard& shard) const {
  return shard.is_foreign && shard.gated.subject.kind != "package";
}

// Contract and weights are not run, as far as they have not been.
Result<void> ShardGates::keep_unread(Shard& shard, const Error& error) {
  for (const char* gate : {"contract", "weights"}) {
    const auto& done = shard.gated.verdicts;
    const bool is_done = std::any_of(
        done.begin(), done.end(), [&](const GateVerdict& verdict) { return verdict.gate == gate; });
    if (is_done || !wants(shard, gate)) continue;
    if (auto kept = keep(shard, not_run(gate, "its form is none that we read: " + error.message));
        !kept)
      return kept;
  }
  return {};
}

// Contract, build and weights: the artifact as it lies there.
Result<void> ShardGates::judge_artifact(Shard& shard) {
  const GateSetup& setup = bench_.setup();
  const Result<Artifact> artifact = read_artifact(shard.built->artifact);
  if (!artifact) {
    return keep(shard, judge_build({.failure = artifact.error().message}));
  }
  if (hash_of(artifact->identity) != hash_of(shard.identity)) {
    const GateVerdict verdict = judge_build(
        {.failure = fmt::format("found the artifact of {} with the identity {}, want {}",
                                display_name(artifact->identity.kind), hash_of(artifact->identity),
                                hash_of(shard.identity))});
    if (auto kept = keep(shard, verdict); !kept) return kept;
  }
  shard.built->content_hash = artifact->content_hash;  // of the index, whatever the runner said
  if (wants(shard, "build")) {
    const Result<TreeHash> found = hash_tree(artifact->path(), setup.threads);
    BuildFacts facts{.stated_hash = artifact->content_hash, .bytes = artifact->bytes};
    if (found) {
      facts.found_hash = to_hex(found->hash);
    } else {
      facts.failure = found.error().message;
    }
    if (auto kept = keep(shard, judge_build(facts)); !kept) return kept;
  }
  if (!wants(shard, "contract") && !wants(shard, "weights")) return {};
  const Result<Package> package = Package::open(artifact->path());
  if (!package && is_beyond_us(shard)) return keep_unread(shard, package.error());
  if (!package) return keep(shard, judge_build({.failure = package.error().message}));
  if (wants(shard, "contract")) {
    const Result<PackageShape> shape = read_package_shape(*package);
    GateVerdict verdict{.gate = "contract", .outcome = GateOutcome::kFail};
    if (!shape && is_beyond_us(shard)) return keep_unread(shard, shape.error());
    if (shape) {
      verdict = judge_contract(compare_package(*shape, setup.model.contract, shard.identity),
                               quote(setup.model.name) + " has it");
    } else {
      verdict.reason = shape.error().message;
    }
    if (auto kept = keep(shard, std::move(verdict)); !kept) return kept;
  }
  if (!wants(shard, "weights")) return {};
  const Result<WeightFacts> facts =
      check_weights(*package, bench_.references().model(), shard.identity, setup.threads);
  if (!facts && is_beyond_us(shard)) return keep_unread(shard, facts.error());
  if (!facts) return fail(facts.error());
  const GateVerdict verdict =
      judge_weights(*facts, shard.is_foreign ? setup.limits.foreign_weight_steps : 0);
  shard.is_rounded_otherwise =
      verdict.outcome == GateOutcome::kPass &&
      std::any_of(facts->tensors.begin(), facts->tensors.end(),
                  [](const TensorWeights& tensor) { return tensor.differing > 0; });
  return keep(shard, verdict);
}

// Residency, golden and block parity: what it does when it runs. The runs are one of the two kinds of
// evidence of residency, so the first of them comes before it; but nothing runs that the plan already
// refuses.
Result<void> ShardGates::judge_behaviour(Shard& shard) {
  const GateSetup& setup = bench_.setup();
  const bool wants_residency = wants(shard, "residency");
  std::optional<Placement> plan;
  if (wants_residency) {
    Result<Placement> inspected =
        bench_.runner().inspect({.artifact = shard.built->artifact, .options = setup.options});
    if (!inspected) return keep_failed_call(shard, "residency", kInspect, inspected.error());
    plan = *std::move(inspected);
    if (strictly_resident(*plan) == false && setup.after_failure == AfterFailure::kStop)
      return keep(shard, judge_residency(plan, std::nullopt));
  }
  if (!can(bench_.description(), "run")) return judge_by_tools(shard, plan);
  std::optional<GateVerdict> fidelity;
  if (wants(shard, "golden-fidelity")) {
    Result<GateVerdict> compared =
        compare(shard, bench_.rounding(), "golden-fidelity", setup.limits.fidelity);
    if (!compared) return fail(std::move(compared).error());
    fidelity = *std::move(compared);
  } else if (wants_residency) {
    Result<std::vector<GroupValues>> ran = bench_.run_chain(
        {shard.built->artifact}, pattern_states(setup.shape.tokens, setup.model.contract.d_model));
    if (!ran) return keep_failed_call(shard, "residency", kRun, ran.error());
    if (!ran->empty()) shard.note_run(ran->front().output);
  }
  if (wants_residency) {
    GateVerdict residency = judge_residency(plan, shard.ran);
    for (const std::string& warning : shard.warnings)
      residency.reason += "; warning: " + one_line(warning);
    if (setup.limits.floor_gb_per_s && residency.outcome == GateOutcome::kPass)
      time_calls(shard, residency);
    if (auto kept = keep(shard, std::move(residency)); !kept) return kept;
  }
  if (fidelity && shard.is_rounded_otherwise) excuse_rounding(*fidelity);
  if (fidelity && !shard.is_over) {
    if (auto kept = keep(shard, *std::move(fidelity)); !kept) return kept;
  }
  if (wants(shard, "golden-quality") && shard.can_run) {
    Result<GateVerdict> compared =
        compare(shard, ReferenceWeights::kOriginal, "golden-quality", setup.limits.quality);
    if (!compared) return fail(std::move(compared).error());
    if (auto kept = keep(shard, *std::move(compared)); !kept) return kept;
  }
  if (wants(shard, "block-parity") && setup.shape.tokens > 1 && shard.can_run)
    return judge_parity(shard);
  return {};
}

// Of a runner that gives no outputs: the plan alone, and the comparison of its own tool, held to our limits.
Result<void> ShardGates::judge_by_tools(Shard& shard, const std::optional<Placement>& plan) {
  if (plan) {
    GateVerdict residency = judge_residency(plan, std::nullopt);
    for (const std::string& note : plan->notes) residency.reason += "; " + note;
    if (auto kept = keep(shard, std::move(residency)); !kept) return kept;
  }
  if (wants(shard, "golden-fidelity")) {
    if (auto kept = keep(shard, not_run("golden-fidelity", kNoOutputs)); !kept) return kept;
  }
  if (wants(shard, "golden-quality")) {
    auto kept = can(bench_.description(), kCompareCapability)
                    ? judge_comparison(shard)
                    : keep(shard, not_run("golden-quality", kNoOutputs));
    if (!kept) return kept;
  }
  if (wants(shard, "block-parity") && bench_.setup().shape.tokens > 1)
    return keep(shard, not_run("block-parity", kNoOutputs));
  return {};
}

// The best of a few calls, which noise can only slow down. A runner that does not time is not held to
// a floor.
void ShardGates::time_calls(const Shard& shard, GateVerdict& residency) {
  constexpr int kCalls = 10;
  const Result<Opened> opened = bench_.runner().open(
      {.manifest = {}, .artifacts = {shard.built->artifact}, .options = bench_.setup().options},
      bench_.progress());
  if (!opened || opened->groups.empty()) return;
  const Result<std::vector<std::int64_t>> calls_ns =
      opened->session->time({.group = opened->groups.front().group, .calls = kCalls});
  if (!calls_ns || calls_ns->empty()) return;
  const std::int64_t best_ns = *std::min_element(calls_ns->begin(), calls_ns->end());
  if (best_ns <= 0) return;
  const std::uint64_t bytes = shard_weight_bytes(bench_.setup().model.contract, shard.identity.kind,
                                                 shard.identity.encoding);
  warn_of_slowness(residency, static_cast<double>(bytes) / static_cast<double>(best_ns),
                   *bench_.setup().limits.floor_gb_per_s);
}

// Runs the shard on the reference's input and compares its output with the reference's.
Result<GateVerdict> ShardGates::compare(Shard& shard, ReferenceWeights weights,
                                        std::string_view gate, const GoldenLimits& limits) {
  const ShardKind& kind = shard.identity.kind;
  const Result<const ReferenceOutput*> reference = bench_.reference(weights);
  if (!reference) return fail(reference.error());
  const Result<std::vector<GroupValues>> ran =
      bench_.run_chain({shard.built->artifact}, input_of(**reference, kind));
  if (!ran) {
    shard.can_run = false;
    return failed_call(shard.identity, gate, kRun, ran.error());
  }
  const std::vector<float> wanted = wanted_of(**reference, kind, bench_.setup().model.contract);
  if (ran->size() != 1 || ran->front().values.size() != wanted.size()) {
    return GateVerdict{.gate = std::string(gate),
                       .outcome = GateOutcome::kFail,
                       .reason = fmt::format(
                           "found {} outputs, the first of {} values, want one of {}", ran->size(),
                           ran->empty() ? 0 : ran->front().values.size(), wanted.size()),
                       .figures = {}};
  }
  shard.note_run(ran->front().output);
  const GoldenNumbers numbers =
      compare_outputs(ran->front().values, wanted, wanted.size() / bench_.ids().size());
  return judge_golden(gate, numbers, limits);
}

Result<void> ShardGates::judge_parity(Shard& shard) {
  const GateSetup& setup = bench_.setup();
  if (shard.is_foreign) {
    return keep(shard, not_run("block-parity",
                               "there is no package of one token a call to compare it with"));
  }
  ShardIdentity single = shard.identity;
  single.tokens = 1;
  const auto failed_single = [&](std::string_view stage, const Error& error) -> Result<void> {
    Result<GateVerdict> verdict = failed_call(single, "block-parity", stage, error);
    if (!verdict) return fail(std::move(verdict).error());
    verdict->reason = "with T=1, " + verdict->reason;
    return keep(shard, *std::move(verdict));
  };
  const Result<BuiltShard> built = bench_.runner().build({.identity = single,
                                                          .model = setup.model.path,
                                                          .artifacts = setup.work / "artifacts",
                                                          .options = setup.options},
                                                         bench_.progress());
  if (!built) return failed_single(kBuild, built.error());
  const Result<const ReferenceOutput*> reference = bench_.reference(bench_.rounding());
  if (!reference) return fail(reference.error());
  const std::span<const float> input = input_of(**reference, shard.identity.kind);
  const auto block = bench_.run_chain({shard.built->artifact}, input);
  if (!block) return keep_failed_call(shard, "block-parity", kRun, block.error());
  const auto singles = bench_.run_chain({built->artifact}, input);
  if (!singles) return failed_single(kRun, singles.error());
  const bool is_comparable = block->size() == 1 && singles->size() == 1 &&
                             block->front().values.size() == singles->front().values.size() &&
                             !block->front().values.empty();
  const bool is_finite =
      is_comparable && std::all_of(singles->front().values.begin(), singles->front().values.end(),
                                   [](float x) { return std::isfinite(x); });
  if (!is_finite) {
    return keep(shard, {.gate = "block-parity",
                        .outcome = GateOutcome::kFail,
                        .reason = is_comparable ? "with T=1 values are not finite"
                                                : "found outputs of different sizes",
                        .figures = {}});
  }
  const GoldenNumbers numbers = compare_outputs(block->front().values, singles->front().values,
                                                block->front().values.size() / bench_.ids().size());
  return keep(shard, judge_golden("block-parity", numbers, setup.limits.block_parity));
}

// A record has neither bytes nor weights; its placements and comparisons are judged as they stand.
Result<void> ShardGates::judge_record(Shard& shard) {
  for (const char* gate : {"contract", "build", "weights"}) {
    if (!wants(shard, gate)) continue;
    if (auto kept = keep(shard, not_run(gate, "a record has no bytes to look at")); !kept)
      return kept;
  }
  if (wants(shard, "golden-fidelity")) {
    if (auto kept = keep(shard, not_run("golden-fidelity",
                                        "a record does not say how its reference was rounded"));
        !kept)
      return kept;
  }
  if (wants(shard, "residency")) {
    const Result<Placement> stated = bench_.runner().inspect(
        {.artifact = shard.built->artifact, .options = bench_.setup().options});
    auto kept = stated ? keep(shard, judge_residency(*stated, std::nullopt))
                       : keep_failed_call(shard, "residency", kInspect, stated.error());
    if (!kept) return kept;
  }
  return wants(shard, "golden-quality") ? judge_comparison(shard) : Result<void>();
}

// What somebody else compared: a record, or a tool of the user's.
Result<void> ShardGates::judge_comparison(Shard& shard) {
  const Result<std::vector<GroupValues>> ran = bench_.run_chain({shard.built->artifact}, {});
  if (!ran) return keep_failed_call(shard, "golden-quality", kRun, ran.error());
  if (ran->empty() || !ran->front().output.recorded) return {};
  const RecordedComparison& recorded = *ran->front().output.recorded;
  std::optional<GoldenNumbers> numbers;
  if (!recorded.non_finite) {
    numbers = GoldenNumbers{
        .cosine = recorded.cosine,
        .rmse = recorded.rmse,
        .max_abs = recorded.max_abs,
        .per_token_cosine = {recorded.per_token_cosine.begin(), recorded.per_token_cosine.end()}};
  }
  GateVerdict verdict =
      judge_stated_golden("golden-quality", numbers, bench_.setup().limits.quality);
  for (const std::string& note : ran->front().output.notes) verdict.reason += "; " + note;
  return keep(shard, std::move(verdict));
}

}  // namespace fusesweep
