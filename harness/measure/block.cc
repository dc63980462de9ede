#include "harness/measure/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "harness/base/check.h"
#include "harness/measure/benchmark_loop.h"
#include "harness/measure/block_noise.h"
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
  if (auto fine = want("decodings", design.decodings, 1); !fine) return fine;
  if (auto fine = want("warm-up decodings", design.warmup_decodings, 0); !fine) return fine;
  if (auto fine = want("tokens of a turn", design.turn_tokens, 0); !fine) return fine;
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
  const std::size_t tokens =
      result.sum ? static_cast<std::size_t>(result.sum->tokens) : result.token_ns.size();
  const auto most = static_cast<std::size_t>(request.decode_tokens);  // fewer after stop_at_eos
  const std::size_t more = request.prompt.empty() ? 0 : 1;            // the prefill's
  if (tokens < 1 || tokens > most || result.ids.size() != tokens + more) {
    return unavailable(fmt::format("found times of {} tokens and {} ids, want 1 to {} and {}",
                                   tokens, result.ids.size(), most,
                                   more == 1 ? "one more" : "as many"));
  }
  const auto is_whole = [&](const auto& groups) { return groups.size() == result.groups.size(); };
  if (result.group_ns.size() != result.token_ns.size() ||
      !std::all_of(result.group_ns.begin(), result.group_ns.end(), is_whole)) {
    return unavailable(fmt::format("found times of groups for {} tokens, want {} groups for {}",
                                   result.group_ns.size(), result.groups.size(), tokens));
  }
  const std::vector<std::int64_t> times_ns = times_of_steps(result.token_ns, result.sum);
  const auto least = std::min_element(times_ns.begin(), times_ns.end());
  if (*least <= 0)
    return unavailable(fmt::format("found a token of {} ns, want 1 or more", *least));
  return {};
}

// What an arm generates in its first decoding of a block, and must generate in all others.
class Repeated {
 public:
  Result<void> take(const std::vector<int>& ids, bool begins, bool ends) {
    if (begins) {
      is_known_ = is_known_ || !ids_.empty();
      at_ = 0;
    }
    for (const int id : ids) {
      if (!is_known_) ids_.push_back(id);
      if (at_ == ids_.size()) return wrong_count(at_ + 1);
      if (ids_[at_] != id) {
        return unavailable(fmt::format(
            "not deterministic: generated token {}: found id {}, want {} as in its first decode",
            at_, id, ids_[at_]));
      }
      ++at_;
    }
    if (ends && at_ != ids_.size()) return wrong_count(at_);
    return {};
  }

 private:
  Result<void> wrong_count(std::size_t found) const {
    return unavailable(fmt::format(
        "not deterministic: found {} ids, want {} as in its first decode", found, ids_.size()));
  }

  std::vector<int> ids_;
  std::size_t at_ = 0;     // in the decoding that goes on
  bool is_known_ = false;  // one decoding is behind us
};

// What an arm does in a round: a whole decoding, or the next tokens of one.
struct Turn {
  DecodeRequest request;
  bool begins = false;
  bool ends = false;
};

std::vector<Turn> turns_of(const BlockDesign& design) {
  const int tokens = design.request.decode_tokens;
  const int most = design.turn_tokens > 0 ? design.turn_tokens : tokens;
  std::vector<Turn> turns;
  for (int decoding = 0; decoding < design.decodings; ++decoding) {
    for (int at = 0; at < tokens; at += most) {
      Turn turn{.begins = at == 0, .ends = at + most >= tokens};
      if (turn.begins) turn.request.prompt = design.request.prompt;
      turn.request.decode_tokens = std::min(most, tokens - at);
      turns.push_back(std::move(turn));
    }
  }
  return turns;
}

class BlockRun {
 public:
  BlockRun(const std::vector<Arm>& arms, const BlockDesign& design, int number, const Clock& clock,
           Progress& progress)
      : arms_(arms), design_(design), clock_(clock), progress_(progress), living_(arms.size()) {
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
    const Turn all{.request = design_.request, .begins = true, .ends = true};
    for (int round = 0; round < design_.warmup_decodings; ++round) {
      for (const std::size_t arm : order(Phase::kWarmUp, round)) {
        decode(arm, all, fmt::format("warm-up {}", round));
      }
    }
  }

  Result<void> measure() {
    std::vector<std::optional<ArmRound>> rounds;
    const std::vector<Turn> turns = turns_of(design_);
    for (int round = 0; round < static_cast<int>(turns.size()); ++round) {
      int position = 0;
      for (const std::size_t arm : order(Phase::kMeasure, round))
        rounds.emplace_back(ArmRound{.arm = arm, .round = round, .position = position++});
    }
    std::vector<LoopStep> steps;
    steps.reserve(rounds.size());
    for (std::optional<ArmRound>& round : rounds) {
      steps.push_back({fmt::format("{}/{}/block:{}/round:{}", design_.workload,
                                   arms_[round->arm].name, block_.number, round->round),
                       [this, &round, &turn = turns[static_cast<std::size_t>(round->round)]] {
                         return measure_once(round, turn);
                       }});
    }

    const MachineWatch watch(design_.system_root, clock_);
    const Result<std::vector<std::optional<LoopRun>>> runs = run_benchmark_loop(steps);
    if (!runs) return fail(runs.error());
    for (std::size_t i = 0; i < rounds.size(); ++i) {
      if (!rounds[i] || has_failed(rounds[i]->arm)) continue;
      rounds[i]->waiting_cpu_ns = static_cast<std::int64_t>((*runs)[i]->cpu_ns);
      block_.rounds.push_back(*std::move(rounds[i]));
    }
    block_.noise = block_noise(block_.rounds);
    watch.add_to(block_.noise);
    return {};
  }

  Block end() {
    for (LivingArm& living : living_) living.started.reset();
    return std::move(block_);
  }

 private:
  struct LivingArm {
    std::optional<StartedArm> started;  // absent: it failed
    Repeated repeated;
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
  std::optional<DecodeResult> decode(std::size_t arm, const Turn& turn, std::string_view when) {
    progress_.set_item(fmt::format("block {}, {}", block_.number + 1, arms_[arm].name));
    if (has_failed(arm)) return std::nullopt;
    Result<DecodeResult> result = living_[arm].started->opened.session->decode(turn.request);
    if (!result) {
      end_failed(arm, ArmFault::kNotDecoded, result.error(), when);
      return std::nullopt;
    }
    if (const auto whole = check_whole(*result, turn.request); !whole) {
      end_failed(arm, ArmFault::kNotDecoded, whole.error(), when);
      return std::nullopt;
    }
    if (const auto same = living_[arm].repeated.take(result->ids, turn.begins, turn.ends); !same) {
      end_failed(arm, ArmFault::kNotDeterministic, same.error(), when);
      return std::nullopt;
    }
    return *std::move(result);
  }

  // The manual time of a round; takes the round away where there is none.
  std::optional<double> measure_once(std::optional<ArmRound>& round, const Turn& turn) {
    std::optional<DecodeResult> result =
        decode(round->arm, turn, fmt::format("round {}", round->round));
    if (!result) {
      round.reset();
      return std::nullopt;
    }
    round->result = *std::move(result);
    return typical_token_ns(round->result);
  }

  const std::vector<Arm>& arms_;
  const BlockDesign& design_;
  const Clock& clock_;
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
  BlockRun run(arms, design, number, clock, progress);
  run.start_arms();
  run.warm_up();
  if (auto measured = run.measure(); !measured) return fail(std::move(measured).error());
  Block block = run.end();
  block.wall = clock.steady_now() - begun;
  return block;
}

double typical_token_ns(const DecodeResult& result) {
  std::vector<std::int64_t> sorted = times_of_steps(result.token_ns, result.sum);
  FUSESWEEP_CHECK(!sorted.empty());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  const auto upper = static_cast<double>(sorted[middle]);
  return sorted.size() % 2 == 1 ? upper : (static_cast<double>(sorted[middle - 1]) + upper) / 2;
}

}  // namespace fusesweep
