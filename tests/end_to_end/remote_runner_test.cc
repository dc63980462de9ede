// A runner on another machine, as harness/docs/REMOTE.md has it, over an sshd of the test's own: a sweep, and
// connections that break.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "runners/mlprogram/shard_builder.h"
#include "runners/protocol/client.h"
#include "tests/support/loopback_sshd.h"
#include "tests/support/small_model.h"
#include "tests/support/typed_command.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

class RemoteRunner : public TypedCommand {
 protected:
  RemoteRunner() : TypedCommand(FUSESWEEP_PROGRAM) {
    write_small_model(model_path());
    std::filesystem::create_directories(work());
  }

  void SetUp() override {
    const std::string why_not = LoopbackSshd::why_not(FUSESWEEP_SSHD);
    if (!why_not.empty()) GTEST_SKIP() << why_not << " (harness/docs/REMOTE.md)";
    sshd_ = std::make_unique<LoopbackSshd>(FUSESWEEP_SSHD);
  }

  // The words of a runner over there, with the same work folder.
  std::vector<std::string> words() const {
    std::vector<std::string> words = sshd_->words();
    words.insert(words.end(), {FUSESWEEP_PROGRAM, "runner", "serve", "cpu", "--work", work()});
    return words;
  }
  std::string runner() const {
    std::string text = "--";
    for (const std::string& word : words()) text += " " + word;
    return text;
  }
  Ran ask(const char* command) const {
    std::vector<std::string> typed = {"runner", command, "--work", work(), "--"};
    for (std::string& word : words()) typed.push_back(std::move(word));
    return run(typed, FUSESWEEP_PROGRAM);
  }

  std::filesystem::path model_path() const { return folder_.path() / "small.gguf"; }

  std::vector<std::string> sweep() const {
    return {"sweep",      "--runner",
            runner(),     "--model",
            model_path(), "--splits",
            "2+1,1+1+1",  "--context",
            "32",         "--threads",
            "1",          "--prompt-tokens",
            "4",          "-n",
            "6",          "--turn-tokens",
            "4",          "--budget-s",
            "1",          "--positions",
            "8",          "--gate-prompts",
            "1",          "--gate-prompt-tokens",
            "8",          "--greedy-tokens",
            "4"};
  }

  // Processes that serve our work folder, wherever they hang.
  std::vector<std::string> servers() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream file(entry.path() / "cmdline");
      const std::string line(std::istreambuf_iterator<char>(file), {});
      if (line.starts_with(FUSESWEEP_PROGRAM) && line.find(work().string()) != std::string::npos)
        found.push_back(line);
    }
    return found;
  }

  // They end when their stdin does, after the call in hand.
  std::vector<std::string> servers_left() const {
    for (int tries = 0; tries < 200 && !servers().empty(); ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return servers();
  }

  std::unique_ptr<LoopbackSshd> sshd_;
};

TEST_F(RemoteRunner, IsARunnerLikeAnyOther) {
  const Ran described = ask("describe");
  EXPECT_EQ(described.exit_code, ExitCode::kDone) << described.err;
  EXPECT_THAT(described.out, HasSubstr("cpu"));
  const Ran checked = ask("check");
  EXPECT_EQ(checked.exit_code, ExitCode::kDone) << checked.out << checked.err;
  EXPECT_THAT(checked.out, HasSubstr(" 0 failed"));
  EXPECT_THAT(servers_left(), IsEmpty());
}

TEST_F(RemoteRunner, SweepsAndLeavesNothingBehind) {
  const auto answer = [&] {
    std::vector<std::string> typed = sweep();
    typed.emplace_back("--json");
    const Ran ran = run_here(std::move(typed));
    EXPECT_THAT(ran.exit_code, AnyOf(ExitCode::kDone, ExitCode::kInconclusive)) << ran.err;
    return nlohmann::json::parse(ran.out, nullptr, false);
  };
  const auto document = answer();
  ASSERT_EQ(document["candidates"].size(), 2U);
  for (const auto& candidate : document["candidates"]) {
    EXPECT_EQ(candidate["qualified"], true) << candidate.dump();
    EXPECT_GT(candidate["tok_per_s"], 0);
  }
  EXPECT_EQ(answer()["work_done"], 0) << "and it goes on where it was, as any sweep";
  EXPECT_THAT(servers_left(), IsEmpty());
}

TEST_F(RemoteRunner, AConnectionThatBreaksInTheMiddleOfACallCostsThatCallAlone) {
  RunnerClient client({.arguments = words(), .folder = work()});
  const SystemClock clock;
  Progress progress({}, clock);
  const auto model = open_model_file(model_path(), 1);
  ASSERT_TRUE(model);
  const ShardIdentity shard = shard_of(*model, {.kind = Segment{0, 2}, .tokens = 1, .context = 32});
  const BuildRequest request{
      .identity = shard, .model = model_path(), .artifacts = work() / "artifacts"};
  const auto built = client.build(request, progress);
  ASSERT_TRUE(built) << built.error().message;
  const auto opened =
      client.open({.artifacts = {built->artifact}, .options = {.warmup_calls = 0}}, progress);
  ASSERT_TRUE(opened) << opened.error().message;
  std::thread breaker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // any moment of the call will do
    EXPECT_GT(sshd_->break_connections(), 0);
  });
  const auto calls_ns = opened->session->time({.group = "[0,2)", .calls = 10'000'000});
  breaker.join();
  ASSERT_FALSE(calls_ns);
  EXPECT_EQ(calls_ns.error().code, ErrorCode::kCrashed);
  EXPECT_THAT(
      calls_ns.error().message,
      AllOf(HasSubstr("time: its output ended before it answered"), HasSubstr("status 255")));
  EXPECT_THAT(opened->session->time({.group = "[0,2)"}).error().message,
              HasSubstr("the process that had this session open is gone"));
  EXPECT_THAT(servers_left(), IsEmpty()) << "it was in the middle of minutes of work";

  const auto again = client.inspect({.artifact = built->artifact});
  EXPECT_TRUE(again) << again.error().message;
}

// Wherever they break, in a gate or in a block. A verdict that a broken decoding left is forgotten by --fresh alone.
TEST_F(RemoteRunner, ASweepWhoseConnectionsBreakLosesWhatWasInHandAndGoesOnWhenAskedAgain) {
  std::atomic<bool> is_over = false;
  int broken = 0;
  std::thread breaker([&] {
    while (!is_over && broken < 2) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1500));
      broken += sshd_->break_connections() > 0 ? 1 : 0;
    }
  });
  const Ran disturbed = run_here(sweep());
  is_over = true;
  breaker.join();
  ASSERT_GT(broken, 0) << disturbed.out << disturbed.err;

  std::vector<std::string> typed = sweep();
  typed.insert(typed.end(), {"--retry-failed", "--fresh", "--json"});
  const Ran again = run_here(std::move(typed));
  EXPECT_THAT(again.exit_code, AnyOf(ExitCode::kDone, ExitCode::kInconclusive)) << again.err;
  const auto document = nlohmann::json::parse(again.out, nullptr, false);
  ASSERT_EQ(document["candidates"].size(), 2U);
  for (const auto& candidate : document["candidates"]) {
    EXPECT_EQ(candidate["qualified"], true) << candidate.dump();
    EXPECT_GT(candidate["tok_per_s"], 0);
  }
  EXPECT_THAT(servers_left(), IsEmpty());
}

TEST_F(RemoteRunner, AHostThatIsNotKnownIsNotAsked) {
  std::vector<std::string> words = sshd_->words();
  words.insert(words.begin() + 1, {"-o", "UserKnownHostsFile=/dev/null"});
  words.insert(words.end(), {FUSESWEEP_PROGRAM, "runner", "serve", "cpu"});
  RunnerClient client({.arguments = words, .folder = work()});
  const auto described = client.describe({});
  ASSERT_FALSE(described);
  EXPECT_THAT(described.error().message, HasSubstr("Host key verification failed"));
}

}  // namespace
}  // namespace fusesweep
