#include "harness/cli/interruption.h"

#include <csignal>

namespace fusesweep {
namespace {

// A signal handler can reach nothing but what is global.
volatile std::sig_atomic_t interrupted = 0;

void note_interruption(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void watch_for_interruption() {
  std::signal(SIGINT, note_interruption);
  std::signal(SIGTERM, note_interruption);
}

bool is_interrupted() { return interrupted != 0; }

}  // namespace fusesweep
