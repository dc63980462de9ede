// The protocol of harness/docs/RUNNERS.md: runner.h's structs as JSON and back, and the JSON-RPC 2.0
// messages around them, one a line. What is read is taken for hostile; members that nobody knows are
// passed over, so that either side may say more than the other understands. Used by RunnerClient,
// serve and check_runner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/base/json.h"
#include "harness/base/progress.h"
#include "harness/base/result.h"
#include "runners/runner.h"

namespace fusesweep {

// What describe states; another number is another protocol.
inline constexpr int kProtocolVersion = 1;

// A line that is longer is refused, whoever sends it.
inline constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 20;

// Values within values within ...: more is refused before it is parsed.
inline constexpr int kMaxNesting = 64;

// Of JSON-RPC, and ours from -32001 on.
enum class RpcCode {
  kParseError = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParams = -32602,
  kInvalidInput = -32001,
  kUnavailable = -32002,
  kNotRecorded = -32003,
};

struct RpcError {
  RpcCode code = RpcCode::kUnavailable;
  std::string message;
};

RpcError to_rpc(Error error);
// An error that a runner answered with. Codes that are not ours are kUnavailable.
Error from_rpc(std::int64_t code, std::string_view message);

// Messages, without the newline that ends each.
std::string request_line(std::int64_t id, std::string_view method, Json params);
std::string result_line(const Json& id, Json result);
std::string error_line(const Json& id, const RpcError& error);
std::string progress_notification(const ProgressState& state);

// A line as JSON: within the limits above, or an error in one line.
Result<Json> parse_message(std::string_view line);

// What a server receives. Without an id it is a notification, and nobody waits for an answer.
struct Request {
  std::optional<Json> id;  // a string, a number or null
  std::string method;
  Json params;
};

// `message` as a request; if it is none, what to answer and to which id (null when there is none).
struct BadRequest {
  Json id;
  RpcError error;
};
std::variant<Request, BadRequest> read_request(const Json& message);

// What a client receives.
struct Response {
  Json id;
  Json result;
};
struct ErrorResponse {
  Json id;
  std::int64_t code = 0;
  std::string message;
};
struct Notification {
  std::string method;
  Json params;
};
using ServerMessage = std::variant<Response, ErrorResponse, Notification>;
Result<ServerMessage> read_server_message(const Json& message);

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
