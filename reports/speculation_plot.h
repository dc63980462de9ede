// The picture of a speculation report: what drafts of different lengths gain. Pure; with nothing to show
// it says so in its title.
#pragma once

#include "harness/core/speculation_report.h"
#include "reports/plot.h"

namespace fusesweep {

// Speed-up over greedy decoding, with its interval, against the tokens that the verifier takes a call;
// beside it tokens per pass, as measured and as simulated, which a speed-up would reach if a pass took no
// longer than one token. Verifiers that are not exact have no place in it.
Plot speculation_plot(const SpeculationReport& report);

}  // namespace fusesweep
