#include "reports/speculation_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reports/shown_text.h"

namespace fusesweep {
namespace {

constexpr std::size_t kLongestWord = 20;  // of what a store names a workload or a verdict
constexpr double kMostFactor = 1e6;       // a store may hold any number

std::optional<double> per_pass(std::uint64_t tokens, std::uint64_t passes) {
  if (passes == 0) return std::nullopt;
  return static_cast<double>(tokens) / static_cast<double>(passes);
}

std::string times_text(double factor) { return fixed(std::min(factor, kMostFactor), 2); }

bool is_exact(const SpeculativeArm& arm) { return arm.exactness.outcome == GateOutcome::kPass; }

// What its prompt makes of a figure.
std::string workload_in_words(const SpeculationReport& report) {
  const std::string lengths =
      fmt::format("{} prompt tokens, {} decoded", report.prompt_tokens, report.decode_tokens);
  if (report.workload == "tiled") {
    return fmt::format(
        "The prompt repeats itself ({}): where the model goes on with it drafts are right, which "
        "is no "
        "statement about texts.",
        lengths);
  }
  if (report.workload == "random") {
    return fmt::format("Nothing repeats in the prompt ({}); what the model says may.", lengths);
  }
  if (report.workload == "oracle") {
    return fmt::format(
        "The draft was always right ({}): the most that these verifiers can gain, and no statement "
        "about texts.",
        lengths);
  }
  return fmt::format("Prompt: {} ({}).", shown(report.workload), lengths);
}

}  // namespace

const SpeculativeArm* fastest_arm(const SpeculationReport& report) {
  const SpeculativeArm* best = nullptr;
  for (const SpeculativeArm& arm : report.arms) {
    if (arm.speed_up && (best == nullptr || arm.speed_up->factor > best->speed_up->factor))
      best = &arm;
  }
  return best;
}

std::string headline(const SpeculationReport& report) {
  const SpeculativeArm* best = fastest_arm(report);
  if (best == nullptr) return "No verifier was exact and measured";
  if (!report.dirt.empty()) return "The trial is dirty and ranks nothing";
  const SpeedUp& speed_up = *best->speed_up;
  if (speed_up.outcome != "faster" && speed_up.outcome != "slower") {
    return fmt::format("{} prompt: T={} cannot be told from greedy decoding ({})",
                       shown(report.workload, kLongestWord), best->tokens,
                       shown(speed_up.outcome, kLongestWord));
  }
  const bool is_faster = speed_up.factor >= 1;
  return fmt::format("{} prompt: T={} {} {} times as {} as greedy decoding ({})",
                     shown(report.workload, kLongestWord), best->tokens, is_faster ? "is" : "takes",
                     times_text(is_faster ? speed_up.factor : 1 / speed_up.factor),
                     is_faster ? "fast" : "long", shown(speed_up.outcome, kLongestWord));
}

std::vector<std::string> lead(const SpeculationReport& report) {
  std::vector<std::string> lines;
  const SpeculativeArm* best = fastest_arm(report);
  if (best != nullptr && report.dirt.empty() && best->speed_up->low && best->speed_up->high) {
    lines.push_back(fmt::format(
        "Its speed-up lies between {} and {} (99.9 %, simultaneous), over {} with fresh processes.",
        times_text(*best->speed_up->low), times_text(*best->speed_up->high),
        count_text(static_cast<std::size_t>(report.blocks), "block")));
  }
  std::vector<std::string> out;
  for (const SpeculativeArm& arm : report.arms) {
    if (!is_exact(arm)) out.push_back(fmt::format("T={}", arm.tokens));
  }
  if (!out.empty()) {
    lines.push_back(fmt::format("Not exact, and so not measured: {}.", fmt::join(out, ", ")));
  } else if (!report.arms.empty()) {
    lines.emplace_back("The ids of every verifier are those of greedy decoding on 20 prompts.");
  }
  lines.push_back(workload_in_words(report));
  return lines;
}

std::optional<double> tokens_per_pass(const SpeculativeArm& arm) {
  return per_pass(arm.counts.targets, arm.counts.passes);
}

std::optional<double> simulated_tokens_per_pass(const SpeculationReport& report,
                                                const SpeculativeArm& arm) {
  if (!arm.simulated_passes) return std::nullopt;
  return per_pass(static_cast<std::uint64_t>(report.decode_tokens), *arm.simulated_passes);
}

}  // namespace fusesweep
