// What a stored trial gives of each of its arms: the estimate that sweeps rank by, made again from the
// raw times, for any kind of time. For trends.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/uuid.h"
#include "harness/stats/interval.h"
#include "harness/stats/two_way.h"
#include "results/rows.h"

namespace fusesweep {

// The mean of logs, one of which may be absent: then so is the mean.
class LogMean {
 public:
  void add(std::optional<double> log);
  std::optional<double> value() const;

 private:
  double sum_ = 0;
  int count_ = 0;
  bool is_broken_ = false;
};

// An arm's time, and what it is of the control's, as factors: all in log.
struct ArmEstimate {
  double log_ns = 0;
  std::optional<Interval> interval;  // 95 %, of the blocks' spread
  std::optional<double> log_control_ns;
  std::optional<double> log_ratio;
  std::optional<Interval> ratio_interval;  // 95 %, of the two-way model
};

// The times of one trial, block by block. Of several figures (groups) of an arm each is its own.
class TrialTimes {
 public:
  using Arm = std::pair<std::string, std::string>;  // name, and group or nothing

  // Of one turn; those of an arm in a block count together.  REQUIRES: cells of a block come together.
  void add(const Uuid& block, const Arm& arm, std::span<const std::int64_t> all_ns);

  // Of all arms that have a figure, over the blocks in which they all have one. The control is an arm's
  // name; empty: there is none.
  std::map<Arm, ArmEstimate> estimates(const std::string& control) const;

 private:
  BlockCells cells_of_last() const;

  std::map<Arm, std::size_t> arms_;
  std::optional<Uuid> last_;                       // block
  std::vector<std::vector<std::int64_t>> all_ns_;  // of the last block, by arm
  std::vector<BlockCells> cells_;                  // of those before it, by arm
};

}  // namespace fusesweep
