#include "topologies/split_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fusesweep {
namespace {

constexpr std::size_t kMaxBounded = 8;

// The size of the union of bounded[from..] within `within`, or of their plain union: inclusion and
// exclusion, where the intersection of two bounded families is one again. Empty intersections end a
// branch early.
BigCount count_union(const std::vector<const BoundedSplits*>& bounded, std::size_t from,
                     const BoundedSplits* within) {
  BigCount total = 0;
  for (std::size_t i = from; i < bounded.size(); ++i) {
    const BoundedSplits here = within == nullptr ? *bounded[i] : within->intersect(*bounded[i]);
    const BigCount size = here.count();
    if (size != 0) total += size - count_union(bounded, i + 1, &here);
  }
  return total;
}

std::vector<const BoundedSplits*> bounded_of(const std::vector<Family>& parts) {
  std::vector<const BoundedSplits*> bounded;
  for (const Family& part : parts) {
    if (const auto* family = std::get_if<BoundedSplits>(&part)) bounded.push_back(family);
  }
  return bounded;
}

// The families that no other one of them holds whole: these decide what the union is.
std::vector<const BoundedSplits*> maximal_of(const std::vector<const BoundedSplits*>& bounded) {
  std::vector<const BoundedSplits*> maximal;
  for (const BoundedSplits* candidate : bounded) {
    // Equal families are never both there: add() drops the later one.
    const bool inside_another =
        std::any_of(bounded.begin(), bounded.end(), [&](const BoundedSplits* other) {
          return other != candidate && other->intersect(*candidate).count() == candidate->count();
        });
    if (!inside_another) maximal.push_back(candidate);
  }
  return maximal;
}

}  // namespace

std::vector<Segment> distinct_segments(const std::vector<Split>& splits) {
  std::set<Segment> distinct;
  for (const Split& split : splits) {
    for (const Segment& segment : split.segments()) distinct.insert(segment);
  }
  return {distinct.begin(), distinct.end()};
}

bool SplitSet::in_bounded(const Split& split, std::size_t first_parts) const {
  return std::any_of(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(first_parts),
                     [&](const Family& part) {
                       const auto* family = std::get_if<BoundedSplits>(&part);
                       return family != nullptr && family->contains(split);
                     });
}

Result<void> SplitSet::add(Family family) {
  if (auto* splits = std::get_if<std::vector<Split>>(&family)) {
    std::erase_if(*splits, [&](const Split& split) {
      return in_bounded(split, parts_.size()) || !listed_.insert(split).second;
    });
  } else {
    const auto& added = std::get<BoundedSplits>(family);
    for (const BoundedSplits* other : bounded_of(parts_)) {
      if (other->intersect(added).count() == added.count()) return {};  // nothing new
    }
    std::vector<const BoundedSplits*> with_it = bounded_of(parts_);
    with_it.push_back(&added);
    if (maximal_of(with_it).size() > kMaxBounded) {
      return invalid_input(fmt::format(
          "found more than {} `all` families none of which holds another, want at most that many",
          kMaxBounded));
    }
  }
  parts_.push_back(std::move(family));
  return {};
}

BigCount SplitSet::count() const {
  const auto only_listed = std::count_if(listed_.begin(), listed_.end(), [&](const Split& split) {
    return !in_bounded(split, parts_.size());
  });
  return count_union(maximal_of(bounded_of(parts_)), 0, nullptr) + only_listed;
}

std::vector<Split> SplitSet::first(std::size_t limit) const {
  std::vector<Split> splits;
  for (std::size_t i = 0; i < parts_.size() && splits.size() < limit; ++i) {
    if (const auto* part = std::get_if<std::vector<Split>>(&parts_[i])) {
      const std::size_t taken = std::min(part->size(), limit - splits.size());
      splits.insert(splits.end(), part->begin(),
                    part->begin() + static_cast<std::ptrdiff_t>(taken));
      continue;
    }
    // A split that was listed after this family was dropped there, so one that is listed was listed
    // before.
    const auto& family = std::get<BoundedSplits>(parts_[i]);
    for (std::optional<Split> s = family.first(); s && splits.size() < limit; family.advance(s)) {
      if (!listed_.contains(*s) && !in_bounded(*s, i)) splits.push_back(*s);
    }
  }
  return splits;
}

std::vector<Segment> SplitSet::segments() const {
  std::set<Segment> distinct;
  for (const Family& part : parts_) {
    const auto* listed = std::get_if<std::vector<Split>>(&part);
    const std::vector<Segment> segments =
        listed != nullptr ? distinct_segments(*listed) : std::get<BoundedSplits>(part).segments();
    distinct.insert(segments.begin(), segments.end());
  }
  return {distinct.begin(), distinct.end()};
}

}  // namespace fusesweep
