// A child that is spoken with in lines: what is sent goes to its stdin, what it prints comes back a
// line at a time, and the end of its log is kept for messages. Nothing that the child does (or does
// not do) blocks longer than the deadline, ends us, or fills our memory. Used by RunnerClient and by
// check_runner.
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
#include "runners/protocol/child_process.h"
#include "runners/protocol/line_reader.h"

namespace fusesweep {

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
    std::string line;  // of kTooLong and kEnd: the beginning of what has not become one
  };

  static Result<LineChild> start(const ChildCommand& command);

  // To be written while next() waits; the newline is added.
  void send(std::string_view line);
  // The same for the end of its stdin.
  void close_input() { closing_ = true; }

  // The next line, or what came instead.
  Event next(Deadline deadline);

  // Ends it, after `grace` to do so by itself, and says how that was: "exited with status 3" or "was
  // killed", then its last word on stderr.
  std::string end(std::chrono::milliseconds grace);

  // Ends it likewise. Its status as of waitpid(2); absent when it had to be killed.
  std::optional<int> end_status(std::chrono::milliseconds grace);

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
