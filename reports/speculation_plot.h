// The picture of a speculation report: what drafts of different lengths gain. Pure; with nothing to show
// it says so in its title.
#pragma once

#include "harness/base/result.h"
#include "harness/core/speculation_report.h"
#include "reports/plot.h"
#include "results/store.h"

namespace fusesweep {

// Speed-up over greedy decoding, with its interval, against the tokens that the verifier takes a call;
// beside it tokens per pass, as measured and as simulated, which a speed-up would reach if a pass took no
// longer than one token. Verifiers that are not exact have no place in it.
Plot speculation_plot(const SpeculationReport& report);

// The newest that has ended.  Errors: none such, or one that holds something else.
Result<SpeculationReport> read_newest_speculation(const Store& store);

}  // namespace fusesweep
