#include "harness/cli/trend_command.h"

#include <fmt/format.h>

#include <utility>

#include "harness/base/clock.h"
#include "harness/base/utc_time.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "reports/trend_rows.h"
#include "reports/trend_text.h"
#include "topologies/recorded_library.h"

namespace fusesweep {
namespace {

Result<TrendQuery> read_query(const TrendArguments& arguments) {
  TrendQuery query{.model = arguments.model, .host = arguments.host};
  if (arguments.metric) query.metric = *arguments.metric;
  if (auto checked = check_trend_query(query); !checked) return fail(std::move(checked).error());
  if (arguments.split) {
    const Result<Split> split = parse_split(*arguments.split);
    if (!split) return fail_with_context(split.error(), "--split");
    query.split = to_text(*split);
  }
  if (arguments.since) {
    const Result<std::int64_t> since = parse_utc(*arguments.since);
    if (!since) return fail_with_context(since.error(), "--since");
    query.since_unix_ms = *since;
  }
  return query;
}

Result<TrendRows> rows_of(const TrendArguments& arguments, const TrendQuery& query) {
  if (arguments.recorded) {
    const Result<RecordedFacts> facts = find_recorded(*arguments.recorded);
    if (!facts) return fail_with_context(facts.error(), "--recorded");
    return recorded_trend(*facts, query);
  }
  const SystemClock clock;
  const Result<Store> store = open_stored(work_folder(arguments.work), clock);
  if (!store) return fail(store.error());
  return read_trend(*store, query);
}

}  // namespace

Result<Answer> run_trend(const TrendArguments& arguments) {
  if (arguments.json && arguments.csv)
    return invalid_input("found --json and --csv, want one of them");
  const Result<TrendQuery> query = read_query(arguments);
  if (!query) return fail(query.error());
  const Result<TrendRows> rows = rows_of(arguments, *query);
  if (!rows) return fail(rows.error());
  if (arguments.json) return Answer(to_text(trend_json(*rows)) + '\n');
  if (arguments.csv) return Answer(trend_csv(*rows));
  if (rows->series.empty()) return Answer("nothing was measured or recorded that was asked for\n");
  return Answer(trend_table(*rows));
}

}  // namespace fusesweep
