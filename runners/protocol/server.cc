#include "runners/protocol/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/text.h"
#include "harness/process/descriptor.h"
#include "harness/process/line_reader.h"
#include "runners/protocol/messages.h"
#include "runners/protocol/rpc.h"
#include "runners/protocol/work_path.h"

namespace fusesweep {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;

Failure stream_failed(std::string_view what) {
  return unavailable(fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

// Lines from several threads: those of progress come from its own.
class LineWriter {
 public:
  explicit LineWriter(int fd) : fd_(fd) {}

  void write(std::string line) {
    line += '\n';
    const std::scoped_lock lock(mutex_);
    std::string_view left = line;
    while (!left.empty() && error_ == 0) {
      const std::ptrdiff_t n = write_quietly(fd_, left);
      if (n >= 0) {
        left.remove_prefix(static_cast<std::size_t>(n));
      } else if (errno == EAGAIN) {
        pollfd writable{.fd = fd_, .events = POLLOUT};
        poll(&writable, 1, -1);
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
  }

  Result<void> state() {
    const std::scoped_lock lock(mutex_);
    if (error_ == 0) return {};
    errno = error_;
    return stream_failed("could not write an answer");
  }

 private:
  const int fd_;
  std::mutex mutex_;
  int error_ = 0;
};

class Server {
 public:
  Server(Runner& runner, std::filesystem::path work, int out)
      : runner_(runner), work_(std::move(work)), writer_(out) {}

  void answer_line(const std::string& line) {
    const Result<Json> message = parse_message(line);
    if (!message) return refuse(nullptr, {RpcCode::kParseError, message.error().message});
    const auto request = read_request(*message);
    if (const auto* bad = std::get_if<BadRequest>(&request)) return refuse(bad->id, bad->error);
    const auto& good = std::get<Request>(request);
    if (!good.id) return;  // none of our methods makes sense without an answer
    const Answer answer = call(good);
    if (!answer) return refuse(*good.id, answer.error());
    writer_.write(result_line(*good.id, *answer));
  }

  void refuse(const Json& id, const RpcError& error) { writer_.write(error_line(id, error)); }

  Result<void> state() { return writer_.state(); }

 private:
  using Answer = tl::expected<Json, RpcError>;
  using Refusal = tl::unexpected<RpcError>;

  static Refusal wrong_params(std::string message) {
    return Refusal({RpcCode::kInvalidParams, std::move(message)});
  }

  template <typename T, typename ToJson>
  static Answer answer_of(const Result<T>& result, ToJson to_json_of) {
    if (!result) return Refusal(to_rpc(result.error()));
    return to_json_of(*result);
  }

  Answer call(const Request& request) {
    static constexpr struct {
      std::string_view name;
      Answer (Server::*handle)(const Json& params);
    } kMethods[] = {
        {"describe", &Server::describe}, {"build", &Server::build}, {"inspect", &Server::inspect},
        {"open", &Server::open},         {"run", &Server::run},     {"decode", &Server::decode},
        {"time", &Server::time},         {"close", &Server::close},
    };
    for (const auto& [name, handle] : kMethods) {
      if (request.method == name) return (this->*handle)(request.params);
    }
    return Refusal({RpcCode::kMethodNotFound,
                    fmt::format("method: found {}, want describe, build, inspect, open, run, "
                                "decode, time or close",
                                quote(request.method))});
  }

  // The params as a struct, or why they are not.
  template <typename Read>
  static auto read(const Json& params, Read read_params)
      -> tl::expected<decltype(read_params(std::declval<const JsonField&>())), RpcError> {
    JsonReader reader(params, "params");
    auto request = read_params(reader.root());
    if (reader.error()) return wrong_params(reader.error()->message);
    return request;
  }

  // Makes the path absolute where it lies in the work folder.
  tl::expected<void, RpcError> place(std::string_view name, std::filesystem::path& path) const {
    if (path.empty()) return {};
    if (!lies_inside(path, work_))
      return wrong_params(fmt::format("params.{}: found {}, want a path in the work folder {}",
                                      name, quote(path.string()), quote(work_.string())));
    path = work_ / path;
    return {};
  }

  // What the runner is given to say how far it is; gone before the answer is written.
  Progress::Draw tell_progress() {
    return [this](const ProgressState* state) {
      if (state != nullptr) writer_.write(notification_line("progress", to_json(*state)));
    };
  }

  Answer describe(const Json& params) {
    const auto options = read(params, read_call_options);
    if (!options) return Refusal(options.error());
    return answer_of(runner_.describe(*options), [](const auto& d) { return to_json(d); });
  }

  Answer build(const Json& params) {
    auto request = read(params, read_build_request);
    if (!request) return Refusal(request.error());
    if (auto placed = place("artifacts", request->artifacts); !placed)
      return Refusal(placed.error());
    if (!request->model.empty()) request->model = work_ / request->model;
    Progress progress(tell_progress(), clock_);
    return answer_of(runner_.build(*request, progress), [](const auto& b) { return to_json(b); });
  }

  Answer inspect(const Json& params) {
    auto request = read(params, read_inspect_request);
    if (!request) return Refusal(request.error());
    if (auto placed = place("artifact", request->artifact); !placed) return Refusal(placed.error());
    return answer_of(runner_.inspect(*request), [](const auto& p) { return to_json(p); });
  }

  Answer open(const Json& params) {
    auto request = read(params, read_open_request);
    if (!request) return Refusal(request.error());
    if (auto placed = place("manifest", request->manifest); !placed) return Refusal(placed.error());
    for (std::filesystem::path& artifact : request->artifacts) {
      if (auto placed = place("artifacts", artifact); !placed) return Refusal(placed.error());
    }
    Progress progress(tell_progress(), clock_);
    Result<Opened> opened = runner_.open(*request, progress);
    if (!opened) return Refusal(to_rpc(std::move(opened).error()));
    const Handle handle = next_handle_++;
    sessions_[handle] = std::move(opened->session);
    return to_json(OpenedHandle{handle, std::move(opened->groups), opened->load_ns});
  }

  // The session that params name.
  tl::expected<Session*, RpcError> find_session(const Json& params) {
    const auto handle = read(params, read_handle);
    if (!handle) return Refusal(handle.error());
    const auto session = sessions_.find(*handle);
    if (session != sessions_.end()) return session->second.get();
    return wrong_params(
        fmt::format("params.handle: found {}, want that of an open session", *handle));
  }

  Answer run(const Json& params) {
    const auto session = find_session(params);
    if (!session) return Refusal(session.error());
    auto request = read(params, read_run_request);
    if (!request) return Refusal(request.error());
    for (auto [name, path] :
         {std::pair("hidden", &request->hidden), {"folder", &request->folder}}) {
      if (auto placed = place(name, *path); !placed) return Refusal(placed.error());
    }
    return answer_of((*session)->run(*request),
                     [](const auto& outputs) { return to_json(outputs); });
  }

  Answer decode(const Json& params) {
    const auto session = find_session(params);
    if (!session) return Refusal(session.error());
    const auto request = read(params, read_decode_request);
    if (!request) return Refusal(request.error());
    return answer_of((*session)->decode(*request), [](const auto& r) { return to_json(r); });
  }

  Answer time(const Json& params) {
    const auto session = find_session(params);
    if (!session) return Refusal(session.error());
    const auto request = read(params, read_time_request);
    if (!request) return Refusal(request.error());
    return answer_of((*session)->time(*request), call_times_json);
  }

  Answer close(const Json& params) {
    const auto session = find_session(params);
    if (!session) return Refusal(session.error());
    sessions_.erase(*read(params, read_handle));
    return Json::object();
  }

  Runner& runner_;
  const std::filesystem::path work_;
  LineWriter writer_;
  const SystemClock clock_;
  Handle next_handle_ = 1;
  std::map<Handle, std::unique_ptr<Session>> sessions_;
};

}  // namespace

Result<void> serve(Runner& runner, const std::filesystem::path& work, int in, int out) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::canonical(work, error);
  if (error)
    return invalid_input(fmt::format("work folder {}: {}", quote(work.string()), error.message()));
  Server server(runner, folder, out);
  LineReader lines(kMaxMessageBytes);
  std::vector<char> buffer(kReadBytes);
  while (true) {
    while (const std::optional<std::string> line = lines.next()) server.answer_line(*line);
    if (lines.too_long()) {
      server.refuse(nullptr, {RpcCode::kParseError,
                              fmt::format("message: found a line of more than {} bytes, want less",
                                          kMaxMessageBytes)});
      lines.skip_line();
    }
    if (auto state = server.state(); !state) return state;
    const ssize_t n = read(in, buffer.data(), buffer.size());
    if (n == 0) return {};
    if (n > 0) {
      lines.append({buffer.data(), static_cast<std::size_t>(n)});
    } else if (errno != EINTR) {
      return stream_failed("could not read a request");
    }
  }
}

Result<void> serve_standard_streams(Runner& runner, const std::filesystem::path& work,
                                    std::function<void()> deserted) {
  const Descriptor in(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  const Descriptor out(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  if (in.get() < 0 || out.get() < 0) return stream_failed("stdin and stdout");
  const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (nothing.get() < 0 || dup2(nothing.get(), STDIN_FILENO) < 0) return stream_failed("/dev/null");
  if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return stream_failed("stderr");
  // It waits for as long as this process lives, and outlives this function with an end of its own.
  const int watched = fcntl(out.get(), F_DUPFD_CLOEXEC, 3);
  if (watched < 0) return stream_failed("stdout");
  std::thread([watched, deserted = std::move(deserted)] {
    pollfd end{.fd = watched, .events = 0, .revents = 0};
    while (poll(&end, 1, -1) < 0 && errno == EINTR) {
    }
    if ((end.revents & (POLLERR | POLLHUP)) != 0) deserted();
  }).detach();
  return serve(runner, work, in.get(), out.get());
}

}  // namespace fusesweep
