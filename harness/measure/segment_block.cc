#include "harness/measure/segment_block.h"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "harness/measure/block_noise.h"
#include "harness/measure/random.h"

namespace fusesweep {
namespace {

// Parts of the keys of orders: numbers that stay, because a seed must mean the same tomorrow.
enum class Phase : std::uint64_t { kLoad = 0, kWarmUp = 1, kMeasure = 2 };

Result<void> check_design(const SegmentBlockDesign& design, int number) {
  const auto want = [](std::string_view name, int found, int least) -> Result<void> {
    if (found >= least) return {};
    return invalid_input(fmt::format("{}: found {}, want {} or more", name, found, least));
  };
  if (auto fine = want("block", number, 0); !fine) return fine;
  if (auto fine = want("rounds", design.rounds, 1); !fine) return fine;
  return want("warm-up rounds", design.warmup_rounds, 0);
}

void check_segments(const std::vector<SegmentToTime>& segments) {
  FUSESWEEP_CHECK(!segments.empty());
  std::set<std::string_view> names;
  for (const SegmentToTime& segment : segments) FUSESWEEP_CHECK(names.insert(segment.name).second);
}

// The one time of a call, of a runner that anybody may have written.
Result<std::int64_t> only_time(const std::vector<std::int64_t>& calls_ns) {
  if (calls_ns.size() != 1)
    return unavailable(fmt::format("time: found {} times, want 1", calls_ns.size()));
  if (calls_ns.front() <= 0)
    return unavailable(
        fmt::format("time: found a call of {} ns, want 1 or more", calls_ns.front()));
  return calls_ns.front();
}

class SegmentBlockRun {
 public:
  SegmentBlockRun(const std::vector<SegmentToTime>& segments, const SegmentBlockDesign& design,
                  int number, const Clock& clock, Progress& progress)
      : segments_(segments),
        design_(design),
        clock_(clock),
        progress_(progress),
        sessions_(segments.size()),
        times_(segments.size()) {
    block_.number = number;
    for (std::size_t i = 0; i < times_.size(); ++i) times_[i].segment = i;
  }

  // A program that is started may not run before it is asked something.
  Result<void> start(const std::function<Result<std::unique_ptr<Runner>>()>& start_runner) {
    Result<std::unique_ptr<Runner>> runner = start_runner();
    if (!runner) return fail(std::move(runner).error());
    runner_ = *std::move(runner);
    if (auto described = runner_->describe(design_.options); !described)
      return fail(std::move(described).error());
    return {};
  }

  void load() {
    OpenRequest request{.manifest = {}, .artifacts = {}, .options = design_.options};
    request.options.warmup_calls = 0;
    Progress quiet({}, clock_);  // the stage at work is the blocks'
    for (const std::size_t segment : order(Phase::kLoad, 0)) {
      if (is_lost_) return;
      progress_.set_item(
          fmt::format("block {}, loading {}", block_.number + 1, segments_[segment].name));
      request.artifacts = {segments_[segment].artifact};
      Result<Opened> opened = runner_->open(request, quiet);
      if (!opened) {
        end_failed(segment, opened.error(), "load");
      } else if (opened->groups.size() != 1 ||
                 opened->groups.front().group != segments_[segment].name) {
        end_failed(segment, wrong_groups(*opened, segments_[segment].name), "load");
      } else {
        times_[segment].load = opened->groups.front();
        sessions_[segment] = std::move(opened->session);
      }
    }
  }

  void warm_up() {
    progress_.set_item(fmt::format("block {}, {} segments", block_.number + 1, segments_.size()));
    for (int round = 0; round < design_.warmup_rounds; ++round)
      run_round(Phase::kWarmUp, round, [](std::size_t, std::int64_t) {});
  }

  void measure() {
    const MachineWatch watch(design_.system_root, clock_);
    for (int round = 0; round < design_.rounds; ++round) {
      run_round(Phase::kMeasure, round, [this](std::size_t segment, std::int64_t ns) {
        times_[segment].call_ns.push_back(ns);
      });
    }
    watch.add_to(block_.noise);
  }

  SegmentBlock end() {
    sessions_.clear();
    runner_.reset();
    if (block_.faults.empty()) block_.times = std::move(times_);
    return std::move(block_);
  }

 private:
  static Error wrong_groups(const Opened& opened, const std::string& wanted) {
    return unavailable(fmt::format("open: found {} groups{}, want one, {}", opened.groups.size(),
                                   opened.groups.empty()
                                       ? std::string()
                                       : ", the first " + quote(opened.groups.front().group),
                                   wanted))
        .value();
  }

  std::vector<std::size_t> order(Phase phase, int round) const {
    return shuffled_order(segments_.size(),
                          {design_.seed, static_cast<std::uint64_t>(block_.number),
                           static_cast<std::uint64_t>(phase), static_cast<std::uint64_t>(round)});
  }

  template <typename Take>
  void run_round(Phase phase, int round, Take take) {
    const std::string when =
        fmt::format("{} {}", phase == Phase::kWarmUp ? "warm-up" : "round", round);
    for (const std::size_t segment : order(phase, round)) {
      if (is_lost_) return;
      if (!sessions_[segment]) continue;
      const Result<std::int64_t> ns = call(segment);
      if (!ns) {
        end_failed(segment, ns.error(), when);
      } else {
        take(segment, *ns);
      }
    }
  }

  Result<std::int64_t> call(std::size_t segment) {
    const Result<std::vector<std::int64_t>> calls_ns =
        sessions_[segment]->time({.group = segments_[segment].name, .calls = 1});
    if (!calls_ns) return fail(calls_ns.error());
    return only_time(*calls_ns);
  }

  void end_failed(std::size_t segment, Error error, std::string_view when) {
    is_lost_ = error.code == ErrorCode::kCrashed || error.code == ErrorCode::kTimedOut;
    sessions_[segment].reset();
    error.message = fmt::format("block {}, {}: {}", block_.number, when, error.message);
    block_.faults.push_back({segment, std::move(error)});
  }

  const std::vector<SegmentToTime>& segments_;
  const SegmentBlockDesign& design_;
  const Clock& clock_;
  Progress& progress_;
  std::unique_ptr<Runner> runner_;
  std::vector<std::unique_ptr<Session>> sessions_;  // null: not loaded, or failed
  std::vector<SegmentTimes> times_;
  bool is_lost_ = false;  // the process may be: nobody else is to be blamed for that
  SegmentBlock block_;
};

}  // namespace

Result<SegmentBlock> run_segment_block(
    const std::vector<SegmentToTime>& segments, const SegmentBlockDesign& design,
    const std::function<Result<std::unique_ptr<Runner>>()>& start_runner, int number,
    const Clock& clock, Progress& progress) {
  check_segments(segments);
  if (auto fine = check_design(design, number); !fine) return fail(std::move(fine).error());
  const auto begun = clock.steady_now();
  SegmentBlockRun run(segments, design, number, clock, progress);
  if (auto started = run.start(start_runner); !started) return fail(std::move(started).error());
  run.load();
  run.warm_up();
  run.measure();
  SegmentBlock block = run.end();
  block.wall = clock.steady_now() - begun;
  return block;
}

}  // namespace fusesweep
