#include "harness/plan/cliff_search.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "harness/base/check.h"
#include "harness/core/shard_weight.h"

namespace fusesweep {
namespace {

// The unasked length in (low, high) that is nearest to the middle.
std::optional<int> middle_of(int low, int high, const std::set<int>& asked) {
  const int middle = low + (high - low) / 2;
  std::optional<int> nearest;
  for (int length = low + 1; length < high; ++length) {
    if (asked.contains(length)) continue;
    if (!nearest || std::abs(length - middle) < std::abs(*nearest - middle)) nearest = length;
  }
  return nearest;
}

}  // namespace

CliffSearch::CliffSearch(const CliffQuestion& question) : question_(question) {
  FUSESWEEP_CHECK(1 <= question.first_guess && question.first_guess <= question.n_layers);
  FUSESWEEP_CHECK(question.n_layers <= kMaxLayers);
}

std::optional<bool> CliffSearch::resident(int length) const {
  for (const ProbeAnswer& answer : answers_) {
    if (answer.is_recorded && answer.probe.segment == Segment{0, length}) return answer.is_resident;
  }
  return std::nullopt;
}

bool CliffSearch::is_asked(const CliffProbe& probe) const {
  return std::any_of(answers_.begin(), answers_.end(),
                     [&](const ProbeAnswer& answer) { return answer.probe == probe; });
}

// The first edge above the shortest shard that is resident; lengths that nobody knows are passed over.
CliffEdge CliffSearch::edge() const {
  CliffEdge edge{0, question_.n_layers + 1};
  for (int length = 1; length <= question_.n_layers; ++length) {
    const std::optional<bool> is_resident = resident(length);
    if (is_resident == true) edge.last_resident = length;
    if (is_resident == false && edge.last_resident > 0) {
      edge.first_not_resident = length;
      return edge;
    }
  }
  if (edge.last_resident > 0) return edge;
  for (int length = question_.n_layers; length >= 1; --length) {
    if (resident(length) == false) edge.first_not_resident = length;
  }
  return edge;
}

std::optional<int> CliffSearch::next_length() const {
  std::set<int> asked;
  for (const ProbeAnswer& answer : answers_) {
    if (answer.probe.segment.begin == 0) asked.insert(answer.probe.segment.end);
  }
  const int guess = question_.first_guess;
  if (asked.empty()) return guess;
  if (asked.size() == 1 && resident(guess)) {
    const int neighbour = *resident(guess) ? guess + 1 : guess - 1;
    if (neighbour >= 1 && neighbour <= question_.n_layers) return neighbour;
  }
  const CliffEdge found = edge();
  if (const auto length = middle_of(found.last_resident, found.first_not_resident, asked))
    return length;
  if (!question_.is_exhaustive) return std::nullopt;
  return middle_of(0, question_.n_layers + 1, asked);
}

// Where the shortest shards are refused, the edge between them and those that are resident.
std::optional<int> CliffSearch::next_short_length() const {
  const CliffEdge found = edge();
  if (found.last_resident == 0 || resident(1) != false) return std::nullopt;
  std::set<int> asked;
  int low = 1;
  int high = question_.n_layers + 1;
  for (int length = 1; length <= question_.n_layers; ++length) {
    const std::optional<bool> is_resident = resident(length);
    if (is_resident) asked.insert(length);
    if (is_resident == true) high = std::min(high, length);
    if (is_resident == false && length < high) low = length;
    if (is_asked({{0, length}, 1})) asked.insert(length);
  }
  return middle_of(low, high, asked);
}

// What would contradict the edge, the most telling first.
std::vector<CliffProbe> CliffSearch::doubts() const {
  const CliffEdge found = edge();
  const int n = question_.n_layers;
  std::vector<CliffProbe> probes;
  for (const int length : {found.last_resident, found.first_not_resident}) {
    if (resident(length)) probes.push_back({{0, length}, 2});
  }
  for (const int length : {found.last_resident, found.first_not_resident}) {
    if (!resident(length)) continue;
    for (const int begin : {(n - length) / 2, n - length}) {
      if (begin > 0) probes.push_back({{begin, begin + length}, 1});
    }
  }
  if (found.first_not_resident < n) probes.push_back({{found.first_not_resident, n}, 1});
  probes.push_back({{0, 1}, 1});
  return probes;
}

std::optional<CliffProbe> CliffSearch::next() const {
  if (const auto length = next_length()) return CliffProbe{{0, *length}, 1};
  for (const CliffProbe& probe : doubts()) {
    if (!is_asked(probe)) return probe;
  }
  if (const auto length = next_short_length()) return CliffProbe{{0, *length}, 1};
  return std::nullopt;
}

void CliffSearch::observe(ProbeAnswer answer) {
  FUSESWEEP_CHECK(next() == answer.probe);
  answers_.push_back(std::move(answer));
}

std::vector<CliffSurprise> CliffSearch::find_surprises() const {
  std::vector<CliffSurprise> surprises;
  const auto add = [&](CliffSurprise::Kind kind, const ProbeAnswer& a, const ProbeAnswer& b) {
    const ProbeAnswer& resident = a.is_resident ? a : b;
    const ProbeAnswer& other = a.is_resident ? b : a;
    const CliffSurprise surprise{kind, resident.probe.segment, other.probe.segment};
    if (std::find(surprises.begin(), surprises.end(), surprise) == surprises.end())
      surprises.push_back(surprise);
  };
  for (auto a = answers_.begin(); a != answers_.end(); ++a) {
    for (auto b = answers_.begin(); b != a; ++b) {
      if (!a->is_recorded || !b->is_recorded || a->is_resident == b->is_resident) continue;
      const Segment& left = a->probe.segment;
      const Segment& right = b->probe.segment;
      if (left == right) {
        add(CliffSurprise::Kind::kFlaky, *a, *b);
      } else if (left.layers() == right.layers()) {
        add(CliffSurprise::Kind::kValueDependent, *a, *b);
      }
    }
  }
  // Beyond the first edge nothing should be resident.
  const int first = edge().first_not_resident;
  for (const ProbeAnswer& answer : answers_) {
    const Segment& segment = answer.probe.segment;
    if (answer.is_recorded && answer.is_resident && segment.begin == 0 && segment.end > first &&
        answer.probe.attempt == 1)
      surprises.push_back({CliffSurprise::Kind::kNotMonotone, segment, {0, first}});
  }
  return surprises;
}

std::vector<CliffExplanation> CliffSearch::find_explanations() const {
  using enum CliffExplanation::Quantity;
  const int shortest = [&] {
    int length = 1;
    while (length <= question_.n_layers && resident(length) != true) ++length;
    return length;
  }();
  std::vector<CliffExplanation> kept;
  for (const auto quantity : {kWeightBytes, kOperations, kLength}) {
    std::optional<std::uint64_t> most;
    std::optional<std::uint64_t> least;
    bool is_known = true;
    for (const ProbeAnswer& answer : answers_) {
      const Segment& segment = answer.probe.segment;
      // Shards that are too short are refused for a reason of their own.
      if (!answer.is_recorded || (!answer.is_resident && segment.layers() < shortest)) continue;
      std::optional<std::uint64_t> value = answer.weight_bytes;
      if (quantity == kOperations) value = answer.operations;
      if (quantity == kLength) value = static_cast<std::uint64_t>(segment.layers());
      is_known = is_known && value;
      if (!value) continue;
      if (answer.is_resident) {
        most = std::max(most.value_or(*value), *value);
      } else {
        least = std::min(least.value_or(*value), *value);
      }
    }
    if (is_known && most && least && *most < *least) kept.push_back({quantity, *most, *least});
  }
  return kept;
}

CliffResult CliffSearch::result() const {
  CliffResult result{.answers = answers_};
  const bool is_known = std::any_of(answers_.begin(), answers_.end(), [](const ProbeAnswer& a) {
    return a.is_recorded && a.probe.segment.begin == 0;
  });
  if (is_known) {
    const CliffEdge found = edge();
    result.edge = found;
    for (int length = found.last_resident + 1; length < found.first_not_resident; ++length)
      result.not_recorded.push_back(length);
    if (!result.not_recorded.empty())
      result.next = Segment{0, result.not_recorded[result.not_recorded.size() / 2]};
    for (const ProbeAnswer& answer : answers_) {
      if (answer.probe.segment == Segment{0, found.first_not_resident} && !result.first_failure)
        result.first_failure = answer.failure;
    }
    CliffEdge lower{question_.n_layers + 1, 0};
    for (int length = 1; length <= found.last_resident; ++length) {
      if (resident(length) == true) lower.last_resident = std::min(lower.last_resident, length);
      if (resident(length) == false && length < lower.last_resident)
        lower.first_not_resident = length;
    }
    if (lower.first_not_resident > 0) result.lower_edge = lower;
  }
  result.surprises = find_surprises();
  result.explanations = find_explanations();
  result.is_confirmed =
      is_known && !next() && result.surprises.empty() &&
      std::all_of(answers_.begin(), answers_.end(), [](const auto& a) { return a.is_recorded; });
  return result;
}

std::optional<TellingShard> find_telling_shard(const CliffResult& result, const Contract& contract,
                                               Encoding encoding) {
  if (result.explanations.size() < 2 || !result.edge) return std::nullopt;
  for (const CliffExplanation& explanation : result.explanations) {
    if (explanation.quantity != CliffExplanation::Quantity::kWeightBytes) continue;
    const Encoding other = encoding == Encoding::kFp16 ? Encoding::kInt8 : Encoding::kFp16;
    for (int length = 1; length <= result.edge->last_resident; ++length) {
      const Segment segment{0, length};
      const std::uint64_t bytes = shard_weight_bytes(contract, segment, other);
      if (bytes >= explanation.not_resident_least) return TellingShard{segment, other, bytes};
    }
  }
  return std::nullopt;
}

std::optional<Segment> beyond_cliff(const std::vector<ProbeAnswer>& answers, const Segment& shard) {
  int longest_resident = 0;
  std::optional<Segment> shortest;
  for (const ProbeAnswer& answer : answers) {
    const Segment& segment = answer.probe.segment;
    if (!answer.is_recorded || segment.begin != shard.begin) continue;
    // A crash or a time-out says nothing of longer shards.
    const bool is_placed = !answer.failure || answer.failure == ProbeFailure::kPlan ||
                           answer.failure == ProbeFailure::kRun;
    if (!answer.is_resident && !is_placed) continue;
    if (answer.is_resident) {
      longest_resident = std::max(longest_resident, segment.layers());
    } else if (segment.layers() < shard.layers() &&
               (!shortest || segment.layers() < shortest->layers())) {
      shortest = segment;
    }
  }
  // The shortest shards are refused for a reason of their own, and say nothing of longer ones; nor
  // does anything where it, or a longer one, was resident after all.
  if (!shortest || longest_resident == 0 || longest_resident >= shortest->layers())
    return std::nullopt;
  return shortest;
}

}  // namespace fusesweep
