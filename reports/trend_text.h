// Trends in words: a table for people, CSV, JSON and Markdown. Pure functions of TrendRows, byte for
// byte the same everywhere; whatever a text in them holds, it does no harm where it is shown.
#pragma once

#include <string>
#include <string_view>

#include "harness/base/json.h"
#include "reports/trend_rows.h"

namespace fusesweep {

// A split with equal neighbours counted, as people type it: "5x6+2". Other texts stay as they are.
std::string short_split(std::string_view split);

// One line for each series, the steps of each record, and what changed around the points.
std::string trend_table(const TrendRows& rows);

// One line for each point.
std::string trend_csv(const TrendRows& rows);

// All of it: schema_version 1.
Json trend_json(const TrendRows& rows);

}  // namespace fusesweep
