#include "topologies/shortest_path.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

constexpr double kNotUsable = std::numeric_limits<double>::infinity();
constexpr std::uint64_t kNoBytes = std::numeric_limits<std::uint64_t>::max();
constexpr int kNoShards = std::numeric_limits<int>::max();

// One way from layer 0 to a boundary: all of it but the last step stands at the boundary before.
struct Label {
  double cost = 0;
  std::uint64_t bytes = 0;
  int shards = 0;
  int from = 0;            // the boundary before
  std::size_t parent = 0;  // of its labels
};

class Search {
 public:
  Search(const SegmentTable& table, const PathLimits& limits, std::size_t count)
      : table_(table), limits_(limits), count_(count), labels_(boundaries()) {
    find_needs();
  }

  std::vector<Path> run() {
    labels_[0] = {Label()};
    for (int end = 1; end <= table_.n_layers(); ++end) reach(end);
    std::vector<Path> paths;
    for (const Label& label : labels_.back()) {
      if (paths.size() == count_) break;
      paths.push_back({Split(lengths_of(table_.n_layers(), label)), label.cost, label.bytes});
    }
    return paths;
  }

 private:
  std::size_t boundaries() const { return static_cast<std::size_t>(table_.n_layers()) + 1; }
  std::vector<Label>& at(int boundary) { return labels_[static_cast<std::size_t>(boundary)]; }
  const std::vector<Label>& at(int boundary) const {
    return labels_[static_cast<std::size_t>(boundary)];
  }
  bool is_limited() const { return limits_.shards.has_value() || limits_.bytes.has_value(); }

  // The fewest shards and bytes from each boundary to the end: a way that cannot keep the limits even with
  // these is not followed.
  void find_needs() {
    least_shards_.assign(boundaries(), kNoShards);
    least_bytes_.assign(boundaries(), kNoBytes);
    least_shards_.back() = 0;
    least_bytes_.back() = 0;
    for (int begin = table_.n_layers() - 1; begin >= 0; --begin) {
      const auto here = static_cast<std::size_t>(begin);
      for (int end = begin + 1; end <= table_.n_layers(); ++end) {
        const auto there = static_cast<std::size_t>(end);
        if (least_shards_[there] == kNoShards || !table_.cost({begin, end})) continue;
        least_shards_[here] = std::min(least_shards_[here], least_shards_[there] + 1);
        least_bytes_[here] =
            std::min(least_bytes_[here], least_bytes_[there] + table_.bytes({begin, end}));
      }
    }
  }

  bool is_within_limits(const Label& label, int boundary) const {
    const auto here = static_cast<std::size_t>(boundary);
    if (least_shards_[here] == kNoShards) return false;
    return (!limits_.shards || label.shards + least_shards_[here] <= *limits_.shards) &&
           (!limits_.bytes || label.bytes + least_bytes_[here] <= *limits_.bytes);
  }

  std::vector<int> lengths_of(int boundary, const Label& label) const {
    std::vector<int> lengths;
    const Label* step = &label;
    for (int end = boundary; end > 0;) {
      lengths.push_back(end - step->from);
      end = step->from;
      step = &at(end)[step->parent];
    }
    std::reverse(lengths.begin(), lengths.end());
    return lengths;
  }

  bool is_before(const Label& a, const Label& b, int boundary) const {
    if (a.cost != b.cost) return a.cost < b.cost;
    if (a.shards != b.shards) return a.shards < b.shards;
    return lengths_of(boundary, a) < lengths_of(boundary, b);
  }

  Label step_from(int from, std::size_t parent, int end) const {
    const Label& before = at(from)[parent];
    const Segment segment{from, end};
    return {before.cost + *table_.cost(segment), before.bytes + table_.bytes(segment),
            before.shards + 1, from, parent};
  }

  // Merges the ways over all boundaries before, each of which has them in order.
  void reach(int end) {
    const auto is_after = [&](const Label& a, const Label& b) { return is_before(b, a, end); };
    std::vector<Label> heap;
    for (int from = 0; from < end; ++from) {
      if (!at(from).empty() && table_.cost({from, end})) heap.push_back(step_from(from, 0, end));
    }
    std::make_heap(heap.begin(), heap.end(), is_after);
    while (!heap.empty() && (is_limited() || at(end).size() < count_)) {
      std::pop_heap(heap.begin(), heap.end(), is_after);
      const Label cheapest = heap.back();
      heap.pop_back();
      if (is_within_limits(cheapest, end) && !is_needless(cheapest, end))
        at(end).push_back(cheapest);
      const std::size_t next = cheapest.parent + 1;
      if (next >= at(cheapest.from).size()) continue;
      heap.push_back(step_from(cheapest.from, next, end));
      std::push_heap(heap.begin(), heap.end(), is_after);
    }
  }

  // Whether as many ways as are wanted are no dearer and need no more of what is limited: whatever follows,
  // they do better.
  bool is_needless(const Label& label, int boundary) const {
    std::size_t better = 0;
    for (const Label& known : at(boundary)) {
      if ((!limits_.shards || known.shards <= label.shards) &&
          (!limits_.bytes || known.bytes <= label.bytes) && ++better == count_) {
        return true;
      }
    }
    return false;
  }

  const SegmentTable& table_;
  const PathLimits& limits_;
  std::size_t count_;
  std::vector<std::vector<Label>> labels_;  // by boundary, the cheapest first
  std::vector<int> least_shards_;
  std::vector<std::uint64_t> least_bytes_;
};

}  // namespace

SegmentTable::SegmentTable(int n_layers) : n_layers_(n_layers) {
  FUSESWEEP_CHECK(n_layers >= 1 && n_layers <= kMaxLayers);
  const std::size_t places =
      static_cast<std::size_t>(n_layers) * static_cast<std::size_t>(n_layers);
  costs_.assign(places, kNotUsable);
  bytes_.assign(places, 0);
}

std::size_t SegmentTable::place(const Segment& segment) const {
  return static_cast<std::size_t>(segment.begin) * static_cast<std::size_t>(n_layers_) +
         static_cast<std::size_t>(segment.end - 1);
}

void SegmentTable::set(const Segment& segment, double cost, std::uint64_t bytes) {
  FUSESWEEP_CHECK(segment.begin >= 0 && segment.begin < segment.end && segment.end <= n_layers_);
  FUSESWEEP_CHECK(std::isfinite(cost));
  costs_[place(segment)] = cost;
  bytes_[place(segment)] = bytes;
}

void SegmentTable::forbid(const Segment& segment) { costs_[place(segment)] = kNotUsable; }

void SegmentTable::forbid_longer(int layers) {
  for (int begin = 0; begin < n_layers_; ++begin) forbid_longer_from(begin, layers);
}

void SegmentTable::forbid_longer_from(int begin, int layers) {
  for (int end = begin + layers + 1; end <= n_layers_; ++end) forbid({begin, end});
}

std::optional<double> SegmentTable::cost(const Segment& segment) const {
  const double cost = costs_[place(segment)];
  if (cost == kNotUsable) return std::nullopt;
  return cost;
}

std::uint64_t SegmentTable::bytes(const Segment& segment) const { return bytes_[place(segment)]; }

std::vector<Segment> SegmentTable::usable() const {
  std::vector<Segment> segments;
  for (int begin = 0; begin < n_layers_; ++begin) {
    for (int end = begin + 1; end <= n_layers_; ++end) {
      if (cost({begin, end})) segments.push_back({begin, end});
    }
  }
  return segments;
}

std::vector<Path> best_paths(const SegmentTable& table, const PathLimits& limits,
                             std::size_t count) {
  if (count == 0) return {};
  return Search(table, limits, count).run();
}

std::optional<double> cost_of(const SegmentTable& table, const Split& split) {
  double sum = 0;
  for (const Segment& segment : split.segments()) {
    const std::optional<double> cost = table.cost(segment);
    if (!cost) return std::nullopt;
    sum += *cost;
  }
  return sum;
}

std::optional<double> largest_regret(const SegmentTable& low, const SegmentTable& high,
                                     const PathLimits& limits, const Split& split) {
  const std::optional<double> worst = cost_of(high, split);
  if (!worst) return std::nullopt;
  SegmentTable scenario = low;
  for (const Segment& segment : split.segments())
    scenario.set(segment, *high.cost(segment), high.bytes(segment));
  const std::vector<Path> best = best_paths(scenario, limits, 1);
  if (best.empty()) return std::nullopt;  // the split does not keep the limits
  return *worst - best.front().cost;
}

BigCount count_paths(const SegmentTable& table, const PathLimits& limits) {
  const int n = table.n_layers();
  const int most = std::min(limits.shards.value_or(n), n);
  // By boundary: how many ways there are with exactly so many shards.
  std::vector<BigCount> ways(static_cast<std::size_t>(n) + 1);
  ways[0] = 1;
  BigCount all = 0;
  const std::vector<Segment> usable = table.usable();
  for (int shards = 1; shards <= most; ++shards) {
    std::vector<BigCount> longer(ways.size());
    for (const Segment& segment : usable)
      longer[static_cast<std::size_t>(segment.end)] +=
          ways[static_cast<std::size_t>(segment.begin)];
    ways = std::move(longer);
    all += ways.back();
  }
  return all;
}

}  // namespace fusesweep
