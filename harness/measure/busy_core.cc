#include "harness/measure/busy_core.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace fusesweep {
namespace {

constexpr long kSpins = 20'000'000;  // some ten milliseconds between looks at the pipe

// Only what may be called between fork and exec: this process had threads.
[[noreturn]] void spin(int pipe_end) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) signal(number, SIG_DFL);
  volatile long sum = 0;
  for (;;) {
    for (long i = 0; i < kSpins; ++i) sum = sum + i;
    pollfd parent{.fd = pipe_end, .events = POLLIN, .revents = 0};
    if (poll(&parent, 1, 0) != 0) _exit(0);  // closed: whoever started us is gone
  }
}

Failure failure_of(const char* call) {
  return unavailable(std::string(call) + ": " + std::generic_category().message(errno));
}

}  // namespace

Result<BusyCore> BusyCore::start() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return failure_of("pipe");
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  const pid_t process = fork();
  if (process == 0) {
    close(ends[1]);
    spin(ends[0]);
  }
  if (process < 0) {
    Failure error = failure_of("fork");
    close(ends[0]);
    close(ends[1]);
    return error;
  }
  close(ends[0]);
  return BusyCore(process, ends[1]);
}

BusyCore::BusyCore(BusyCore&& other) noexcept
    : process_(std::exchange(other.process_, -1)), held_(std::exchange(other.held_, -1)) {}

BusyCore& BusyCore::operator=(BusyCore&& other) noexcept {
  if (this != &other) {
    end();
    process_ = std::exchange(other.process_, -1);
    held_ = std::exchange(other.held_, -1);
  }
  return *this;
}

BusyCore::~BusyCore() { end(); }

void BusyCore::end() {
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  close(held_);
  process_ = -1;
  held_ = -1;
}

}  // namespace fusesweep
