#include "harness/sweep/rerun_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "harness/sweep/stored_words.h"

namespace fusesweep {
namespace {

// Of accuracy: a kernel that sums in another order moves it by less. Judgement, not measurement.
constexpr double kAccuracyMarginRel = 0.1;
constexpr std::string_view kAccuracy[] = {"relative_l2", "cosine"};

FindingOutcome outcome_of(const GateVerdict& verdict) {
  switch (verdict.outcome) {
    case GateOutcome::kFail:
      return FindingOutcome::kRegression;
    case GateOutcome::kPass:
      return FindingOutcome::kSame;
    case GateOutcome::kNotRun:
    case GateOutcome::kNotEnoughData:
      break;
  }
  return FindingOutcome::kInconclusive;
}

RerunFinding gate_finding(const std::string& split, const std::string& part,
                          const GateVerdict& verdict) {
  return {.split = split,
          .metric = verdict.gate,
          .part = part,
          .outcome = outcome_of(verdict),
          .text = verdict.reason};
}

std::optional<double> figure_of(const std::vector<GateVerdict>& verdicts, std::string_view gate,
                                std::string_view metric) {
  for (const GateVerdict& verdict : verdicts) {
    if (verdict.gate != gate) continue;
    for (const GateFigure& figure : verdict.figures) {
      if (figure.name == metric) return figure.value;
    }
  }
  return std::nullopt;
}

bool is_golden(const GateVerdict& verdict) { return verdict.gate.starts_with("golden-"); }

// The error is what counts: of a cosine, what it lacks of 1.
RerunFinding accuracy_finding(const std::string& split, const std::string& part,
                              const std::string& gate, std::string_view metric, double before,
                              double now) {
  RerunFinding finding{.split = split,
                       .metric = std::string(metric),
                       .part = part,
                       .outcome = FindingOutcome::kToldOnly,
                       .before = before,
                       .now = now,
                       .text = gate};
  if (before != 0) finding.change_rel = (now - before) / std::abs(before);
  if (metric != "relative_l2") return finding;
  finding.outcome = FindingOutcome::kSame;
  if (now > before * (1 + kAccuracyMarginRel)) finding.outcome = FindingOutcome::kRegression;
  if (now < before / (1 + kAccuracyMarginRel)) finding.outcome = FindingOutcome::kImproved;
  return finding;
}

// "3 conv moved from vector to ref, 1 softmax is new on ref"; empty: none moved.
std::string moved_text(const std::vector<PlacedKind>& then, const std::vector<PlacedKind>& now) {
  std::map<std::string, std::map<std::string, std::int64_t>> change;  // by type, by place
  for (const PlacedKind& kind : now)
    change[kind.type][kind.place] += static_cast<std::int64_t>(kind.count);
  for (const PlacedKind& kind : then)
    change[kind.type][kind.place] -= static_cast<std::int64_t>(kind.count);
  std::string text;
  for (auto& [type, places] : change) {
    for (auto& [from, lost] : places) {
      for (auto& [to, gained] : places) {
        const std::int64_t moved = std::min(-lost, gained);
        if (moved <= 0) continue;
        text += fmt::format("{}{} {} moved from {} to {}", text.empty() ? "" : ", ", moved, type,
                            from, to);
        lost += moved;
        gained -= moved;
      }
    }
    for (const auto& [place, count] : places) {
      if (count == 0) continue;
      text += fmt::format("{}{} {} {} on {}", text.empty() ? "" : ", ", std::abs(count), type,
                          count > 0 ? "more" : "fewer", place);
    }
  }
  return text;
}

double build_ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

// The totals of all shards; of builds, of those whose time is known on both sides.
struct Totals {
  double bytes_then = 0;
  double bytes_now = 0;
  double build_then_ms = 0;
  double build_now_ms = 0;
  int builds = 0;
};

void add_totals(std::vector<RerunFinding>& findings, const std::string& split, const Totals& totals,
                double margin_rel) {
  if (totals.bytes_then > 0) {
    const double change = totals.bytes_now / totals.bytes_then - 1;
    FindingOutcome outcome = FindingOutcome::kSame;
    if (change >= margin_rel) outcome = FindingOutcome::kRegression;
    if (change <= -margin_rel) outcome = FindingOutcome::kImproved;
    findings.push_back({.split = split,
                        .metric = "bytes",
                        .outcome = outcome,
                        .before = totals.bytes_then,
                        .now = totals.bytes_now,
                        .change_rel = change});
  }
  if (totals.build_then_ms > 0) {
    findings.push_back(
        {.split = split,
         .metric = "build_ms",
         .outcome = FindingOutcome::kToldOnly,
         .before = totals.build_then_ms,
         .now = totals.build_now_ms,
         .change_rel = totals.build_now_ms / totals.build_then_ms - 1,
         .text = fmt::format("of {} {}", totals.builds, totals.builds == 1 ? "shard" : "shards")});
  }
}

std::string revision_of(const Provenance& provenance) {
  std::string text = provenance.git_revision.value_or("");
  if (!text.empty() && provenance.git_dirty.value_or(false)) text += ", with changes";
  return text;
}

}  // namespace

std::vector<RerunFinding> compare_shards(const std::string& split,
                                         std::span<const BaselineShard> then,
                                         std::span<const ShardNow> now, double margin_rel) {
  std::vector<RerunFinding> findings;
  Totals totals;
  for (const BaselineShard& old : then) {
    const auto found = std::find_if(now.begin(), now.end(), [&](const ShardNow& shard) {
      return shard.identity.kind == old.identity.kind;
    });
    if (found == now.end()) continue;
    const std::string part = display_name(old.identity.kind);
    for (const GateVerdict& verdict : found->verdicts)
      findings.push_back(gate_finding(split, part, verdict));
    for (const GateVerdict& verdict : found->verdicts) {
      if (!is_golden(verdict)) continue;
      for (const std::string_view metric : kAccuracy) {
        const auto before = figure_of(old.verdicts, verdict.gate, metric);
        const auto after = figure_of(found->verdicts, verdict.gate, metric);
        if (before && after)
          findings.push_back(accuracy_finding(split, part, verdict.gate, metric, *before, *after));
      }
    }
    const bool knows_places = !old.kinds.empty() && !found->kinds.empty();
    const std::string moved = knows_places ? moved_text(old.kinds, found->kinds) : "";
    if (!moved.empty()) {
      findings.push_back({.split = split,
                          .metric = "placement",
                          .part = part,
                          .outcome = FindingOutcome::kToldOnly,
                          .text = moved});
    }
    totals.bytes_then += static_cast<double>(old.bytes);
    totals.bytes_now += static_cast<double>(found->bytes);
    if (old.build_ns && found->build_ns) {
      ++totals.builds;
      totals.build_then_ms += build_ms(*old.build_ns);
      totals.build_now_ms += build_ms(*found->build_ns);
    }
  }
  add_totals(findings, split, totals, margin_rel);
  return findings;
}

std::vector<RerunFinding> compare_gates(const std::string& split,
                                        std::span<const NamedVerdict> now) {
  std::vector<RerunFinding> findings;
  for (const NamedVerdict& named : now)
    findings.push_back(gate_finding(split, named.part, named.verdict));
  return findings;
}

RerunFinding compare_ids(const std::string& split, std::span<const int> then,
                         std::span<const int> now) {
  RerunFinding finding{.split = split, .metric = "first_divergence"};
  if (then.empty() || now.empty()) {
    finding.text = "generated ids are not known";
    return finding;
  }
  const auto [was, is] = std::mismatch(then.begin(), then.end(), now.begin(), now.end());
  if (was == then.end() && is == now.end()) {
    finding.outcome = FindingOutcome::kSame;
    finding.text = fmt::format("{} generated ids are the same", now.size());
    return finding;
  }
  finding.outcome = FindingOutcome::kRegression;
  finding.now = static_cast<double>(was - then.begin());
  if (was == then.end() || is == now.end()) {
    finding.text = fmt::format("{} generated ids, {} before", now.size(), then.size());
    return finding;
  }
  finding.text = fmt::format("generated id {} is {}, was {}", was - then.begin(), *is, *was);
  return finding;
}

// The words are those that harness/core/rerun_cause.h reasons with.
std::vector<RerunChange> changes_between(const MadeBy& then, const MadeBy& now) {
  std::vector<RerunChange> changes;
  // What is not known on both sides is no change.
  const auto add = [&](const char* what, const std::string& before, const std::string& after) {
    if (!before.empty() && !after.empty() && before != after)
      changes.push_back({what, before, after});
  };
  const auto text = [](const std::optional<std::string>& value) { return value.value_or(""); };
  const Provenance& old = then.provenance;
  const Provenance& is = now.provenance;
  add("program version", old.program_version, is.program_version);
  add("git revision", revision_of(old), revision_of(is));
  add("compiler", old.compiler, is.compiler);
  add("compiler flags", old.compiler_flags, is.compiler_flags);
  add("build type", old.build_type, is.build_type);
  add("runner version", then.runner.version, now.runner.version);
  add("toolchain", then.runner.toolchain, now.runner.toolchain);
  add("program", then.program_hash, now.program_hash);
  add("builder", std::to_string(then.builder_version), std::to_string(now.builder_version));
  add("model", then.model_hash, now.model_hash);
  add("device", then.runner.device, now.runner.device);
  add("host", text(old.host), text(is.host));
  add("CPU", text(old.cpu), text(is.cpu));
  add("OS", text(old.os), text(is.os));
  add("kernel", text(old.kernel), text(is.kernel));
  return changes;
}

}  // namespace fusesweep
