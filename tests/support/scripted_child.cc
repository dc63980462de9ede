// A child that behaves as badly as its argument says, once: it leaves a file in the current folder,
// and where it finds that file it serves a FakeRunner as it should. Processes note their ids in the
// file "pids".
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "runners/protocol/client.h"
#include "runners/protocol/messages.h"
#include "runners/protocol/rpc.h"
#include "runners/protocol/server.h"
#include "tests/support/fake_runner.h"

namespace fusesweep {
namespace {

[[noreturn]] void hang() {
  while (true) pause();
}

void note_pid() { std::ofstream("pids", std::ios::app) << getpid() << '\n'; }

// The id of the next request.
Json next_id() {
  std::string line;
  std::getline(std::cin, line);
  const Result<Json> request = parse_message(line);
  return request && request->is_object() ? request->value("id", Json()) : Json();
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void print_description(const Json& id, const std::string& toolchain) {
  RunnerDescription description = *FakeRunner().describe({});
  description.toolchain = toolchain;
  print(result_line(id, to_json(description)) + '\n');
}

int serve_well() {
  FakeRunner runner;
  return serve_standard_streams(runner, ".", [] {}) ? 0 : 1;
}

// A process that nobody waits for, of this group or of a session of its own.
void start_orphan(const std::function<void()>& leave) {
  if (fork() != 0) return;
  leave();
  if (fork() != 0) _exit(0);
  note_pid();
  hang();
}

void eat_memory() {
  constexpr std::size_t kPiece = std::size_t{16} << 20;
  std::vector<std::string> eaten;
  for (int i = 0; i < 64; ++i) eaten.emplace_back(kPiece, static_cast<char>(i));
  hang();
}

std::string open_descriptors() {
  std::string open;
  for (int fd = 0; fd < 1024; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) open += std::to_string(fd) + ' ';
  }
  return open;
}

// A program that has a runner and is not given the time to end it.
void be_parent(const std::string& program) {
  RunnerClient client({.arguments = {program, "orphans"}, .folder = "."});
  static_cast<void>(client.describe({}));
}

// Answers every line with a description, whatever it says.
void agree() {
  for (std::string line; std::getline(std::cin, line);) {
    const Result<Json> request = parse_message(line);
    const bool has_id = request && request->is_object() && request->contains("id");
    print_description(has_id ? request->at("id") : Json(), "t");
  }
}

const std::map<std::string, std::function<void(const std::string& program)>>& scenarios() {
  static const std::map<std::string, std::function<void(const std::string&)>> kScenarios = {
      {"exit",
       [](auto) {
         std::fputs("no such device\n\n", stderr);
         std::exit(3);
       }},
      {"exit_after_request", [](auto) { next_id(), std::exit(0); }},
      {"crash", [](auto) { next_id(), raise(SIGKILL); }},
      {"exit_in_line", [](auto) { next_id(), print("{\"jsonrpc\":\"2.0\""); }},
      {"half_line", [](auto) { next_id(), print("{\"jsonrpc\":\"2.0\""), hang(); }},
      {"exit_in_build",
       [](auto) {
         next_id();
         print(notification_line("progress", to_json(ProgressState{"building", "", 1, 4})) + '\n');
         std::exit(1);
       }},
      {"answers_outside",
       [](auto) {
         print(result_line(next_id(), to_json(BuiltShard{"/etc", 1, std::nullopt, "c"})) + '\n');
         hang();
       }},
      {"passes_on_a_crash",
       [](auto) {
         print(error_line(next_id(), to_rpc(crashed("the other one died").value())) + '\n');
         next_id();
       }},
      {"silent", [](auto) { hang(); }},
      {"stopped", [](auto) { next_id(), raise(SIGSTOP); }},
      {"closes_stdin", [](auto) { close(STDIN_FILENO), hang(); }},
      {"closes_stdout", [](auto) { close(STDOUT_FILENO), hang(); }},
      {"long_line",
       [](auto) {
         next_id();
         for (int i = 0; i < 100; ++i) print(std::string(1000000, 'x'));
         print("\n");
         hang();
       }},
      {"invalid_utf8", [](auto) { next_id(), print("{\"a\":\"\xff\xfe\"}\n"), hang(); }},
      {"garbage", [](auto) { next_id(), print(std::string("\x1b[31m\0\x7f{{{\n", 11)), hang(); }},
      {"chatter", [](auto) { print("Loading model...\n"), print_description(next_id(), "t"); }},
      {"no_rpc", [](auto) { next_id(), print("{\"result\":{}}\n"), hang(); }},
      {"deep", [](auto) { next_id(), print(std::string(100000, '[') + '\n'), hang(); }},
      {"wrong_id", [](auto) { next_id(), print_description(999, "t"), hang(); }},
      {"out_of_order",
       [](auto) {
         const Json id = next_id();
         print_description(id.get<int>() + 1, "t");
         print_description(id, "t");
         hang();
       }},
      {"deaf",
       [](auto) {
         next_id();
         print(error_line(nullptr, {RpcCode::kParseError, "what?"}) + '\n');
         hang();
       }},
      {"bad_result",
       [](auto) {
         print(result_line(next_id(), {{"evidence", 1}}) + '\n'), hang();
       }},
      {"request",
       [](auto) {
         next_id(), print(request_line(1, "give_me_files", Json::object()) + '\n'), hang();
       }},
      {"bad_progress",
       [](auto) {
         next_id();
         print("{\"jsonrpc\":\"2.0\",\"method\":\"progress\",\"params\":{\"done\":-1}}\n");
         hang();
       }},
      {"orphans",
       [](auto) {
         note_pid();
         start_orphan([] {});
         start_orphan([] { setsid(); });
         next_id();
         hang();
       }},
      {"orphans_then_exit",
       [](auto) {
         note_pid();
         start_orphan([] {});
         start_orphan([] { setsid(); });
         next_id();
       }},
      {"eats_memory", [](auto) { next_id(), eat_memory(); }},
      {"spews_stderr",
       [](auto) {
         for (int i = 0; i < 100; ++i) std::fputs(std::string(100000, 'e').c_str(), stderr);
         std::fputs("\nenough\n", stderr);
         print_description(next_id(), "t");
         next_id();
       }},
      {"descriptors", [](auto) { print_description(next_id(), open_descriptors()), next_id(); }},
      {"parent", be_parent},
      {"agree", [](auto) { agree(); }},
  };
  return kScenarios;
}

}  // namespace
}  // namespace fusesweep

int main(int argc, char** argv) {
  const std::string scenario = argc > 1 ? argv[1] : "serve";
  const std::string marker = "been-here-" + scenario;
  const auto found = fusesweep::scenarios().find(scenario);
  if (found == fusesweep::scenarios().end() || std::filesystem::exists(marker))
    return fusesweep::serve_well();
  if (argc <= 2) std::ofstream(marker) << '\n';  // "always" as second argument: again and again
  found->second(argv[0]);
  return 0;
}
