#include "reports/gnuplot_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gnuplot-iostream.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kMostSaid = 4096;
constexpr std::size_t kMostShown = 300;
constexpr long kMostPictureBytes = 256L << 20;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  void take(int ours, int theirs) { posix_spawn_file_actions_adddup2(&actions_, ours, theirs); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// Nothing of ours but where fonts are: GNUPLOT_*, GNUTERM, HOME and others change what gnuplot does.
std::vector<std::string> environment() {
  std::vector<std::string> variables = {"LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/nonexistent",
                                        "PATH=/usr/bin:/bin"};
  for (const char* name : {"FONTCONFIG_FILE", "FONTCONFIG_PATH"}) {
    if (const char* value = std::getenv(name))
      variables.push_back(fmt::format("{}={}", name, value));
  }
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// Two ends that a child does not inherit by accident.
std::optional<std::array<int, 2>> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return std::nullopt;
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return ends;
}

// The picture goes into a file and not into a pipe: so nobody waits for anybody while the commands are
// written.
Result<pid_t> start(const std::string& program, int commands, int picture, int said) {
  FileActions actions;
  actions.take(commands, STDIN_FILENO);
  actions.take(picture, STDOUT_FILENO);
  actions.take(said, STDERR_FILENO);
  std::vector<std::string> words = {program, "-d"};  // without ~/.gnuplot and gnuplotrc
  std::vector<std::string> variables = environment();
  pid_t child = -1;
  const int failed = posix_spawn(&child, program.c_str(), actions.get(), nullptr,
                                 pointers(words).data(), pointers(variables).data());
  if (failed != 0)
    return unavailable(fmt::format("{}: could not be started: {}", quote(program),
                                   std::generic_category().message(failed)));
  return child;
}

// A pipe whose reader is gone is no reason to die; the thread is the only one that writes to it.
void write_commands(std::FILE* to, const std::string& commands) {
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  try {
    Gnuplot gnuplot(to);  // closes it
    gnuplot << commands << std::flush;
  } catch (const std::exception&) {  // gnuplot says itself why it went
  }
}

int milliseconds_until(Steady::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
  return static_cast<int>(std::max<std::int64_t>(0, left));
}

// Until the other end is closed. Absent: that did not happen in time.
std::optional<std::string> read_all(int fd, Steady::time_point deadline) {
  std::string text;
  std::array<char, 1024> piece{};
  while (true) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = poll(&waiting, 1, milliseconds_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return std::nullopt;
    const ssize_t got = read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    if (text.size() < kMostSaid) text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

// Its status; absent: it had to be killed.
std::optional<int> wait_for_end(pid_t child, Steady::time_point deadline) {
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) return std::nullopt;
    if (Steady::now() >= deadline) break;
    poll(nullptr, 0, 2);
  }
  kill(child, SIGKILL);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return std::nullopt;
}

Result<std::string> read_back(std::FILE* file) {
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  if (size < 0 || size > kMostPictureBytes)
    return unavailable(fmt::format("gnuplot: found a picture of {} bytes", size));
  std::rewind(file);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (std::fread(bytes.data(), 1, bytes.size(), file) != bytes.size())
    return unavailable("gnuplot: its picture could not be read back");
  return bytes;
}

// gnuplot shows the command, a caret below it, and then what is wrong.
std::string in_one_line(const std::string& said) {
  std::string line;
  for (const std::string_view part : split_text(said, '\n')) {
    const std::size_t begin = part.find_first_not_of(" ^\t");
    if (begin != std::string_view::npos)
      line += (line.empty() ? "" : "; ") + one_line(part.substr(begin));
  }
  return line.size() > kMostShown ? line.substr(line.size() - kMostShown) : line;
}

}  // namespace

Result<std::string> run_gnuplot(const std::string& program, const std::string& commands,
                                std::chrono::milliseconds limit) {
  const Steady::time_point deadline = Steady::now() + limit;
  const File picture(std::tmpfile());
  const auto input = make_pipe();
  const auto errors = make_pipe();
  if (!picture || !input || !errors)
    return unavailable("gnuplot: found no descriptors or room for its picture");
  fcntl(fileno(picture.get()), F_SETFD, FD_CLOEXEC);
  const Result<pid_t> child = start(program, (*input)[0], fileno(picture.get()), (*errors)[1]);
  close((*input)[0]);
  close((*errors)[1]);
  const File said_by_it(fdopen((*errors)[0], "r"));
  std::FILE* to_it = fdopen((*input)[1], "w");
  if (!child) {
    std::fclose(to_it);
    return fail(child.error());
  }
  std::thread writer(write_commands, to_it, std::cref(commands));
  const std::optional<std::string> said = read_all((*errors)[0], deadline);
  const std::optional<int> status = wait_for_end(*child, deadline);
  writer.join();
  if (!said || !status)
    return timed_out(fmt::format("gnuplot: did not end within {} s",
                                 std::chrono::duration<double>(limit).count()));
  if (*status != 0) {
    const std::string why = in_one_line(*said);
    return unavailable(fmt::format("gnuplot: {}", why.empty() ? "it failed" : why));
  }
  return read_back(picture.get());
}

}  // namespace fusesweep
