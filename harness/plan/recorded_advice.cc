#include "harness/plan/recorded_advice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "harness/core/contract.h"
#include "harness/stats/distributions.h"
#include "topologies/bounded_splits.h"

namespace fusesweep {
namespace {

constexpr int kMostShardsOfLine = 11;
constexpr double kOutlierLevel = 0.99;
constexpr std::size_t kShareOfOutliers = 4;  // at most one of so many runs is left out
constexpr std::size_t kPerCount = 2;         // proposals of each number of shards
constexpr std::size_t kMostProposals = 6;
constexpr int kMostSplits = 200'000;  // that are looked at, of each number of shards

int layers_in_common(const Segment& a, const Segment& b) {
  return std::max(0, std::min(a.end, b.end) - std::max(a.begin, b.begin));
}

bool is_passing(const RecordedShard& shard) {
  return shard.tokens == 1 && shard.resident && shard.golden && !shard.golden->non_finite;
}

std::optional<RecordedExclusion> exclusion_of(const RecordedShard& shard) {
  if (shard.tokens != 1) return std::nullopt;
  if (!shard.resident) {
    const std::optional<RecordedCount>& counted = shard.compute ? shard.compute : shard.conv;
    std::string reason = "not resident";
    if (counted) {
      reason += fmt::format(", {} of {} {} on the device", counted->resident, counted->total,
                            shard.compute ? "operations" : "convolutions");
    }
    return RecordedExclusion{shard.segment, true, std::move(reason)};
  }
  if (shard.golden && shard.golden->non_finite) {
    return RecordedExclusion{shard.segment, false,
                             "its output was NaN or infinite, though it is resident"};
  }
  return std::nullopt;
}

// Each segment once, by its first failure.
std::vector<RecordedExclusion> find_excluded(const RecordedFacts& facts) {
  std::map<Segment, RecordedExclusion> found;
  for (const RecordedShard& shard : facts.shards) {
    if (auto excluded = exclusion_of(shard))
      found.try_emplace(excluded->segment, *std::move(excluded));
  }
  std::vector<RecordedExclusion> excluded;
  for (auto& [segment, each] : found) excluded.push_back(std::move(each));
  return excluded;
}

// 0: there is no run. Of equals the larger.
int usual_rope_dim(const RecordedFacts& facts) {
  std::map<int, int> runs;
  for (const RecordedSplit& split : facts.splits) {
    for (const RecordedRun& run : split.runs) ++runs[run.rope_dim];
  }
  int usual = 0;
  int most = 0;
  for (const auto& [rope_dim, count] : runs) {
    if (count < most) continue;
    usual = rope_dim;
    most = count;
  }
  return usual;
}

std::vector<RecordedTie> find_ties(const RecordedFacts& facts, int rope_dim) {
  std::vector<RecordedTie> all;
  for (const RecordedSplit& split : facts.splits) {
    RecordedTie spread{.split = split.split};
    for (const RecordedRun& run : split.runs) {
      if (run.rope_dim != rope_dim) continue;
      auto& [low, high] = spread.tok_per_s;
      low = spread.runs == 0 ? run.decode_tok_per_s : std::min(low, run.decode_tok_per_s);
      high = std::max(high, run.decode_tok_per_s);
      ++spread.runs;
    }
    if (spread.runs > 0) all.push_back(std::move(spread));
  }
  if (all.empty()) return all;
  const auto best =
      std::max_element(all.begin(), all.end(), [](const RecordedTie& a, const RecordedTie& b) {
        return a.tok_per_s.high < b.tok_per_s.high;
      });
  const double reached = best->tok_per_s.low;
  std::erase_if(all, [&](const RecordedTie& tie) { return tie.tok_per_s.high < reached; });
  std::sort(all.begin(), all.end(), [](const RecordedTie& a, const RecordedTie& b) {
    return is_preferred(a.split, b.split);
  });
  return all;
}

// A run as a point of the line.
struct TimedRun {
  const Split* split = nullptr;
  double layers_ms = 0;
};

std::vector<TimedRun> timed_runs(const RecordedFacts& facts, int rope_dim) {
  std::vector<TimedRun> timed;
  for (const RecordedSplit& split : facts.splits) {
    if (split.split.shards() > kMostShardsOfLine) continue;
    for (const RecordedRun& run : split.runs) {
      if (run.rope_dim == rope_dim && run.layers_ms_per_token)
        timed.push_back({&split.split, *run.layers_ms_per_token});
    }
  }
  return timed;
}

std::vector<LinePoint> points_of(const std::vector<TimedRun>& runs) {
  std::vector<LinePoint> points;
  for (const TimedRun& run : runs)
    points.push_back({static_cast<double>(run.split->shards()), run.layers_ms});
  return points;
}

std::optional<RecordedTimeFit> fit_times(std::vector<TimedRun> runs) {
  RecordedTimeFit fit;
  const std::size_t most_left_out = runs.size() / kShareOfOutliers;
  while (fit.left_out.size() < most_left_out) {
    const std::optional<std::size_t> outlier = find_outlier(points_of(runs), kOutlierLevel);
    if (!outlier) break;
    fit.left_out.push_back({*runs[*outlier].split, runs[*outlier].layers_ms});
    runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(*outlier));
  }
  const std::optional<LineFit> line = fit_line(points_of(runs));
  if (!line) return std::nullopt;
  fit.line = *line;
  std::set<Split> splits;
  fit.fewest_shards = kMaxLayers;
  for (const TimedRun& run : runs) {
    const int shards = run.split->shards();
    splits.insert(*run.split);
    fit.most_shards = std::max(fit.most_shards, shards);
    if (shards < fit.fewest_shards) fit.fewest_ms = {run.layers_ms, run.layers_ms};
    fit.fewest_shards = std::min(fit.fewest_shards, shards);
    if (shards > fit.fewest_shards) continue;
    fit.fewest_ms = {std::min(fit.fewest_ms.low, run.layers_ms),
                     std::max(fit.fewest_ms.high, run.layers_ms)};
  }
  fit.splits = static_cast<int>(splits.size());
  return fit;
}

// Whether more shards take longer, beyond chance.
bool is_rising(const LineFit& line) {
  return line.slope > t_half_width(kAdviceLevel, line.degrees_of_freedom()) * line.slope_sd;
}

class Proposer {
 public:
  Proposer(const RecordedFacts& facts, const RecordedAdvice& advice)
      : facts_(facts), advice_(advice) {
    for (const RecordedShard& shard : facts.shards) {
      if (is_passing(shard)) passing_.insert(shard.segment);
    }
    for (const RecordedSplit& split : facts.splits) tried_.insert(split.split);
    for (const RecordedExclusion& excluded : advice.excluded) passing_.erase(excluded.segment);
  }

  std::vector<RecordedProposal> propose() const {
    std::vector<RecordedProposal> all;
    for (int shards = 1; shards < *advice_.fewest_ran && all.size() < kMostProposals; ++shards) {
      const BoundedSplits splits(
          facts_.n_layers,
          {.max_shard = advice_.longest_resident, .min_shards = shards, .max_shards = shards});
      if (splits.count() > kMostSplits) break;
      for (RecordedProposal& proposal : best_of(splits)) all.push_back(std::move(proposal));
    }
    if (all.size() > kMostProposals) all.erase(all.begin() + kMostProposals, all.end());
    return all;
  }

 private:
  using Rank = std::tuple<int, std::size_t, int, int, std::string>;

  std::vector<RecordedProposal> best_of(const BoundedSplits& splits) const {
    std::vector<std::pair<Rank, RecordedProposal>> best;
    for (std::optional<Split> split = splits.first(); split; splits.advance(split)) {
      if (tried_.contains(*split) || is_failing(*split)) continue;
      RecordedProposal proposal = proposal_of(*split);
      Rank rank = rank_of(proposal);
      best.emplace_back(std::move(rank), std::move(proposal));
      std::sort(best.begin(), best.end(),
                [](const auto& a, const auto& b) { return a.first < b.first; });
      if (best.size() > kPerCount) best.pop_back();
    }
    std::vector<RecordedProposal> proposals;
    for (auto& [rank, proposal] : best) proposals.push_back(std::move(proposal));
    return proposals;
  }

  bool is_failing(const Split& split) const {
    for (const Segment& segment : split.segments()) {
      for (const RecordedExclusion& excluded : advice_.excluded) {
        if (segment == excluded.segment) return true;
        if (excluded.is_residency && holds(segment, excluded.segment)) return true;
      }
    }
    return false;
  }

  RecordedProposal proposal_of(const Split& split) const {
    const LineFit& line = advice_.fit->line;
    RecordedProposal proposal{
        .split = split,
        .layers_ms_per_token = value_at(line, split.shards()),
        .half_width_ms = prediction_half_width(line, split.shards(), kAdviceLevel)};
    for (const Segment& segment : split.segments()) {
      if (passing_.contains(segment)) continue;
      proposal.to_build.push_back(segment);
      for (const RecordedExclusion& excluded : advice_.excluded) {
        const int layers = layers_in_common(segment, excluded.segment);
        if (!excluded.is_residency && layers > 0)
          proposal.risks.push_back({segment, excluded.segment, layers});
      }
    }
    return proposal;
  }

  static Rank rank_of(const RecordedProposal& proposal) {
    std::set<Segment> holding;
    int most_in_common = 0;
    for (const RecordedRisk& risk : proposal.risks) {
      if (risk.is_whole()) holding.insert(risk.segment);
      most_in_common = std::max(most_in_common, risk.layers);
    }
    int longest = 0;
    for (const Segment& segment : proposal.to_build) longest = std::max(longest, segment.layers());
    return {static_cast<int>(holding.size()), proposal.to_build.size(), most_in_common, longest,
            to_text(proposal.split)};
  }

  const RecordedFacts& facts_;
  const RecordedAdvice& advice_;
  std::set<Segment> passing_;
  std::set<Split> tried_;
};

std::string names_of(const std::vector<RecordedTie>& ties) {
  std::vector<std::string> names;
  for (const RecordedTie& tie : ties) names.push_back(to_text(tie.split));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string tie_note(const RecordedAdvice& advice) {
  double low = advice.ties.front().tok_per_s.low;
  double high = 0;
  for (const RecordedTie& tie : advice.ties) {
    low = std::min(low, tie.tok_per_s.low);
    high = std::max(high, tie.tok_per_s.high);
  }
  const std::string runs =
      fmt::format("{:.2f} to {:.2f} tok/s at rope_dim {}", low, high, advice.rope_dim);
  if (advice.ties.size() == 1) {
    return fmt::format("on record {} is the fastest: no other split's runs reach its own, {}",
                       names_of(advice.ties), runs);
  }
  return fmt::format(
      "on record {} splits tie: {}; their runs overlap, {}, and none is shown to be faster",
      advice.ties.size(), names_of(advice.ties), runs);
}

std::string in_words(const RecordedRisk& risk) {
  const std::string which = risk.is_whole() ? "all" : fmt::format("{}", risk.layers);
  return fmt::format("{} has {} of the {} layers of {}, whose output was not finite",
                     to_text(risk.segment), which, risk.failed.layers(), to_text(risk.failed));
}

std::string fit_line_of(const RecordedTimeFit& fit) {
  std::string text = fmt::format(
      "advice, not a finding: a line through the layer times of {} recorded runs of {} splits of "
      "{} to {} shards is {:.1f} ms + {:.2f} ms a shard, residual {:.2f} ms",
      fit.line.points, fit.splits, fit.fewest_shards, fit.most_shards, fit.line.intercept,
      fit.line.slope, fit.line.residual_sd);
  for (const RecordedTimeFit::LeftOut& run : fit.left_out) {
    text += fmt::format("; left out for not belonging to it: {:.1f} ms of {}",
                        run.layers_ms_per_token, to_text(run.split));
  }
  return text;
}

std::string in_words(const RecordedProposal& proposal, const RecordedTimeFit& fit) {
  std::vector<std::string> segments;
  for (const Segment& segment : proposal.to_build) segments.push_back(to_text(segment));
  std::string text = fmt::format(
      "advice, not a finding: try {}, predicted {:.1f} +- {:.1f} ms a token for the layers ({:.0f} "
      "%) against {:.1f} to {:.1f} with {} shards; ",
      to_text(proposal.split), proposal.layers_ms_per_token, proposal.half_width_ms,
      100 * kAdviceLevel, fit.fewest_ms.low, fit.fewest_ms.high, fit.fewest_shards);
  text += segments.empty() ? std::string("every shard of it is recorded as passing")
                           : fmt::format("to build and gate: {}", fmt::join(segments, ", "));
  for (const RecordedRisk& risk : proposal.risks) text += "; risk: " + in_words(risk);
  return text;
}

}  // namespace

RecordedAdvice advise(const RecordedFacts& facts) {
  RecordedAdvice advice{.excluded = find_excluded(facts), .rope_dim = usual_rope_dim(facts)};
  if (const auto contract = known_model(facts.model)) advice.wanted_rope_dim = contract->rope_dim;
  advice.ties = find_ties(facts, advice.rope_dim);
  for (const RecordedSplit& split : facts.splits) {
    for (const RecordedRun& run : split.runs) {
      ++advice.runs;
      if (!run.groups.empty()) ++advice.runs_with_groups;
    }
    const int shards = split.split.shards();
    if (!split.runs.empty())
      advice.fewest_ran = std::min(advice.fewest_ran.value_or(shards), shards);
  }
  for (const RecordedShard& shard : facts.shards) {
    if (shard.tokens == 1 && shard.resident)
      advice.longest_resident = std::max(advice.longest_resident, shard.segment.layers());
  }
  advice.fit = fit_times(timed_runs(facts, advice.rope_dim));
  if (advice.fit && is_rising(advice.fit->line) && advice.longest_resident > 0)
    advice.proposals = Proposer(facts, advice).propose();
  return advice;
}

std::vector<std::string> notes_of(const RecordedAdvice& advice) {
  std::vector<std::string> lines;
  if (!advice.ties.empty()) lines.push_back(tie_note(advice));
  for (const RecordedExclusion& excluded : advice.excluded)
    lines.push_back(fmt::format("{} is excluded: {}", to_text(excluded.segment), excluded.reason));
  if (advice.runs > 0 && advice.wanted_rope_dim && *advice.wanted_rope_dim != advice.rope_dim) {
    lines.push_back(
        fmt::format("most of these runs are of an older contract: rope_dim {}, the model has {}; "
                    "the others are "
                    "not compared with them",
                    advice.rope_dim, *advice.wanted_rope_dim));
  }
  lines.push_back(fmt::format(
      "times of segments, which {} of {} recorded runs tell, are not added up across runs: each "
      "run is a thing of its own, and no run has shown such a sum",
      advice.runs_with_groups, advice.runs));
  return lines;
}

std::vector<std::string> advice_of(const RecordedAdvice& advice) {
  if (!advice.fit) {
    return {
        "advice, not a finding: none, too few recorded runs tell the time of their layers to fit a "
        "line"};
  }
  std::vector<std::string> lines = {fit_line_of(*advice.fit)};
  for (const RecordedProposal& proposal : advice.proposals)
    lines.push_back(in_words(proposal, *advice.fit));
  if (advice.proposals.empty()) {
    lines.emplace_back(
        "advice, not a finding: no split that nobody tried is predicted to be faster");
  }
  return lines;
}

}  // namespace fusesweep
