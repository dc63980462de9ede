#include "harness/sweep/segment_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/measure/segment_block.h"
#include "harness/stats/cell_estimate.h"
#include "harness/stats/two_way.h"

namespace fusesweep {
namespace {

constexpr int kPilotBlocks = 6;
// No clock tells more of a call; blocks that agree to the last digit do not make a figure exact.
constexpr double kLeastSdRel = 1e-4;
constexpr int kMostBlocks = 10'000;
// In place of f / (f - 2) where that is none: of three degrees of freedom.
constexpr double kFewFreedom = 3;

std::vector<Segment> segments_of(const std::vector<ReadySegment>& ready) {
  std::vector<Segment> segments;
  for (const ReadySegment& one : ready) segments.push_back(one.segment);
  return segments;
}

// Each once, ascending.
std::vector<ReadySegment> all_of(const SegmentTrialSpec& spec) {
  std::map<Segment, ReadySegment> all;
  for (const auto* some : {&spec.wanted, &spec.control}) {
    for (const ReadySegment& segment : *some) all.emplace(segment.segment, segment);
  }
  std::vector<ReadySegment> in_order;
  for (auto& [place, segment] : all) in_order.push_back(std::move(segment));
  return in_order;
}

// Names the trial by everything that is measured in it.
std::string name_of(const SegmentTrialSpec& spec) {
  const auto listed = [](const std::vector<ReadySegment>& segments) {
    Json json = Json::array();
    for (const ReadySegment& segment : segments)
      json.push_back({to_text(segment.segment), segment.key, segment.content});
    return json;
  };
  const Json trial = {{"segments", listed(spec.wanted)}, {"control", listed(spec.control)},
                      {"number", spec.number},           {"rounds", spec.rounds},
                      {"threads", spec.options.threads}, {"seed", spec.seed}};
  return to_hex(hash128(to_text(trial)));
}

// log ns of a call, by segment.
std::map<std::string, double> levels_of(const BlockRow& block) {
  std::map<std::string, double> levels;
  for (const CellRow& cell : block.cells) {
    if (const std::optional<double> level = cell_estimate(cell.token_ns)) levels[cell.arm] = *level;
  }
  return levels;
}

// The control, then what is wanted.
BlockCells cells_of_segments(const BlockRow& block, std::span<const Segment> wanted,
                             std::span<const Segment> control) {
  const std::map<std::string, double> levels = levels_of(block);
  const auto level_of = [&](const Segment& segment) -> std::optional<double> {
    const auto found = levels.find(to_text(segment));
    return found == levels.end() ? std::nullopt : std::optional(found->second);
  };
  std::optional<double> control_ns = 0.0;
  for (const Segment& segment : control) {
    const std::optional<double> level = level_of(segment);
    control_ns = level && control_ns ? std::optional(*control_ns + std::exp(*level)) : std::nullopt;
  }
  BlockCells cells = {control_ns ? std::optional(std::log(*control_ns)) : std::nullopt};
  for (const Segment& segment : wanted) cells.push_back(level_of(segment));
  return cells;
}

TwoWayFit fit_of(std::span<const BlockRow> blocks, std::span<const Segment> wanted,
                 std::span<const Segment> control) {
  std::vector<BlockCells> table;
  for (const BlockRow& block : blocks) table.push_back(cells_of_segments(block, wanted, control));
  return fit_two_way(table);
}

// Of the level of one arm; the least where there is no spread to tell it from.
double level_sd(const TwoWayFit& fit) {
  if (!fit.error) return kLeastSdRel;
  const double freedom = fit.error->degrees_of_freedom;
  const double widened = freedom > 2 ? freedom / (freedom - 2) : kFewFreedom;
  const double blocks = static_cast<double>(fit.blocks.size());
  return std::max(kLeastSdRel, std::sqrt(fit.error->variance / blocks * widened));
}

BlockRow row_of(const SegmentBlock& block, const std::vector<ReadySegment>& segments,
                const std::string& trial, std::uint64_t seed, std::int64_t began_unix_ms) {
  BlockRow row{.block = block.number,
               .trial = trial,
               .seed = seed,
               .began_unix_ms = began_unix_ms,
               .wall_ns = block.wall.count(),
               .noise = to_json(block.noise)};
  for (const SegmentTimes& times : block.times) {
    const std::string name = to_text(segments[times.segment].segment);
    ArmLoadRow load{.arm = name, .load_ns = times.load.load_ns};
    if (times.load.activation_ns) load.activation_ns[name] = *times.load.activation_ns;
    row.loads.push_back(std::move(load));
    // One cell a block: its calls are a round each, and their orders follow from the seed.
    row.cells.push_back({.arm = name,
                         .split_key = segments[times.segment].key,
                         .round = 0,
                         .position = static_cast<int>(times.segment),
                         .token_ns = times.call_ns});
  }
  return row;
}

class SegmentTrial {
 public:
  SegmentTrial(const SegmentTrialSpec& spec, const StartRunner& start_runner,
               const TrialPlace& place)
      : spec_(spec),
        start_runner_(start_runner),
        place_(place),
        segments_(all_of(spec)),
        wanted_(segments_of(spec.wanted)),
        control_(segments_of(spec.control)) {
    outcome_.name = name_of(spec);
  }

  Result<SegmentTrialOutcome> run() {
    Result<std::vector<BlockRow>> stored = place_.store.blocks_of(place_.sweep, outcome_.name);
    if (!stored) return fail(std::move(stored).error());
    blocks_ = *std::move(stored);
    while (static_cast<int>(blocks_.size()) < planned()) {
      if (place_.is_interrupted()) {
        outcome_.is_interrupted = true;
        break;
      }
      show();
      if (auto done = measure_block(); !done) return fail(std::move(done).error());
      if (!outcome_.faults.empty()) return std::move(outcome_);
      place_.progress.advance();
    }
    conclude();
    return std::move(outcome_);
  }

 private:
  // The pilot, then as many as its spread asks for. Only stored facts decide, so that a trial that is gone on
  // with ends where it would have.
  int planned() const {
    if (blocks_.size() < kPilotBlocks) return kPilotBlocks;
    const std::span pilot(blocks_.data(), kPilotBlocks);
    const TwoWayFit fit = fit_of(pilot, wanted_, control_);
    if (!fit.error) return kPilotBlocks;
    const double sd = level_sd(fit) / spec_.target_sd_rel;
    const double asked = std::ceil(kPilotBlocks * sd * sd);
    const double most = std::min(room(pilot), static_cast<double>(spec_.max_blocks));
    return static_cast<int>(std::max<double>(kPilotBlocks, std::min(asked, most)));
  }

  // Blocks that the budget has time for, by what those of the pilot took.
  double room(std::span<const BlockRow> pilot) const {
    double wall_ns = 1;
    for (const BlockRow& block : pilot) wall_ns += static_cast<double>(block.wall_ns);
    const double budget_ns = std::chrono::duration<double, std::nano>(spec_.budget).count();
    return std::min<double>(kMostBlocks, std::floor(kPilotBlocks * budget_ns / wall_ns));
  }

  // Anew where another number of blocks is wanted than before.
  void show() {
    const int total = planned();
    if (total == shown_) return;
    shown_ = total;
    place_.progress.begin_stage("measuring blocks", static_cast<std::uint64_t>(total));
    place_.progress.advance(blocks_.size());
  }

  Result<void> measure_block() {
    std::vector<SegmentToTime> timed;
    for (const ReadySegment& segment : segments_)
      timed.push_back({to_text(segment.segment), segment.artifact});
    const SegmentBlockDesign design{
        .options = spec_.options, .rounds = spec_.rounds, .seed = spec_.seed};
    const auto began = place_.clock.wall_now();
    const Result<SegmentBlock> block =
        run_segment_block(timed, design, start_runner_, static_cast<int>(blocks_.size()),
                          place_.clock, place_.progress);
    if (!block) return fail(block.error());
    for (const SegmentFault& fault : block->faults)
      outcome_.faults.push_back({segments_[fault.segment].segment, fault.error.message});
    if (!outcome_.faults.empty()) return {};
    const auto began_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(began.time_since_epoch()).count();
    BlockRow row = row_of(*block, segments_, outcome_.name, spec_.seed, began_ms);
    if (auto put = place_.store.put_block(place_.run, place_.sweep, row); !put) return put;
    blocks_.push_back(std::move(row));
    ++outcome_.new_blocks;
    return {};
  }

  void conclude() {
    outcome_.blocks = static_cast<int>(blocks_.size());
    for (const BlockRow& block : blocks_) outcome_.seconds += seconds_of(block);
    if (outcome_.is_interrupted) return;
    SegmentFigures figures = segment_figures(blocks_, wanted_, control_, spec_.control_ms);
    outcome_.costs = std::move(figures.costs);
    outcome_.control_ms = figures.control_ms;
    outcome_.trial_sd_rel = figures.trial_sd_rel;
  }

  const SegmentTrialSpec& spec_;
  const StartRunner& start_runner_;
  const TrialPlace& place_;
  const std::vector<ReadySegment> segments_;
  const std::vector<Segment> wanted_;
  const std::vector<Segment> control_;
  std::vector<BlockRow> blocks_;
  SegmentTrialOutcome outcome_;
  int shown_ = 0;  // blocks in all, to those who watch
};

}  // namespace

SegmentFigures segment_figures(std::span<const BlockRow> blocks, std::span<const Segment> wanted,
                               std::span<const Segment> control, std::optional<double> fixed_ms) {
  const TwoWayFit fit = fit_of(blocks, wanted, control);
  FUSESWEEP_CHECK(!fit.blocks.empty());
  SegmentFigures figures{.costs = {},
                         .control_ms = std::exp(fit.arm_means.front()) / 1e6,
                         .trial_sd_rel = level_sd(fit)};
  const double scale_ms = fixed_ms.value_or(figures.control_ms);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    figures.costs.push_back({.segment = wanted[i],
                             .ms = std::exp(log_ratio(fit, i + 1, 0)) * scale_ms,
                             .sd_rel = level_sd(fit)});
  }
  return figures;
}

Result<SegmentTrialOutcome> run_segment_trial(const SegmentTrialSpec& spec,
                                              const StartRunner& start_runner,
                                              const TrialPlace& place) {
  FUSESWEEP_CHECK(!spec.wanted.empty() && !spec.control.empty());
  return SegmentTrial(spec, start_runner, place).run();
}

}  // namespace fusesweep
