#include "harness/cli/speculation_log.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/text.h"
#include "harness/cli/text_table.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMostBytes = 64 << 20;
constexpr std::size_t kMostIds = 32'768;  // looking up takes time with their square

std::vector<int> read_ids(const JsonField& field, std::size_t least) {
  std::vector<int> ids;
  const std::vector<JsonField> items = field.items();
  if (items.size() < least || items.size() > kMostIds) {
    field.reject(fmt::format("{} ids", items.size()), fmt::format("{} to {}", least, kMostIds));
    return ids;
  }
  for (const JsonField& item : items)
    ids.push_back(static_cast<int>(item.integer(0, std::numeric_limits<int>::max())));
  return ids;
}

SpeculationLog read_log(const JsonField& field) {
  return {.prompt = read_ids(field.at("prompt"), 0), .ids = read_ids(field.at("ids"), 1)};
}

std::string ratio(std::size_t part, std::size_t whole, int digits) {
  if (whole == 0) return "-";
  return fmt::format("{:.{}f}", static_cast<double>(part) / static_cast<double>(whole), digits);
}

std::string percent(std::size_t part, std::size_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.0f} %", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

void add(PassCounts& all, const PassCounts& some) {
  all.passes += some.passes;
  all.targets += some.targets;
  all.proposed += some.proposed;
  all.accepted += some.accepted;
}

}  // namespace

Result<std::vector<SpeculationLog>> read_speculation_logs(const std::filesystem::path& file) {
  const std::string where = one_line(file.string());
  const Result<std::string> text = read_file(file, kMostBytes);
  if (!text) return fail(text.error());
  const Result<Json> document = parse_json(*text, where);
  if (!document) return fail(document.error());
  JsonReader reader(*document, where);
  std::vector<SpeculationLog> logs;
  if (document->is_array()) {
    for (const JsonField& item : reader.root().items()) logs.push_back(read_log(item));
  } else {
    logs.push_back(read_log(reader.root()));
  }
  if (reader.error()) return fail(*reader.error());
  if (logs.empty()) return invalid_input(where + ": found no decoding, want at least one");
  return logs;
}

SimulatedSpeculation simulate(const std::vector<SpeculationLog>& logs,
                              const std::vector<int>& verifier_tokens, const NgramRange& ngrams) {
  SimulatedSpeculation simulated{.ngrams = ngrams, .decodings = logs.size()};
  for (const SpeculationLog& log : logs) {
    const LookupCounts counts = count_lookups(log.prompt, log.ids, ngrams);
    simulated.lookups.targets += counts.targets;
    simulated.lookups.proposals += counts.proposals;
    simulated.lookups.accepted += counts.accepted;
  }
  for (const int tokens : verifier_tokens) {
    SimulatedSpeculation::Verifier& verifier = simulated.verifiers.emplace_back();
    verifier.tokens = tokens;
    for (const SpeculationLog& log : logs)
      add(verifier.counts, count_passes(simulate_passes(log.prompt, log.ids, tokens, ngrams)));
  }
  return simulated;
}

std::string simulation_text(const SimulatedSpeculation& simulated) {
  const LookupCounts& lookups = simulated.lookups;
  std::string text = fmt::format(
      "simulated, not measured: {} of {} ids, looked up by n-grams of {} to {}\n"
      "one id at a time: {} proposed, {} of them right ({})\n\n",
      simulated.decodings == 1 ? "one decoding" : fmt::format("{} decodings", simulated.decodings),
      lookups.targets, simulated.ngrams.min, simulated.ngrams.max, lookups.proposals,
      lookups.accepted, percent(lookups.accepted, lookups.proposals));
  std::vector<std::vector<std::string>> rows = {
      {"T", "passes", "passes/token", "tokens/pass", "proposed", "accepted"}};
  for (const auto& [tokens, counts] : simulated.verifiers) {
    rows.push_back({fmt::format("{}", tokens), fmt::format("{}", counts.passes),
                    ratio(counts.passes, counts.targets, 3),
                    ratio(counts.targets, counts.passes, 2), fmt::format("{}", counts.proposed),
                    percent(counts.accepted, counts.proposed)});
  }
  return text + table_text(rows) +
         "\ntokens/pass is the most that this T can gain: a pass takes longer than one token\n";
}

Json to_json(const SimulatedSpeculation& simulated) {
  Json json = {{"evidence", "simulated"},
               {"decodings", simulated.decodings},
               {"ngram_min", simulated.ngrams.min},
               {"ngram_max", simulated.ngrams.max},
               {"lookups",
                {{"targets", simulated.lookups.targets},
                 {"proposals", simulated.lookups.proposals},
                 {"accepted", simulated.lookups.accepted}}},
               {"arms", Json::array()}};
  for (const auto& [tokens, counts] : simulated.verifiers) {
    json["arms"].push_back({{"tokens", tokens},
                            {"passes", counts.passes},
                            {"targets", counts.targets},
                            {"proposed", counts.proposed},
                            {"accepted", counts.accepted}});
  }
  return json;
}

}  // namespace fusesweep
