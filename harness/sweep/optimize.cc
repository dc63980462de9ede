#include "harness/sweep/optimize.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "harness/base/text.h"
#include "harness/plan/recorded_advice.h"
#include "harness/sweep/begun_sweep.h"
#include "harness/sweep/gate_split.h"
#include "harness/sweep/gate_workbench.h"
#include "harness/sweep/optimize_figures.h"
#include "harness/sweep/segment_search.h"
#include "harness/sweep/stored_words.h"
#include "harness/sweep/sweep_steps.h"

namespace fusesweep {
namespace {

constexpr std::size_t kListed = 10;  // of the best splits
constexpr int kVerification = 4;     // a quarter of the budget
constexpr const char* kTime = "time";

Json question_of(const OptimizeSetup& setup, const Conditions& conditions) {
  const OptimizeSpec& spec = setup.spec;
  const ShardIdentity& shape = spec.form.shape;
  const auto or_null = [](const std::optional<int>& count) {
    return count ? Json(*count) : Json(nullptr);
  };
  Json forbidden = Json::array();
  for (const Segment& segment : spec.forbidden) forbidden.push_back(to_text(segment));
  Json json = to_json(setup.sweep.spec, setup.sweep.model, conditions);
  json.erase("candidates");
  json.update({{"kind", "optimize"},
               {"tokens", shape.tokens},
               {"context", shape.context},
               {"encoding", to_text(shape.encoding)},
               {"kv", to_text(shape.kv_form)},
               {"head_shards", spec.form.head_shards},
               {"threads", spec.form.threads},
               {"longest_shard", or_null(spec.longest_shard)},
               {"max_shards", or_null(spec.max_shards)},
               {"forbidden", std::move(forbidden)},
               {"tail", spec.tail},
               {"regret_rel", spec.regret_rel},
               {"confidence", spec.confidence},
               {"max_builds", spec.max_builds},
               {"verified", spec.verified},
               {"rounds", spec.rounds},
               {"budget_ms", spec.budget.count()}});
  return json;
}

class OptimizeRun {
 public:
  OptimizeRun(const OptimizeSetup& setup, const SweepPlace& place)
      : setup_(setup), spec_(setup.spec), sweep_(setup.sweep), place_(place) {
    OptimizeReport& report = answer_.report;
    report.model = sweep_.model.name;
    report.runner = sweep_.description.name;
    report.n_layers = sweep_.model.contract.n_layers;
    report.is_recorded = is_recorded();
    report.emulated = sweep_.description.emulated;
    report.confidence = spec_.confidence;
    report.regret_rel = spec_.regret_rel;
  }

  Result<OptimizeAnswer> run() {
    if (auto can = check_capability(); !can) return fail(std::move(can).error());
    if (auto begun = begin(); !begun) return fail(std::move(begun).error());
    if (auto found = find_cliff(); !found) return fail(std::move(found).error());
    if (!answer_.is_interrupted) {
      auto done = known_ ? recall() : is_recorded() ? advise() : search_and_verify();
      if (!done) return fail(std::move(done).error());
    }
    if (answer_.is_interrupted && !known_) answer_.report.end = SearchEnd::kInterrupted;
    if (!answer_.is_interrupted && !known_) {
      if (auto ended = place_.store.end_sweep(answer_.id, "done", to_json(answer_.report)); !ended)
        return fail(std::move(ended).error());
    }
    return std::move(answer_);
  }

 private:
  bool is_recorded() const { return sweep_.description.evidence == Evidence::kRecorded; }

  Result<void> check_capability() const {
    if (is_recorded() || can(sweep_.description, kTime)) return {};
    return invalid_input(fmt::format(
        "runner {}: found one that cannot time shards by themselves, want the capability \"time\"",
        one_line(sweep_.description.name)));
  }

  Result<void> begin() {
    const Conditions conditions =
        conditions_of(sweep_.description, sweep_.spec.options, sweep_.limits);
    Result<BegunSweep> begun =
        begin_or_go_on(place_.store, place_.run, question_of(setup_, conditions), sweep_.is_fresh);
    if (!begun) return fail(std::move(begun).error());
    answer_.id = begun->id;
    known_ = std::move(begun->ended);
    return {};
  }

  Result<void> find_cliff() {
    place_.progress.set_step({.name = "looking for the cliff", .later = spec_.budget});
    Result<FoundCliff> found = find_cliff_of(sweep_, spec_.form.shape, place_);
    if (!found) return fail(std::move(found).error());
    answer_.work_done += found->asked;
    answer_.is_interrupted = !found->result;
    answer_.cliff = std::move(found->result);
    return {};
  }

  // A search that has ended: what it said, and its verification as the store has it.
  Result<void> recall() {
    Result<OptimizeReport> report = read_optimize_report(known_->answer);
    if (!report) return fail(std::move(report).error());
    answer_.report = *std::move(report);
    if (answer_.report.sweep.empty()) return {};
    const Result<std::vector<StoredSweep>> sweeps = place_.store.sweeps();
    if (!sweeps) return fail(sweeps.error());
    for (const StoredSweep& sweep : *sweeps) {
      if (to_text(sweep.id) != answer_.report.sweep) continue;
      Result<StoredSpec> asked = read_sweep_spec(sweep.sweep.spec);
      if (!asked) return fail(std::move(asked).error());
      if (auto verified = run_verification(std::move(asked->spec.candidates)); !verified)
        return verified;
      return choose();
    }
    return {};
  }

  // What a record has to say is not measured here, and no bound follows from it.
  Result<void> advise() {
    OptimizeReport& report = answer_.report;
    report.end = SearchEnd::kNotMeasured;
    if (!setup_.facts) {
      report.notes.emplace_back("nothing is known of the record beyond what its runner answers");
      return {};
    }
    const RecordedAdvice advice = fusesweep::advise(*setup_.facts);
    report.notes = notes_of(advice);
    report.advice = advice_of(advice);
    for (const RecordedExclusion& exclusion : advice.excluded) {
      report.segments.push_back({.segment = exclusion.segment,
                                 .standing = SegmentStanding::kExcluded,
                                 .reason = exclusion.reason});
    }
    return {};
  }

  Result<void> search_and_verify() {
    Result<GateWorkbench> bench =
        GateWorkbench::create(place_.runner, sweep_.description, gate_setup_of(sweep_, spec_.form),
                              place_.store, place_.run, place_.progress);
    if (!bench) return fail(std::move(bench).error());
    const Result<Gated> model = gate_model(*bench);
    if (!model) return fail(model.error());
    if (const GateVerdict* hindrance = first_hindrance(*model)) {
      answer_.report.end = SearchEnd::kNoPath;
      answer_.report.notes.push_back(
          fmt::format("{} of the model: {}", hindrance->gate, hindrance->reason));
      return {};
    }
    Result<SearchOutcome> search =
        search_segments(setup_, place_, answer_.id, *bench, answer_.cliff);
    if (!search) return fail(std::move(search).error());
    answer_.work_done += search->work_done;
    answer_.is_interrupted = search->is_interrupted;
    take(*search);
    if (answer_.is_interrupted) return {};
    std::vector<Candidate> candidates = candidates_of(*search);
    if (candidates.empty()) return {};
    list_candidates(candidates, search->optimizer);
    if (auto verified = run_verification(std::move(candidates)); !verified) return verified;
    if (answer_.is_interrupted) return {};
    if (auto compared = compare_sums(*search); !compared) return compared;
    count_verification();
    return choose();
  }

  void take(SearchOutcome& search) {
    OptimizeReport& report = answer_.report;
    const Optimizer& optimizer = search.optimizer;
    report.end = optimizer.end();
    report.bound_rel = optimizer.bound_rel();
    report.best = optimizer.best(kListed);
    report.segments = optimizer.segments();
    report.form = optimizer.form();
    for (std::string& note : search.notes) report.notes.push_back(std::move(note));
    const SegmentTable usable = usable_segments(setup_, answer_.cliff);
    report.effort.builds = optimizer.builds();
    report.effort.failed_builds = optimizer.failed_builds();
    report.effort.trials = optimizer.trials();
    report.effort.seconds = search.seconds;
    report.effort.segments = static_cast<int>(usable.usable().size());
    const BigCount splits = count_paths(usable, path_limits(setup_));
    splits_ = splits.convert_to<double>();
    report.effort.splits = splits.str();
    report.effort.builds_by_hand = builds_by_hand(spec_.tail, report.n_layers);
  }

  // Every segment by what is known of it, a boundary with each.
  SegmentTable costs(const SearchOutcome& search) const {
    SegmentTable table(answer_.report.n_layers);
    const double shard_ms = search.boundary ? search.boundary->shard_ms : 0;
    for (const SegmentFinding& finding : answer_.report.segments) {
      if (finding.ms) table.set(finding.segment, *finding.ms + shard_ms);
    }
    return table;
  }

  // The best that were measured, the best front-fused one and the control.
  std::vector<Candidate> candidates_of(const SearchOutcome& search) {
    std::vector<Split> splits;
    for (const PathFinding& path :
         search.optimizer.best_measured(static_cast<std::size_t>(spec_.verified)))
      splits.push_back(parse_split(path.split).value());
    if (splits.empty()) return {};
    const std::optional<Split> fused =
        best_front_fused(spec_.tail, costs(search), path_limits(setup_));
    if (fused) {
      answer_.report.front_fused = to_text(*fused);
      splits.push_back(*fused);
    } else {
      answer_.report.notes.push_back(
          fmt::format("no front-fused split with the tail {} can be used", one_line(spec_.tail)));
    }
    if (search.control) splits.push_back(*search.control);
    std::vector<Candidate> candidates;
    for (Split& split : splits) {
      Candidate candidate = spec_.form;
      candidate.split = std::move(split);
      if (std::find(candidates.begin(), candidates.end(), candidate) == candidates.end())
        candidates.push_back(std::move(candidate));
    }
    return candidates;
  }

  // Whatever the verification comes to, what is known of that split is in the report.
  void list_candidates(const std::vector<Candidate>& candidates, const Optimizer& optimizer) {
    std::vector<PathFinding>& best = answer_.report.best;
    std::vector<Split> missing;
    for (const Candidate& candidate : candidates) {
      const auto is_same = [name = to_text(candidate.split)](const PathFinding& path) {
        return path.split == name;
      };
      if (std::none_of(best.begin(), best.end(), is_same)) missing.push_back(candidate.split);
    }
    for (PathFinding& finding : optimizer.of(missing)) best.push_back(std::move(finding));
    std::stable_sort(best.begin(), best.end(),
                     [](const PathFinding& a, const PathFinding& b) { return a.ms < b.ms; });
  }

  Result<void> run_verification(std::vector<Candidate> candidates) {
    place_.progress.set_step({.name = "verifying the best splits"});
    SweepSetup setup = sweep_;
    setup.spec.candidates = std::move(candidates);
    setup.spec.budget = spec_.budget / kVerification;
    Result<SweepAnswer> swept = run_sweep(setup, place_);
    if (!swept) return fail(std::move(swept).error());
    answer_.work_done += swept->work_done;
    answer_.is_interrupted = swept->is_interrupted;
    answer_.verification = *std::move(swept);
    return {};
  }

  // The sums that were measured, against splits that they were not fitted to.
  Result<void> compare_sums(const SearchOutcome& search) {
    if (!search.boundary) return {};
    std::map<Segment, double> known;
    for (const SegmentFinding& finding : answer_.report.segments) {
      if (finding.standing == SegmentStanding::kMeasured)
        known[finding.segment] = finding.ms.value();
    }
    const SweepAnswer& verification = *answer_.verification;
    std::vector<WholeSplit> wholes;
    std::optional<std::size_t> control;
    for (std::size_t i = 0; i < verification.candidates.size(); ++i) {
      const CandidateAnswer& candidate = verification.candidates[i];
      const std::vector<Segment> segments = candidate.candidate.split.segments();
      const bool has_sum =
          std::all_of(segments.begin(), segments.end(),
                      [&](const Segment& segment) { return known.contains(segment); });
      if (!candidate.figures || !has_sum) continue;
      if (verification.control == i) control = wholes.size();
      const Split& split = candidate.candidate.split;
      WholeSplit whole{.split = to_text(split),
                       .shards = split.shards(),
                       .token_ms = candidate.figures->ms_per_token};
      for (const Segment& segment : segments) whole.sum_ms += known.at(segment);
      wholes.push_back(std::move(whole));
    }
    if (control) answer_.report.additivity = additivity_of(wholes, *control, *search.boundary);
    return {};
  }

  void count_verification() {
    const double spent_s = answer_.verification->measured_s;
    SearchEffort& effort = answer_.report.effort;
    effort.seconds += spent_s;
    const auto& candidates = answer_.verification->candidates;
    const auto measured = std::count_if(candidates.begin(), candidates.end(),
                                        [](const CandidateAnswer& c) { return !!c.figures; });
    if (measured > 0) effort.exhaustive_s = splits_ * spent_s / static_cast<double>(measured);
  }

  // Among those that may be the fastest, the preferred one.
  Result<void> choose() {
    const SweepAnswer& verification = *answer_.verification;
    if (answer_.is_interrupted) return {};
    OptimizeReport& report = answer_.report;
    report.sweep = to_text(verification.sweep);
    std::vector<const Candidate*> ties;
    for (const std::size_t index : verification.ties)
      ties.push_back(&verification.candidates[index].candidate);
    std::sort(ties.begin(), ties.end(), [](const Candidate* a, const Candidate* b) {
      return is_preferred(a->split, b->split);
    });
    report.ties.clear();
    for (const Candidate* candidate : ties) report.ties.push_back(to_text(candidate->split));
    report.chosen = ties.empty() ? std::nullopt : std::optional(report.ties.front());
    if (ties.empty()) return {};
    Result<std::filesystem::path> manifest = write_manifest(sweep_.model.hash,
                                                            {.split = ties.front()->split,
                                                             .shape = spec_.form.shape,
                                                             .head_shards = spec_.form.head_shards,
                                                             .work = sweep_.work,
                                                             .options = {}},
                                                            sweep_.work / "artifacts");
    if (!manifest) return fail(std::move(manifest).error());
    answer_.manifest = *std::move(manifest);
    return {};
  }

  const OptimizeSetup& setup_;
  const OptimizeSpec& spec_;
  const SweepSetup& sweep_;
  const SweepPlace& place_;
  OptimizeAnswer answer_;
  std::optional<StoredSweep> known_;  // the same search, ended
  double splits_ = 0;
};

}  // namespace

Result<OptimizeAnswer> run_optimize(const OptimizeSetup& setup, const SweepPlace& place) {
  return OptimizeRun(setup, place).run();
}

}  // namespace fusesweep
