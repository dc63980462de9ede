#include "harness/core/speculation_report.h"

#include <limits>
#include <utility>

#include "harness/core/report_json.h"

namespace fusesweep {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::uint64_t read_size(const JsonField& field) {
  return static_cast<std::uint64_t>(field.integer(0, kMost));
}

Json to_json(const NgramAcceptance& one) {
  return {{"ngram", one.ngram}, {"proposed", one.proposed}, {"accepted", one.accepted}};
}

NgramAcceptance read_acceptance(const JsonField& field) {
  NgramAcceptance one{.ngram = static_cast<int>(field.at("ngram").integer(0, kMostNgram)),
                      .proposed = read_size(field.at("proposed"))};
  one.accepted = static_cast<std::uint64_t>(
      field.at("accepted").integer(0, static_cast<std::int64_t>(one.proposed)));
  return one;
}

Json to_json(const SpeedUp& speed_up) {
  return {{"factor", speed_up.factor},
          {"low", or_null(speed_up.low)},
          {"high", or_null(speed_up.high)},
          {"outcome", speed_up.outcome}};
}

SpeedUp read_speed_up(const JsonField& field) {
  return {.factor = field.at("factor").number(0, kMostNumber),
          .low = read_number(field, "low", 0),
          .high = read_number(field, "high", 0),
          .outcome = read_name(field.at("outcome"))};
}

Json to_json(const SpeculativeArm& arm) {
  Json json = {
      {"tokens", arm.tokens},
      {"process_bytes", arm.process_bytes},
      {"guard", or_null(arm.guard)},
      {"exactness", to_json(arm.exactness)},
      {"passes", arm.counts.passes},
      {"proposed", arm.counts.proposed},
      {"accepted", arm.counts.accepted},
      {"simulated_passes", arm.simulated_passes ? Json(*arm.simulated_passes) : Json(nullptr)},
      {"guard_calls", arm.guard_calls},
      {"fallbacks", arm.fallbacks},
      {"by_ngram", Json::array()},
      {"draft_rel", or_null(arm.draft_rel)},
      {"ttft_ms", or_null(arm.ttft_ms)},
      {"ms_per_token", or_null(arm.ms_per_token)},
      {"speed_up", arm.speed_up ? to_json(*arm.speed_up) : Json(nullptr)}};
  for (const NgramAcceptance& one : arm.by_ngram) json["by_ngram"].push_back(to_json(one));
  return json;
}

SpeculativeArm read_arm(const JsonField& field) {
  SpeculativeArm arm{.tokens = static_cast<int>(
                         field.at("tokens").integer(kLeastVerifiedTokens, kMostVerifiedTokens)),
                     .process_bytes = read_size(field.at("process_bytes")),
                     .exactness = read_gate_verdict(field.at("exactness"))};
  arm.guard = read_number(field, "guard", 0);
  arm.counts.passes = read_size(field.at("passes"));
  arm.counts.proposed = read_size(field.at("proposed"));
  arm.counts.accepted = static_cast<std::size_t>(
      field.at("accepted").integer(0, static_cast<std::int64_t>(arm.counts.proposed)));
  arm.counts.targets = arm.counts.passes + arm.counts.accepted;
  if (const auto simulated = field.find("simulated_passes"))
    arm.simulated_passes = read_size(*simulated);
  arm.guard_calls = read_size(field.at("guard_calls"));
  arm.fallbacks = read_size(field.at("fallbacks"));
  for (const JsonField& one : field.at("by_ngram").items())
    arm.by_ngram.push_back(read_acceptance(one));
  arm.draft_rel = read_number(field, "draft_rel", 0);
  arm.ttft_ms = read_number(field, "ttft_ms", 0);
  arm.ms_per_token = read_number(field, "ms_per_token", 0);
  if (const auto speed_up = field.find("speed_up")) arm.speed_up = read_speed_up(*speed_up);
  return arm;
}

}  // namespace

Json to_json(const SpeculationReport& report) {
  Json json = {{"split", report.split},
               {"workload", report.workload},
               {"loading", report.loading},
               {"model", report.model},
               {"runner", report.runner},
               {"emulated", report.emulated},
               {"prompt_tokens", report.prompt_tokens},
               {"decode_tokens", report.decode_tokens},
               {"blocks", report.blocks},
               {"ngram_min", report.ngrams.min},
               {"ngram_max", report.ngrams.max},
               {"greedy_ttft_ms", or_null(report.greedy_ttft_ms)},
               {"greedy_ms_per_token", or_null(report.greedy_ms_per_token)},
               {"dirt", report.dirt},
               {"arms", Json::array()}};
  for (const SpeculativeArm& arm : report.arms) json["arms"].push_back(to_json(arm));
  return json;
}

Result<SpeculationReport> read_speculation_report(const Json& json) {
  JsonReader reader(json, "speculate");
  const JsonField root = reader.root();
  SpeculationReport report{.split = read_name(root.at("split")),
                           .workload = read_name(root.at("workload")),
                           .loading = read_name(root.at("loading")),
                           .prompt_tokens = read_count(root.at("prompt_tokens")),
                           .decode_tokens = read_count(root.at("decode_tokens")),
                           .blocks = read_count(root.at("blocks"))};
  if (const auto model = root.find("model")) report.model = model->text();
  if (const auto runner = root.find("runner")) report.runner = runner->text();
  if (const auto emulated = root.find("emulated")) {
    for (const JsonField& name : emulated->items()) report.emulated.push_back(name.text());
  }
  report.ngrams.min = static_cast<int>(root.at("ngram_min").integer(1, kMostNgram));
  report.ngrams.max = static_cast<int>(root.at("ngram_max").integer(1, kMostNgram));
  report.greedy_ttft_ms = read_number(root, "greedy_ttft_ms", 0);
  report.greedy_ms_per_token = read_number(root, "greedy_ms_per_token", 0);
  for (const JsonField& line : root.at("dirt").items()) report.dirt.push_back(line.text());
  for (const JsonField& arm : root.at("arms").items()) report.arms.push_back(read_arm(arm));
  if (reader.error()) return fail(*reader.error());
  return report;
}

}  // namespace fusesweep
