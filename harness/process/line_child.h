// A child that is spoken with in lines: what is sent goes to its stdin, what it prints comes back a
// line at a time, and the end of its log is kept for messages. Nothing that the child does (or does
// not do) blocks longer than the deadline, ends us, or fills our memory. Used by whoever
// starts programs and listens to them: RunnerClient, check_runner, the toolchain runner.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.h"
#include "harness/process/child_process.h"
#include "harness/process/line_reader.h"

namespace fusesweep {

// A line that is longer is not read to its end.
inline constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20;

struct ChildCommand {
  std::vector<std::string> arguments;  // the program first
  std::filesystem::path folder;        // its current one: the work folder
  // Of it and what it starts; looked at while somebody waits for it. Only Linux tells.
  std::optional<std::uint64_t> memory_limit_bytes;
};

class LineChild {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  enum class Got { kLine, kTimeOut, kEnd, kTooLong, kTooMuchMemory };
  struct Event {
    Got got = Got::kEnd;
    // Of kTooLong the beginning of what has not become one, of kEnd all of that.
    std::string line;
  };

  static Result<LineChild> start(const ChildCommand& command);

  // To be written while next() waits; the newline is added.
  void send(std::string_view line);
  // The same for the end of its stdin.
  void close_input() { closing_ = true; }

  // The next line, or what came instead.
  Event next(Deadline deadline);

  struct Ending {
    std::optional<int> status;  // as of waitpid(2); absent when it had to be killed
    std::string words;  // "exited with status 3" or "was killed", then its last word on stderr
  };

  // Ends it, after `grace` to do so by itself.
  Ending end(std::chrono::milliseconds grace);

  pid_t pid() const { return process_.pid(); }

 private:
  LineChild(ChildProcess process, std::optional<std::uint64_t> memory_limit_bytes);
  void write_pending();
  void read_log();

  ChildProcess process_;
  std::optional<std::uint64_t> memory_limit_bytes_;
  std::string pending_;      // to be written
  std::size_t written_ = 0;  // of it
  bool closing_ = false;
  LineReader lines_;
  LogTail log_;
};

}  // namespace fusesweep
