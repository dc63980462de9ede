#include "harness/process/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

namespace fusesweep {
namespace {

using What = SupervisorReport::What;

// Where the supervisor keeps what it needs; everything else is closed.
constexpr int kLifeline = 0;
constexpr int kReports = 1;
constexpr int kStart = 2;

constexpr int kCannotStart = 127;  // as shells have it

// How long killing may take: a process in the middle of a system call may be slow to go.
constexpr int kKillRounds = 2000;
constexpr int kKillRoundMs = 5;

void close_from(int lowest) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, static_cast<unsigned>(lowest), ~0U, 0U) == 0) return;
#endif
  rlimit limit{};
  const bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536;
  const int end = known ? static_cast<int>(limit.rlim_cur) : 65536;
  for (int fd = lowest; fd < end; ++fd) close(fd);
}

void tell(int fd, What what, int value) {
  const SupervisorReport report{what, value};
  // A pipe takes so few bytes as a whole; when nobody reads any more there is nothing to be done.
  [[maybe_unused]] const auto written = write(fd, &report, sizeof report);
}

[[noreturn]] void run_program(const SupervisedProgram& program) {
  constexpr int kTold = 3;
  setpgid(0, 0);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // if somebody kills the supervisor
#endif
  dup2(program.input, STDIN_FILENO);
  dup2(program.output, STDOUT_FILENO);
  dup2(program.errors, STDERR_FILENO);
  dup2(program.start_write, kTold);
  fcntl(kTold, F_SETFD, FD_CLOEXEC);  // its end tells that the program is running
  close_from(kTold + 1);

  // Only what is ignored would be inherited by the program.
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (const int ignored : {SIGPIPE, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD})
    sigaction(ignored, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);

  if (chdir(program.folder) != 0) {
    tell(kTold, What::kFolderFailed, errno);
    _exit(kCannotStart);
  }
  execvp(program.arguments[0], program.arguments);
  tell(kTold, What::kExecFailed, errno);
  _exit(kCannotStart);
}

// Reaps what has ended. Whether the child was among it; its status goes to `status`.
bool reap(pid_t child, int& status) {
  bool ended = false;
  int one = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &one, WNOHANG)) > 0;) {
    if (pid != child) continue;
    ended = true;
    status = one;
  }
  return ended;
}

bool has_children() { return waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

// Those that left the group: their parents are gone, so they are ours.
void kill_children() {
#ifdef __linux__
  const int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  std::array<char, 512> text{};
  pid_t pid = 0;
  for (ssize_t n = 0; (n = read(fd, text.data(), text.size())) > 0;) {
    for (ssize_t i = 0; i < n; ++i) {
      const char c = text[static_cast<std::size_t>(i)];
      if (c >= '0' && c <= '9') {
        pid = pid * 10 + (c - '0');
      } else {
        if (pid > 1) kill(pid, SIGKILL);
        pid = 0;
      }
    }
  }
  close(fd);
#endif
}

void kill_everything(pid_t group) {
  for (int round = 0; round < kKillRounds; ++round) {
    kill(-group, SIGKILL);
    kill_children();
    int ignored = 0;
    reap(group, ignored);
    if (!has_children()) return;
    poll(nullptr, 0, kKillRoundMs);
  }
}

// Until the lifeline ends, or the child by itself: then its status is told.
void watch(pid_t child) {
  sigset_t while_waiting;
  sigfillset(&while_waiting);
  sigdelset(&while_waiting, SIGCHLD);
  while (true) {
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(kLifeline, &readable);
    const int ready = pselect(kLifeline + 1, &readable, nullptr, nullptr, nullptr, &while_waiting);
    int status = 0;
    if (reap(child, status)) return tell(kReports, What::kEnded, status);
    if (ready > 0) return;
  }
}

}  // namespace

void supervise(const SupervisedProgram& program) {
  setpgid(0, 0);  // a Ctrl-C in the terminal is the parent's to answer
  struct sigaction wake {};
  wake.sa_handler = [](int) {};  // pselect returns, which is all
  sigaction(SIGCHLD, &wake, nullptr);
#ifdef __linux__
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "supervisor");
#endif
  const pid_t child = fork();
  if (child == 0) run_program(program);
  if (child < 0) {
    tell(program.reports, What::kForkFailed, errno);
    _exit(kCannotStart);
  }
  setpgid(child, child);  // whichever of the two is first

  dup2(program.lifeline, kLifeline);
  dup2(program.reports, kReports);
  dup2(program.start_read, kStart);
  close_from(kStart + 1);  // ends of pipes above all: those of other children too
  SupervisorReport failure;
  if (read(kStart, &failure, sizeof failure) == sizeof failure) {
    waitpid(child, nullptr, 0);
    tell(kReports, failure.what, failure.value);
    _exit(kCannotStart);
  }
  close(kStart);
  tell(kReports, What::kStarted, child);
  watch(child);
  kill_everything(child);
  _exit(0);
}

}  // namespace fusesweep
