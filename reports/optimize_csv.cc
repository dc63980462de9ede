#include "reports/optimize_csv.h"

#include <set>
#include <string>

#include "reports/optimize_words.h"
#include "topologies/split.h"

namespace fusesweep {

CsvTable segments_csv(const OptimizeReport& report) {
  CsvTable table{.columns = {"segment", "begin", "layers", "standing", "ms_per_token", "sd_ms",
                             "ms_per_layer", "against_best_rel", "in_best", "reason"},
                 .rows = {}};
  std::set<Segment> best;
  if (const Result<Split> split = parse_split(answer_of(report), report.n_layers)) {
    for (const Segment& segment : split->segments()) best.insert(segment);
  }
  for (const SegmentFinding& finding : report.segments) {
    const int layers = finding.segment.layers();
    table.rows.push_back({to_text(finding.segment), std::int64_t{finding.segment.begin},
                          std::int64_t{layers}, std::string(to_text(finding.standing)),
                          csv_cell(finding.ms), csv_cell(finding.sd_ms),
                          finding.ms ? CsvCell(*finding.ms / layers) : CsvCell(),
                          csv_cell(relative_cost(report, finding)),
                          std::int64_t{best.contains(finding.segment)}, finding.reason});
  }
  return table;
}

}  // namespace fusesweep
