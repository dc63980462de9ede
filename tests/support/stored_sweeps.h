// Sweeps of a small model in a store, as a sweep writes them, without measuring anything.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/hash.h"
#include "harness/sweep/stored_words.h"
#include "harness/sweep/sweep_answer.h"
#include "harness/sweep/sweep_spec.h"
#include "results/store.h"
#include "tests/results/sample_rows.h"
#include "tests/support/made_artifact.h"
#include "tests/support/small_model.h"

namespace fusesweep {

class StoredSweeps {
 public:
  explicit StoredSweeps(Store& store, char digit = '1') : store_(store) {
    model.contract = small_contract();
    model.contract.n_layers = 8;
    model.name = "small";
    model.hash = std::string(32, digit);
    FUSESWEEP_CHECK(store_.put_runner(sample_runner()) && store_.put_model(row_of(model)));
    run = *store_.begin_run(sample_run());
  }

  static Candidate candidate(std::string_view split, int tokens = 1, int head_shards = 1) {
    return {.split = *parse_split(split),
            .shape = {.tokens = tokens, .context = 16},
            .head_shards = head_shards};
  }

  std::vector<ShardIdentity> shards(const Candidate& of) const {
    return *shards_of(model, of.split, of.shape, of.head_shards);
  }

  Uuid begin(const std::vector<Candidate>& candidates) {
    return begin_asking(to_json(SweepSpec{.candidates = candidates}, model, sample_conditions()));
  }

  Uuid begin_asking(const Json& spec) {
    return *store_.begin_sweep(
        run, {.spec_hash = to_hex(hash128(std::to_string(++begun_))), .spec = spec});
  }

  // `ties` are of the candidates, the preferred one first; one is the best, none that nothing was found.
  Uuid end(const std::vector<Candidate>& candidates, std::vector<std::size_t> ties) {
    const Uuid id = begin(candidates);
    SweepAnswer answer{.ties = std::move(ties)};
    const std::vector<std::string> names = names_of(candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i)
      answer.candidates.push_back({.candidate = candidates[i], .name = names[i]});
    FUSESWEEP_CHECK(store_.end_sweep(id, "done", to_json(answer)));
    return id;
  }

  // A gate's word on the bytes that make_artifact() makes.
  void gate(const ShardIdentity& shard, const std::string& gate = "build",
            GateOutcome outcome = GateOutcome::kPass) {
    gate_bytes(shard, made_content(shard), gate, outcome);
  }

  void gate_bytes(const ShardIdentity& shard, const std::string& content_hash,
                  const std::string& gate = "build", GateOutcome outcome = GateOutcome::kPass) {
    put({.subject = subject_of(shard),
         .content_hash = content_hash,
         .conditions = sample_conditions(),
         .verdict = {.gate = gate, .outcome = outcome}});
  }

  void gate_model() {
    put({.subject = subject_of(model),
         .content_hash = model.hash,
         .conditions = sample_conditions(),
         .verdict = {.gate = "contract", .outcome = GateOutcome::kPass}});
  }

  void put(const VerdictRow& verdict) { FUSESWEEP_CHECK(store_.put_verdict(run, verdict)); }

  RunnableModel model;
  Uuid run{};

 private:
  Store& store_;
  int begun_ = 0;
};

}  // namespace fusesweep
