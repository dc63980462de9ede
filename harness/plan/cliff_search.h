// CliffSearch: finds the residency cliff of front shards [0, L) by asking for one shard after the
// other. A pure state machine: next() names a shard, whoever drives it answers with observe(), until
// next() has nothing left to ask.
//
// First the edge: a guess, its neighbour, then bisection, which is exact when longer shards are never
// more resident than shorter ones. Then doubt: the shards on both sides once more, the same lengths in
// the middle and at the end of the model, what is left of the model after the longer one, and the
// shortest shard. Nothing is assumed that was not asked: what contradicts comes out as a surprise. Not
// recorded shards are passed over.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "harness/core/cliff.h"
#include "harness/core/contract.h"
#include "harness/core/encoding.h"

namespace fusesweep {

struct CliffQuestion {
  int n_layers = 0;
  int first_guess = 0;         // a length to begin with, 1 to n_layers
  bool is_exhaustive = false;  // ask for every length of front shards
};

class CliffSearch {
 public:
  // REQUIRES: 1 <= first_guess <= n_layers <= kMaxLayers.
  explicit CliffSearch(const CliffQuestion& question);

  // The next shard to ask about; the same until it is observed. Nothing: the search is over.
  std::optional<CliffProbe> next() const;

  // REQUIRES: the answer is to next().
  void observe(ProbeAnswer answer);

  CliffResult result() const;

 private:
  std::optional<bool> resident(int length) const;  // of [0, length), by its first answer
  bool is_asked(const CliffProbe& probe) const;
  CliffEdge edge() const;
  std::optional<int> next_length() const;
  std::optional<int> next_short_length() const;
  std::vector<CliffProbe> doubts() const;
  std::vector<CliffSurprise> find_surprises() const;
  std::vector<CliffExplanation> find_explanations() const;

  CliffQuestion question_;
  std::vector<ProbeAnswer> answers_;
};

// A front shard of the same shape in another encoding, whose answer would tell the explanations apart
// that are left: as many bytes as those beyond the edge in as few layers as those within it.
struct TellingShard {
  Segment segment;
  Encoding encoding = Encoding::kFp16;
  std::uint64_t weight_bytes = 0;
};

// Nothing where one explanation is left, or no such shard exists.
std::optional<TellingShard> find_telling_shard(const CliffResult& result, const Contract& contract,
                                               Encoding encoding);

// Why a shard need not be tried: the shortest front of it that is known not to be resident, where no
// longer one is known to be. That is an inference, and the shard has not failed. Nothing: try it.
std::optional<Segment> beyond_cliff(const std::vector<ProbeAnswer>& answers, const Segment& shard);

}  // namespace fusesweep
