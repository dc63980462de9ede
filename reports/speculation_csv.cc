#include "reports/speculation_csv.h"

#include <cstdint>
#include <string>

#include "reports/speculation_words.h"

namespace fusesweep {

CsvTable speculation_csv(const SpeculationReport& report) {
  CsvTable table{.columns = {"tokens", "exactness", "ttft_ms", "ms_per_token", "speed_up", "low",
                             "high", "outcome", "tokens_per_pass", "simulated_tokens_per_pass",
                             "proposed", "accepted", "draft_rel", "guard_calls", "fallbacks"},
                 .rows = {}};
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  for (const SpeculativeArm& arm : report.arms) {
    const auto& speed_up = arm.speed_up;
    table.rows.push_back({std::int64_t{arm.tokens}, std::string(to_text(arm.exactness.outcome)),
                          csv_cell(arm.ttft_ms), csv_cell(arm.ms_per_token),
                          speed_up ? CsvCell(speed_up->factor) : CsvCell(),
                          speed_up ? csv_cell(speed_up->low) : CsvCell(),
                          speed_up ? csv_cell(speed_up->high) : CsvCell(),
                          speed_up ? CsvCell(speed_up->outcome) : CsvCell(),
                          csv_cell(tokens_per_pass(arm)),
                          csv_cell(simulated_tokens_per_pass(report, arm)),
                          count(arm.counts.proposed), count(arm.counts.accepted),
                          csv_cell(arm.draft_rel), count(arm.guard_calls), count(arm.fallbacks)});
  }
  return table;
}

}  // namespace fusesweep
