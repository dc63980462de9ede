#include "harness/stats/grouped_fit.h"

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

constexpr std::size_t kControl = 0;
constexpr std::size_t kShared = 2;  // control and twin, which every group has

}  // namespace

GroupedFit::GroupedFit(std::span<const TwoWayFit> fits) : fits_(fits) {
  FUSESWEEP_CHECK(!fits.empty());
  for (std::size_t group = 0; group < fits.size(); ++group) {
    const std::size_t arms = fits[group].arm_means.size();
    FUSESWEEP_CHECK(!fits[group].blocks.empty() && (fits.size() == 1 || arms >= kShared));
    for (std::size_t arm = group == 0 ? 0 : kShared; arm < arms; ++arm)
      places_.push_back({group, arm});
  }
}

bool GroupedFit::has_error() const {
  return std::all_of(fits_.begin(), fits_.end(), [](const auto& fit) { return !!fit.error; });
}

bool GroupedFit::has_blocks(int least) const {
  return std::all_of(fits_.begin(), fits_.end(), [&](const TwoWayFit& fit) {
    return static_cast<int>(fit.blocks.size()) >= least;
  });
}

double GroupedFit::log_ratio(std::size_t arm, std::size_t other) const {
  const auto [a, b] = places_of(arm, other);
  if (a.group == b.group) return fusesweep::log_ratio(fits_[a.group], a.arm, b.arm);
  return fusesweep::log_ratio(fits_[a.group], a.arm, kControl) -
         fusesweep::log_ratio(fits_[b.group], b.arm, kControl);
}

Interval GroupedFit::interval(std::size_t arm, std::size_t other, double level) const {
  FUSESWEEP_CHECK(has_error());
  const auto [a, b] = places_of(arm, other);
  const double middle = log_ratio(arm, other);
  double reach = *half_width(fits_[a.group], level);
  if (a.group != b.group) reach = std::hypot(reach, *half_width(fits_[b.group], level));
  return {middle - reach, middle + reach};
}

GroupedFit::Pair GroupedFit::places_of(std::size_t arm, std::size_t other) const {
  FUSESWEEP_CHECK(arm < arms() && other < arms());
  Pair pair{places_[arm], places_[other]};
  if (arm == kControl) pair.a.group = pair.b.group;
  if (other == kControl) pair.b.group = pair.a.group;
  return pair;
}

}  // namespace fusesweep
