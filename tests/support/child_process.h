// Code that runs in a process of its own: a fork of the test, for what several processes do at once
// or what a process may not do. Nothing that is open before may be used in it.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <string>

#include "harness/base/check.h"

namespace fusesweep {

class ChildProcess {
 public:
  using Say = std::function<void(const std::string&)>;

  // The body says texts to the parent.
  explicit ChildProcess(const std::function<void(const Say&)>& body) {
    std::array<int, 2> ends{};
    FUSESWEEP_CHECK(pipe(ends.data()) == 0);
    pid_ = fork();
    FUSESWEEP_CHECK(pid_ >= 0);
    if (pid_ == 0) {
      close(ends[0]);
      body([fd = ends[1]](const std::string& text) {
        FUSESWEEP_CHECK(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
      });
      _exit(0);
    }
    close(ends[1]);
    fd_ = ends[0];
  }
  ~ChildProcess() {
    close(fd_);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Waits until it has said so many bytes, or has ended; gives what it said since the last time.
  std::string hear(std::size_t bytes) const {
    std::string said;
    std::array<char, 4096> piece{};
    while (said.size() < bytes) {
      const ssize_t got = read(fd_, piece.data(), std::min(piece.size(), bytes - said.size()));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      said.append(piece.data(), static_cast<std::size_t>(got));
    }
    return said;
  }
  std::string hear_all() const { return hear(static_cast<std::size_t>(-1)); }

  void kill_now() const { kill(pid_, SIGKILL); }

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
};

}  // namespace fusesweep
