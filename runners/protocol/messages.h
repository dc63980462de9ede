// The protocol of harness/docs/RUNNERS.md: runner.h's structs as JSON and back. What is read is taken
// for hostile; members that nobody knows are passed over, so that either side may say more than the
// other understands. rpc.h has the messages around them. Used by RunnerClient, serve and
// check_runner.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "runners/runner.h"

namespace fusesweep {

// What describe states; another number is another protocol.
inline constexpr int kProtocolVersion = 1;

// The structs. Every read_ function leaves errors with the field's reader, and its value means
// nothing after one. Paths are text in UTF-8.
Json to_json(const RunnerOptions& options);
RunnerOptions read_runner_options(const JsonField& field);

// The member `options` of a call's params; where it is absent, the defaults.
RunnerOptions read_call_options(const JsonField& params);

Json to_json(const RunnerDescription& description);
RunnerDescription read_runner_description(const JsonField& field);

Json to_json(const BuildRequest& request);
BuildRequest read_build_request(const JsonField& params);
Json to_json(const BuiltShard& built);
BuiltShard read_built_shard(const JsonField& field);

Json to_json(const InspectRequest& request);
InspectRequest read_inspect_request(const JsonField& params);
Json to_json(const Placement& placement);
Placement read_placement(const JsonField& field);

// A session, by the number that the server gave it.
using Handle = std::int64_t;
Handle read_handle(const JsonField& params);  // the member `handle`

struct OpenedHandle {
  Handle handle = 0;
  std::vector<GroupLoad> groups;
  std::optional<std::int64_t> load_ns;
};

Json to_json(const OpenRequest& request);
OpenRequest read_open_request(const JsonField& params);
Json to_json(const OpenedHandle& opened);
OpenedHandle read_opened_handle(const JsonField& field);

Json to_json(const RunRequest& request);  // without the handle, as those below
RunRequest read_run_request(const JsonField& params);
Json to_json(const std::vector<GroupOutput>& outputs);
std::vector<GroupOutput> read_group_outputs(const JsonField& field);

Json to_json(const DecodeRequest& request);
DecodeRequest read_decode_request(const JsonField& params);
Json to_json(const DecodeResult& result);
DecodeResult read_decode_result(const JsonField& field);

Json to_json(const TimeRequest& request);
TimeRequest read_time_request(const JsonField& params);
Json call_times_json(const std::vector<std::int64_t>& calls_ns);
std::vector<std::int64_t> read_call_times(const JsonField& field);

Json to_json(const ProgressState& state);
ProgressState read_progress_state(const JsonField& params);  // without the elapsed time

}  // namespace fusesweep
