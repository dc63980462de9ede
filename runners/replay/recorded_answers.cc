#include "runners/replay/recorded_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

namespace fusesweep {
namespace {

std::int64_t ns_of_ms(double ms) { return std::llround(ms * 1e6); }

std::optional<ResidentCount> count_of(const std::optional<RecordedCount>& count) {
  if (!count) return std::nullopt;
  return ResidentCount{static_cast<std::uint64_t>(count->total),
                       static_cast<std::uint64_t>(count->resident)};
}

// The mark of the old contract, the entry's own note, and where it stands.
std::vector<std::string> notes_of(int recorded_rope_dim, int rope_dim, const std::string& note,
                                  const std::string& source) {
  std::vector<std::string> notes;
  if (recorded_rope_dim != rope_dim) {
    notes.push_back(fmt::format("old contract: recorded with rope_dim {}, the contract has {}",
                                recorded_rope_dim, rope_dim));
  }
  if (!note.empty()) notes.push_back(note);
  notes.push_back("source: " + source);
  return notes;
}

Failure nothing_of(const RecordedFacts& facts, std::string_view what,
                   const RecordedQuestion& question) {
  return not_recorded(fmt::format("not recorded: {} of {} as {} at {} {} per call, by {}", what,
                                  to_text(question.kind), to_text(question.encoding),
                                  question.tokens, question.tokens == 1 ? "token" : "tokens",
                                  facts.name));
}

// The entry to answer with, or nullptr: one that `tells` what is asked, of the right contract if
// there is such a one, and of several the first.
template <typename Tells>
const RecordedShard* find_shard(const RecordedFacts& facts, const RecordedQuestion& question,
                                Tells tells) {
  const auto* segment = std::get_if<Segment>(&question.kind);
  if (segment == nullptr || question.encoding != facts.encoding) return nullptr;
  const RecordedShard* found = nullptr;
  for (const RecordedShard& shard : facts.shards) {
    if (shard.segment != *segment || shard.tokens != question.tokens || !tells(shard)) continue;
    if (shard.rope_dim == question.rope_dim) return &shard;
    if (found == nullptr) found = &shard;
  }
  return found;
}

// The same of a slice of the head; entries with a variant are of another graph than ours.
template <typename Tells>
const RecordedHead* find_head(const RecordedFacts& facts, const RecordedQuestion& question,
                              Tells tells) {
  const auto* slice = std::get_if<HeadSlice>(&question.kind);
  if (slice == nullptr || question.encoding != facts.encoding) return nullptr;
  const auto found =
      std::find_if(facts.heads.begin(), facts.heads.end(), [&](const RecordedHead& head) {
        return head.shards == slice->of && head.tokens == question.tokens && head.variant.empty() &&
               tells(head);
      });
  return found == facts.heads.end() ? nullptr : &*found;
}

std::vector<std::string> notes_of(const RecordedShard& shard, const RecordedQuestion& question) {
  return notes_of(shard.rope_dim, question.rope_dim, shard.note, shard.source);
}

std::vector<std::string> notes_of(const RecordedHead& head) {
  return notes_of(0, 0, head.note, head.source);  // no rotation in a head
}

const RecordedSplit* find_split(const RecordedFacts& facts, const Split& split) {
  const auto found =
      std::find_if(facts.splits.begin(), facts.splits.end(),
                   [&](const RecordedSplit& recorded) { return recorded.split == split; });
  return found == facts.splits.end() ? nullptr : &*found;
}

}  // namespace

Result<Placement> recorded_placement(const RecordedFacts& facts, const RecordedQuestion& question) {
  Placement placement{.evidence = PlacementEvidence::kRecorded};
  if (const auto* shard = find_shard(facts, question, [](const RecordedShard&) { return true; })) {
    placement.conv = count_of(shard->conv);
    placement.compute = count_of(shard->compute);
    placement.stated_resident = shard->resident;
    placement.notes = notes_of(*shard, question);
    return placement;
  }
  if (const auto* head = find_head(facts, question, [](const RecordedHead& entry) {
        return entry.resident || entry.conv || entry.compute;
      })) {
    placement.conv = count_of(head->conv);
    placement.compute = count_of(head->compute);
    placement.stated_resident = head->resident;
    placement.notes = notes_of(*head);
    return placement;
  }
  return nothing_of(facts, "placement", question);
}

Result<GroupOutput> recorded_output(const RecordedFacts& facts, const RecordedQuestion& question) {
  const auto has_golden = [](const auto& entry) { return entry.golden.has_value(); };
  GroupOutput output;
  if (const auto* shard = find_shard(facts, question, has_golden)) {
    output.recorded = shard->golden;
    output.notes = notes_of(*shard, question);
    return output;
  }
  if (const auto* head = find_head(facts, question, has_golden)) {
    output.recorded = head->golden;
    output.notes = notes_of(*head);
    return output;
  }
  return nothing_of(facts, "golden", question);
}

Result<DecodeResult> recorded_run(const RecordedFacts& facts, const Split& split, std::size_t index,
                                  int rope_dim) {
  const RecordedSplit* recorded = find_split(facts, split);
  const std::string text = to_text(split);
  if (recorded == nullptr)
    return not_recorded(fmt::format("not recorded: a run of {}, by {}", text, facts.name));
  if (recorded->runs.empty()) {
    return not_recorded(fmt::format("not recorded: {} never ran{}{}", text,
                                    recorded->note.empty() ? "" : ": ", recorded->note));
  }
  if (index >= recorded->runs.size()) {
    return not_recorded(
        fmt::format("not recorded: run {} of {}, of which {} has {}, counted from 0", index, text,
                    facts.name, recorded->runs.size()));
  }
  const RecordedRun& run = recorded->runs[index];
  return DecodeResult{.recorded = run,
                      .notes = notes_of(run.rope_dim, rope_dim, run.note, run.source)};
}

std::vector<std::int64_t> recorded_group_times_ns(const RecordedFacts& facts,
                                                  const Segment& segment, int rope_dim) {
  std::vector<std::int64_t> times_ns;
  for (const RecordedSplit& split : facts.splits) {
    for (const RecordedRun& run : split.runs) {
      if (run.rope_dim != rope_dim) continue;
      for (const RecordedGroup& group : run.groups) {
        if (group.segment == segment) times_ns.push_back(ns_of_ms(group.ms_per_token));
      }
    }
  }
  return times_ns;
}

std::vector<std::int64_t> recorded_head_times_ns(const RecordedFacts& facts, int shards) {
  std::vector<std::int64_t> times_ns;
  for (const RecordedHead& head : facts.heads) {
    if (head.shards == shards && head.tokens == 1 && head.variant.empty() && head.ms_per_token)
      times_ns.push_back(ns_of_ms(*head.ms_per_token));
  }
  return times_ns;
}

}  // namespace fusesweep
