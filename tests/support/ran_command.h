// Runs the command in this process, as a user would type it, and keeps what it printed.
#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "harness/cli/command_line.h"

namespace fusesweep {

struct Ran {
  ExitCode exit_code;
  std::string out;
  std::string err;
};

inline std::string read_back(std::FILE* file) {
  std::string text;
  std::array<char, 4096> buffer{};
  std::rewind(file);
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), file)) > 0;)
    text.append(buffer.data(), n);
  std::fclose(file);
  return text;
}

// `own_program`: where the command lies, for those that start it again.
inline Ran run(std::vector<std::string> arguments, const std::filesystem::path& own_program = {}) {
  std::FILE* out = std::tmpfile();
  std::FILE* err = std::tmpfile();
  const ExitCode exit_code = run_command_line(std::move(arguments), {out, err}, own_program);
  return {exit_code, read_back(out), read_back(err)};
}

}  // namespace fusesweep
