// Speculative decoding, as far as it is arithmetic on ids: a draft guesses what comes next, a verifier
// that takes T tokens a call says what greedy decoding would have chosen after each of them, and the
// longest agreeing prefix is kept together with the verifier's own next token. Used by whoever runs it
// (runners/cpu), by what stores and shows it, and to simulate it on ids that are known already.
// harness/docs/SPECULATION.md has the rules.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fusesweep {

// Tokens that a verifier takes a call: the last id and the draft after it.
inline constexpr int kLeastVerifiedTokens = 2;
inline constexpr int kMostVerifiedTokens = 16;

// Lengths of n-grams that are looked up.
struct NgramRange {
  int min = 2;
  int max = 4;

  bool operator==(const NgramRange&) const = default;
};

inline constexpr int kMostNgram = 64;

struct Draft {
  std::vector<int> ids;
  int ngram = 0;  // length of the n-gram that it was found by; 0: it was not found so

  bool operator==(const Draft&) const = default;
};

// Prompt lookup: of the n-grams that end the text, the longest that occurred before, at its latest
// occurrence; what followed it there is the draft, up to `most` ids. Where that runs into the text's end
// it goes on in the draft itself, so that a loop shorter than the draft fills it. Empty: none occurred.
// REQUIRES: 1 <= min <= max.
Draft propose(std::span<const int> text, const NgramRange& ngrams, std::size_t most);

// How many ids of the draft the verifier agrees with, from the first on. verified[i] is what it chose
// in the place of draft[i].  REQUIRES: as many verified as drafted, or more.
std::size_t count_agreeing(std::span<const int> draft, std::span<const int> verified);

// What a speculative decoding is asked for, beside the prompt and its length.
struct Speculation {
  NgramRange ngrams;
  // In place of looking up: a guess at the generated ids, from the first on. Past its end nothing is
  // proposed.
  std::optional<std::vector<int>> recorded;
  // A position whose two best logits lie closer than this is decided by a call of one token. Absent:
  // none is.
  std::optional<double> guard;

  bool operator==(const Speculation&) const = default;
};

// One step of a speculative decoding: it gives the accepted ids and one more.
struct SpeculativePass {
  int proposed = 0;     // ids of the draft; 0: one token alone, by a call of one where there is one
  int accepted = 0;     // of them
  int ngram = 0;        // that the draft was found by; 0: there was none, or it was recorded
  int guard_calls = 0;  // calls of one token that decided instead of the verifier
  bool is_fallback = false;  // the cache had no room for T more positions: one token alone

  bool operator==(const SpeculativePass&) const = default;
};

// What passes come to.
struct PassCounts {
  std::size_t passes = 0;
  std::size_t targets = 0;  // ids that they gave
  std::size_t proposed = 0;
  std::size_t accepted = 0;

  bool operator==(const PassCounts&) const = default;
};

PassCounts count_passes(std::span<const SpeculativePass> passes);

// Of ids that greedy decoding gave after a prompt: the passes of a verifier of `tokens` tokens a call
// that would have given all of them but the first, which the prompt's own calls give. It is what exact
// speculation does, with nothing said of its time: the fewest passes, as an upper bound of what it can
// save.  REQUIRES: at least one id; tokens >= 1.
std::vector<SpeculativePass> simulate_passes(std::span<const int> prompt, std::span<const int> ids,
                                             int tokens, const NgramRange& ngrams);

// Looking up one id at a time along a log: of so many targets (all ids), for how many a next id was
// proposed, and how often it was the right one.
struct LookupCounts {
  std::size_t targets = 0;
  std::size_t proposals = 0;
  std::size_t accepted = 0;

  bool operator==(const LookupCounts&) const = default;
};

LookupCounts count_lookups(std::span<const int> prompt, std::span<const int> ids,
                           const NgramRange& ngrams);

}  // namespace fusesweep
