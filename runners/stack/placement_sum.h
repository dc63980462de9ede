// PlacementSum: a placement out of operations, one after the other. Plans and runs are added up by the
// same rules, so that the two compare.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "harness/core/placement.h"

namespace fusesweep {

// An operation that computes, and what was chosen for it.
struct PlacedOperation {
  std::string name;
  std::string type;
  std::string place;  // the runner's own word: "vector", "ref", "ane"
  std::string implementation;
  bool is_resident = false;
};

class PlacementSum {
 public:
  // The reason is of interest where the operation is not resident.
  void add(const PlacedOperation& operation, std::string_view reason);

  bool is_empty() const { return compute_.total == 0; }

  Placement placement(PlacementEvidence evidence) const;

 private:
  ResidentCount conv_;
  ResidentCount compute_;
  // Type, place, implementation.
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> kinds_;
  std::vector<NonResident> non_resident_;
};

}  // namespace fusesweep
