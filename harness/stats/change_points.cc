#include "harness/stats/change_points.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "harness/base/check.h"
#include "harness/stats/quantile.h"

namespace fusesweep {
namespace {

// Points on either side of a change, at least: fewer are a spike.
constexpr std::size_t kFewestOnASide = 3;

// Each layer of intervals is shorter than the one before by this (Kovacs et al. recommend 1 / sqrt 2).
constexpr double kDecay = 0.70710678118654752;

struct Shift {
  std::size_t begin = 0;  // the interval
  std::size_t end = 0;
  std::size_t first = 0;  // after the change
  double size = 0;        // |z|
};

// The largest that the statistic can be: all points on one side above all on the other, halves.
double largest_possible(std::size_t points) {
  const double n = static_cast<double>(points);
  return std::sqrt(3 * n * n / 4 / (n + 1));
}

// Scans intervals of a series, with buffers that are used again.
class Scanner {
 public:
  explicit Scanner(std::span<const double> values) : values_(values) {}

  // The best place of a change in [begin, end); size 0 where there is none.
  Shift scan(std::size_t begin, std::size_t end) {
    Shift best{.begin = begin, .end = end, .first = begin, .size = 0};
    const std::size_t count = end - begin;
    if (count < 2 * kFewestOnASide) return best;
    const double variance_factor = rank(begin, count);
    if (variance_factor <= 0) return best;  // all values are equal
    const double n = static_cast<double>(count);
    double sum = 0;
    for (std::size_t k = 1; k + kFewestOnASide <= count; ++k) {
      sum += ranks_[k - 1];
      if (k < kFewestOnASide) continue;
      const double left = static_cast<double>(k);
      const double deviation = std::abs(sum - left * (n + 1) / 2);
      const double size = deviation / std::sqrt(left * (n - left) * variance_factor);
      if (size > best.size) {
        best.size = size;
        best.first = begin + k;
      }
    }
    return best;
  }

 private:
  // Fills ranks_, equal values sharing their mean. Gives ((n + 1) - ties / (n (n - 1))) / 12, which
  // makes k (n - k) the variance of the sum of k ranks.
  double rank(std::size_t begin, std::size_t count) {
    order_.resize(count);
    ranks_.resize(count);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    const std::span<const double> values = values_.subspan(begin, count);
    std::sort(order_.begin(), order_.end(),
              [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    double ties = 0;
    for (std::size_t i = 0; i < count;) {
      std::size_t next = i + 1;
      while (next < count && values[order_[next]] == values[order_[i]]) ++next;
      for (std::size_t j = i; j < next; ++j)
        ranks_[order_[j]] = static_cast<double>(i + 1 + next) / 2;
      const double equal = static_cast<double>(next - i);
      ties += equal * equal * equal - equal;
      i = next;
    }
    const double n = static_cast<double>(count);
    return ((n + 1) - ties / (n * (n - 1))) / 12;
  }

  std::span<const double> values_;
  std::vector<std::size_t> order_;
  std::vector<double> ranks_;
};

// The best shift of each seeded interval in which `limit` can be reached.
std::vector<Shift> scan_seeded(Scanner& scanner, std::size_t points, double limit) {
  std::vector<Shift> shifts;
  const double n = static_cast<double>(points);
  double share = 1;
  std::size_t scanned_length = 0;
  while (true) {
    const auto length = static_cast<std::size_t>(std::ceil(n * share));
    if (length < 2 * kFewestOnASide || largest_possible(length) < limit) return shifts;
    if (length != scanned_length) {
      const auto count = 2 * static_cast<std::size_t>(std::ceil(1 / share)) - 1;
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t begin = count == 1 ? 0 : i * (points - length) / (count - 1);
        shifts.push_back(scanner.scan(begin, begin + length));
      }
      scanned_length = length;
    }
    share *= kDecay;
  }
}

// From the largest on, those whose interval holds none that was taken before.
std::vector<std::size_t> select(std::vector<Shift> shifts, double limit) {
  std::erase_if(shifts, [&](const Shift& shift) { return shift.size < limit; });
  std::stable_sort(shifts.begin(), shifts.end(),
                   [](const Shift& a, const Shift& b) { return a.size > b.size; });
  std::vector<std::size_t> taken;
  for (const Shift& shift : shifts) {
    const bool is_explained = std::any_of(taken.begin(), taken.end(), [&](std::size_t first) {
      return shift.begin < first && first < shift.end;
    });
    if (!is_explained) taken.push_back(shift.first);
  }
  std::sort(taken.begin(), taken.end());
  return taken;
}

std::size_t begin_of(const std::vector<std::size_t>& changes, std::size_t index) {
  return index == 0 ? 0 : changes[index - 1];
}

std::size_t end_of(const std::vector<std::size_t>& changes, std::size_t index, std::size_t points) {
  return index + 1 < changes.size() ? changes[index + 1] : points;
}

// Between its neighbours each must still reach the limit, and moves to the best place there.
void refine(Scanner& scanner, std::vector<std::size_t>& changes, std::size_t points, double limit) {
  while (!changes.empty()) {
    std::vector<Shift> shifts;
    for (std::size_t i = 0; i < changes.size(); ++i)
      shifts.push_back(scanner.scan(begin_of(changes, i), end_of(changes, i, points)));
    const auto weakest =
        std::min_element(shifts.begin(), shifts.end(),
                         [](const Shift& a, const Shift& b) { return a.size < b.size; });
    if (weakest->size >= limit) {
      for (std::size_t i = 0; i < changes.size(); ++i) changes[i] = shifts[i].first;
      return;
    }
    changes.erase(changes.begin() + std::distance(shifts.begin(), weakest));
  }
}

struct Limit {
  std::size_t points = 0;
  double limit = 0;
};

// By simulation: the 99 % point of largest_rank_shift() over random permutations, whose distribution
// depends on the number of points alone. tests/harness/stats/change_points_test.cc holds the rates.
constexpr Limit kLimits[] = {
    {10, 2.611164},   {11, 2.738612},   {12, 2.722178},   {13, 2.781314},  {14, 2.840187},
    {15, 2.872280},   {16, 2.910427},   {17, 3.015112},   {18, 3.006470},  {19, 3.055173},
    {20, 3.076935},   {22, 3.136837},   {24, 3.163142},   {27, 3.228882},  {30, 3.296901},
    {34, 3.343453},   {40, 3.423631},   {50, 3.520036},   {70, 3.647629},  {100, 3.785959},
    {140, 3.903096},  {200, 4.002805},  {300, 4.076811},  {500, 4.251403}, {1000, 4.422752},
    {2000, 4.660431}, {3000, 4.747078}, {10000, 4.879067}};

}  // namespace

double rank_shift_limit(std::size_t points) {
  FUSESWEEP_CHECK(points >= kFewestForChange);
  const auto* next = std::lower_bound(std::begin(kLimits), std::end(kLimits), points,
                                      [](const Limit& a, std::size_t n) { return a.points < n; });
  // Beyond the table it grows as slowly as between its last two.
  if (next == std::end(kLimits)) --next;
  if (next->points == points) return next->limit;
  const Limit& low = *(next - 1);
  const double share =
      std::log(static_cast<double>(points) / static_cast<double>(low.points)) /
      std::log(static_cast<double>(next->points) / static_cast<double>(low.points));
  return low.limit + share * (next->limit - low.limit);
}

double largest_rank_shift(std::span<const double> values) {
  Scanner scanner(values);
  double largest = 0;
  for (const Shift& shift : scan_seeded(scanner, values.size(), 0))
    largest = std::max(largest, shift.size);
  return largest;
}

std::vector<ChangePoint> find_change_points(std::span<const double> values) {
  if (values.size() < kFewestForChange) return {};
  FUSESWEEP_CHECK(
      std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); }));
  const double limit = rank_shift_limit(values.size());
  Scanner scanner(values);
  std::vector<std::size_t> firsts = select(scan_seeded(scanner, values.size(), limit), limit);
  refine(scanner, firsts, values.size(), limit);
  std::vector<ChangePoint> changes;
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    const std::size_t begin = begin_of(firsts, i);
    const std::size_t end = end_of(firsts, i, values.size());
    changes.push_back({.first = firsts[i],
                       .before = *median(values.subspan(begin, firsts[i] - begin)),
                       .after = *median(values.subspan(firsts[i], end - firsts[i]))});
  }
  return changes;
}

}  // namespace fusesweep
