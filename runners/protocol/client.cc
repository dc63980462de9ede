#include "runners/protocol/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/base/text.h"
#include "runners/protocol/work_path.h"

namespace fusesweep {
namespace {

// To end by itself, once its output or input is closed.
constexpr std::chrono::milliseconds kGrace{2000};

std::string seconds(std::chrono::milliseconds duration) {
  return fmt::format("{} s", std::chrono::duration<double>(duration).count());
}

// A child that is killed for its memory has crashed, as one that the system kills for it.
Failure what_came_instead(const LineChild::Event& event, std::chrono::milliseconds limit,
                          const ChildCommand& command) {
  switch (event.got) {
    case LineChild::Got::kTimeOut:
      return timed_out(fmt::format("no answer within the limit of {}", seconds(limit)));
    case LineChild::Got::kTooLong:
      return crashed(fmt::format("found a line of more than {} bytes that begins {}",
                                 kMaxMessageBytes, quote(event.line)));
    case LineChild::Got::kTooMuchMemory:
      return crashed(fmt::format("it took more than the memory limit of {} bytes",
                                 command.memory_limit_bytes.value_or(0)));
    case LineChild::Got::kEnd:
      if (event.line.empty()) return crashed("its output ended before it answered");
      return crashed(fmt::format("its output ended in the middle of a line that begins {}",
                                 quote(event.line)));
    case LineChild::Got::kLine:
      break;
  }
  return crashed(fmt::format("found a line that is not protocol: {}", quote(event.line)));
}

// What one call has told so far.
class ProgressFeed {
 public:
  explicit ProgressFeed(Progress* progress) : progress_(progress) {}

  void tell(const ProgressState& state) {
    if (progress_ == nullptr) return;
    if (state.stage != told_.stage || state.total != told_.total || state.done < told_.done) {
      progress_->begin_stage(one_line(state.stage), state.total);
      told_ = {};
    }
    if (state.item != told_.item) progress_->set_item(one_line(state.item));
    progress_->advance(state.done - told_.done);
    told_ = state;
  }

 private:
  Progress* progress_;
  ProgressState told_;
};

}  // namespace

// A session in one child of the client. When that child is gone, so is the session.
class ClientSession final : public Session {
 public:
  ClientSession(RunnerClient& client, Handle handle)
      : client_(client), handle_(handle), child_(client.losses_.size()) {
    ++client_.served_.open_sessions;
  }
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  // NOLINTNEXTLINE(bugprone-exception-escape): only for want of memory, and then all is lost anyway
  ~ClientSession() override {
    if (is_gone()) return;
    --client_.served_.open_sessions;
    client_.call({"close", client_.limits_.close}, {{"handle", handle_}});
  }

  Result<std::vector<GroupOutput>> run(const RunRequest& request) override {
    if (is_gone()) return gone("run");
    auto outputs = client_.call_and_read({"run", client_.limits_.run},
                                         with_handle(to_json(request)), read_group_outputs);
    if (!outputs) return outputs;
    for (const GroupOutput& output : *outputs) {
      if (!output.file.empty() && !lies_inside(output.file, request.folder)) {
        return client_.lose(
            "run",
            crashed(fmt::format("found the output {}, want one in {}", quote(output.file.string()),
                                quote(request.folder.string()))),
            {});
      }
    }
    return outputs;
  }

  Result<DecodeResult> decode(const DecodeRequest& request) override {
    if (is_gone()) return gone("decode");
    auto result = client_.call_and_read({"decode", client_.limits_.decode},
                                        with_handle(to_json(request)), read_decode_result);
    const auto most = static_cast<std::size_t>(std::max(0, request.decode_tokens));
    if (result && (result->ids.size() > most + 1 || result->token_ns.size() > most))
      return client_.lose("decode",
                          crashed(fmt::format("found {} ids and {} steps, want at most {} steps",
                                              result->ids.size(), result->token_ns.size(), most)),
                          {});
    return result;
  }

  Result<std::vector<std::int64_t>> time(const TimeRequest& request) override {
    if (is_gone()) return gone("time");
    auto calls_ns = client_.call_and_read({"time", client_.limits_.time},
                                          with_handle(to_json(request)), read_call_times);
    if (calls_ns && calls_ns->size() != static_cast<std::size_t>(request.calls))
      return client_.lose(
          "time", crashed(fmt::format("found {} times, want {}", calls_ns->size(), request.calls)),
          {});
    return calls_ns;
  }

 private:
  bool is_gone() const { return child_ < client_.losses_.size(); }

  // The same kind of error as the one that the process was lost in.
  Failure gone(std::string_view method) const {
    return fail_with_context(
        client_.losses_[child_],
        fmt::format("runner {}: {}: the process that had this session open is gone", client_.name_,
                    method));
  }

  Json with_handle(Json params) const {
    params["handle"] = handle_;
    return params;
  }

  RunnerClient& client_;
  const Handle handle_;
  const std::size_t child_;  // how many there were before it
};

RunnerClient::RunnerClient(ChildCommand command, CallLimits limits)
    : command_(std::move(command)),
      limits_(limits),
      name_(quote(fmt::format("{}", fmt::join(command_.arguments, " ")))) {}

RunnerClient::~RunnerClient() { end_program(); }

void RunnerClient::end_program() {
  if (!child_) return;
  child_->end(kGrace);
  child_.reset();
  served_ = {};
  losses_.push_back(unavailable("it was ended").value());
}

std::optional<pid_t> RunnerClient::pid() const {
  if (!child_) return std::nullopt;
  return child_->pid();
}

Failure RunnerClient::lose(std::string_view method, const Failure& why,
                           std::chrono::milliseconds grace) {
  const std::string how = child_->end(grace).words;
  child_.reset();
  served_ = {};
  const auto& [code, what] = why.value();
  losses_.push_back({code, fmt::format("{}: {}; it {}", method, what, how)});
  return fail_with_context(losses_.back(), fmt::format("runner {}", name_));
}

Result<Json> RunnerClient::call(const Call& call, Json params) {
  if (!child_) {
    Result<LineChild> child = LineChild::start(command_);
    if (!child) return fail_with_context(std::move(child).error(), "runner");
    child_.emplace(*std::move(child));
  }
  const std::int64_t id = next_id_++;
  child_->send(request_line(id, call.method, std::move(params)));
  return await_answer(call, id);
}

Result<Json> RunnerClient::await_answer(const Call& call, std::int64_t id) {
  const LineChild::Deadline deadline = std::chrono::steady_clock::now() + call.limit;
  ProgressFeed feed(call.progress);
  while (true) {
    const LineChild::Event event = child_->next(deadline);
    if (event.got != LineChild::Got::kLine) {
      const bool ends = event.got == LineChild::Got::kEnd;
      return lose(call.method, what_came_instead(event, call.limit, command_),
                  ends ? kGrace : std::chrono::milliseconds(0));
    }
    const Result<Json> json = parse_message(event.line);
    if (!json) return lose(call.method, what_came_instead(event, call.limit, command_), {});
    Result<ServerMessage> message = read_server_message(*json);
    if (!message) {
      const Failure what = what_came_instead(event, call.limit, command_);
      return lose(call.method,
                  crashed(fmt::format("{}: {}", what.value().message, message.error().message)),
                  {});
    }
    if (const auto* notification = std::get_if<Notification>(&*message)) {
      if (notification->method != "progress") continue;  // it may say more than we understand
      JsonReader reader(notification->params, "progress");
      const ProgressState state = read_progress_state(reader.root());
      if (reader.error()) return lose(call.method, crashed(reader.error()->message), {});
      feed.tell(state);
      continue;
    }
    const Json& answered = std::visit(
        [](const auto& answer) -> const Json& {
          if constexpr (requires { answer.id; })
            return answer.id;
          else
            return answer.params;
        },
        *message);
    const auto* error = std::get_if<ErrorResponse>(&*message);
    if (answered.is_null() && error != nullptr) {
      return lose(
          call.method,
          crashed(fmt::format("it did not understand the request: {}", quote(error->message))), {});
    }
    if (answered != id) {
      return lose(call.method,
                  crashed(fmt::format("found an answer to request {}, want one to {}",
                                      quote(to_text(answered)), id)),
                  {});
    }
    if (error != nullptr) {
      return fail_with_context(from_rpc(error->code, error->message),
                               fmt::format("runner {}: {}", name_, call.method));
    }
    return std::get<Response>(*std::move(message)).result;
  }
}

template <typename Read>
auto RunnerClient::call_and_read(const Call& asked, Json params, Read read)
    -> Result<decltype(read(std::declval<const JsonField&>()))> {
  const Result<Json> json = call(asked, std::move(params));
  if (!json) return fail(json.error());
  JsonReader reader(*json, "result");
  auto result = read(reader.root());
  if (reader.error()) return lose(asked.method, crashed(reader.error()->message), {});
  return result;
}

void RunnerClient::begin_compile() {
  if (most_compiles_ && served_.compiles >= *most_compiles_ && served_.open_sessions == 0)
    end_program();
  ++served_.compiles;
}

Result<RunnerDescription> RunnerClient::describe(const RunnerOptions& options) {
  auto description = call_and_read({"describe", limits_.describe}, {{"options", to_json(options)}},
                                   read_runner_description);
  if (description) most_compiles_ = description->process_compiles;
  return description;
}

Result<BuiltShard> RunnerClient::build(const BuildRequest& request, Progress& progress) {
  begin_compile();
  auto built =
      call_and_read({"build", limits_.build, &progress}, to_json(request), read_built_shard);
  if (built && !lies_inside(built->artifact, request.artifacts)) {
    return lose(
        "build",
        crashed(fmt::format("found the artifact {}, want one in {}",
                            quote(built->artifact.string()), quote(request.artifacts.string()))),
        {});
  }
  return built;
}

Result<Placement> RunnerClient::inspect(const InspectRequest& request) {
  begin_compile();
  return call_and_read({"inspect", limits_.inspect}, to_json(request), read_placement);
}

Result<Opened> RunnerClient::open(const OpenRequest& request, Progress& progress) {
  begin_compile();
  auto opened =
      call_and_read({"open", limits_.open, &progress}, to_json(request), read_opened_handle);
  if (!opened) return fail(std::move(opened).error());
  return Opened{.groups = std::move(opened->groups),
                .load_ns = opened->load_ns,
                .session = std::make_unique<ClientSession>(*this, opened->handle)};
}

}  // namespace fusesweep
