// JSON-RPC 2.0, one message a line: what requests, answers and notifications look like, whatever they
// hold. messages.h has what they hold. Used by both ends of the protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "harness/base/json.h"
#include "harness/base/result.h"
#include "harness/process/line_child.h"

namespace fusesweep {

// A line that is longer is refused, whoever sends it.
inline constexpr std::size_t kMaxMessageBytes = kMaxLineBytes;

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
  kCrashed = -32004,  // of another runner, whose error this one passes on: so is the next
  kTimedOut = -32005,
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
std::string notification_line(std::string_view method, Json params);

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

}  // namespace fusesweep
