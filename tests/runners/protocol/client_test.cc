#include "runners/protocol/client.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

extern char** environ;  // not every unistd.h declares it

namespace fusesweep {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr milliseconds kLong =
    std::chrono::minutes(5);  // never reached, however busy the machine is
constexpr milliseconds kShort{300};

// Inspect is the call that goes wrong, describe the one after it.
RunnerClient client_of(const std::string& scenario, const TemporaryFolder& work,
                       milliseconds inspect_limit = kLong) {
  return RunnerClient({.arguments = {FUSESWEEP_SCRIPTED_CHILD, scenario},
                       .folder = work.path(),
                       .memory_limit_bytes = std::uint64_t{400} << 20},
                      {.describe = kLong, .inspect = inspect_limit});
}

std::vector<pid_t> noted_pids(const TemporaryFolder& work) {
  std::ifstream file(work.path() / "pids");
  std::vector<pid_t> pids;
  for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
  return pids;
}

// Waits, with a bound that only a broken program reaches.
bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 3000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

bool is_gone(pid_t pid) { return kill(pid, 0) != 0 && errno == ESRCH; }

bool has_no_children() { return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (int fd = 0; fd < 1024; ++fd) count += fcntl(fd, F_GETFD) >= 0 ? 1U : 0U;
  return count;
}

TEST(RunnerClient, AProgramThatHasCompiledAsOftenAsItMayGivesWayToAFreshOne) {
  const TemporaryFolder work;
  RunnerClient client = client_of("serve", work);
  const SystemClock clock;
  Progress progress({}, clock);
  const InspectRequest inspect{.artifact = work.path()};
  const OpenRequest open{.artifacts = {work.path() / "a"}};
  ASSERT_TRUE(client.inspect(inspect));
  const auto unlimited = client.pid();
  ASSERT_TRUE(client.inspect(inspect));
  EXPECT_EQ(client.pid(), unlimited) << "it never said that it must not";

  ASSERT_EQ(client.describe({.own = {{"compiles", 2}}})->process_compiles, 2U);
  ASSERT_TRUE(client.inspect(inspect)) << "it has two behind it";
  const auto second = client.pid();
  EXPECT_NE(second, unlimited);
  ASSERT_TRUE(client.describe({.own = {{"compiles", 2}}}));
  const auto opened = client.open(open, progress);
  ASSERT_TRUE(opened);
  EXPECT_EQ(client.pid(), second) << "it had one behind it, and describing is none";
  ASSERT_TRUE(client.inspect(inspect));
  EXPECT_EQ(client.pid(), second) << "a session is open in it";
  EXPECT_TRUE(opened->session->time({.group = "a"}));
}

TEST(RunnerClient, ASessionThatWasClosedHoldsNoProgram) {
  const TemporaryFolder work;
  RunnerClient client = client_of("serve", work);
  const SystemClock clock;
  Progress progress({}, clock);
  ASSERT_TRUE(client.describe({.own = {{"compiles", 1}}}));
  const auto first = client.pid();
  ASSERT_TRUE(client.open({.artifacts = {work.path() / "a"}}, progress));
  EXPECT_EQ(client.pid(), first);
  ASSERT_TRUE(client.inspect({.artifact = work.path()}));
  EXPECT_NE(client.pid(), first);
}

TEST(RunnerClient, EveryMisbehaviourIsAnErrorThatSaysWhatHappenedAndTheNextCallStartsAfresh) {
  using enum ErrorCode;
  const struct {
    const char* scenario;
    milliseconds limit;
    ErrorCode code;
    std::vector<std::string> said;
  } rows[] = {
      {"exit",
       kLong,
       kCrashed,
       {"its output ended before it answered", "exited with status 3",
        "last word on stderr: no such device"}},
      {"exit_after_request",
       kLong,
       kCrashed,
       {"its output ended before it answered; it exited with status 0"}},
      {"crash",
       kLong,
       kCrashed,
       {"its output ended before it answered; it was killed by signal 9"}},
      {"exit_in_line",
       kLong,
       kCrashed,
       {"in the middle of a line that begins '{\"jsonrpc\":\"2.0\"'"}},
      {"half_line", kShort, kTimedOut, {"no answer within the limit of 0.3 s; it was killed"}},
      {"silent", kShort, kTimedOut, {"no answer within the limit of 0.3 s; it was killed"}},
      {"stopped", kShort, kTimedOut, {"no answer within the limit of 0.3 s; it was killed"}},
      {"closes_stdin", kShort, kTimedOut, {"no answer within the limit of 0.3 s"}},
      {"closes_stdout", kLong, kCrashed, {"its output ended before it answered; it was killed"}},
      {"long_line",
       kLong,
       kCrashed,
       {"found a line of more than 16777216 bytes that begins 'xxxx"}},
      {"invalid_utf8",
       kLong,
       kCrashed,
       {"found a line that is not protocol: '{\"a\":\"\\xff\\xfe\"}'"}},
      {"garbage", kLong, kCrashed, {"found a line that is not protocol: '\\x1b[31m\\x00\\x7f{{{'"}},
      {"chatter", kLong, kCrashed, {"found a line that is not protocol: 'Loading model...'"}},
      {"no_rpc",
       kLong,
       kCrashed,
       {"found a line that is not protocol: '{\"result\":{}}': jsonrpc: want"}},
      {"deep", kLong, kCrashed, {"found a line that is not protocol: '[[[["}},
      {"wrong_id", kLong, kCrashed, {"found an answer to request '999', want one to 1"}},
      {"out_of_order", kLong, kCrashed, {"found an answer to request '2', want one to 1"}},
      {"deaf", kLong, kCrashed, {"it did not understand the request: 'what?'"}},
      {"bad_result", kLong, kCrashed, {"result.evidence: found 1, want a string"}},
      {"request", kLong, kCrashed, {"found a request, want an answer or a notification"}},
      {"bad_progress", kLong, kCrashed, {"progress.stage: found nothing, want a value"}},
      {"orphans", kShort, kTimedOut, {"no answer within the limit of 0.3 s; it was killed"}},
      {"orphans_then_exit", kLong, kCrashed, {"exited with status 0"}},
#ifdef __linux__
      {"eats_memory", kLong, kCrashed, {"it took more than the memory limit of 419430400 bytes"}},
#endif
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.scenario);
    const TemporaryFolder work;
    const std::size_t descriptors = open_descriptors();
    {
      RunnerClient client = client_of(row.scenario, work, row.limit);
      const Result<Placement> placement = client.inspect({.artifact = work.path()});
      ASSERT_FALSE(placement);
      EXPECT_EQ(placement.error().code, row.code);
      EXPECT_THAT(placement.error().message, StartsWith("runner '"));
      EXPECT_THAT(placement.error().message, HasSubstr("inspect: "));
      for (const std::string& part : row.said)
        EXPECT_THAT(placement.error().message, HasSubstr(part));
      EXPECT_TRUE(has_no_children());
      for (const pid_t pid : noted_pids(work)) EXPECT_TRUE(is_gone(pid)) << pid;

      const Result<RunnerDescription> description = client.describe({});
      ASSERT_TRUE(description) << description.error().message;
      EXPECT_EQ(description->name, "fake");
    }
    EXPECT_TRUE(has_no_children());
    EXPECT_EQ(open_descriptors(), descriptors);
  }
}

// A crash, a limit and an answer are three things, whatever the call.
TEST(RunnerClient, ABuildThatFailsIsTheErrorOfWhatBecameOfTheChild) {
  const struct {
    const char* scenario;
    milliseconds limit;
    ErrorCode code;
    const char* said;
    bool goes_on;
  } rows[] = {
      {"exit_in_build", kLong, ErrorCode::kCrashed, "build: its output ended before it answered;",
       false},
      {"answers_outside", kLong, ErrorCode::kCrashed, "build: found the artifact '/etc', want one",
       false},
      {"bad_result", kLong, ErrorCode::kCrashed, "build: result.artifact: found nothing", false},
      {"silent", kShort, ErrorCode::kTimedOut, "build: no answer within the limit of 0.3 s", false},
      {"passes_on_a_crash", kLong, ErrorCode::kCrashed, "build: the other one died", true},
      {"serve", kLong, ErrorCode::kInvalidInput, "build: model: found other.gguf", true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.scenario);
    const TemporaryFolder work;
    const SystemClock clock;
    Progress nobody({}, clock);
    RunnerClient client(
        {.arguments = {FUSESWEEP_SCRIPTED_CHILD, row.scenario}, .folder = work.path()},
        {.build = row.limit});
    const ShardIdentity shard{.model_hash = std::string(32, 'a'),
                              .contract_hash = std::string(32, 'b'),
                              .kind = Segment{0, 16},
                              .builder_version = 1,
                              .tokens = 1,
                              .context = 8};
    const Result<BuiltShard> built =
        client.build({.identity = shard, .model = "/other.gguf", .artifacts = work.path()}, nobody);
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().code, row.code) << built.error().message;
    EXPECT_THAT(built.error().message, HasSubstr(row.said));
    EXPECT_EQ(client.pid().has_value(), row.goes_on);
  }
}

TEST(RunnerClient, AfterItsProgramWasEndedAnotherProcessServes) {
  const TemporaryFolder work;
  RunnerClient client = client_of("serve", work);
  std::vector<pid_t> pids;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.describe({}));
    const std::optional<pid_t> pid = client.pid();
    ASSERT_TRUE(client.describe({}));
    ASSERT_TRUE(pid);
    EXPECT_EQ(client.pid(), pid);
    EXPECT_THAT(pids, Not(Contains(*pid)));
    pids.push_back(*pid);
    client.end_program();
    EXPECT_FALSE(client.pid());
    EXPECT_TRUE(is_gone(*pid));
  }
  client.end_program();  // there is none, which is no trouble
  EXPECT_TRUE(client.describe({}));
}

TEST(RunnerClient, HoweverEarlyTheChildIsKilledNothingOfItStays) {
  const TemporaryFolder work;
  for (int limit_ms = 0; limit_ms < 8; ++limit_ms) {
    RunnerClient client(
        {.arguments = {FUSESWEEP_SCRIPTED_CHILD, "orphans", "always"}, .folder = work.path()},
        {.describe = milliseconds(limit_ms)});
    EXPECT_FALSE(client.describe({}));
    EXPECT_TRUE(has_no_children());
    for (const pid_t pid : noted_pids(work)) EXPECT_TRUE(is_gone(pid)) << pid;
  }
}

TEST(RunnerClient, WhenItsProcessIsKilledTheChildAndItsOrphansAreGoneSoon) {
  const TemporaryFolder work;
  std::vector<std::string> words = {"/bin/sh", "-c", "cd \"$1\" && exec \"$0\" parent",
                                    FUSESWEEP_SCRIPTED_CHILD, work.path().string()};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t parent = 0;
  ASSERT_EQ(posix_spawn(&parent, argv[0], nullptr, nullptr, argv.data(), environ), 0);
  EXPECT_TRUE(eventually([&] { return noted_pids(work).size() == 3; }));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  for (const pid_t pid : noted_pids(work)) EXPECT_TRUE(eventually([pid] { return is_gone(pid); }));
}

TEST(RunnerClient, AProgramThatCannotBeStartedIsNamed) {
  const TemporaryFolder work;
  const auto message = [](const std::string& program, const std::filesystem::path& folder) {
    RunnerClient client({.arguments = {program}, .folder = folder});
    const Result<RunnerDescription> description = client.describe({});
    EXPECT_FALSE(description);
    EXPECT_EQ(description.error().code, ErrorCode::kUnavailable);
    return description.error().message;
  };
  EXPECT_EQ(message("no-such-program", work.path()),
            "runner: 'no-such-program': could not be started: No such file or directory");
  EXPECT_EQ(message(work.path(), work.path()),
            "runner: '" + work.path().string() + "': could not be started: Permission denied");
  EXPECT_EQ(message("true", work.path() / "nowhere"), "runner: 'true': could not be started in '" +
                                                          (work.path() / "nowhere").string() +
                                                          "': No such file or directory");
  EXPECT_TRUE(has_no_children());
}

TEST(RunnerClient, TheChildGetsThreeDescriptorsAndNoMore) {
  const TemporaryFolder work;
  const int inherited = open("/dev/null", O_RDONLY);
  ASSERT_GE(inherited, 0);
  RunnerClient first = client_of("serve", work);
  ASSERT_TRUE(first.describe({}));
  RunnerClient client = client_of("descriptors", work);
  const Result<RunnerDescription> description = client.describe({});
  close(inherited);
  ASSERT_TRUE(description) << description.error().message;
  EXPECT_EQ(description->toolchain, "0 1 2 ");
}

TEST(RunnerClient, ALogOfTenMegabytesHoldsNobodyUp) {
  const TemporaryFolder work;
  RunnerClient client = client_of("spews_stderr", work);
  ASSERT_TRUE(client.describe({}));
  const Result<RunnerDescription> again = client.describe({});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("last word on stderr: enough"));
}

TEST(RunnerClient, ARequestThatNobodyReadsEndsAtTheLimit) {
  const TemporaryFolder work;
  RunnerClient client = client_of("silent", work, kShort);
  RunnerOptions options;
  options.own["padding"] = std::string(std::size_t{1} << 20, 'x');
  const Result<Placement> placement = client.inspect({.artifact = work.path(), .options = options});
  ASSERT_FALSE(placement);
  EXPECT_THAT(placement.error().message, HasSubstr("no answer within the limit"));
}

TEST(RunnerClient, ARequestToAProgramThatIsGoneIsNoSignalForUs) {
  const TemporaryFolder work;
  RunnerClient client = client_of("exit", work);
  RunnerOptions options;
  options.own["padding"] = std::string(std::size_t{1} << 20, 'x');
  EXPECT_FALSE(client.inspect({.artifact = work.path(), .options = options}));
  EXPECT_TRUE(client.describe(options));
}

TEST(RunnerClient, CarriesEveryCallToARunnerAndItsAnswersBack) {
  const TemporaryFolder work;
  const SystemClock clock;
  RunnerClient client = client_of("serve", work);
  RunnerOptions options{.threads = 3};
  options.own["fake"] = {{"x", 1}};
  EXPECT_EQ(client.describe(options)->toolchain, R"(threads 3 {"fake":{"x":1}})");
  EXPECT_TRUE(client.pid().has_value());

  std::mutex mutex;
  std::vector<std::string> drawn;
  const ShardIdentity shard{.model_hash = std::string(32, 'a'),
                            .contract_hash = std::string(32, 'b'),
                            .kind = Segment{0, 16},
                            .builder_version = 1,
                            .tokens = 1,
                            .context = 8};
  {
    const FakeClock still;
    Progress progress(
        [&](const ProgressState* state) {
          const std::scoped_lock lock(mutex);
          if (state != nullptr) drawn.push_back(progress_line(*state));
        },
        still);
    const Result<BuiltShard> built = client.build(
        {.identity = shard, .model = "/anywhere/model.gguf", .artifacts = work.path()}, progress);
    ASSERT_TRUE(built) << built.error().message;
    EXPECT_EQ(built->artifact, work.path() / hash_of(shard));
    EXPECT_EQ(built->bytes, 12U);
    EXPECT_EQ(built->build_ns, 34);
    progress.redraw();
    const Result<BuiltShard> refused = client.build(
        {.identity = shard, .model = "/other.gguf", .artifacts = work.path()}, progress);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
    EXPECT_THAT(refused.error().message, HasSubstr("build: model: found other.gguf"));
  }
  EXPECT_THAT(drawn, Contains("building 3/4 [0,16)  elapsed 0:00  remaining 0:00"));

  // inspect prints to stdout, which is none of the protocol's.
  EXPECT_EQ(client.inspect({.artifact = work.path()})->compute, (ResidentCount{3, 2}));
  EXPECT_EQ(client.inspect({.artifact = work.path() / "no"}).error().code, ErrorCode::kNotRecorded);
  EXPECT_THAT(client.inspect({.artifact = "/etc"}).error().message,
              HasSubstr("params.artifact: found '/etc', want a path in the work folder"));

  Progress nobody({}, clock);
  Result<Opened> one = client.open({.artifacts = {work.path() / "a", work.path() / "b"}}, nobody);
  Result<Opened> two = client.open({.artifacts = {work.path() / "c"}}, nobody);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->load_ns, 9);
  ASSERT_EQ(one->groups.size(), 2U);
  EXPECT_EQ(one->groups[1].group, "b");
  const auto outputs = one->session->run({.ids = {1, 2}, .folder = work.path()});
  ASSERT_TRUE(outputs) << outputs.error().message;
  EXPECT_EQ(outputs->at(1).file, work.path() / "b.npy");
  ASSERT_TRUE(outputs->at(0).placement);
  EXPECT_EQ(outputs->at(0).placement->evidence, PlacementEvidence::kRun);
  EXPECT_EQ(outputs->at(0).placement->compute, (ResidentCount{3, 1}));
  EXPECT_FALSE(outputs->at(1).placement);
  const Result<DecodeResult> decoded = two->session->decode({.prompt = {5}, .decode_tokens = 2});
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_THAT(decoded->ids, ElementsAre(6, 7, 8));
  EXPECT_THAT(decoded->group_ns, ElementsAre(ElementsAre(0), ElementsAre(1)));
  EXPECT_EQ(decoded->decode_counters.minor_faults, 5);
  EXPECT_FALSE(two->session->decode({}));
  two->session.reset();
  EXPECT_THAT(*one->session->time({.group = "a", .calls = 3}), ElementsAre(7, 7, 7));
}

TEST(RunnerClient, ASessionEndsWithTheProcessThatHadItOpen) {
  const TemporaryFolder work;
  const SystemClock clock;
  Progress nobody({}, clock);
  RunnerClient client = client_of("serve", work);
  const Result<Opened> opened = client.open({.artifacts = {work.path() / "a"}}, nobody);
  ASSERT_TRUE(opened);
  kill(*client.pid(), SIGKILL);
  const Result<RunnerDescription> killed = client.describe({});
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().code, ErrorCode::kCrashed);
  EXPECT_THAT(killed.error().message, HasSubstr("was killed by signal 9"));
  ASSERT_TRUE(client.describe({}));
  const Result<Opened> fresh = client.open({.artifacts = {work.path() / "a"}}, nobody);
  ASSERT_TRUE(fresh);
  client.end_program();
  EXPECT_FALSE(client.pid());
  EXPECT_TRUE(has_no_children());
  // Each says what became of its own process.
  const auto ended = fresh->session->time({.group = "a", .calls = 1});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(ended.error().message, HasSubstr("is gone: it was ended"));
  const auto times = opened->session->time({.group = "a", .calls = 1});
  ASSERT_FALSE(times);
  EXPECT_EQ(times.error().code, ErrorCode::kCrashed);
  EXPECT_THAT(times.error().message,
              HasSubstr("time: the process that had this session open is gone: describe: its"));
}

}  // namespace
}  // namespace fusesweep
