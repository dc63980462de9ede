#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "harness/base/exit_code.h"
#include "harness/cli/command_line.h"
#include "harness/cli/runner_argument.h"

int main(int argc, char** argv) {
  using fusesweep::ExitCode;
  ExitCode exit_code = ExitCode::kBug;
  try {
    exit_code = fusesweep::run_command_line(std::vector<std::string>(argv + 1, argv + argc),
                                            {stdout, stderr},
                                            fusesweep::own_program(argc > 0 ? argv[0] : ""));
  } catch (const std::bad_alloc&) {
    std::fputs("fusesweep: not enough memory for what was asked\n", stderr);
    exit_code = ExitCode::kEnvironment;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fusesweep: bug: an exception reached main: %s\n", e.what());
  } catch (...) {
    std::fputs("fusesweep: bug: an exception reached main\n", stderr);
  }
  return static_cast<int>(exit_code);
}
