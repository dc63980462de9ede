#include "harness/sweep/cliff_prober.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/text.h"
#include "harness/core/shard_weight.h"
#include "harness/gate/gate_limits.h"
#include "harness/gate/golden_gate.h"
#include "harness/gate/residency_gate.h"
#include "harness/sweep/scratch_folder.h"
#include "harness/sweep/stored_words.h"
#include "harness/sweep/tensor_run.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kReportedLimitBytes = std::uint64_t{2} << 30;

// The gate's own words on a record's comparison, where it fails.
std::optional<std::string> wrong_by_record(const RecordedComparison& recorded) {
  std::optional<GoldenNumbers> numbers;
  if (!recorded.non_finite) numbers = GoldenNumbers{.cosine = recorded.cosine};
  const GateVerdict verdict = judge_stated_golden("golden", numbers, GateLimits{}.quality);
  return verdict.outcome == GateOutcome::kFail ? std::optional(verdict.reason) : std::nullopt;
}

}  // namespace

CliffProber::CliffProber(Runner& runner, const RunnerDescription& description, ProberSetup setup,
                         Store& store, const Uuid& run, Progress& progress)
    : runner_(&runner),
      is_recorded_(description.evidence == Evidence::kRecorded),
      can_run_(can(description, "run")),
      setup_(std::move(setup)),
      conditions_(conditions_of(description, setup_.options)),
      store_(&store),
      run_(run),
      progress_(&progress) {}

Result<CliffProber> CliffProber::create(Runner& runner, const RunnerDescription& description,
                                        ProberSetup setup, Store& store, const Uuid& run,
                                        Progress& progress) {
  if (auto put = store.put_runner(row_of(description)); !put) return fail(std::move(put).error());
  if (auto put = store.put_model(row_of(setup.model)); !put) return fail(std::move(put).error());
  return CliffProber(runner, description, std::move(setup), store, run, progress);
}

Result<ProbeAnswer> CliffProber::probe(const CliffProbe& probe) {
  const ShardIdentity shard = shard_of(setup_.model, setup_.shape, probe.segment);
  if (setup_.stored != StoredAnswers::kIgnore) {
    Result<std::optional<ProbeAnswer>> known =
        store_->find_probe(shard, probe.attempt, conditions_);
    if (!known) return fail(std::move(known).error());
    const bool is_failed = *known && (*known)->failure && (*known)->failure != ProbeFailure::kPlan;
    if (*known && !(is_failed && setup_.stored == StoredAnswers::kUseButFailures)) {
      ++stored_;
      return **std::move(known);
    }
  }
  ++asked_;
  Result<ProbeAnswer> answer = ask(probe, shard);
  if (!answer) return answer;
  const ProbeRow row{.shard = shard, .conditions = conditions_, .answer = *answer};
  if (auto put = store_->put_probe(run_, row); !put) return fail(std::move(put).error());
  return answer;
}

Result<ProbeAnswer> CliffProber::ask(const CliffProbe& probe, const ShardIdentity& shard) {
  if (probe.attempt == 1) return look_at(probe, shard, setup_.work / "artifacts");
  const Result<ScratchFolder> rebuilt =
      ScratchFolder::create(setup_.work / "rebuilt" / to_text(run_));
  if (!rebuilt) return fail(rebuilt.error());
  setup_.start_afresh();
  return look_at(probe, shard, rebuilt->path());
}

Result<ProbeAnswer> CliffProber::look_at(const CliffProbe& probe, const ShardIdentity& shard,
                                         const std::filesystem::path& artifacts) {
  ProbeAnswer answer{
      .probe = probe,
      .is_resident = false,
      .failure = std::nullopt,
      .weight_bytes = shard_weight_bytes(setup_.model.contract, probe.segment, shard.encoding),
      .operations = std::nullopt,
      .reason = {},
      .wrong = std::nullopt};
  const auto give_up = [&](ProbeFailure stage, const Error& error) -> Result<ProbeAnswer> {
    if (auto kept = fail_at(stage, shard, error, answer); !kept) return fail(kept.error());
    return answer;
  };
  const Result<BuiltShard> built = runner_->build({.identity = shard,
                                                   .model = setup_.model.path,
                                                   .artifacts = artifacts,
                                                   .options = setup_.options},
                                                  *progress_);
  if (!built) return give_up(ProbeFailure::kBuild, built.error());
  if (probe.attempt > 1) setup_.start_afresh();
  const Result<Placement> plan =
      runner_->inspect({.artifact = built->artifact, .options = setup_.options});
  if (!plan) return give_up(ProbeFailure::kPlan, plan.error());
  if (plan->compute) answer.operations = plan->compute->total;
  const GateVerdict planned = judge_residency(*plan, std::nullopt);
  answer.reason = planned.reason;
  answer.is_resident = planned.outcome == GateOutcome::kPass;
  answer.is_recorded = planned.outcome != GateOutcome::kNotEnoughData;
  if (!answer.is_resident) {
    answer.failure = ProbeFailure::kPlan;
    return answer;
  }
  if (!can_run_) return answer;  // nobody can see it run: the plan stands
  if (auto done = run_once(*built, answer); !done) {
    if (done.error().code == ErrorCode::kNotRecorded) return answer;  // the plan stands
    return give_up(ProbeFailure::kRun, done.error());
  }
  return answer;
}

// A plan that says "resident" is a promise; the run shows whether it was kept.
Result<void> CliffProber::run_once(const BuiltShard& built, ProbeAnswer& answer) {
  const Contract& contract = setup_.model.contract;
  const std::vector<float> states = pattern_states(setup_.shape.tokens, contract.d_model);
  const Result<std::vector<GroupValues>> outputs =
      run_chain(*runner_,
                {.artifacts = {built.artifact},
                 .options = setup_.options,
                 .hidden = states,
                 .d_model = static_cast<std::size_t>(contract.d_model)},
                setup_.work / "gates" / to_text(run_), *progress_);
  if (!outputs) return fail(outputs.error());
  for (const auto& [output, values] : *outputs) {
    if (output.recorded) answer.wrong = wrong_by_record(*output.recorded);
    const bool is_finite =
        std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
    if (!is_finite) answer.wrong = "values are not finite";
    if (!output.placement) continue;
    const GateVerdict ran = judge_residency(std::nullopt, output.placement);
    if (ran.outcome != GateOutcome::kFail) continue;
    answer.is_resident = false;
    answer.failure = ProbeFailure::kRun;
    answer.reason = "in the run " + ran.reason;
  }
  return {};
}

Result<void> CliffProber::fail_at(ProbeFailure stage, const ShardIdentity& shard,
                                  const Error& error, ProbeAnswer& answer) {
  if (error.code == ErrorCode::kInvalidInput || is_disk_full(setup_.work))
    return fail_with_context(error, display_name(shard.kind));
  answer.is_resident = false;
  answer.reason = error.message;
  if (error.code == ErrorCode::kNotRecorded) {
    answer.is_recorded = false;
    answer.reason.clear();  // it would only say so again
    return {};
  }
  answer.failure = error.code == ErrorCode::kCrashed    ? ProbeFailure::kCrash
                   : error.code == ErrorCode::kTimedOut ? ProbeFailure::kTimeOut
                                                        : stage;
  // A second attempt is there to doubt the first; what it met is no reason not to try the shard.
  if (is_recorded_ || answer.probe.attempt > 1) return {};
  return store_->put_failure(run_, {.shard = shard,
                                    .conditions = conditions_,
                                    .stage = stage == ProbeFailure::kBuild  ? "build"
                                             : stage == ProbeFailure::kPlan ? "inspect"
                                                                            : "run",
                                    .reason = error.message});
}

int first_guess(const RunnerDescription& runner, const Contract& contract, Encoding encoding) {
  const std::uint64_t limit = runner.graph_limit_bytes.value_or(kReportedLimitBytes);
  const std::uint64_t layer = shard_weight_bytes(contract, Segment{0, 1}, encoding);
  return static_cast<int>(
      std::clamp<std::uint64_t>(limit / layer, 1, static_cast<std::uint64_t>(contract.n_layers)));
}

Result<std::optional<CliffResult>> find_cliff(CliffSearch& search, CliffProber& prober,
                                              const std::function<bool()>& is_interrupted,
                                              Progress& progress) {
  while (const std::optional<CliffProbe> probe = search.next()) {
    if (is_interrupted()) return std::optional<CliffResult>();
    progress.begin_stage("probing", 0);
    progress.set_item(to_text(probe->segment));
    Result<ProbeAnswer> answer = prober.probe(*probe);
    if (!answer) return fail(std::move(answer).error());
    search.observe(*std::move(answer));
  }
  return search.result();
}

}  // namespace fusesweep
