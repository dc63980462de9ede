// The pictures of a sweep. Pure functions; a plot with nothing to show says so in its title.
#pragma once

#include "harness/core/selfcheck.h"
#include "reports/plot.h"
#include "reports/sweep_rows.h"

namespace fusesweep {

// tok/s of every split with its interval, its processes' means behind it, the tie set marked, those that
// are out greyed with their reason. Recorded runs as points of their own, marked.
Plot tok_s_plot(const SweepRows& sweep);

// ms/token stacked by layer group and head.
Plot groups_plot(const SweepRows& sweep);

// Resident share against front length and weight bytes, the interval of the cliff shaded.
Plot cliff_plot(const SweepRows& sweep);

// What the first token costs: load, activation and TTFT beside a warm token.
Plot cold_warm_plot(const SweepRows& sweep);

// Errors of outputs by layer boundary, with the limits that they were held to.
Plot golden_plot(const SweepRows& sweep);

// Share of trials that found a delay, by its size, one line a length of trial and condition.
Plot power_plot(const SelfcheckFigures& selfcheck);

}  // namespace fusesweep
