#include "harness/stats/grouped_fit.h"

#include <algorithm>
#include <cmath>

#include "harness/base/check.h"

namespace fusesweep {
namespace {

constexpr std::size_t kControl = 0;
constexpr std::size_t kTwin = 1;
constexpr std::size_t kShared = 2;  // control and twin, which every group has

}  // namespace

GroupedFit::GroupedFit(std::span<const TwoWayFit> fits, ControlLevel control)
    : fits_(fits), control_(control) {
  FUSESWEEP_CHECK(!fits.empty());
  const bool has_twins = fits.size() > 1 || control == ControlLevel::kWithItsTwin;
  for (std::size_t group = 0; group < fits.size(); ++group) {
    const std::size_t arms = fits[group].arm_means.size();
    FUSESWEEP_CHECK(!fits[group].blocks.empty() && (!has_twins || arms >= kShared));
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
  if (a.group == b.group) return level(a) - level(b);
  return (level(a) - level({a.group, kControl})) - (level(b) - level({b.group, kControl}));
}

Interval GroupedFit::interval(std::size_t arm, std::size_t other, double level) const {
  FUSESWEEP_CHECK(has_error());
  const auto [a, b] = places_of(arm, other);
  const double middle = log_ratio(arm, other);
  const auto reach_of = [&](const Place& place, std::size_t against) {
    return *half_width(fits_[place.group], level, variance(place.arm) + variance(against));
  };
  const double reach = a.group == b.group
                           ? reach_of(a, b.arm)
                           : std::hypot(reach_of(a, kControl), reach_of(b, kControl));
  return {middle - reach, middle + reach};
}

bool GroupedFit::is_two(std::size_t arm) const {
  return arm == kControl && control_ == ControlLevel::kWithItsTwin;
}

double GroupedFit::level(const Place& place) const {
  const std::vector<double>& means = fits_[place.group].arm_means;
  return is_two(place.arm) ? (means[kControl] + means[kTwin]) / 2 : means[place.arm];
}

double GroupedFit::variance(std::size_t arm) const { return is_two(arm) ? 0.5 : 1; }

GroupedFit::Pair GroupedFit::places_of(std::size_t arm, std::size_t other) const {
  FUSESWEEP_CHECK(arm < arms() && other < arms());
  Pair pair{places_[arm], places_[other]};
  if (arm == kControl) pair.a.group = pair.b.group;
  if (other == kControl) pair.b.group = pair.a.group;
  return pair;
}

}  // namespace fusesweep
