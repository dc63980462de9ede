#include "harness/cli/speculate_text.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "harness/base/bytes.h"
#include "harness/base/text.h"
#include "harness/cli/text_table.h"

namespace fusesweep {
namespace {

std::string figure(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "-"
                    : fmt::format("{:.0f} %",
                                  100 * static_cast<double>(part) / static_cast<double>(whole));
}

// Passes for each token.
std::string rate(std::uint64_t passes, std::uint64_t tokens) {
  return tokens == 0
             ? "-"
             : fmt::format("{:.3f}", static_cast<double>(passes) / static_cast<double>(tokens));
}

std::string speed_up_text(const std::optional<SpeedUp>& speed_up) {
  if (!speed_up) return "-";
  std::string text = fmt::format("{:.3f}", speed_up->factor);
  if (speed_up->low && speed_up->high)
    text += fmt::format(" ({:.3f} to {:.3f})", *speed_up->low, *speed_up->high);
  return text;
}

constexpr std::string_view kTopic = "speculative";

}  // namespace

std::string recorded_speculation_text(const RecordedFacts& facts) {
  std::string text = fmt::format(
      "speculative decoding of {} on {}: recorded by others, not measured; no speed-up is stated, "
      "for no exactness stands beside it\n",
      one_line(facts.model), one_line(facts.device));
  bool is_any = false;
  for (const RecordedObservation& seen : facts.observations) {
    if (seen.topic != kTopic) continue;
    is_any = true;
    std::string figures;
    for (const auto& [name, value] : seen.figures)
      figures += fmt::format("{}{} {:.10g}", figures.empty() ? "" : ", ", one_line(name), value);
    text += fmt::format("  {}: {} ({})\n", one_line(seen.what),
                        figures.empty() ? "no figures" : figures, one_line(seen.source));
  }
  if (!is_any) text += "  the record has nothing of it\n";
  return text;
}

Json recorded_speculation_json(const RecordedFacts& facts) {
  Json observations = Json::array();
  for (const RecordedObservation& seen : facts.observations) {
    if (seen.topic != kTopic) continue;
    observations.push_back(
        {{"what", seen.what}, {"figures", seen.figures}, {"source", seen.source}});
  }
  return {{"model", facts.model},
          {"device", facts.device},
          {"evidence", "recorded"},
          {"arms", Json::array()},
          {"observations", std::move(observations)}};
}

std::string speculation_table(const SpeculationReport& report) {
  std::string text = fmt::format(
      "{} prompt of {} tokens, {} more decoded; drafts by n-grams of {} to {}; verifier {}\n",
      one_line(report.workload), report.prompt_tokens, report.decode_tokens, report.ngrams.min,
      report.ngrams.max, one_line(report.loading));
  text += fmt::format("greedy  {} ms/token, TTFT {} ms, {} blocks\n\n",
                      figure(report.greedy_ms_per_token, 3), figure(report.greedy_ttft_ms, 1),
                      report.blocks);
  std::vector<std::vector<std::string>> rows = {{"T", "exactness", "TTFT, ms", "ms/token",
                                                 "speed-up (99.9 %)", "verdict", "passes/token",
                                                 "simulated", "accepted", "drafting", "weights"}};
  for (const SpeculativeArm& arm : report.arms) {
    rows.push_back(
        {fmt::format("{}", arm.tokens), std::string(to_text(arm.exactness.outcome)),
         figure(arm.ttft_ms, 1), figure(arm.ms_per_token, 3), speed_up_text(arm.speed_up),
         arm.speed_up ? one_line(arm.speed_up->outcome) : "-",
         rate(arm.counts.passes, arm.counts.targets),
         arm.simulated_passes
             ? rate(*arm.simulated_passes, static_cast<std::uint64_t>(report.decode_tokens))
             : "-",
         share(arm.counts.accepted, arm.counts.proposed),
         arm.draft_rel ? fmt::format("{:.2f} %", 100 * *arm.draft_rel) : "-",
         arm.process_bytes > 0 ? format_bytes(arm.process_bytes) : "-"});
  }
  text += table_text(rows) + '\n';
  for (const SpeculativeArm& arm : report.arms) {
    text += fmt::format("T={}: {}\n", arm.tokens, one_line(arm.exactness.reason));
    for (const NgramAcceptance& one : arm.by_ngram) {
      text += fmt::format("      {}: {} of {} accepted ({})\n",
                          one.ngram == 0 ? "recorded" : fmt::format("n-grams of {}", one.ngram),
                          one.accepted, one.proposed, share(one.accepted, one.proposed));
    }
    if (arm.guard)
      text += fmt::format("      guard of {:.3g}: {} calls of one token\n", *arm.guard,
                          arm.guard_calls);
    if (arm.fallbacks > 0)
      text +=
          fmt::format("      {} passes without room for {} tokens\n", arm.fallbacks, arm.tokens);
  }
  for (const std::string& line : report.dirt) text += fmt::format("dirty: {}\n", one_line(line));
  return text;
}

}  // namespace fusesweep
