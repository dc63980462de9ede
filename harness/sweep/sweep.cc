#include "harness/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "harness/base/bytes.h"
#include "harness/sweep/begun_sweep.h"
#include "harness/sweep/gate_split.h"
#include "harness/sweep/gate_workbench.h"
#include "harness/sweep/stored_words.h"
#include "harness/sweep/sweep_steps.h"

namespace fusesweep {
namespace {

constexpr int kMostRecorded = 1000;  // runs of one split in a record

bool is_same_form(const Candidate& a, const Candidate& b) {
  return a.shape == b.shape && a.head_shards == b.head_shards;
}

class SweepRun {
 public:
  SweepRun(const SweepSetup& setup, const SweepPlace& place) : setup_(setup), place_(place) {
    const std::vector<Candidate> candidates = by_preference(setup.spec.candidates);
    const std::vector<std::string> names = names_of(candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      CandidateAnswer candidate{.candidate = candidates[i], .name = names[i]};
      answer_.candidates.push_back(std::move(candidate));
    }
  }

  Result<SweepAnswer> run() {
    if (auto begun = begin(setup_.is_fresh); !begun) return fail(std::move(begun).error());
    for (const auto step : {&SweepRun::find_cliff, &SweepRun::gate, &SweepRun::measure}) {
      if (is_interrupted()) break;
      if (auto done = (this->*step)(); !done) return fail(std::move(done).error());
    }
    answer_.sweep = begun_.id;
    if (!answer_.is_interrupted && !begun_.ended) {
      const auto ended = place_.store.end_sweep(begun_.id, "done", to_json(answer_));
      if (!ended) return fail(ended.error());
    }
    return std::move(answer_);
  }

 private:
  bool is_recorded() const { return setup_.description.evidence == Evidence::kRecorded; }

  bool is_interrupted() {
    answer_.is_interrupted = answer_.is_interrupted || setup_.is_interrupted();
    return answer_.is_interrupted;
  }

  Result<void> begin(bool is_fresh) {
    const Conditions conditions =
        conditions_of(setup_.description, setup_.spec.options, setup_.limits);
    Result<BegunSweep> begun = begin_or_go_on(
        place_.store, place_.run, to_json(setup_.spec, setup_.model, conditions), is_fresh);
    if (!begun) return fail(std::move(begun).error());
    begun_ = *std::move(begun);
    return {};
  }

  Result<void> find_cliff() {
    place_.progress.set_step({.name = "looking for the cliff", .later = setup_.spec.budget});
    Result<FoundCliff> found =
        find_cliff_of(setup_, answer_.candidates.front().candidate.shape, place_);
    if (!found) return fail(std::move(found).error());
    answer_.work_done += found->asked;
    answer_.is_interrupted = !found->result;
    answer_.cliff = std::move(found->result);
    return {};
  }

  // Candidates of one form share what gathering facts for gates needs.
  Result<void> gate() {
    std::vector<bool> is_done(answer_.candidates.size());
    const std::size_t shards = distinct_shards();
    for (std::size_t first = 0; first < answer_.candidates.size(); ++first) {
      if (is_done[first]) continue;
      Result<GateWorkbench> bench =
          GateWorkbench::create(place_.runner, setup_.description,
                                gate_setup_of(setup_, answer_.candidates[first].candidate),
                                place_.store, place_.run, place_.progress);
      if (!bench) return fail(std::move(bench).error());
      for (std::size_t i = first; i < answer_.candidates.size(); ++i) {
        CandidateAnswer& candidate = answer_.candidates[i];
        if (is_done[i] || !is_same_form(candidate.candidate, answer_.candidates[first].candidate))
          continue;
        if (is_interrupted()) return {};
        show_gating(candidate, shards);
        const int kept = bench->kept();
        const Result<std::vector<Gated>> gated = gate_split(*bench, candidate.candidate.split);
        if (!gated) return fail(gated.error());
        judge(*gated, candidate);
        keep(*gated);
        answer_.work_done += bench->kept() > kept ? 1 : 0;
        is_done[i] = true;
      }
    }
    return {};
  }

  // Of all candidates, of which some are known from before or never asked for.
  std::size_t distinct_shards() const {
    std::set<std::string> all;
    for (const CandidateAnswer& each : answer_.candidates) {
      const Candidate& one = each.candidate;
      const auto shards = shards_of(setup_.model, one.split, one.shape, one.head_shards);
      if (!shards) continue;  // the gates will say so
      for (const ShardIdentity& shard : *shards) all.insert(hash_of(shard));
    }
    return all.size();
  }

  void show_gating(const CandidateAnswer& candidate, std::size_t shards) {
    const auto done = std::count_if(answer_.gates.begin(), answer_.gates.end(),
                                    [](const Gated& g) { return g.subject.kind == "shard"; });
    place_.progress.set_step({.name = fmt::format("gating {}, shards", candidate.name),
                              .done = static_cast<std::uint64_t>(done),
                              .total = shards,
                              .later = setup_.spec.budget});
  }

  void keep(const std::vector<Gated>& all) {
    for (const Gated& gated : all) {
      const auto is_same = [&](const Gated& known) {
        return known.subject.kind == gated.subject.kind && known.subject.key == gated.subject.key;
      };
      if (std::none_of(answer_.gates.begin(), answer_.gates.end(), is_same))
        answer_.gates.push_back(gated);
    }
  }

  void judge(const std::vector<Gated>& all, CandidateAnswer& candidate) const {
    candidate.standing = Standing::kQualified;
    for (const Gated& gated : all) {
      for (const GateVerdict& verdict : gated.verdicts) {
        if (!hinders(verdict, setup_.limits) || candidate.standing != Standing::kQualified)
          continue;
        candidate.standing = Standing::kUngated;
        candidate.reason =
            fmt::format("{} of {}: {}", verdict.gate, gated.subject.text, verdict.reason);
      }
    }
    if (const std::optional<std::string> failed = disqualification(all)) {
      candidate.standing = Standing::kDisqualified;
      candidate.reason = *failed;
      return;
    }
    // Skipped, not failed; but a split that holds such a shard is no candidate any more.
    for (const Gated& gated : all) {
      for (const GateVerdict& verdict : gated.verdicts) {
        if (!is_beyond_cliff(verdict)) continue;
        candidate.standing = Standing::kDisqualified;
        candidate.reason = fmt::format("{} is {}", gated.subject.text, verdict.reason);
      }
    }
  }

  Result<void> measure() {
    place_.progress.set_step({});
    if (is_recorded()) return look_up_runs();
    std::vector<std::size_t> qualified;
    for (std::size_t i = 0; i < answer_.candidates.size(); ++i) {
      if (answer_.candidates[i].standing == Standing::kQualified) qualified.push_back(i);
    }
    SweepSpec spec = setup_.spec;
    spec.turn_tokens = turn_tokens_for(setup_.description, spec.turn_tokens);
    while (!qualified.empty()) {
      std::vector<TrialArm> arms;
      for (const std::size_t index : qualified) {
        const CandidateAnswer& candidate = answer_.candidates[index];
        Result<TrialArm> arm =
            prepare_candidate(setup_, candidate.candidate, candidate.name, place_);
        if (!arm) return fail(std::move(arm).error());
        arms.push_back(*std::move(arm));
      }
      Result<GroupedTrials> trials =
          run_trials(arms, memory_of_block(setup_), spec, setup_.model.contract.vocab_size,
                     setup_.start_runner,
                     {place_.store, place_.run, begun_.id, begun_.ended.has_value(), place_.clock,
                      place_.progress, setup_.is_interrupted});
      if (!trials) return fail(std::move(trials).error());
      for (const TrialOutcome& trial : trials->trials) {
        answer_.work_done += trial.new_blocks;
        answer_.measured_s += trial.seconds;
      }
      const TrialOutcome& last = trials->trials.back();
      if (last.lacks_blocks) {  // what is measured is not what it was
        answer_.measured_s = 0;
        if (auto begun = begin(true); !begun) return begun;
        continue;
      }
      if (last.failed_arm) {
        const std::size_t arm = trials->groups[trials->trials.size() - 1][*last.failed_arm];
        CandidateAnswer& failed = answer_.candidates[qualified[arm]];
        failed.standing = Standing::kDisqualified;
        failed.reason = "measuring it: " + last.failure;
        qualified.erase(qualified.begin() + static_cast<std::ptrdiff_t>(arm));
        continue;
      }
      take(qualified, arms, *std::move(trials));
      return {};
    }
    return {};
  }

  void take(const std::vector<std::size_t>& qualified, const std::vector<TrialArm>& arms,
            GroupedTrials trials) {
    answer_.control = qualified.front();
    std::vector<TwoWayFit> fits;
    std::vector<std::size_t> candidate_of = {qualified.front(), qualified.front()};  // by arm
    for (std::size_t group = 0; group < trials.trials.size(); ++group) {
      TrialOutcome& trial = trials.trials[group];
      answer_.is_interrupted = answer_.is_interrupted || trial.is_interrupted;
      answer_.trials.push_back(std::move(trial.name));
      answer_.blocks += trial.blocks;
      answer_.wanted_blocks += trial.wanted_blocks;
      add_noise(trial.noise);
      for (std::size_t i = 0; i < trial.figures.size(); ++i) {
        const std::size_t arm = trials.groups[group][i];
        auto& figures = answer_.candidates[qualified[arm]].figures;
        if (!figures) figures = std::move(trial.figures[i]);
        if (arm != kControlArm) candidate_of.push_back(qualified[arm]);
      }
      if (trial.fit) fits.push_back(*std::move(trial.fit));
    }
    for (const std::size_t arm : trials.left_out) {
      answer_.candidates[qualified[arm]].reason =
          fmt::format("not measured: {} of memory beside the control and its twin are more than {}",
                      format_bytes(arms[arm].bytes), format_bytes(memory_of_block(setup_)));
    }
    if (fits.size() < trials.groups.size()) return;
    answer_.trial = judge_groups(fits, answer_.noise, {.margin_rel = setup_.spec.margin_rel});
    for (const Comparison& comparison : answer_.trial->candidates)
      answer_.candidates[candidate_of[comparison.arm]].comparison = comparison;
    if (!answer_.trial->ties) return;
    for (const std::size_t arm : answer_.trial->ties->arms)
      answer_.ties.push_back(candidate_of[arm]);
    std::sort(answer_.ties.begin(), answer_.ties.end());  // candidates stand in order of preference
    const auto preferred =
        std::find(qualified.begin(), qualified.end(), answer_.ties.front()) - qualified.begin();
    answer_.manifest = arms[static_cast<std::size_t>(preferred)].open.manifest;
  }

  // The worst of all trials.
  void add_noise(const TrialNoise& noise) {
    answer_.noise.steal_rel = std::max(answer_.noise.steal_rel, noise.steal_rel);
    answer_.noise.throttled_rel = std::max(answer_.noise.throttled_rel, noise.throttled_rel);
  }

  static std::vector<GroupTime> groups_of(const RecordedRun& run) {
    std::vector<GroupTime> groups;
    for (const RecordedGroup& group : run.groups)
      groups.push_back({to_text(group.segment), group.ms_per_token});
    if (groups.empty() && run.layers_ms_per_token)
      groups.push_back({"layers", *run.layers_ms_per_token});
    if (run.head_ms_per_token) groups.push_back({"head", *run.head_ms_per_token});
    return groups;
  }

  // What others measured: shown, and never ranked.
  Result<void> look_up_runs() {
    for (CandidateAnswer& candidate : answer_.candidates) {
      if (candidate.standing == Standing::kDisqualified) continue;
      const Result<PreparedSplit> prepared =
          prepare_split(place_.runner, setup_.description, setup_.model,
                        {.split = candidate.candidate.split,
                         .shape = candidate.candidate.shape,
                         .head_shards = candidate.candidate.head_shards,
                         .work = setup_.work,
                         .options = setup_.spec.options},
                        place_.progress);
      if (!prepared) return fail(prepared.error());
      const Result<Opened> opened = place_.runner.open(prepared->open, place_.progress);
      if (!opened) return fail(opened.error());
      for (int i = 0; i < kMostRecorded; ++i) {
        const Result<DecodeResult> run = opened->session->decode({.prompt = {0}});
        if (!run && run.error().code == ErrorCode::kNotRecorded) break;
        if (!run) return fail(run.error());
        if (!run->recorded) break;
        candidate.recorded.push_back(
            {run->recorded->decode_tok_per_s, groups_of(*run->recorded), run->notes});
      }
    }
    return {};
  }

  const SweepSetup& setup_;
  const SweepPlace& place_;
  SweepAnswer answer_;
  BegunSweep begun_;
};

}  // namespace

Result<SweepAnswer> run_sweep(const SweepSetup& setup, const SweepPlace& place) {
  return SweepRun(setup, place).run();
}

}  // namespace fusesweep
