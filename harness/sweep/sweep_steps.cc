#include "harness/sweep/sweep_steps.h"

#include <limits>
#include <utility>

#include "harness/plan/cliff_search.h"
#include "harness/sweep/cliff_prober.h"

namespace fusesweep {

Result<FoundCliff> find_cliff_of(const SweepSetup& setup, const ShardIdentity& shape,
                                 const SweepPlace& place) {
  const Contract& contract = setup.model.contract;
  Result<CliffProber> prober =
      CliffProber::create(place.runner, setup.description,
                          {.model = setup.model,
                           .shape = shape,
                           .options = setup.spec.options,
                           .work = setup.work,
                           .stored = setup.is_fresh ? StoredAnswers::kIgnore : StoredAnswers::kUse,
                           .start_afresh = setup.start_afresh},
                          place.store, place.run, place.progress);
  if (!prober) return fail(std::move(prober).error());
  CliffSearch search({.n_layers = contract.n_layers,
                      .first_guess = first_guess(setup.description, contract, shape.encoding)});
  Result<std::optional<CliffResult>> found =
      find_cliff(search, *prober, setup.is_interrupted, place.progress);
  if (!found) return fail(std::move(found).error());
  return FoundCliff{*std::move(found), prober->asked()};
}

GateSetup gate_setup_of(const SweepSetup& setup, const Candidate& candidate) {
  const SweepSpec& spec = setup.spec;
  return {.model = setup.model,
          .profile = setup.profile,
          .shape = candidate.shape,
          .head_shards = candidate.head_shards,
          .options = spec.options,
          .work = setup.work,
          .fixtures = {},
          .limits = setup.limits,
          .only = {},
          .stored = setup.is_fresh ? StoredVerdicts::kIgnore : StoredVerdicts::kUse,
          .positions = spec.positions,
          .prompts = spec.prompts,
          .prompt_tokens = spec.gate_prompt_tokens,
          .greedy_tokens = spec.greedy_tokens,
          .threads = setup.threads};
}

Result<TrialArm> prepare_candidate(const SweepSetup& setup, const Candidate& candidate,
                                   std::string name, const SweepPlace& place) {
  RunnerOptions options = setup.spec.options;
  options.threads = candidate.threads;
  return prepare_arm(place.runner, setup.description, setup.model,
                     {.split = candidate.split,
                      .shape = candidate.shape,
                      .head_shards = candidate.head_shards,
                      .work = setup.work,
                      .options = options},
                     std::move(name), place.progress);
}

std::uint64_t memory_of_block(const SweepSetup& setup) {
  if (setup.memory_bytes) return *setup.memory_bytes;
  if (!setup.description.device_memory_bytes) return std::numeric_limits<std::uint64_t>::max();
  return *setup.description.device_memory_bytes / 4 * 3;
}

}  // namespace fusesweep
