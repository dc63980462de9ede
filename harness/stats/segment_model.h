// What segments cost, measured ones and others: a Gaussian model of the stated form
//
//   cost of [a,b) = boundary + f(b - a) + place effects + residual
//
// f(1) is free and its steps are about equal: a line plus a random walk. A place effect is a layer's own (it
// is in every segment that holds it), the first shard's or the last one's. The residual is a segment's own,
// with a variance per layer. How large each of these is, is not known beforehand: the model is averaged over a
// grid of the four standard deviations by how well each explains the data (marginal likelihood).
// Kriging with a nested covariance; Rasmussen, Williams: Gaussian Processes for Machine Learning, 2006, 2.2,
// 2.7 and 5.4. Conditional draws by Matheron's rule (Journel, Huijbregts 1978).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "harness/core/segment.h"

namespace fusesweep {

// What a trial says of a segment.
struct SegmentObservation {
  Segment segment;
  double cost = 0;    // any unit, the same for all
  double sd_rel = 0;  // of the figure: 0.01 is 1 %
  int trial = 0;      // observations of one trial share its level's error
};

struct SegmentModelInput {
  int n_layers = 0;
  std::vector<SegmentObservation> observations;
  std::vector<double> trial_sd_rel;  // by trial: of the level that they share
};

class SegmentModel {
 public:
  // REQUIRES: at least one observation; costs and deviations are positive and finite.
  explicit SegmentModel(const SegmentModelInput& input);
  ~SegmentModel();
  SegmentModel(SegmentModel&&) noexcept;
  SegmentModel& operator=(SegmentModel&&) noexcept;

  struct Estimate {
    double cost = 0;
    double sd = 0;
  };

  // By segment, in their order.
  std::vector<Estimate> estimate(std::span<const Segment> segments) const;

  // Costs of all the segments together, drawn from what is known: draws x segments, row after row. The same
  // seed, the same draws.
  std::vector<double> draw(std::span<const Segment> segments, std::size_t draws,
                           std::uint64_t seed) const;

  // f, of an average place, for lengths 1 to `longest`.
  std::vector<Estimate> lengths(int longest) const;

  struct Place {
    int layer = 0;  // of kLayer
    enum class Kind { kLayer, kFirst, kLast } kind = Kind::kLayer;
    Estimate effect;
  };
  std::vector<Place> places() const;  // all layers, the first shard, the last

  double layer_cost() const;   // of an average layer, shards' constants in it
  double residual_sd() const;  // of one layer's share, in the unit of costs

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace fusesweep
