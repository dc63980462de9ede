// The cpu runner with times that a test writes: what a segment takes by itself, what every shard of a whole
// split costs beyond that, and what no split changes. Everything else is real.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "harness/core/segment.h"
#include "tests/support/forwarding_runner.h"

namespace fusesweep {

struct ScriptedTimes {
  std::function<double(const Segment&)> segment_us;
  double shard_us = 0;
  double rest_us = 100;  // the head's; the embedding's and the host's are none
  double noise_rel = 0.002;
  std::function<std::optional<Error>(const Segment&)> time_error = [](const Segment&) {
    return std::optional<Error>();
  };

  int started = 0;              // processes so far
  std::set<std::string> timed;  // groups that were, by themselves or in a decode

  // Another one in every process, the same for the same one: what a process was dealt.
  std::int64_t ns(const std::string& group, double us, int process) const {
    const auto seed = static_cast<double>(std::hash<std::string>()(group) % 1000 +
                                          static_cast<std::size_t>(process) * 7);
    return std::llround(1000 * us * (1 + noise_rel * std::sin(seed)));
  }
};

class ScriptedTimesSession final : public Session {
 public:
  ScriptedTimesSession(ScriptedTimes& times, std::unique_ptr<Session> session, int process)
      : times_(times), session_(std::move(session)), process_(process) {}

  Result<std::vector<GroupOutput>> run(const RunRequest& request) override {
    return session_->run(request);
  }

  Result<DecodeResult> decode(const DecodeRequest& request) override {
    Result<DecodeResult> result = session_->decode(request);
    if (!result) return result;
    for (std::size_t step = 0; step < result->token_ns.size(); ++step) {
      result->token_ns[step] = 0;
      for (std::size_t g = 0; g < result->groups.size(); ++g) {
        std::int64_t& ns = result->group_ns[step][g];
        ns = group_ns(result->groups[g]);
        result->token_ns[step] += ns;
      }
    }
    return result;
  }

  Result<std::vector<std::int64_t>> time(const TimeRequest& request) override {
    const std::optional<Segment> segment = segment_of(request.group);
    if (!segment) return session_->time(request);
    if (auto error = times_.time_error(*segment)) return fail(*std::move(error));
    times_.timed.insert(request.group);
    return std::vector<std::int64_t>(
        static_cast<std::size_t>(request.calls),
        times_.ns(request.group, times_.segment_us(*segment), process_));
  }

 private:
  static std::optional<Segment> segment_of(const std::string& group) {
    Segment segment;
    if (std::sscanf(group.c_str(), "[%d,%d)", &segment.begin, &segment.end) != 2)
      return std::nullopt;
    return segment;
  }

  std::int64_t group_ns(const std::string& group) {
    if (group == "head") return times_.ns(group, times_.rest_us, process_);
    const std::optional<Segment> segment = segment_of(group);
    if (!segment) return 0;
    times_.timed.insert(group);
    return times_.ns(group, times_.segment_us(*segment) + times_.shard_us, process_);
  }

  ScriptedTimes& times_;
  std::unique_ptr<Session> session_;
  int process_;
};

// A process. The times must outlive it.
class ScriptedTimesRunner final : public ForwardingRunner {
 public:
  explicit ScriptedTimesRunner(ScriptedTimes& times) : times_(times), process_(++times.started) {}

  Result<Opened> open(const OpenRequest& request, Progress& progress) override {
    Result<Opened> opened = cpu.open(request, progress);
    if (opened) {
      opened->session =
          std::make_unique<ScriptedTimesSession>(times_, std::move(opened->session), process_);
    }
    return opened;
  }

 private:
  ScriptedTimes& times_;
  const int process_;
};

}  // namespace fusesweep
