#include "reports/speculation_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/bytes.h"
#include "harness/base/utc_time.h"
#include "reports/provenance_facts.h"
#include "reports/shown_text.h"
#include "reports/speculation_words.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;
constexpr double kMostShown = 1e9;  // a store may hold any number

std::string or_dash(const std::string& text) { return text.empty() ? "-" : shown(text); }

TableCell text_cell(std::string text, Tone tone = Tone::kPlain) {
  return {.text = std::move(text), .tone = tone};
}

TableCell number_cell(const std::optional<double>& value, int decimals) {
  if (!value) return text_cell("-");
  return {.text = fixed(std::min(*value, kMostShown), decimals), .value = value};
}

TableCell count_cell(std::uint64_t count) {
  return {.text = fmt::format("{}", count), .value = static_cast<double>(count)};
}

TableCell share_cell(const std::optional<double>& share) {
  if (!share) return text_cell("-");
  return {.text = share_text(std::min(*share, kMostShown)), .value = share};
}

std::optional<double> share_of(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

Tone tone_of(const std::string& outcome) {
  if (outcome == "faster") return Tone::kGood;
  if (outcome == "slower") return Tone::kBad;
  return outcome == "equivalent" ? Tone::kPlain : Tone::kUnsure;
}

Tone tone_of(GateOutcome outcome) {
  if (outcome == GateOutcome::kPass) return Tone::kGood;
  return outcome == GateOutcome::kFail ? Tone::kBad : Tone::kUnsure;
}

Tone tone_of(const SpeculationReport& report) {
  const SpeculativeArm* best = fastest_arm(report);
  if (best == nullptr || !report.dirt.empty()) return Tone::kUnsure;
  return tone_of(best->speed_up->outcome);
}

// The intervals of all verifiers on one scale.
class SpeedScale {
 public:
  explicit SpeedScale(const SpeculationReport& report) {
    for (const SpeculativeArm& arm : report.arms) {
      if (!arm.speed_up) continue;
      low_ = std::min({low_, arm.speed_up->factor, arm.speed_up->low.value_or(low_)});
      high_ = std::max({high_, arm.speed_up->factor, arm.speed_up->high.value_or(high_)});
    }
  }

  TableCell cell(const std::optional<SpeedUp>& speed_up) const {
    if (!speed_up) return text_cell("-");
    TableCell cell = number_cell(speed_up->factor, 3);
    if (speed_up->low && speed_up->high)
      cell.mark = RangeMark{*speed_up->low, speed_up->factor, *speed_up->high, low_, high_};
    return cell;
  }

 private:
  double low_ = 1;  // greedy decoding is on it
  double high_ = 1;
};

std::string interval_text(const std::optional<SpeedUp>& speed_up) {
  if (!speed_up || !speed_up->low || !speed_up->high) return "-";
  return fmt::format("{} to {}", fixed(std::min(*speed_up->low, kMostShown), 3),
                     fixed(std::min(*speed_up->high, kMostShown), 3));
}

DocumentTable verifiers_table(const SpeculationReport& report) {
  DocumentTable table{
      .id = "verifiers",
      .caption =
          "Speed-up: time a token of greedy decoding over that of the verifier, in the same "
          "blocks; intervals at 99.9 %, simultaneous.",
      .columns = {{"T", true},
                  {"Exactness"},
                  {"TTFT, ms", true},
                  {"ms/token", true},
                  {"Speed-up", true},
                  {"Interval", true},
                  {"Verdict"},
                  {"Tokens a pass", true},
                  {"Simulated", true},
                  {"Accepted", true},
                  {"Drafting", true},
                  {"Weights", true}}};
  const SpeedScale scale(report);
  for (const SpeculativeArm& arm : report.arms) {
    table.rows.push_back(
        {count_cell(static_cast<std::uint64_t>(arm.tokens)),
         text_cell(std::string(to_text(arm.exactness.outcome)), tone_of(arm.exactness.outcome)),
         number_cell(arm.ttft_ms, 1),
         number_cell(arm.ms_per_token, 3),
         scale.cell(arm.speed_up),
         {.text = interval_text(arm.speed_up),
          .value = arm.speed_up ? arm.speed_up->low : std::nullopt},
         arm.speed_up ? text_cell(or_dash(arm.speed_up->outcome), tone_of(arm.speed_up->outcome))
                      : text_cell("-"),
         number_cell(tokens_per_pass(arm), 2),
         number_cell(simulated_tokens_per_pass(report, arm), 2),
         share_cell(share_of(arm.counts.accepted, arm.counts.proposed)),
         share_cell(arm.draft_rel),
         {.text = arm.process_bytes > 0 ? format_bytes(arm.process_bytes) : "-",
          .value = static_cast<double>(arm.process_bytes)}});
  }
  return table;
}

DocumentTable drafts_table(const SpeculationReport& report) {
  DocumentTable table{
      .id = "drafts",
      .caption =
          "Ids that were proposed, by the length of the n-gram that found "
          "them.",
      .columns = {{"T", true}, {"Draft"}, {"Proposed", true}, {"Accepted", true}, {"Share", true}}};
  for (const SpeculativeArm& arm : report.arms) {
    for (const NgramAcceptance& one : arm.by_ngram) {
      table.rows.push_back(
          {count_cell(static_cast<std::uint64_t>(arm.tokens)),
           text_cell(one.ngram == 0 ? "recorded" : fmt::format("n-grams of {}", one.ngram)),
           count_cell(one.proposed), count_cell(one.accepted),
           share_cell(share_of(one.accepted, one.proposed))});
    }
  }
  return table;
}

DocumentTable exactness_table(const SpeculationReport& report) {
  DocumentTable table{.id = "exactness",
                      .caption = "Ids of each verifier against those of greedy decoding.",
                      .columns = {{"T", true},
                                  {"Outcome"},
                                  {"Found"},
                                  {"Guard, logits", true},
                                  {"Guarded calls", true},
                                  {"Without room for T", true}}};
  for (const SpeculativeArm& arm : report.arms) {
    table.rows.push_back(
        {count_cell(static_cast<std::uint64_t>(arm.tokens)),
         text_cell(std::string(to_text(arm.exactness.outcome)), tone_of(arm.exactness.outcome)),
         text_cell(or_dash(arm.exactness.reason)),
         arm.guard ? TableCell{.text = fmt::format("{:.3g}", std::min(*arm.guard, kMostShown)),
                               .value = arm.guard}
                   : text_cell("-"),
         count_cell(arm.guard_calls), count_cell(arm.fallbacks)});
  }
  return table;
}

DocumentSection with_table(std::string id, std::string title, DocumentTable table,
                           const char* without) {
  DocumentSection section{.id = std::move(id), .title = std::move(title)};
  if (table.rows.empty()) {
    section.sentences.emplace_back(without);
  } else {
    section.tables.push_back(std::move(table));
  }
  return section;
}

DocumentSection belief_section(const SpeculationReport& report) {
  DocumentSection section{.id = "belief", .title = "Can this be believed?"};
  for (const std::string& dirt : report.dirt)
    section.sentences.push_back(fmt::format("Dirty: {}.", shown(dirt)));
  if (report.dirt.empty() && fastest_arm(report) != nullptr)
    section.sentences.emplace_back("What was measured is clean.");
  section.sentences.emplace_back(
      "A verifier is measured only where it gave the ids of greedy decoding on every prompt of the "
      "exactness gate, which says what was seen on those prompts.");
  section.facts = {
      {"Blocks", fmt::format("{}", report.blocks)},
      {"Greedy decoding",
       report.greedy_ms_per_token
           ? fixed(std::min(*report.greedy_ms_per_token, kMostShown), 3) + " ms/token"
           : std::string("not measured")},
      {"Its TTFT", report.greedy_ttft_ms
                       ? fixed(std::min(*report.greedy_ttft_ms, kMostShown), 1) + " ms"
                       : std::string("not measured")},
      {"Drafts", fmt::format("n-grams of {} to {}", report.ngrams.min, report.ngrams.max)},
      {"Verifier is loaded", or_dash(report.loading)}};
  return section;
}

std::vector<DocumentBadge> badges_of(const SpeculationReport& report) {
  std::vector<DocumentBadge> badges = {{"measured", Tone::kPlain}};
  if (!report.emulated.empty()) {
    badges.push_back(
        {shown(fmt::format("emulated: {}", fmt::join(report.emulated, ", "))), Tone::kEmulated});
  }
  if (!report.dirt.empty()) badges.push_back({"dirty", Tone::kBad});
  return badges;
}

std::vector<KeyFigure> key_figures(const SpeculationReport& report) {
  std::vector<KeyFigure> figures;
  const SpeculativeArm* best = fastest_arm(report);
  if (best == nullptr || !report.dirt.empty()) return figures;
  figures.push_back({"Speed-up", number_cell(best->speed_up->factor, 2).text, "",
                     fmt::format("T={}", best->tokens)});
  if (const std::optional<double> tokens = tokens_per_pass(*best))
    figures.push_back({"A pass gives", number_cell(tokens, 2).text, "tokens",
                       fmt::format("of {} at most", best->tokens)});
  if (best->draft_rel) {
    const std::string share = share_cell(best->draft_rel).text;
    figures.push_back(
        {"Finding drafts takes", share.substr(0, share.size() - 2), "%", "of its time"});
  }
  return figures;
}

}  // namespace

Document speculation_document(const SpeculationRows& rows, std::int64_t created_unix_ms) {
  const SpeculationReport& report = rows.report;
  Document document{.kind = "fusesweep, speculative decoding",
                    .subject = fmt::format("{} of {} on {}", or_dash(report.split),
                                           or_dash(report.model), or_dash(report.runner)),
                    .headline = headline(report),
                    .tone = tone_of(report),
                    .badges = badges_of(report),
                    .lead = lead(report),
                    .figures = key_figures(report)};
  DocumentSection verifiers = with_table("verifiers-section", "Verifiers", verifiers_table(report),
                                         "No verifier was asked for.");
  verifiers.pictures = {"speculation"};
  document.sections = {
      std::move(verifiers),
      with_table("drafts-section", "Drafts", drafts_table(report), "No draft was proposed."),
      with_table("exactness-section", "Exactness", exactness_table(report),
                 "No verifier was asked for."),
      belief_section(report),
      provenance_section({"Speculation", rows.id, rows.started_unix_ms, rows.ended_unix_ms,
                          report.model, report.runner, rows.run})};
  document.footer = {fmt::format("Speculation {}, begun {} UTC. Report made {} UTC.",
                                 to_text(rows.id), utc_time(rows.started_unix_ms),
                                 utc_time(created_unix_ms))};
  return document;
}

Json speculation_json(const SpeculationRows& rows) {
  Json json = json_document(kSchemaVersion);
  json["id"] = to_text(rows.id);
  json["headline"] = headline(rows.report);
  json.update(to_json(rows.report));
  return json;
}

}  // namespace fusesweep
