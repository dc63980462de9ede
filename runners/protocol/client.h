// RunnerClient: a runner that is another program, behind the protocol of harness/docs/RUNNERS.md.
// Whatever that program does (hang, die, talk nonsense, eat memory), a call ends within its limit in
// a result or an error; after such an error (kTimedOut, or else kCrashed) the program and all that it
// started are gone, and the next call starts it afresh.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/json.h"
#include "harness/process/line_child.h"
#include "runners/protocol/messages.h"
#include "runners/protocol/rpc.h"
#include "runners/runner.h"

namespace fusesweep {

// How long each call may take.
struct CallLimits {
  std::chrono::milliseconds describe = std::chrono::seconds(30);
  std::chrono::milliseconds build = std::chrono::hours(1);
  std::chrono::milliseconds inspect = std::chrono::minutes(30);
  std::chrono::milliseconds open = std::chrono::minutes(30);
  std::chrono::milliseconds run = std::chrono::minutes(30);
  std::chrono::milliseconds decode = std::chrono::hours(1);
  std::chrono::milliseconds time = std::chrono::minutes(10);
  std::chrono::milliseconds close = std::chrono::seconds(5);
};

class RunnerClient final : public Runner {
 public:
  // Starts nothing yet. The work folder must be there by the first call.
  explicit RunnerClient(ChildCommand command, CallLimits limits = {});
  ~RunnerClient() override;  // closes the program's stdin, and kills it if it does not end soon
  RunnerClient(const RunnerClient&) = delete;
  RunnerClient& operator=(const RunnerClient&) = delete;

  Result<RunnerDescription> describe(const RunnerOptions& options) override;
  Result<BuiltShard> build(const BuildRequest& request, Progress& progress) override;
  Result<Placement> inspect(const InspectRequest& request) override;
  Result<Opened> open(const OpenRequest& request, Progress& progress) override;

  // Ends the program, if one runs, and its sessions. The next call starts it afresh: for what must not
  // be done twice by the same process.
  void end_program();

  // Of the program that runs now, if one does.
  std::optional<pid_t> pid() const;

 private:
  friend class ClientSession;

  struct Call {
    std::string_view method;
    std::chrono::milliseconds limit;
    Progress* progress = nullptr;  // null: nobody watches
  };

  // The result of a call as JSON. The error says which call.
  Result<Json> call(const Call& call, Json params);
  Result<Json> await_answer(const Call& call, std::int64_t id);

  // The same, read. A result that cannot be read is the end of the program, like any nonsense.
  template <typename Read>
  auto call_and_read(const Call& call, Json params, Read read)
      -> Result<decltype(read(std::declval<const JsonField&>()))>;

  // Before a call that compiles: ends a program that has compiled as often as it may, unless a session
  // is open in it.
  void begin_compile();

  // Ends the program, for a reason; the error says what became of it.
  Failure lose(std::string_view method, const Failure& why, std::chrono::milliseconds grace);

  const ChildCommand command_;
  const CallLimits limits_;
  const std::string name_;  // for messages
  std::optional<LineChild> child_;
  std::vector<Error> losses_;  // why each child so far is gone, but for the one that runs
  std::int64_t next_id_ = 1;
  std::optional<std::uint64_t> most_compiles_;  // of one process, by its description
  struct Served {
    std::uint64_t compiles = 0;
    int open_sessions = 0;
  };
  Served served_;  // by the process that runs
};

}  // namespace fusesweep
