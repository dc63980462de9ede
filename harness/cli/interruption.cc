#include "harness/cli/interruption.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

namespace fusesweep {
namespace {

// A signal handler can reach nothing but what is global.
volatile std::sig_atomic_t interrupted = 0;
volatile std::sig_atomic_t is_watched = 0;  // by a person at a terminal

constexpr std::string_view kSaid =
    "\nends when what is in hand is done (a block, a gate); Ctrl-C again ends it at once\n";

void note_interruption(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
  if (is_watched == 0) return;
  const int error_before = errno;  // of what the signal came upon
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kSaid.data(), kSaid.size());
  errno = error_before;
}

}  // namespace

void watch_for_interruption() {
  is_watched = ::isatty(STDERR_FILENO);
  std::signal(SIGINT, note_interruption);
  std::signal(SIGTERM, note_interruption);
}

bool is_interrupted() { return interrupted != 0; }

}  // namespace fusesweep
