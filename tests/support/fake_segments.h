// A runner that times segments: a test says what each call takes and what fails, and everything that is
// asked is noted. Artifacts are called as their segments are: "[0,8)".
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runners/runner.h"

namespace fusesweep {

struct FakeSegments {
  // Calls are counted from 0, of each segment in its process.
  std::function<std::int64_t(const std::string& name, int call)> call_ns = [](const std::string&,
                                                                              int) { return 1000; };

  // What goes wrong: with all segments, or with one only.
  std::string only;
  std::optional<Error> start_error;
  std::optional<Error> describe_error;
  std::function<std::optional<Error>(const std::string& name)> open_error;
  std::function<std::string(const std::string& name)> rename;
  std::function<Result<std::vector<std::int64_t>>(const std::string& name, int call)> time;
  std::function<void()> on_call = [] {};

  // What was asked.
  std::vector<std::string> calls;
  std::vector<OpenRequest> opened;
  int started = 0;
  int processes = 0;  // that run now
  int sessions = 0;   // that are open now

  bool is_sabotaged(const std::string& name) const { return only.empty() || only == name; }

  // Of a process of its own; must outlive it.
  Result<std::unique_ptr<Runner>> start();
};

class FakeSegmentSession final : public Session {
 public:
  FakeSegmentSession(FakeSegments& fake, std::string name) : fake_(fake), name_(std::move(name)) {
    ++fake_.sessions;
  }
  ~FakeSegmentSession() override { --fake_.sessions; }
  FakeSegmentSession(const FakeSegmentSession&) = delete;
  FakeSegmentSession& operator=(const FakeSegmentSession&) = delete;

  Result<std::vector<GroupOutput>> run(const RunRequest& /*request*/) override {
    return unavailable("a fake segment is timed only");
  }
  Result<DecodeResult> decode(const DecodeRequest& /*request*/) override {
    return unavailable("a fake segment is timed only");
  }
  Result<std::vector<std::int64_t>> time(const TimeRequest& /*request*/) override {
    fake_.on_call();
    fake_.calls.push_back(name_);
    const int call = calls_++;
    if (fake_.time && fake_.is_sabotaged(name_)) return fake_.time(name_, call);
    return std::vector<std::int64_t>{fake_.call_ns(name_, call)};
  }

 private:
  FakeSegments& fake_;
  const std::string name_;
  int calls_ = 0;
};

// Stands for the process.
class FakeSegmentRunner final : public Runner {
 public:
  explicit FakeSegmentRunner(FakeSegments& fake) : fake_(fake) { ++fake_.processes; }
  ~FakeSegmentRunner() override { --fake_.processes; }
  FakeSegmentRunner(const FakeSegmentRunner&) = delete;
  FakeSegmentRunner& operator=(const FakeSegmentRunner&) = delete;

  Result<RunnerDescription> describe(const RunnerOptions& /*options*/) override {
    if (fake_.describe_error) return fail(*fake_.describe_error);
    return RunnerDescription{.name = "fake"};
  }
  Result<BuiltShard> build(const BuildRequest& /*request*/, Progress& /*progress*/) override {
    return unavailable("a fake segment is there already");
  }
  Result<Placement> inspect(const InspectRequest& /*request*/) override {
    return unavailable("a fake segment is there already");
  }
  Result<Opened> open(const OpenRequest& request, Progress& /*progress*/) override {
    fake_.opened.push_back(request);
    const std::string name = request.artifacts.front().filename().string();
    if (fake_.open_error && fake_.is_sabotaged(name)) {
      if (auto error = fake_.open_error(name)) return fail(*std::move(error));
    }
    Opened opened{.groups = {{name, 400, 70}}, .load_ns = 400};
    if (fake_.rename && fake_.is_sabotaged(name)) opened.groups.front().group = fake_.rename(name);
    opened.session = std::make_unique<FakeSegmentSession>(fake_, name);
    return opened;
  }

 private:
  FakeSegments& fake_;
};

inline Result<std::unique_ptr<Runner>> FakeSegments::start() {
  ++started;
  if (start_error) return fail(*start_error);
  return std::make_unique<FakeSegmentRunner>(*this);
}

}  // namespace fusesweep
