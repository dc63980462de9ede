#include "runners/protocol/conformance.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "runners/protocol/messages.h"
#include "runners/protocol/rpc.h"

namespace fusesweep {
namespace {

constexpr Handle kUnknownHandle = 987654321;

// What a rule ends in: nothing, which is a pass, or a reason.
struct Outcome {
  RuleVerdict verdict = RuleVerdict::kPass;
  std::string reason;
};

Outcome passed() { return {}; }
Outcome failed(std::string reason) { return {RuleVerdict::kFail, std::move(reason)}; }
Outcome skipped(std::string reason) { return {RuleVerdict::kSkipped, std::move(reason)}; }

// What is known across rules.
struct Seen {
  std::optional<RunnerDescription> description;
  std::string no_description;  // why there is none
  int progress_notifications = 0;
  std::string bad_notification;  // the first one's fault
};

// One process, for one rule. The first thing that goes wrong is kept, and is the rule's outcome.
class Trial {
 public:
  Trial(LineChild child, std::chrono::milliseconds limit, Seen& seen)
      : child_(std::move(child)), limit_(limit), seen_(seen) {}

  void send(std::string_view line) { child_.send(line); }
  void send(const Json& id, std::string_view method, Json params) {
    send(to_text(
        Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}));
  }

  // The next answer, be it a result or an error.
  std::optional<ServerMessage> answer() {
    const LineChild::Deadline deadline = std::chrono::steady_clock::now() + limit_;
    while (fault_.empty()) {
      const LineChild::Event event = child_.next(deadline);
      if (event.got != LineChild::Got::kLine) return note(no_line(event));
      const Result<Json> json = parse_message(event.line);
      if (!json) return note(fmt::format("found a line that is not JSON: {}", quote(event.line)));
      Result<ServerMessage> message = read_server_message(*json);
      if (!message) return note(fmt::format("{}: {}", quote(event.line), message.error().message));
      const auto* notification = std::get_if<Notification>(&*message);
      if (notification == nullptr) return *std::move(message);
      look_at(*notification);
    }
    return std::nullopt;
  }

  // The next answer must be a result to this id.
  std::optional<Json> want_result(const Json& id) {
    const std::optional<ServerMessage> message = answer();
    if (!message) return std::nullopt;
    if (const auto* error = std::get_if<ErrorResponse>(&*message))
      return note(fmt::format("found the error {} ({}), want a result", error->code,
                              quote(error->message)));
    const auto& response = std::get<Response>(*message);
    if (response.id == id) return response.result;
    return note(
        fmt::format("found an answer to {}, want one to {}", to_text(response.id), to_text(id)));
  }

  // The next answer must be an error to this id with one of these codes.
  void want_error(const Json& id, std::initializer_list<RpcCode> codes) {
    const std::optional<ServerMessage> message = answer();
    if (!message) return;
    std::vector<int> wanted;
    for (const RpcCode code : codes) wanted.push_back(static_cast<int>(code));
    const auto* error = std::get_if<ErrorResponse>(&*message);
    if (error == nullptr) {
      note(fmt::format("found a result, want the error {}", fmt::join(wanted, " or ")));
    } else if (std::find(wanted.begin(), wanted.end(), error->code) == wanted.end()) {
      note(fmt::format("found the error {} ({}), want {}", error->code, quote(error->message),
                       fmt::join(wanted, " or ")));
    } else if (error->id != id) {
      note(fmt::format("found an error with id {}, want {}", to_text(error->id), to_text(id)));
    }
  }

  void want_alive() {
    if (!fault_.empty()) return;
    send("after", "describe", Json::object());
    want_result("after");
    if (!fault_.empty()) fault_ = "afterwards: " + fault_;
  }

  void want_exit() {
    child_.close_input();
    const LineChild::Event event = child_.next(std::chrono::steady_clock::now() + limit_);
    if (event.got != LineChild::Got::kEnd || !event.line.empty()) {
      note(event.got == LineChild::Got::kLine
               ? fmt::format("found the line {} after the end of stdin", quote(event.line))
               : no_line(event));
      return;
    }
    const std::optional<int> status = child_.end(limit_).status;
    if (!status) {
      note(fmt::format("it still runs {} s after its stdin was closed",
                       std::chrono::duration<double>(limit_).count()));
    } else if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
      note(fmt::format("it {}, want exit status 0", describe_end(*status)));
    }
  }

  std::nullopt_t note(std::string fault) {
    if (fault_.empty()) fault_ = std::move(fault);
    return std::nullopt;
  }

  Outcome outcome() const { return fault_.empty() ? passed() : failed(fault_); }
  const Seen& seen() const { return seen_; }
  bool can(std::string_view method) const {
    const auto& capabilities = seen_.description->capabilities;
    return std::find(capabilities.begin(), capabilities.end(), method) != capabilities.end();
  }

 private:
  std::string no_line(const LineChild::Event& event) {
    switch (event.got) {
      case LineChild::Got::kTimeOut:
        return fmt::format("no answer within {} s", std::chrono::duration<double>(limit_).count());
      case LineChild::Got::kTooLong:
        return fmt::format("found a line of more than {} bytes", kMaxMessageBytes);
      case LineChild::Got::kTooMuchMemory:
        return "it took more memory than it may";
      case LineChild::Got::kEnd:
        return fmt::format("its output ended: it {}", child_.end(std::chrono::seconds(1)).words);
      case LineChild::Got::kLine:
        break;
    }
    FUSESWEEP_UNREACHABLE();
  }

  void look_at(const Notification& notification) {
    if (notification.method != "progress") return;
    ++seen_.progress_notifications;
    JsonReader reader(notification.params, "params");
    const ProgressState state = read_progress_state(reader.root());
    if (!reader.error() && state.total > 0 && state.done > state.total)
      reader.root().at("done").reject(fmt::format("{}", state.done),
                                      fmt::format("at most total, which is {}", state.total));
    if (reader.error() && seen_.bad_notification.empty())
      seen_.bad_notification = reader.error()->message;
  }

  LineChild child_;
  const std::chrono::milliseconds limit_;
  Seen& seen_;
  std::string fault_;
};

Json wrong_options() { return {{"options", {{"threads", "many"}}}}; }

Outcome answers_describe(Trial& trial) {
  trial.send(1, "describe", {{"options", to_json(RunnerOptions{})}});
  trial.want_result(1);
  return trial.outcome();
}

Outcome describe_is_complete(Trial& trial) {
  if (!trial.seen().description) return failed(trial.seen().no_description);
  const RunnerDescription& description = *trial.seen().description;
  for (const auto& [name, value] : {std::pair("name", &description.name),
                                    {"version", &description.version},
                                    {"device.name", &description.device},
                                    {"device.kind", &description.device_kind},
                                    {"toolchain", &description.toolchain}}) {
    if (value->empty()) return failed(fmt::format("result.{}: found '', want some text", name));
  }
  return passed();
}

Outcome describe_is_stable(Trial& trial) {
  trial.send(1, "describe", Json::object());
  trial.send(2, "describe", Json::object());
  const std::optional<Json> first = trial.want_result(1);
  const std::optional<Json> second = trial.want_result(2);
  for (const char* key : {"name", "version", "toolchain"}) {
    if (first && second && first->is_object() && second->is_object() &&
        first->value(key, Json()) != second->value(key, Json()))
      trial.note(fmt::format("result.{}: two calls differ", key));
  }
  return trial.outcome();
}

Outcome ids_are_echoed(Trial& trial) {
  for (const Json& id : {Json("a string"), Json(0), Json(9007199254740991)}) {
    trial.send(id, "describe", Json::object());
    trial.want_result(id);
  }
  return trial.outcome();
}

Outcome answers_come_in_order(Trial& trial) {
  constexpr int kAtOnce = 5;
  for (int id = 1; id <= kAtOnce; ++id) trial.send(id, "describe", Json::object());
  for (int id = 1; id <= kAtOnce; ++id) trial.want_result(id);
  return trial.outcome();
}

Outcome long_lines_are_read(Trial& trial) {
  trial.send(1, "describe", {{"options", {{"check", std::string(std::size_t{1} << 20, 'x')}}}});
  trial.want_result(1);
  return trial.outcome();
}

Outcome unknown_options_are_passed_over(Trial& trial) {
  trial.send(1, "describe", {{"options", {{"nobody_knows_this", {{"x", 1}}}}}, {"nor_this", 2}});
  trial.want_result(1);
  return trial.outcome();
}

Outcome unknown_method_is_method_not_found(Trial& trial) {
  trial.send(1, "no_such_method", Json::object());
  trial.want_error(1, {RpcCode::kMethodNotFound});
  trial.want_alive();
  return trial.outcome();
}

Outcome malformed_json_is_parse_error(Trial& trial) {
  for (const std::string_view line :
       {R"({"jsonrpc":"2.0","id":1,"method":)", "hello", "\"\xff\""}) {
    trial.send(line);
    trial.want_error(nullptr, {RpcCode::kParseError});
  }
  trial.want_alive();
  return trial.outcome();
}

Outcome what_is_no_request_is_refused(Trial& trial) {
  trial.send("[]");
  trial.want_error(nullptr, {RpcCode::kInvalidRequest});
  trial.send(R"({"jsonrpc":"2.0","id":1})");
  trial.want_error(1, {RpcCode::kInvalidRequest});
  trial.want_alive();
  return trial.outcome();
}

Outcome wrong_params_are_refused(Trial& trial) {
  trial.send(1, "describe", wrong_options());
  trial.want_error(1, {RpcCode::kInvalidParams});
  trial.send(2, "describe", "text");
  trial.want_error(2, {RpcCode::kInvalidParams});
  trial.want_alive();
  return trial.outcome();
}

Outcome notifications_are_not_answered(Trial& trial) {
  trial.send(R"({"jsonrpc":"2.0","method":"describe","params":{}})");
  trial.send(R"({"jsonrpc":"2.0","method":"no_such_method"})");
  trial.send(7, "describe", Json::object());
  trial.want_result(7);
  return trial.outcome();
}

Outcome unknown_handle_is_refused(Trial& trial) {
  if (!trial.can("open")) return skipped("describe lists no capability open");
  const struct {
    const char* method;
    Json params;
  } calls[] = {{"run", {{"ids", {1}}, {"folder", "."}}},
               {"decode", {{"prompt", {1}}, {"decode_tokens", 1}}},
               {"time", {{"group", "head"}, {"calls", 1}}},
               {"close", Json::object()}};
  for (const auto& [method, without_handle] : calls) {
    if (method != std::string_view("close") && !trial.can(method)) continue;
    Json params = without_handle;
    params["handle"] = kUnknownHandle;
    trial.send(method, method, params);
    trial.want_error(method, {RpcCode::kInvalidParams});
  }
  trial.want_alive();
  return trial.outcome();
}

// A shard that nobody has built, well-formed.
ShardIdentity any_shard() {
  return {.model_hash = std::string(32, '0'),
          .contract_hash = std::string(32, '0'),
          .kind = Segment{0, 1},
          .builder_version = 1,
          .tokens = 1,
          .context = 8};
}

Outcome paths_outside_work_are_refused(Trial& trial) {
  const struct {
    const char* method;
    Json params;
  } calls[] = {
      {"build", to_json(BuildRequest{any_shard(), "no-such-model.gguf", "/", {}})},
      {"inspect", {{"artifact", "../"}}},
      {"open", {{"manifest", "/etc/hosts"}}},
      {"open", {{"artifacts", {"../../"}}}},
  };
  bool tried = false;
  for (const auto& [method, params] : calls) {
    if (!trial.can(method)) continue;
    tried = true;
    trial.send(1, method, params);
    trial.want_error(1, {RpcCode::kInvalidParams});
  }
  if (!tried) return skipped("describe lists none of the capabilities build, inspect, open");
  trial.want_alive();
  return trial.outcome();
}

Outcome missing_artifact_is_an_error(Trial& trial) {
  if (!trial.can("inspect")) return skipped("describe lists no capability inspect");
  trial.send(1, "inspect", {{"artifact", "no-such-artifact"}});
  trial.want_error(1, {RpcCode::kInvalidInput, RpcCode::kUnavailable, RpcCode::kNotRecorded});
  trial.want_alive();
  return trial.outcome();
}

Outcome ends_when_stdin_closes(Trial& trial) {
  trial.send(1, "describe", Json::object());
  trial.want_result(1);
  trial.want_exit();
  return trial.outcome();
}

Outcome progress_is_well_formed(Trial& trial) {
  if (!trial.seen().bad_notification.empty()) return failed(trial.seen().bad_notification);
  if (trial.seen().progress_notifications == 0)
    return skipped("no progress notification was seen, and none need be");
  return passed();
}

struct Rule {
  std::string_view name;
  Outcome (*try_it)(Trial& trial);
  bool needs_description = false;
};

constexpr Rule kRules[] = {
    {"answers_describe", answers_describe},
    {"describe_is_complete", describe_is_complete},
    {"describe_is_stable", describe_is_stable},
    {"ids_are_echoed", ids_are_echoed},
    {"answers_come_in_order", answers_come_in_order},
    {"long_lines_are_read", long_lines_are_read},
    {"unknown_options_are_passed_over", unknown_options_are_passed_over},
    {"unknown_method_is_method_not_found", unknown_method_is_method_not_found},
    {"malformed_json_is_parse_error", malformed_json_is_parse_error},
    {"what_is_no_request_is_refused", what_is_no_request_is_refused},
    {"wrong_params_are_refused", wrong_params_are_refused},
    {"notifications_are_not_answered", notifications_are_not_answered},
    {"unknown_handle_is_refused", unknown_handle_is_refused, true},
    {"paths_outside_work_are_refused", paths_outside_work_are_refused, true},
    {"missing_artifact_is_an_error", missing_artifact_is_an_error, true},
    {"ends_when_stdin_closes", ends_when_stdin_closes},
    {"progress_is_well_formed", progress_is_well_formed},
};

// What the rules after it go by: capabilities, above all.
void look_at_description(Trial& trial, Seen& seen) {
  trial.send(1, "describe", {{"options", to_json(RunnerOptions{})}});
  const std::optional<Json> result = trial.want_result(1);
  seen.no_description = trial.outcome().reason;
  if (!result) return;
  JsonReader reader(*result, "result");
  RunnerDescription description = read_runner_description(reader.root());
  if (reader.error()) {
    seen.no_description = reader.error()->message;
  } else {
    seen.description = std::move(description);
  }
}

}  // namespace

std::string_view to_text(RuleVerdict verdict) {
  switch (verdict) {
    case RuleVerdict::kPass:
      return "pass";
    case RuleVerdict::kFail:
      return "fail";
    case RuleVerdict::kSkipped:
      return "skipped";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<std::vector<RuleResult>> check_runner(const ChildCommand& command,
                                             std::chrono::milliseconds limit) {
  Seen seen;
  {
    Result<LineChild> child = LineChild::start(command);
    if (!child) return fail(std::move(child).error());
    Trial trial(*std::move(child), limit, seen);
    look_at_description(trial, seen);
  }
  std::vector<RuleResult> results;
  for (const Rule& rule : kRules) {
    Outcome outcome = skipped("there is no description that says what it can do");
    if (!rule.needs_description || seen.description) {
      Result<LineChild> child = LineChild::start(command);
      if (!child) return fail(std::move(child).error());
      Trial trial(*std::move(child), limit, seen);
      outcome = rule.try_it(trial);
    }
    results.push_back({std::string(rule.name), outcome.verdict, std::move(outcome.reason)});
  }
  return results;
}

}  // namespace fusesweep
