#include "runners/protocol/rpc.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

// How deep brackets go, those in strings left out. Text that is no JSON may get any answer.
int nesting_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

bool may_be_id(const Json& value) {
  return value.is_string() || value.is_number() || value.is_null();
}

}  // namespace

RpcError to_rpc(Error error) {
  switch (error.code) {
    case ErrorCode::kInvalidInput:
      return {RpcCode::kInvalidInput, std::move(error.message)};
    case ErrorCode::kUnavailable:
      return {RpcCode::kUnavailable, std::move(error.message)};
    case ErrorCode::kNotRecorded:
      return {RpcCode::kNotRecorded, std::move(error.message)};
    case ErrorCode::kCrashed:
      return {RpcCode::kCrashed, std::move(error.message)};
    case ErrorCode::kTimedOut:
      return {RpcCode::kTimedOut, std::move(error.message)};
  }
  FUSESWEEP_UNREACHABLE();
}

Error from_rpc(std::int64_t code, std::string_view message) {
  const auto is = [code](RpcCode known) { return code == static_cast<std::int64_t>(known); };
  const ErrorCode ours = is(RpcCode::kInvalidInput) || is(RpcCode::kInvalidParams)
                             ? ErrorCode::kInvalidInput
                         : is(RpcCode::kNotRecorded) ? ErrorCode::kNotRecorded
                         : is(RpcCode::kCrashed)     ? ErrorCode::kCrashed
                         : is(RpcCode::kTimedOut)    ? ErrorCode::kTimedOut
                                                     : ErrorCode::kUnavailable;
  return {ours, one_line(message)};
}

std::string request_line(std::int64_t id, std::string_view method, Json params) {
  return to_text(
      Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
}

std::string result_line(const Json& id, Json result) {
  return to_text(Json{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

std::string error_line(const Json& id, const RpcError& error) {
  return to_text(
      Json{{"jsonrpc", "2.0"},
           {"id", id},
           {"error", {{"code", static_cast<int>(error.code)}, {"message", error.message}}}});
}

std::string notification_line(std::string_view method, Json params) {
  return to_text(Json{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

Result<Json> parse_message(std::string_view line) {
  if (line.size() > kMaxMessageBytes)
    return invalid_input(fmt::format("message: found {} bytes, want at most {} in a line",
                                     line.size(), kMaxMessageBytes));
  if (nesting_of(line) > kMaxNesting)
    return invalid_input(
        fmt::format("message: found values nested deeper than {}, want less", kMaxNesting));
  return parse_json(line, "message");
}

std::variant<Request, BadRequest> read_request(const Json& message) {
  const auto bad = [](Json id, std::string text) {
    return BadRequest{std::move(id), {RpcCode::kInvalidRequest, std::move(text)}};
  };
  if (!message.is_object())
    return bad(nullptr, "message: found no object, want one request a line");
  const auto id = message.find("id");
  if (id != message.end() && !may_be_id(*id))
    return bad(nullptr, "message.id: found neither string nor number, want one");
  const Json found_id = id == message.end() ? Json(nullptr) : *id;
  const auto version = message.find("jsonrpc");
  if (version == message.end() || *version != "2.0")
    return bad(found_id, "message.jsonrpc: found no \"2.0\", want it");
  const auto method = message.find("method");
  if (method == message.end() || !method->is_string())
    return bad(found_id, "message.method: found no string, want one");
  const auto params = message.find("params");
  Request request{.method = method->get<std::string>(),
                  .params = params == message.end() ? Json::object() : *params};
  if (id != message.end()) request.id = *id;
  return request;
}

Result<ServerMessage> read_server_message(const Json& message) {
  const auto bad = [](std::string_view what) { return unavailable(std::string(what)); };
  if (!message.is_object()) return bad("found no object, want a JSON-RPC message");
  const auto version = message.find("jsonrpc");
  if (version == message.end() || *version != "2.0") return bad("jsonrpc: want \"2.0\"");
  const auto end = message.end();
  const auto id = message.find("id");
  const auto method = message.find("method");
  if (method != end) {
    if (id != end) return bad("found a request, want an answer or a notification");
    if (!method->is_string()) return bad("method: want a string");
    const auto params = message.find("params");
    return Notification{method->get<std::string>(), params == end ? Json::object() : *params};
  }
  if (id == end || !may_be_id(*id)) return bad("id: want the request's");
  const auto result = message.find("result");
  const auto error = message.find("error");
  if ((result == end) == (error == end)) return bad("want either result or error");
  if (result != end) return Response{*id, *result};
  JsonReader reader(*error, "error");
  ErrorResponse response{*id,
                         reader.root().at("code").integer(std::numeric_limits<std::int64_t>::min(),
                                                          std::numeric_limits<std::int64_t>::max()),
                         reader.root().at("message").text()};
  if (reader.error()) return unavailable(reader.error()->message);
  return response;
}

}  // namespace fusesweep
