#include "harness/cli/installed_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string_view>

#include "harness/base/program_path.h"
#include "harness/base/text.h"

#ifdef __APPLE__
extern char** environ;  // which unistd.h declares elsewhere
#endif

namespace fusesweep {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::size_t kMaxAnswer = 4096;

// What comes out of the pipe until it is closed, it is enough, or patience ends.
std::string read_answer(int fd) {
  using Steady = std::chrono::steady_clock;
  const Steady::time_point deadline = Steady::now() + kPatience;
  std::string answer;
  std::array<char, 512> piece{};
  while (answer.size() < kMaxAnswer) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = left > 0 ? poll(&waiting, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    const ssize_t got = read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    answer.append(piece.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

// What the program says to --version on its standard output.
std::string ask_version(const std::string& path) {
  int pipe_ends[2] = {-1, -1};
  if (pipe(pipe_ends) != 0) return {};
  fcntl(pipe_ends[0], F_SETFD, FD_CLOEXEC);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclose(&actions, pipe_ends[1]);
  std::string program = path;
  std::string flag = "--version";
  char* arguments[] = {program.data(), flag.data(), nullptr};
  pid_t child = -1;
  const int failed = posix_spawn(&child, path.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  std::string answer;
  if (failed == 0) {
    answer = read_answer(pipe_ends[0]);
    kill(child, SIGKILL);  // it has said what was asked for
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  close(pipe_ends[0]);
  return answer;
}

}  // namespace

std::optional<InstalledProgram> find_program(const std::string& name) {
  const std::optional<std::string> path = find_on_path(name);
  if (!path) return std::nullopt;
  const std::string answer = ask_version(*path);
  const std::string line = one_line(std::string_view(answer).substr(0, answer.find('\n')));
  return InstalledProgram{.path = *path,
                          .version = line.empty() ? std::nullopt : std::optional(line)};
}

}  // namespace fusesweep
