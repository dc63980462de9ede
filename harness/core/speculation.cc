#include "harness/core/speculation.h"

#include <algorithm>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

std::vector<int> joined(std::span<const int> prompt, std::span<const int> ids) {
  std::vector<int> text(prompt.begin(), prompt.end());
  text.insert(text.end(), ids.begin(), ids.end());
  return text;
}

}  // namespace

Draft propose(std::span<const int> text, const NgramRange& ngrams, std::size_t most) {
  FUSESWEEP_CHECK(1 <= ngrams.min && ngrams.min <= ngrams.max);
  const auto longest = static_cast<std::size_t>(ngrams.max);
  Draft draft;
  if (most == 0) return draft;
  std::size_t best = static_cast<std::size_t>(ngrams.min) - 1;
  std::size_t next = 0;  // what followed the best occurrence
  for (std::size_t end = text.size(); end > 1 && best < longest; --end) {
    const std::size_t occurrence = end - 1;  // one past its last id
    std::size_t n = 0;
    while (n < longest && n < occurrence && text[occurrence - 1 - n] == text[text.size() - 1 - n])
      ++n;
    if (n <= best) continue;
    best = n;
    next = occurrence;
  }
  if (next == 0) return draft;
  draft.ngram = static_cast<int>(best);
  for (std::size_t at = next; draft.ids.size() < most; ++at)
    draft.ids.push_back(at < text.size() ? text[at] : draft.ids[at - text.size()]);
  return draft;
}

std::size_t count_agreeing(std::span<const int> draft, std::span<const int> verified) {
  FUSESWEEP_CHECK(draft.size() <= verified.size());
  const auto [end, unused] = std::mismatch(draft.begin(), draft.end(), verified.begin());
  return static_cast<std::size_t>(end - draft.begin());
}

PassCounts count_passes(std::span<const SpeculativePass> passes) {
  PassCounts counts{.passes = passes.size()};
  for (const SpeculativePass& pass : passes) {
    counts.proposed += static_cast<std::size_t>(pass.proposed);
    counts.accepted += static_cast<std::size_t>(pass.accepted);
  }
  counts.targets = counts.passes + counts.accepted;
  return counts;
}

std::vector<SpeculativePass> simulate_passes(std::span<const int> prompt, std::span<const int> ids,
                                             int tokens, const NgramRange& ngrams) {
  FUSESWEEP_CHECK(!ids.empty() && tokens >= 1);
  const std::vector<int> text = joined(prompt, ids);
  std::vector<SpeculativePass> passes;
  for (std::size_t known = prompt.size() + 1; known < text.size();) {
    const std::size_t left = text.size() - known;
    const std::size_t most = std::min(static_cast<std::size_t>(tokens), left) - 1;
    const Draft draft = propose(std::span(text).first(known), ngrams, most);
    const std::size_t accepted = count_agreeing(draft.ids, std::span(text).subspan(known));
    passes.push_back({.proposed = static_cast<int>(draft.ids.size()),
                      .accepted = static_cast<int>(accepted),
                      .ngram = draft.ngram});
    known += accepted + 1;
  }
  return passes;
}

LookupCounts count_lookups(std::span<const int> prompt, std::span<const int> ids,
                           const NgramRange& ngrams) {
  const std::vector<int> text = joined(prompt, ids);
  LookupCounts counts{.targets = ids.size()};
  for (std::size_t known = prompt.size(); known < text.size(); ++known) {
    const Draft draft = propose(std::span(text).first(known), ngrams, 1);
    if (draft.ids.empty()) continue;
    ++counts.proposals;
    if (draft.ids.front() == text[known]) ++counts.accepted;
  }
  return counts;
}

}  // namespace fusesweep
