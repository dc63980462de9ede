#include "harness/process/descriptor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace fusesweep {
namespace {

constexpr int kLowestDescriptor = 10;

int open_pipe(std::array<int, 2>& ends) {
#ifdef __linux__
  return pipe2(ends.data(), O_CLOEXEC);
#else
  return pipe(ends.data());
#endif
}

}  // namespace

void Descriptor::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (open_pipe(ends) == 0) {
    const Descriptor low_read(ends[0]);
    const Descriptor low_write(ends[1]);
    Pipe pipe{Descriptor(fcntl(ends[0], F_DUPFD_CLOEXEC, kLowestDescriptor)),
              Descriptor(fcntl(ends[1], F_DUPFD_CLOEXEC, kLowestDescriptor))};
    if (pipe.read.get() >= 0 && pipe.write.get() >= 0) return pipe;
  }
  return unavailable(
      fmt::format("could not make a pipe: {}", std::generic_category().message(errno)));
}

std::ptrdiff_t write_quietly(int fd, std::string_view bytes) {
  sigset_t pipe_signal;
  sigset_t before;
  sigset_t pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const std::ptrdiff_t written = ::write(fd, bytes.data(), bytes.size());
  const int error = errno;
  if (written < 0 && error == EPIPE && !was_pending) {
    // The signal is this thread's own, and is taken away before anybody is told of it.
    sigpending(&pending);
    int taken = 0;
    if (sigismember(&pending, SIGPIPE) == 1) sigwait(&pipe_signal, &taken);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

}  // namespace fusesweep
