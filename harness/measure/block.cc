#include "harness/measure/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "harness/base/check.h"
#include "harness/measure/benchmark_loop.h"
#include "harness/measure/block_noise.h"
#include "harness/measure/machine.h"
#include "harness/measure/random.h"

namespace fusesweep {
namespace {

// Parts of the keys of orders: numbers that stay, because a seed must mean the same tomorrow.
enum class Phase : std::uint64_t { kStart = 0, kWarmUp = 1, kMeasure = 2 };

Result<void> check_design(const BlockDesign& design, int number) {
  const auto want = [](std::string_view name, auto found, auto least) -> Result<void> {
    if (found >= least) return {};
    return invalid_input(fmt::format("{}: found {}, want {} or more", name, found, least));
  };
  if (auto fine = want("block", number, 0); !fine) return fine;
  if (auto fine = want("rounds", design.rounds, 1); !fine) return fine;
  if (auto fine = want("warm-up rounds", design.warmup_rounds, 0); !fine) return fine;
  if (auto fine = want("prompt tokens", design.request.prompt.size(), std::size_t{1}); !fine)
    return fine;
  return want("decode tokens", design.request.decode_tokens, 1);
}

void check_arms(const std::vector<Arm>& arms) {
  FUSESWEEP_CHECK(!arms.empty());
  std::set<std::string_view> names;
  for (const Arm& arm : arms) FUSESWEEP_CHECK(names.insert(arm.name).second);
}

// Whether a runner, which anybody may have written, told all that is measured.
Result<void> check_whole(const DecodeResult& result, const DecodeRequest& request) {
  if (result.recorded) return unavailable("found a recorded run, want one that is made here");
  const std::size_t tokens = result.token_ns.size();
  const auto most = static_cast<std::size_t>(request.decode_tokens);  // fewer after stop_at_eos
  if (tokens < 1 || tokens > most || result.ids.size() != tokens + 1) {
    return unavailable(fmt::format("found times of {} tokens and {} ids, want 1 to {} and one more",
                                   tokens, result.ids.size(), most));
  }
  const auto is_whole = [&](const auto& groups) { return groups.size() == result.groups.size(); };
  if (result.group_ns.size() != tokens ||
      !std::all_of(result.group_ns.begin(), result.group_ns.end(), is_whole)) {
    return unavailable(fmt::format("found times of groups for {} tokens, want {} groups for {}",
                                   result.group_ns.size(), result.groups.size(), tokens));
  }
  const auto least = std::min_element(result.token_ns.begin(), result.token_ns.end());
  if (*least <= 0)
    return unavailable(fmt::format("found a token of {} ns, want 1 or more", *least));
  return {};
}

Result<void> check_same(const std::vector<int>& ids, const std::vector<int>& first) {
  if (ids == first) return {};
  const auto [found, want] = std::mismatch(ids.begin(), ids.end(), first.begin(), first.end());
  const auto place = found - ids.begin();
  if (found == ids.end() || want == first.end()) {
    return unavailable(
        fmt::format("not deterministic: found {} ids, want {} as in its first decode", ids.size(),
                    first.size()));
  }
  return unavailable(fmt::format(
      "not deterministic: generated token {}: found id {}, want {} as in its first decode", place,
      *found, *want));
}

class BlockRun {
 public:
  BlockRun(const std::vector<Arm>& arms, const BlockDesign& design, int number, Progress& progress)
      : arms_(arms), design_(design), progress_(progress), living_(arms.size()) {
    block_.number = number;
  }

  void start_arms() {
    for (const std::size_t arm : order(Phase::kStart, 0)) {
      progress_.set_item(fmt::format("block {}, starting {}", block_.number + 1, arms_[arm].name));
      Result<StartedArm> started = arms_[arm].start(progress_);
      if (!started) {
        end_failed(arm, ArmFault::kNotStarted, started.error(), "start");
        continue;
      }
      FUSESWEEP_CHECK(started->opened.session != nullptr);
      block_.loads.push_back({arm, started->opened.groups, started->opened.load_ns});
      living_[arm].started.emplace(*std::move(started));
    }
  }

  void warm_up() {
    for (int round = 0; round < design_.warmup_rounds; ++round) {
      for (const std::size_t arm : order(Phase::kWarmUp, round)) {
        decode(arm, fmt::format("warm-up round {}", round));
      }
    }
  }

  Result<void> measure() {
    std::vector<std::optional<ArmRound>> rounds;
    for (int round = 0; round < design_.rounds; ++round) {
      int position = 0;
      for (const std::size_t arm : order(Phase::kMeasure, round))
        rounds.emplace_back(ArmRound{.arm = arm, .round = round, .position = position++});
    }
    std::vector<LoopStep> steps;
    steps.reserve(rounds.size());
    for (std::optional<ArmRound>& round : rounds) {
      steps.push_back({fmt::format("{}/{}/block:{}/round:{}", design_.workload,
                                   arms_[round->arm].name, block_.number, round->round),
                       [this, &round] { return measure_once(round); }});
    }

    const auto before = read_ticks(design_.system_root);
    const Result<std::vector<std::optional<LoopRun>>> runs = run_benchmark_loop(steps);
    const auto after = read_ticks(design_.system_root);
    if (!runs) return fail(runs.error());
    for (std::size_t i = 0; i < rounds.size(); ++i) {
      if (!rounds[i] || has_failed(rounds[i]->arm)) continue;
      rounds[i]->waiting_cpu_ns = static_cast<std::int64_t>((*runs)[i]->cpu_ns);
      block_.rounds.push_back(*std::move(rounds[i]));
    }
    block_.noise =
        block_noise(block_.rounds, before && after ? steal_rel(*before, *after) : std::nullopt);
    return {};
  }

  Block end() {
    for (LivingArm& living : living_) living.started.reset();
    return std::move(block_);
  }

 private:
  struct LivingArm {
    std::optional<StartedArm> started;  // absent: it failed
    std::vector<int> ids;               // of its first decode
  };

  std::vector<std::size_t> order(Phase phase, int round) const {
    return shuffled_order(arms_.size(),
                          {design_.seed, static_cast<std::uint64_t>(block_.number),
                           static_cast<std::uint64_t>(phase), static_cast<std::uint64_t>(round)});
  }

  bool has_failed(std::size_t arm) const { return !living_[arm].started; }

  // Its memory is free again, and its process disturbs nobody.
  void end_failed(std::size_t arm, ArmFault fault, Error error, std::string_view when) {
    living_[arm].started.reset();
    error.message = fmt::format("block {}, {}: {}", block_.number, when, error.message);
    block_.failures.push_back({arm, fault, std::move(error)});
  }

  // Absent: the arm has failed, now or before.
  std::optional<DecodeResult> decode(std::size_t arm, std::string_view when) {
    progress_.set_item(fmt::format("block {}, {}", block_.number + 1, arms_[arm].name));
    if (has_failed(arm)) return std::nullopt;
    Result<DecodeResult> result = living_[arm].started->opened.session->decode(design_.request);
    if (!result) {
      end_failed(arm, ArmFault::kNotDecoded, result.error(), when);
      return std::nullopt;
    }
    if (const auto whole = check_whole(*result, design_.request); !whole) {
      end_failed(arm, ArmFault::kNotDecoded, whole.error(), when);
      return std::nullopt;
    }
    std::vector<int>& first = living_[arm].ids;
    if (first.empty()) first = result->ids;
    if (const auto same = check_same(result->ids, first); !same) {
      end_failed(arm, ArmFault::kNotDeterministic, same.error(), when);
      return std::nullopt;
    }
    return *std::move(result);
  }

  // The manual time of a round; takes the round away where there is none.
  std::optional<double> measure_once(std::optional<ArmRound>& round) {
    std::optional<DecodeResult> result = decode(round->arm, fmt::format("round {}", round->round));
    if (!result) {
      round.reset();
      return std::nullopt;
    }
    round->result = *std::move(result);
    return median_token_ns(round->result);
  }

  const std::vector<Arm>& arms_;
  const BlockDesign& design_;
  Progress& progress_;
  std::vector<LivingArm> living_;  // by arm
  Block block_;
};

}  // namespace

std::string_view to_text(ArmFault fault) {
  switch (fault) {
    case ArmFault::kNotStarted:
      return "not started";
    case ArmFault::kNotDecoded:
      return "not decoded";
    case ArmFault::kNotDeterministic:
      return "not deterministic";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<Block> run_block(const std::vector<Arm>& arms, const BlockDesign& design, int number,
                        const Clock& clock, Progress& progress) {
  check_arms(arms);
  if (auto fine = check_design(design, number); !fine) return fail(std::move(fine).error());
  const auto begun = clock.steady_now();
  BlockRun run(arms, design, number, progress);
  run.start_arms();
  run.warm_up();
  if (auto measured = run.measure(); !measured) return fail(std::move(measured).error());
  Block block = run.end();
  block.wall = clock.steady_now() - begun;
  return block;
}

double median_token_ns(const DecodeResult& result) {
  FUSESWEEP_CHECK(!result.token_ns.empty());
  std::vector<std::int64_t> sorted = result.token_ns;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  const auto upper = static_cast<double>(sorted[middle]);
  return sorted.size() % 2 == 1 ? upper : (static_cast<double>(sorted[middle - 1]) + upper) / 2;
}

}  // namespace fusesweep
