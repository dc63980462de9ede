#include "harness/process/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "harness/base/check.h"
#include "harness/base/text.h"
#include "harness/process/supervisor.h"

namespace fusesweep {
namespace {

using What = SupervisorReport::What;

// One report, or nothing at the pipe's end.
std::optional<SupervisorReport> read_report(int fd) {
  SupervisorReport report;
  ssize_t n = 0;
  do n = read(fd, &report, sizeof report);
  while (n < 0 && errno == EINTR);
  if (n != sizeof report) return std::nullopt;
  return report;
}

Failure could_not_start(const std::vector<std::string>& arguments,
                        const std::filesystem::path& folder,
                        const std::optional<SupervisorReport>& report) {
  const std::string program = quote(arguments.front());
  if (!report)
    return unavailable(fmt::format("{}: could not be started: the supervisor died", program));
  const std::string reason = std::generic_category().message(report->value);
  if (report->what == What::kFolderFailed)
    return unavailable(
        fmt::format("{}: could not be started in {}: {}", program, quote(folder.string()), reason));
  return unavailable(fmt::format("{}: could not be started: {}", program, reason));
}

void make_nonblocking(const Descriptor& descriptor) {
  fcntl(descriptor.get(), F_SETFL, fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

// All signals are blocked while it lives, so that no handler of ours runs in a forked process.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_{};
};

// Adds what the processes below this one hold.
void add_resident_pages(pid_t pid, std::uint64_t& pages) {
  std::error_code ignored;  // a process that ends meanwhile holds nothing
  std::filesystem::directory_iterator thread(fmt::format("/proc/{}/task", pid), ignored);
  for (; thread != std::filesystem::directory_iterator(); thread.increment(ignored)) {
    std::ifstream children(thread->path() / "children");
    for (pid_t child = 0; children >> child;) {
      std::uint64_t size = 0;
      std::uint64_t resident = 0;
      if (std::ifstream(fmt::format("/proc/{}/statm", child)) >> size >> resident)
        pages += resident;
      add_resident_pages(child, pages);
    }
  }
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments,
                                         const std::filesystem::path& folder) {
  FUSESWEEP_CHECK(!arguments.empty());
  ChildProcess process;
  Pipe input, output, errors, lifeline, reports, start;
  for (Pipe* pipe : {&input, &output, &errors, &lifeline, &reports, &start}) {
    Result<Pipe> made = make_pipe();
    if (!made) return fail(std::move(made).error());
    *pipe = *std::move(made);
  }
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const std::string folder_text = folder.string();
  const SupervisedProgram program{.arguments = argv.data(),
                                  .folder = folder_text.c_str(),
                                  .input = input.read.get(),
                                  .output = output.write.get(),
                                  .errors = errors.write.get(),
                                  .lifeline = lifeline.read.get(),
                                  .reports = reports.write.get(),
                                  .start_read = start.read.get(),
                                  .start_write = start.write.get()};
  {
    const BlockedSignals blocked;
    process.supervisor_ = fork();
    if (process.supervisor_ == 0) supervise(program);
  }
  if (process.supervisor_ < 0)
    return could_not_start(arguments, folder, SupervisorReport{What::kForkFailed, errno});
  for (Descriptor* theirs : {&input.read, &output.write, &errors.write, &lifeline.read,
                             &reports.write, &start.read, &start.write})
    theirs->close();
  process.input_ = std::move(input.write);
  process.output_ = std::move(output.read);
  process.errors_ = std::move(errors.read);
  process.lifeline_ = std::move(lifeline.write);
  process.reports_ = std::move(reports.read);
  for (const Descriptor* ours : {&process.input_, &process.output_, &process.errors_})
    make_nonblocking(*ours);

  const std::optional<SupervisorReport> report = read_report(process.reports_.get());
  if (!report || report->what != What::kStarted) return could_not_start(arguments, folder, report);
  process.pid_ = report->value;
  return process;
}

ChildProcess::~ChildProcess() { end(std::chrono::milliseconds(0)); }

std::optional<std::uint64_t> ChildProcess::resident_bytes() const {
#ifdef __linux__
  std::uint64_t pages = 0;
  add_resident_pages(supervisor_, pages);
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
#else
  return std::nullopt;
#endif
}

std::optional<int> ChildProcess::end(std::chrono::milliseconds grace) {
  if (reports_.get() < 0) return std::nullopt;
  pollfd told{.fd = reports_.get(), .events = POLLIN};
  poll(&told, 1, static_cast<int>(grace.count()));
  lifeline_.close();
  const std::optional<SupervisorReport> report = read_report(reports_.get());
  while (waitpid(supervisor_, nullptr, 0) < 0 && errno == EINTR) {
  }
  reports_.close();
  if (!report || report->what != What::kEnded) return std::nullopt;
  return report->value;
}

std::string describe_end(int wait_status) {
  if (WIFEXITED(wait_status)) return fmt::format("exited with status {}", WEXITSTATUS(wait_status));
  const int number = WTERMSIG(wait_status);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's answer for a known signal is a constant
  return fmt::format("was killed by signal {} ({})", number, strsignal(number));
}

}  // namespace fusesweep
