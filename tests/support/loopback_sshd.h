// An sshd of a test's own: on a loopback port that the system chose, with keys, configuration and known
// hosts in a temporary folder. The system's sshd, its configuration and port 22 are not touched.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "harness/base/check.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {

class LoopbackSshd {
 public:
  // Why there cannot be one here; empty: there can.
  static std::string why_not(const std::filesystem::path& sshd) {
    std::error_code ignored;
    if (sshd.empty() || !std::filesystem::exists(sshd, ignored)) return "no sshd is installed";
    if (geteuid() == 0 && !std::filesystem::is_directory("/run/sshd", ignored))
      return "an sshd of root wants the folder /run/sshd: mkdir /run/sshd";
    return "";
  }

  explicit LoopbackSshd(const std::filesystem::path& sshd) {
    for (const char* key : {"host", "user"})
      FUSESWEEP_CHECK(run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at(key)}) == 0);
    const int port = free_port();
    const std::string number = std::to_string(port);
    write("sshd_config", "Port " + number +
                             "\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\nStrictModes no\n"
                             "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                             "PermitRootLogin prohibit-password\nHostKey " +
                             at("host") + "\nAuthorizedKeysFile " + at("user.pub") + "\n");
    std::string host_key;
    std::getline(std::ifstream(at("host.pub")), host_key);
    write("known_hosts", "[127.0.0.1]:" + number + " " + host_key + "\n");
    write("config", "Host loopback\n  HostName 127.0.0.1\n  Port " + number + "\n  IdentityFile " +
                        at("user") +
                        "\n  IdentitiesOnly yes\n  BatchMode yes\n  StrictHostKeyChecking yes\n"
                        "  GlobalKnownHostsFile /dev/null\n  UserKnownHostsFile " +
                        at("known_hosts") + "\n");
    server_ = start({sshd.string(), "-D", "-e", "-f", at("sshd_config")});
    // It may take a moment until it listens.
    for (int tries = 0; run({"ssh", "-F", at("config"), "loopback", "true"}) != 0; ++tries) {
      FUSESWEEP_CHECK(tries < 100);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  ~LoopbackSshd() {
    break_connections();
    kill(server_, SIGKILL);
    waitpid(server_, nullptr, 0);
  }
  LoopbackSshd(const LoopbackSshd&) = delete;
  LoopbackSshd& operator=(const LoopbackSshd&) = delete;

  // What stands before a command that is to run over there.
  std::vector<std::string> words() const { return {"ssh", "-F", at("config"), "loopback"}; }

  // Kills the processes that serve connections, as a network that fails would end them; how many.
  int break_connections() const {
    int killed = 0;
    for (const pid_t session : descendants_of(server_)) {
      if (name_of(session) != "sshd") continue;
      kill(session, SIGKILL);
      ++killed;
    }
    return killed;
  }

 private:
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }
  void write(const char* name, const std::string& text) const { std::ofstream(at(name)) << text; }

  static int free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    FUSESWEEP_CHECK(fd >= 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    FUSESWEEP_CHECK(bind(fd, generic, size) == 0 && getsockname(fd, generic, &size) == 0);
    close(fd);
    return ntohs(address.sin_port);
  }

  pid_t start(std::vector<std::string> typed) const {
    std::vector<char*> words;
    for (std::string& word : typed) words.push_back(word.data());
    words.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_addopen(&files, fd, at("log").c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                       0600);
    pid_t child = -1;
    FUSESWEEP_CHECK(posix_spawnp(&child, words[0], &files, nullptr, words.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
    return child;
  }

  int run(std::vector<std::string> typed) const {
    int status = 0;
    waitpid(start(std::move(typed)), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  static std::string name_of(pid_t process) {
    std::string name;
    std::getline(std::ifstream("/proc/" + std::to_string(process) + "/comm"), name);
    return name;
  }

  static std::vector<pid_t> descendants_of(pid_t process) {
    std::vector<pid_t> found;
    const std::string list =
        "/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children";
    std::ifstream children(list);
    for (pid_t child = 0; children >> child;) {
      found.push_back(child);
      for (const pid_t next : descendants_of(child)) found.push_back(next);
    }
    return found;
  }

  const TemporaryFolder folder_;
  pid_t server_ = -1;
};

}  // namespace fusesweep
