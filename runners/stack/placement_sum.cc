#include "runners/stack/placement_sum.h"

namespace fusesweep {
namespace {

constexpr std::size_t kMostListed = 1000;  // non-resident operations in a placement

}  // namespace

void PlacementSum::add(const PlacedOperation& operation, std::string_view reason) {
  for (ResidentCount* count : {&compute_, operation.type == "conv" ? &conv_ : nullptr}) {
    if (count == nullptr) continue;
    ++count->total;
    count->resident += operation.is_resident ? 1 : 0;
  }
  ++kinds_[{operation.type, operation.place, operation.implementation}];
  if (operation.is_resident || non_resident_.size() >= kMostListed) return;
  non_resident_.push_back({.operation = operation.name,
                           .type = operation.type,
                           .place = operation.place,
                           .reason = std::string(reason)});
}

Placement PlacementSum::placement(PlacementEvidence evidence) const {
  Placement placement{.evidence = evidence, .conv = conv_, .compute = compute_};
  for (const auto& [kind, count] : kinds_) {
    const auto& [type, place, implementation] = kind;
    placement.kinds.push_back({type, place, implementation, count});
  }
  placement.non_resident = non_resident_;
  return placement;
}

}  // namespace fusesweep
