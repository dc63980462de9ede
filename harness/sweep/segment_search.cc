#include "harness/sweep/segment_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "harness/base/check.h"
#include "harness/core/shard_weight.h"
#include "harness/measure/trial_layout.h"
#include "harness/sweep/gate_split.h"
#include "harness/sweep/ready_segments.h"
#include "harness/sweep/segment_trial.h"
#include "harness/sweep/sweep_steps.h"

namespace fusesweep {
namespace {

// Shares of the budget; the last quarter is the verification's.
constexpr int kWholeSplits = 8;  // an eighth
constexpr int kOneTrial = 16;
constexpr double kSegments = 5.0 / 8;

double seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

void apply_cliff(const CliffResult& cliff, SegmentTable& table) {
  if (!cliff.edge || !cliff.is_confirmed || !cliff.surprises.empty()) return;
  table.forbid_longer(cliff.edge->last_resident);
  if (!cliff.lower_edge) return;
  for (const Segment& segment : table.usable()) {
    if (segment.layers() <= cliff.lower_edge->first_not_resident) table.forbid(segment);
  }
}

// What the search for the cliff built, and what of it failed.
struct KnownShards {
  std::vector<Segment> built;
  std::vector<SegmentFailure> failed;
};

KnownShards known_shards(const std::optional<CliffResult>& cliff) {
  std::map<Segment, std::optional<SegmentFailure>> known;
  if (!cliff) return {};
  for (const ProbeAnswer& answer : cliff->answers) {
    if (!answer.is_recorded) continue;
    const Segment& segment = answer.probe.segment;
    auto& failure = known.try_emplace(segment).first->second;
    if (failure) continue;
    if (answer.wrong) failure = SegmentFailure{.segment = segment, .reason = *answer.wrong};
    if (answer.is_resident) continue;
    // Of a plan that was told; a call that failed says nothing of longer shards.
    const bool is_planned = answer.failure == ProbeFailure::kPlan && answer.operations.has_value();
    failure = SegmentFailure{
        .segment = segment, .is_residency = is_planned, .reason = "residency: " + answer.reason};
  }
  KnownShards all;
  for (const auto& [segment, failure] : known) {
    if (failure) {
      all.failed.push_back(*failure);
    } else {
      all.built.push_back(segment);
    }
  }
  return all;
}

class SegmentSearch {
 public:
  SegmentSearch(const OptimizeSetup& setup, const SweepPlace& place, const Uuid& search,
                GateWorkbench& bench, const std::optional<CliffResult>& cliff)
      : setup_(setup),
        spec_(setup.spec),
        place_(place),
        search_(search),
        bench_(bench),
        ready_(bench),
        usable_(usable_segments(setup, cliff)),
        limits_(path_limits(setup)),
        optimizer_({.usable = usable_,
                    .limits = limits_,
                    .regret_rel = spec_.regret_rel,
                    .confidence = spec_.confidence,
                    .max_builds = spec_.max_builds,
                    .seed = setup.sweep.spec.seed}) {
    const KnownShards known = known_shards(cliff);
    if (!known.built.empty() || !known.failed.empty()) optimizer_.know(known.built, known.failed);
  }

  Result<SearchOutcome> run() {
    while (!optimizer_.next().empty()) {
      if (optimizer_.trials() > 0 && seconds_ >= kSegments * seconds(spec_.budget)) {
        optimizer_.stop(SearchEnd::kTimeSpent);
        break;
      }
      Result<std::optional<SegmentAnswers>> answers = ask(optimizer_.next());
      if (!answers) return fail(std::move(answers).error());
      if (is_interrupted_) {
        optimizer_.stop(SearchEnd::kInterrupted);
        break;
      }
      optimizer_.observe(**answers);
      if (auto done = find_boundary(); !done) return fail(std::move(done).error());
      if (is_interrupted_) optimizer_.stop(SearchEnd::kInterrupted);
    }
    place_.progress.set_step({});
    if (!boundary_ && !is_interrupted_) {
      notes_.emplace_back(
          "what a boundary costs was not measured: no two splits with different numbers of shards "
          "could be");
    }
    return outcome();
  }

 private:
  bool is_interrupted() {
    is_interrupted_ = is_interrupted_ || setup_.sweep.is_interrupted();
    return is_interrupted_;
  }

  // Nothing where it was interrupted.
  Result<std::optional<SegmentAnswers>> ask(const std::vector<Segment>& asked) {
    SegmentAnswers answers;
    std::vector<ReadySegment> ready;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (is_interrupted()) return std::nullopt;
      show("building and gating segments", i, asked.size());
      Result<std::variant<ReadySegment, SegmentFailure>> got = get(asked[i]);
      if (!got) return fail(std::move(got).error());
      if (auto* failure = std::get_if<SegmentFailure>(&*got)) {
        answers.failures.push_back(std::move(*failure));
      } else {
        ready.push_back(std::get<ReadySegment>(*std::move(got)));
      }
    }
    if (is_interrupted()) return std::nullopt;
    if (auto timed = time(std::move(ready), answers); !timed) return fail(std::move(timed).error());
    if (is_interrupted_) return std::nullopt;
    return std::optional(std::move(answers));
  }

  // Gated once a call: a segment that is asked for again is what it was.
  Result<std::variant<ReadySegment, SegmentFailure>> get(const Segment& segment) {
    const auto known = gated_.find(segment);
    if (known != gated_.end()) return std::variant<ReadySegment, SegmentFailure>(known->second);
    const int kept = bench_.kept();
    auto got = ready_.get(segment);
    work_done_ += bench_.kept() > kept ? 1 : 0;
    if (got && std::holds_alternative<ReadySegment>(*got))
      gated_.emplace(segment, std::get<ReadySegment>(*got));
    return got;
  }

  void show(const char* what, std::size_t done, std::size_t total) {
    place_.progress.set_step(
        {.name = fmt::format("trial {}, {} of at most {} builds, {}", optimizer_.trials() + 1,
                             optimizer_.builds(), spec_.max_builds, what),
         .done = done,
         .total = total,
         .later = spec_.budget / 4});
  }

  // In as many trials as memory asks for, each with the control.
  Result<void> time(std::vector<ReadySegment> ready, SegmentAnswers& answers) {
    show("measuring segments", 0, 0);
    while (!ready.empty()) {
      if (control_.empty()) choose_control_of(ready);
      Result<std::vector<std::vector<ReadySegment>>> groups = in_groups(ready, answers);
      if (!groups) return fail(std::move(groups).error());
      ready.clear();
      for (const std::vector<ReadySegment>& group : *groups) {
        if (control_.empty()) {  // it failed: all that is left waits for another one
          ready.insert(ready.end(), group.begin(), group.end());
          continue;
        }
        if (auto timed = time_group(group, ready, answers); !timed) return timed;
        if (is_interrupted_) return {};
      }
    }
    return {};
  }

  void choose_control_of(const std::vector<ReadySegment>& ready) {
    std::vector<Segment> segments;
    for (const ReadySegment& one : ready) segments.push_back(one.segment);
    for (const Segment& segment : choose_control(segments, usable_.n_layers())) {
      const auto found = std::find_if(ready.begin(), ready.end(), [&](const ReadySegment& one) {
        return one.segment == segment;
      });
      control_.push_back(*found);
    }
  }

  // Those that do not fit into memory even alone beside the control are out.
  Result<std::vector<std::vector<ReadySegment>>> in_groups(const std::vector<ReadySegment>& ready,
                                                           SegmentAnswers& answers) {
    const auto is_control = [&](const ReadySegment& one) {
      return std::find(control_.begin(), control_.end(), one) != control_.end();
    };
    std::vector<std::uint64_t> bytes = {0, 0};  // of the control, which has no twin here
    for (const ReadySegment& one : control_) bytes.front() += one.bytes;
    for (const ReadySegment& one : ready) bytes.push_back(is_control(one) ? 0 : one.bytes);
    const std::uint64_t limit =
        std::min(memory_of_block(setup_.sweep),
                 setup_.sweep.description.process_limit_bytes.value_or(~std::uint64_t{0}));
    const Result<TrialLayout> layout = lay_out_trial(bytes, limit);
    if (!layout) return fail(layout.error());
    for (const std::size_t arm : layout->left_out) {
      answers.failures.push_back({.segment = ready[arm - 2].segment,
                                  .reason = "it does not fit into memory beside the control"});
    }
    std::vector<std::vector<ReadySegment>> groups;
    for (const std::vector<std::size_t>& arms : layout->groups) {
      std::vector<ReadySegment> group;
      for (const std::size_t arm : arms) {
        if (arm >= 2) group.push_back(ready[arm - 2]);
      }
      std::sort(group.begin(), group.end(),
                [](const ReadySegment& a, const ReadySegment& b) { return a.segment < b.segment; });
      if (!group.empty()) groups.push_back(std::move(group));
    }
    return groups;
  }

  // What has to be timed once more, because others with it failed, is added to `again`.
  Result<void> time_group(const std::vector<ReadySegment>& group, std::vector<ReadySegment>& again,
                          SegmentAnswers& answers) {
    const Result<SegmentTrialOutcome> trial =
        run_segment_trial({.wanted = group,
                           .control = control_,
                           .control_ms = control_ms_,
                           .number = optimizer_.trials(),
                           .options = options(),
                           .rounds = spec_.rounds,
                           .budget = spec_.budget / kOneTrial,
                           .seed = setup_.sweep.spec.seed},
                          setup_.sweep.start_runner, trial_place());
    if (!trial) return fail(trial.error());
    work_done_ += trial->new_blocks;
    seconds_ += trial->seconds;
    is_interrupted_ = is_interrupted_ || trial->is_interrupted;
    if (!trial->faults.empty()) return leave_out(group, trial->faults, again, answers);
    if (is_interrupted_) return {};
    if (!control_ms_) control_ms_ = trial->control_ms;
    for (const SegmentAnswers::Cost& cost : trial->costs) {
      answers.costs.push_back(cost);
      costs_[cost.segment] = cost;
    }
    answers.trial_sd_rel = std::max(answers.trial_sd_rel, trial->trial_sd_rel);
    return {};
  }

  Result<void> leave_out(const std::vector<ReadySegment>& group,
                         const std::vector<FaultySegment>& faults, std::vector<ReadySegment>& again,
                         SegmentAnswers& answers) {
    std::set<Segment> out;
    for (const FaultySegment& fault : faults) {
      if (auto kept = ready_.keep_fault(fault); !kept) return kept;
      out.insert(fault.segment);
      gated_.erase(fault.segment);
      const bool is_asked = std::any_of(group.begin(), group.end(), [&](const ReadySegment& one) {
        return one.segment == fault.segment;
      });
      if (is_asked) {
        answers.failures.push_back(
            {.segment = fault.segment, .reason = "measuring it: " + fault.reason});
      }
    }
    const auto is_out = [&](const ReadySegment& one) { return out.contains(one.segment); };
    if (std::any_of(control_.begin(), control_.end(), is_out)) {
      // All later figures would be on another scale.
      if (control_ms_) {
        return unavailable(fmt::format("{} of the control, measured before, cannot be any more: {}",
                                       to_text(faults.front().segment), faults.front().reason));
      }
      control_.clear();
    }
    std::copy_if(group.begin(), group.end(), std::back_inserter(again),
                 [&](const ReadySegment& one) { return !is_out(one); });
    return {};
  }

  RunnerOptions options() const {
    RunnerOptions options = setup_.sweep.spec.options;
    options.threads = spec_.form.threads;
    return options;
  }

  TrialPlace trial_place() const {
    return {place_.store,
            place_.run,
            search_,
            false,
            place_.clock,
            place_.progress,
            setup_.sweep.is_interrupted};
  }

  // Once: as soon as there are splits of different numbers of shards of which all segments are measured.
  Result<void> find_boundary() {
    if (is_boundary_tried_) return {};
    SegmentTable measured = usable_;
    for (const Segment& segment : usable_.usable()) {
      if (!costs_.contains(segment)) measured.forbid(segment);
    }
    const std::vector<Split> splits = splits_apart(measured, limits_);
    if (splits.size() < 2) return {};
    is_boundary_tried_ = true;
    Result<std::vector<TrialArm>> arms = whole_arms(splits);
    if (!arms) return fail(std::move(arms).error());
    while (arms->size() >= 2 && !is_interrupted()) {
      Result<std::optional<std::size_t>> failed = measure_whole(*arms);
      if (!failed) return fail(std::move(failed).error());
      if (!*failed) break;
      arms->erase(arms->begin() + static_cast<std::ptrdiff_t>(**failed));
    }
    return {};
  }

  // Those that pass the gates of a whole split: a wrong answer is never timed.
  Result<std::vector<TrialArm>> whole_arms(const std::vector<Split>& splits) {
    std::vector<TrialArm> arms;
    for (std::size_t i = 0; i < splits.size(); ++i) {
      if (is_interrupted()) return arms;
      show("gating whole splits", i, splits.size());
      const int kept = bench_.kept();
      const Result<std::vector<Gated>> gated = gate_split(bench_, splits[i]);
      if (!gated) return fail(gated.error());
      work_done_ += bench_.kept() > kept ? 1 : 0;
      if (!std::all_of(gated->begin(), gated->end(),
                       [](const Gated& one) { return first_hindrance(one) == nullptr; }))
        continue;
      Candidate candidate = spec_.form;
      candidate.split = splits[i];
      Result<TrialArm> arm = prepare_candidate(setup_.sweep, candidate, to_text(splits[i]), place_);
      if (!arm) return fail(std::move(arm).error());
      arms.push_back(*std::move(arm));
    }
    return arms;
  }

  // Gives the arm that could not be measured, if there is one.
  Result<std::optional<std::size_t>> measure_whole(const std::vector<TrialArm>& arms) {
    show("measuring whole splits", 0, 0);
    SweepSpec spec = setup_.sweep.spec;
    spec.budget = spec_.budget / kWholeSplits;
    spec.turn_tokens = turn_tokens_for(setup_.sweep.description, spec.turn_tokens);
    const Result<GroupedTrials> trials = run_trials(arms, memory_of_block(setup_.sweep), spec,
                                                    setup_.sweep.model.contract.vocab_size,
                                                    setup_.sweep.start_runner, trial_place());
    if (!trials) return fail(trials.error());
    std::vector<WholeSplit> wholes;
    for (std::size_t i = 0; i < trials->trials.size(); ++i) {
      const TrialOutcome& trial = trials->trials[i];
      work_done_ += trial.new_blocks;
      if (trial.failed_arm) return std::optional(trials->groups[i][*trial.failed_arm]);
      is_interrupted_ = is_interrupted_ || trial.is_interrupted;
      if (is_interrupted_ || !trial.fit) return std::nullopt;
      seconds_ += trial.seconds;
      for (std::size_t arm = 0; arm < trials->groups[i].size(); ++arm) {
        if (i > 0 && arm == 0) continue;  // the control, once more
        wholes.push_back(whole_of(arms[trials->groups[i][arm]].name, trial, arm));
      }
    }
    boundary_ = fit_boundary(wholes);
    if (boundary_)
      optimizer_.set_boundary(boundary_->shard_ms, boundary_->shard_sd_ms, boundary_->rest_ms);
    return std::nullopt;
  }

  WholeSplit whole_of(const std::string& name, const TrialOutcome& trial, std::size_t arm) const {
    const ArmFigures& figures = trial.figures[arm];
    const Split split = parse_split(name).value();
    WholeSplit whole{.split = name, .shards = split.shards(), .token_ms = figures.ms_per_token};
    if (trial.fit->error)
      whole.token_sd_ms = figures.ms_per_token *
                          std::sqrt(trial.fit->error->variance / static_cast<double>(trial.blocks));
    whole.rest_ms = rest_of(figures, split);
    double variance = 0;
    for (const Segment& segment : split.segments()) {
      const SegmentAnswers::Cost& cost = costs_.at(segment);
      whole.sum_ms += cost.ms;
      variance += std::pow(cost.ms * cost.sd_rel, 2);
    }
    whole.sum_sd_ms = std::sqrt(variance);
    return whole;
  }

  SearchOutcome outcome() {
    SearchOutcome outcome{.optimizer = std::move(optimizer_),
                          .control = std::nullopt,
                          .boundary = boundary_,
                          .seconds = seconds_,
                          .work_done = work_done_,
                          .is_interrupted = is_interrupted_,
                          .notes = std::move(notes_)};
    std::vector<int> lengths;
    for (const ReadySegment& one : control_) lengths.push_back(one.segment.layers());
    if (!lengths.empty()) {
      Split split(std::move(lengths));
      if (split.n_layers() == usable_.n_layers()) outcome.control = std::move(split);
    }
    return outcome;
  }

  const OptimizeSetup& setup_;
  const OptimizeSpec& spec_;
  const SweepPlace& place_;
  const Uuid search_;
  GateWorkbench& bench_;
  ReadySegments ready_;
  const SegmentTable usable_;
  const PathLimits limits_;
  Optimizer optimizer_;
  std::vector<ReadySegment> control_;
  std::optional<double> control_ms_;  // once it was measured
  std::map<Segment, ReadySegment> gated_;
  std::map<Segment, SegmentAnswers::Cost> costs_;  // the newest of each
  std::optional<BoundaryFit> boundary_;
  bool is_boundary_tried_ = false;
  double seconds_ = 0;
  int work_done_ = 0;
  bool is_interrupted_ = false;
  std::vector<std::string> notes_;
};

}  // namespace

SegmentTable usable_segments(const OptimizeSetup& setup, const std::optional<CliffResult>& cliff) {
  const Contract& contract = setup.sweep.model.contract;
  SegmentTable table(contract.n_layers);
  for (int begin = 0; begin < contract.n_layers; ++begin) {
    for (int end = begin + 1; end <= contract.n_layers; ++end) {
      const Segment segment{begin, end};
      table.set(segment, 0, shard_weight_bytes(contract, segment, setup.spec.form.shape.encoding));
    }
  }
  if (setup.spec.longest_shard) table.forbid_longer(*setup.spec.longest_shard);
  for (const Segment& segment : setup.spec.forbidden) table.forbid(segment);
  if (cliff) apply_cliff(*cliff, table);
  return table;
}

PathLimits path_limits(const OptimizeSetup& setup) {
  return {.shards = setup.spec.max_shards, .bytes = setup.sweep.description.process_limit_bytes};
}

Result<SearchOutcome> search_segments(const OptimizeSetup& setup, const SweepPlace& place,
                                      const Uuid& search, GateWorkbench& bench,
                                      const std::optional<CliffResult>& cliff) {
  return SegmentSearch(setup, place, search, bench, cliff).run();
}

double rest_of(const ArmFigures& figures, const Split& split) {
  std::set<std::string> layers;
  for (const Segment& segment : split.segments()) layers.insert(to_text(segment));
  double rest_ms = 0;
  for (const GroupTime& group : figures.groups) {
    if (!layers.contains(group.group)) rest_ms += group.ms_per_token;
  }
  return rest_ms;
}

}  // namespace fusesweep
