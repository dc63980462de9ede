#include "reports/sweep_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "harness/base/bytes.h"
#include "harness/base/utc_time.h"
#include "reports/answer_words.h"
#include "reports/provenance_facts.h"
#include "reports/shown_text.h"
#include "reports/sweep_tables.h"

namespace fusesweep {
namespace {

Tone tone_of(SweepOutcome outcome) {
  switch (outcome) {
    case SweepOutcome::kBest:
    case SweepOutcome::kTie:
      return Tone::kGood;
    case SweepOutcome::kRecorded:
      return Tone::kRecorded;
    case SweepOutcome::kAllDisqualified:
    case SweepOutcome::kDirty:
      return Tone::kBad;
    case SweepOutcome::kInterrupted:
    case SweepOutcome::kNothingMeasured:
    case SweepOutcome::kNoRanking:
      break;
  }
  return Tone::kUnsure;
}

void add_table(DocumentSection& section, DocumentTable table) {
  if (!table.rows.empty()) section.tables.push_back(std::move(table));
}

std::vector<KeyFigure> key_figures(const SweepRows& sweep) {
  std::vector<KeyFigure> figures;
  if (const SplitRow* chosen = chosen_split(sweep); chosen != nullptr) {
    const std::string whose = shown(chosen->name);
    if (chosen->tok_per_s)
      figures.push_back({"Decodes", fixed(*chosen->tok_per_s, 2), "tok/s", whose});
    if (chosen->ms_per_token)
      figures.push_back({"A token takes", fixed(*chosen->ms_per_token, 3), "ms", whose});
  }
  if (sweep.smallest_detectable_rel) {
    figures.push_back({"Smallest difference", fixed(100 * *sweep.smallest_detectable_rel, 2), "%",
                       "that this trial would have found"});
  }
  if (sweep.cliff && sweep.cliff->edge && sweep.n_layers > 0) {
    const auto [last, first] = *sweep.cliff->edge;
    figures.push_back({"Longest resident front", fmt::format("{}", std::min(last, sweep.n_layers)),
                       "layers", fmt::format("of {}", sweep.n_layers)});
  }
  const auto out = std::count_if(sweep.splits.begin(), sweep.splits.end(),
                                 [](const SplitRow& s) { return s.standing == "disqualified"; });
  if (!sweep.splits.empty()) {
    figures.push_back({"Splits", fmt::format("{}", sweep.splits.size()), "",
                       out == 0 ? "none disqualified" : fmt::format("{} disqualified", out)});
  }
  return figures;
}

std::string explanation_in_words(const CliffExplanation& explanation) {
  const bool is_bytes = explanation.quantity == CliffExplanation::Quantity::kWeightBytes;
  const auto amount = [&](std::uint64_t value) {
    return is_bytes ? format_bytes(value) : fmt::format("{}", value);
  };
  return fmt::format(
      "It could be by {}: every resident shard has at most {}, every other at least {}.",
      to_text(explanation.quantity), amount(explanation.resident_most),
      amount(explanation.not_resident_least));
}

DocumentSection cliff_section(const SweepRows& sweep) {
  DocumentSection section{.id = "cliff", .title = "Residency cliff"};
  if (!sweep.cliff) {
    section.sentences.emplace_back("No cliff was looked for.");
    return section;
  }
  std::string words = in_words(*sweep.cliff, sweep.n_layers);
  if (words.starts_with("the ")) words[0] = 'T';
  if (words.starts_with("no ")) words[0] = 'N';
  section.sentences.push_back(words + ".");
  for (const CliffExplanation& explanation : sweep.cliff->explanations)
    section.sentences.push_back(explanation_in_words(explanation));
  for (const CliffSurprise& surprise : sweep.cliff->surprises) {
    section.sentences.push_back(fmt::format("A surprise, {}: [{},{}) is resident, [{},{}) is not.",
                                            to_text(surprise.kind), surprise.resident.begin,
                                            surprise.resident.end, surprise.not_resident.begin,
                                            surprise.not_resident.end));
  }
  if (sweep.runner && !sweep.runner->emulated.empty()) {
    section.sentences.push_back(
        fmt::format("Emulated, not a property of the device: {}.",
                    shown(fmt::format("{}", fmt::join(sweep.runner->emulated, ", ")))));
  }
  section.pictures = {"cliff"};
  add_table(section, probes_table(sweep));
  return section;
}

DocumentSection gates_section(const SweepRows& sweep) {
  DocumentSection section{.id = "gates-section", .title = "Gates"};
  const auto count = [&](GateOutcome outcome) {
    return std::count_if(sweep.gates.begin(), sweep.gates.end(),
                         [&](const GateRow& gate) { return gate.verdict.outcome == outcome; });
  };
  section.sentences.push_back(
      sweep.gates.empty()
          ? std::string("Nothing was gated.")
          : fmt::format("{}: {} pass, {} fail, {} not run, {} without enough data.",
                        count_text(sweep.gates.size(), "verdict"), count(GateOutcome::kPass),
                        count(GateOutcome::kFail), count(GateOutcome::kNotRun),
                        count(GateOutcome::kNotEnoughData)));
  add_table(section, failed_gates_table(sweep));
  add_table(section, gates_not_run_table(sweep));
  section.pictures = {"golden"};
  add_table(section, gates_table(sweep));
  return section;
}

// Where there is no answer, those that were asked about are all that is known of them.
std::vector<std::string> asked_splits(const SweepRows& sweep) {
  std::vector<std::string> splits;
  const auto candidates = sweep.spec.find("candidates");
  if (candidates == sweep.spec.end() || !candidates->is_array()) return splits;
  for (const Json& candidate : *candidates) {
    if (!candidate.is_object()) continue;
    const auto split = candidate.find("split");
    if (split != candidate.end() && split->is_string())
      splits.push_back(shown(split->get<std::string>()));
  }
  return splits;
}

DocumentSection splits_section(const SweepRows& sweep) {
  DocumentSection section{.id = "splits-section", .title = "Splits"};
  if (sweep.splits.empty()) {
    const std::vector<std::string> asked = asked_splits(sweep);
    section.sentences.push_back(asked.empty()
                                    ? std::string("No split is known.")
                                    : fmt::format("Asked about: {}.", fmt::join(asked, ", ")));
    return section;
  }
  if (outcome_of(sweep) == SweepOutcome::kDirty)
    section.sentences.emplace_back("The trial is dirty: these figures rank nothing.");
  add_table(section, splits_table(sweep));
  add_table(section, recorded_table(sweep));
  section.pictures = {"tok-s"};
  return section;
}

DocumentSection groups_section(const SweepRows& sweep) {
  DocumentSection section{.id = "groups-section", .title = "Layer groups"};
  section.pictures = {"groups"};
  add_table(section, groups_table(sweep));
  if (section.tables.empty()) section.sentences.emplace_back("No group was timed.");
  return section;
}

DocumentSection cold_warm_section(const SweepRows& sweep) {
  DocumentSection section{.id = "cold-warm-section", .title = "Cold and warm"};
  section.pictures = {"cold-warm"};
  add_table(section, cold_warm_table(sweep));
  if (section.tables.empty())
    section.sentences.emplace_back("What loading and first calls cost is not known.");
  return section;
}

std::string spec_text(const SweepRows& sweep, const char* key) {
  const auto found = sweep.spec.find(key);
  return found == sweep.spec.end() || found->is_null() ? "not known" : shown(to_text(*found));
}

DocumentSection provenance_section(const SweepRows& sweep) {
  DocumentSection section{.id = "provenance", .title = "Provenance"};
  section.facts = {
      {"Sweep", to_text(sweep.id)},
      {"Began", utc_time(sweep.started_unix_ms) + " UTC"},
      {"Ended", sweep.ended_unix_ms ? utc_time(*sweep.ended_unix_ms) + " UTC" : "not yet"},
      {"Evidence", evidence_in_words(sweep)}};
  for (DocumentFact& fact : provenance_facts(sweep.run.start.provenance))
    section.facts.push_back(std::move(fact));
  if (sweep.runner) {
    const RunnerRow& runner = *sweep.runner;
    section.facts.push_back(
        {"Runner", fmt::format("{} {}, toolchain {}", shown(runner.name), shown(runner.version),
                               known_text(runner.toolchain))});
    section.facts.push_back(
        {"Device", fmt::format("{} ({})", shown(runner.device), shown(runner.device_kind))});
    section.facts.push_back(
        {"Emulated", runner.emulated.empty()
                         ? std::string("nothing")
                         : shown(fmt::format("{}", fmt::join(runner.emulated, ", ")))});
  }
  if (sweep.model) {
    const Contract& contract = sweep.model->contract;
    section.facts.push_back(
        {"Model", fmt::format("{}, {}", shown(sweep.model->name), shown(sweep.model->hash))});
    section.facts.push_back(
        {"Contract",
         fmt::format("{} layers, d_model {}, {} heads, {} KV heads, d_head {}, rope_dim {}, d_ff "
                     "{}, vocabulary {}",
                     contract.n_layers, contract.d_model, contract.n_heads, contract.n_kv_heads,
                     contract.d_head, contract.rope_dim, contract.d_ff, contract.vocab_size)});
  }
  section.facts.push_back(
      {"Workload", fmt::format("prompt of {} tokens, {} decoding steps, {} decodings a block",
                               spec_text(sweep, "prompt_tokens"), spec_text(sweep, "decode_tokens"),
                               spec_text(sweep, "decodings"))});
  section.facts.push_back(
      {"Asked for", fmt::format("precision {}, margin {}, budget {} ms, seed {}",
                                spec_text(sweep, "target_rel"), spec_text(sweep, "margin_rel"),
                                spec_text(sweep, "budget_ms"), spec_text(sweep, "seed"))});
  section.facts.push_back(
      {"Typed", shown(fmt::format("fusesweep {}", fmt::join(sweep.run.start.arguments, " ")))});
  if (!sweep.manifest.empty()) section.facts.push_back({"Manifest", shown(sweep.manifest)});
  return section;
}

DocumentSection noise_section(const SweepRows& sweep) {
  DocumentSection section{.id = "noise", .title = "Can this be believed?"};
  if (sweep.is_recorded) {
    section.sentences.emplace_back(
        "It is a record: no blocks, no control, no twin. Nothing here says how much of a "
        "difference is noise.");
    return section;
  }
  if (sweep.blocks > 0) {
    section.sentences.emplace_back(
        sweep.dirt.empty()
            ? "The trial is clean: the control's twin, the same split loaded once more, came out "
              "equal to it within the interval, and the machine was not taken away."
            : "The trial is dirty.");
  }
  if (std::any_of(sweep.splits.begin(), sweep.splits.end(),
                  [](const SplitRow& split) { return split.is_in_sum; })) {
    section.sentences.emplace_back(
        "The runner told times only in sum: each decoding counts with the mean of its tokens, and "
        "groups are means of all calls, the prompt's among them.");
  }
  for (const std::string& dirt : sweep.dirt) section.sentences.push_back(shown(dirt) + ".");
  const auto share = [&](const char* name, const std::optional<double>& value, bool is_signed) {
    section.facts.push_back({name, !value      ? "not known"
                                   : is_signed ? signed_share_text(*value)
                                               : share_text(*value)});
  };
  section.facts.push_back(
      {"Blocks", sweep.wanted_blocks > sweep.blocks
                     ? fmt::format("{}; the precision that was asked for would take {}",
                                   sweep.blocks, sweep.wanted_blocks)
                     : fmt::format("{}", sweep.blocks)});
  share("Control's twin against it", sweep.twin_rel, true);
  share("Smallest detectable difference", sweep.smallest_detectable_rel, false);
  share("Processor time stolen", sweep.steal_rel, false);
  share("Throttled", sweep.throttled_rel, false);
  add_table(section, blocks_table(sweep));
  return section;
}

DocumentSection selfcheck_section(const SweepRows& sweep) {
  DocumentSection section{.id = "selfcheck", .title = "This harness, checked by itself"};
  section.sentences = selfcheck_in_words(sweep);
  section.pictures = {"power"};
  add_table(section, selfcheck_table(sweep));
  return section;
}

}  // namespace

std::vector<DocumentBadge> badges_of(const SweepRows& sweep) {
  std::vector<DocumentBadge> badges;
  if (sweep.is_recorded) {
    badges.push_back({"recorded by others", Tone::kRecorded});
  } else {
    badges.push_back({evidence_in_words(sweep), Tone::kPlain});
  }
  const bool is_emulated = sweep.runner && !sweep.runner->emulated.empty();
  if (is_emulated) {
    badges.push_back({shown(fmt::format("emulated: {}", fmt::join(sweep.runner->emulated, ", "))),
                      Tone::kEmulated});
  }
  if (!sweep.dirt.empty()) badges.push_back({"dirty", Tone::kBad});
  return badges;
}

Document sweep_document(const SweepRows& sweep, std::int64_t created_unix_ms) {
  Document document{.kind = "fusesweep, report of a sweep",
                    .subject = subject_of(sweep),
                    .headline = headline(sweep),
                    .tone = tone_of(outcome_of(sweep)),
                    .badges = badges_of(sweep),
                    .lead = lead(sweep),
                    .figures = key_figures(sweep)};
  document.sections = {cliff_section(sweep),  gates_section(sweep),     splits_section(sweep),
                       groups_section(sweep), cold_warm_section(sweep), provenance_section(sweep),
                       noise_section(sweep)};
  if (!sweep.is_recorded) document.sections.push_back(selfcheck_section(sweep));
  document.footer = {fmt::format("Sweep {}, begun {} UTC. Report made {} UTC.", to_text(sweep.id),
                                 utc_time(sweep.started_unix_ms), utc_time(created_unix_ms))};
  return document;
}

}  // namespace fusesweep
