// Arms for blocks: a test's script says what each start and each decode gives, and everything that
// happens is noted.
#pragma once

#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/measure/block.h"
#include "runners/runner.h"

namespace fusesweep {

// A decode that is asked for, counted from 0.
struct FakeCall {
  int start = 0;  // the arm's processes so far, without this one
  int call = 0;   // the decodes of this process so far
};

struct FakeArmScript {
  // An error instead of a process.
  std::function<std::optional<Error>(int start)> start_error = [](int) { return std::nullopt; };
  std::function<Result<DecodeResult>(const FakeCall&, const DecodeRequest&)> decode;
};

// One group, ids that count on from the prompt, every token of `token_ns`.
inline DecodeResult fake_decode(const DecodeRequest& request, std::int64_t token_ns) {
  const auto tokens = static_cast<std::size_t>(request.decode_tokens);
  DecodeResult result{.prefill_ns = 3 * token_ns, .groups = {"[0,4)"}, .prefill_group_ns = {1}};
  result.ids.resize(tokens + 1);
  std::iota(result.ids.begin(), result.ids.end(), request.prompt.back() + 1);
  result.token_ns.assign(tokens, token_ns);
  result.group_ns.assign(tokens, {token_ns});
  return result;
}

inline FakeArmScript steady(std::int64_t token_ns) {
  return {.decode = [token_ns](const FakeCall&, const DecodeRequest& request) {
    return fake_decode(request, token_ns);
  }};
}

// Shared by the arms of a test, which it must outlive.
struct FakeArmLog {
  std::vector<std::string> events;  // "start a", "decode a", "close a", "end a"
  int processes = 0;                // that run now
  int sessions = 0;                 // that are open now
};

class FakeArmSession final : public Session {
 public:
  FakeArmSession(std::string name, FakeArmScript script, int start, FakeArmLog& log)
      : name_(std::move(name)), script_(std::move(script)), start_(start), log_(log) {
    ++log_.sessions;
  }
  // Its runner's process must still be there.
  ~FakeArmSession() override {
    --log_.sessions;
    log_.events.push_back((log_.processes > log_.sessions ? "close " : "close too late ") + name_);
  }
  FakeArmSession(const FakeArmSession&) = delete;
  FakeArmSession& operator=(const FakeArmSession&) = delete;

  Result<std::vector<GroupOutput>> run(const RunRequest& /*request*/) override {
    return unavailable("a fake arm decodes only");
  }
  Result<DecodeResult> decode(const DecodeRequest& request) override {
    log_.events.push_back("decode " + name_);
    return script_.decode({start_, calls_++}, request);
  }
  Result<std::vector<std::int64_t>> time(const TimeRequest& /*request*/) override {
    return unavailable("a fake arm decodes only");
  }

 private:
  const std::string name_;
  const FakeArmScript script_;
  const int start_;
  FakeArmLog& log_;
  int calls_ = 0;
};

// Stands for the process; it is there to end.
class FakeArmRunner final : public Runner {
 public:
  FakeArmRunner(std::string name, FakeArmLog& log) : name_(std::move(name)), log_(log) {
    ++log_.processes;
  }
  ~FakeArmRunner() override {
    --log_.processes;
    log_.events.push_back("end " + name_);
  }
  FakeArmRunner(const FakeArmRunner&) = delete;
  FakeArmRunner& operator=(const FakeArmRunner&) = delete;

  Result<RunnerDescription> describe(const RunnerOptions& /*options*/) override {
    return RunnerDescription{.name = name_};
  }
  Result<BuiltShard> build(const BuildRequest& /*request*/, Progress& /*progress*/) override {
    return unavailable("a fake arm is opened already");
  }
  Result<Placement> inspect(const InspectRequest& /*request*/) override {
    return unavailable("a fake arm is opened already");
  }
  Result<Opened> open(const OpenRequest& /*request*/, Progress& /*progress*/) override {
    return unavailable("a fake arm is opened already");
  }

 private:
  const std::string name_;
  FakeArmLog& log_;
};

inline Arm fake_arm(std::string name, FakeArmScript script, FakeArmLog& log) {
  auto start = [name, script = std::move(script), &log,
                starts = 0](Progress& /*progress*/) mutable -> Result<StartedArm> {
    log.events.push_back("start " + name);
    const int number = starts++;
    if (auto error = script.start_error(number)) return fail(*std::move(error));
    StartedArm started{.runner = std::make_unique<FakeArmRunner>(name, log)};
    started.opened.load_ns = 1000 + number;
    started.opened.groups = {{"[0,4)", 900, 50}};
    started.opened.session = std::make_unique<FakeArmSession>(name, script, number, log);
    return started;
  };
  return {std::move(name), std::move(start)};
}

}  // namespace fusesweep
