// StackSession: loaded shards, in the order in which they run: what every runner that executes shards
// by itself does with them. The host's work between the shards is here; how one shard is run, is its
// ShardExecutor's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/mapped_file.h"
#include "harness/base/progress.h"
#include "runners/runner.h"
#include "runners/stack/host_inputs.h"
#include "runners/stack/port_plan.h"
#include "runners/stack/run_counters.h"
#include "runners/stack/shard_executor.h"
#include "runners/stack/stack.h"

namespace fusesweep {

// What a session needs beside the stack.
struct StackSetup {
  RunnerOptions options;
  LoadShard load;
  std::function<RunCounters()> counters = read_counters;
};

class StackSession final : public Session {
 public:
  // Loads everything, makes the first call of each group and the warm-up calls. Errors name the
  // package and what does not fit.
  static Result<Opened> open(const Stack& stack, StackSetup setup, Progress& progress);

  Result<std::vector<GroupOutput>> run(const RunRequest& request) override;
  Result<DecodeResult> decode(const DecodeRequest& request) override;
  Result<std::vector<std::int64_t>> time(const TimeRequest& request) override;

 private:
  struct Shard {
    PortPlan ports;
    std::unique_ptr<ShardExecutor> executor;
  };
  // A segment, or all slices of the head.
  struct Group {
    std::string name;
    std::vector<Shard> shards;
  };

  StackSession(const Stack& stack, StackSetup setup);
  Result<Shard> load_shard(const StackedShard& shard) const;
  Result<void> load(const Stack& stack, std::vector<GroupLoad>& loads, Progress& progress);
  Result<void> check_ids(std::span<const int> ids) const;
  Result<void> check_room(std::size_t positions) const;
  Result<void> call_group(std::size_t group, std::span<const std::uint16_t> x);
  int tokens_of_call() const;
  std::span<const std::uint16_t> hidden_of(std::size_t group);
  void feed_alone(std::size_t group);  // inputs of no meaning, at position 0
  Result<void> call_alone(std::size_t group);
  Result<void> reset();
  void wait_injected(const std::string& group) const;  // the waiting that options add to a group
  std::int64_t now() const;

  // Fills the caches and gives the first generated id.
  Result<int> prefill(std::span<const int> prompt, DecodeResult& result);
  // The ids at [position, position + ids.size()), at most tokens() of them; adds what each group took
  // to `group_ns`: embed, host, then the groups.
  Result<int> step(std::span<const int> ids, int position, std::span<std::int64_t> group_ns);

  Contract contract_;
  StackSetup setup_;
  // Where the last decode ended, as long as the caches hold it.
  struct Ended {
    int id = 0;
    int position = 0;  // that the id will have
  };

  SystemClock clock_;
  std::optional<Ended> ended_;
  std::optional<MappedFile> embedding_;
  std::vector<Group> groups_;
  std::optional<HostInputs> host_;
  bool holds_tokens_ = false;          // the caches do: calls alone want them empty
  std::vector<std::uint16_t> x_;       // fp16 [d_model, tokens], as shards take it
  std::vector<std::uint16_t> column_;  // one token's logits of a slice
};

}  // namespace fusesweep
