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
  // Loads everything, makes the first call of each group and the warm-up calls. A group of the
  // verifier counts as part of the same group of the others. Errors name the package and what does not fit.
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
  // Groups that take the same number of tokens a call, and what a call of them needs.
  struct LoadedStack {
    std::vector<Group> groups;
    std::optional<HostInputs> host;
    std::vector<std::uint16_t> x;  // fp16 [d_model, tokens], as shards take it

    int tokens() const { return host->tokens(); }
    // Whether a call at the position writes within the caches: the slice form writes the whole call's
    // rows, padding too.
    bool has_room(int position, std::size_t count) const;
  };
  // Where the last decode ended, as long as the caches hold it.
  struct Ended {
    int id = 0;
    int position = 0;  // that the id will have
  };
  using Times = std::span<std::int64_t>;
  class Laps;

  StackSession(const Stack& stack, StackSetup setup);
  Result<Shard> load_shard(const StackedShard& shard, const ShardExecutor* states_of) const;
  Result<void> load(const Stack& stack, std::vector<GroupLoad>& loads, Progress& progress);
  Result<void> load_shards(const std::vector<StackedShard>& shards, LoadedStack& stack,
                           std::vector<GroupLoad>& loads, Progress& progress);
  Result<void> load_embedding(const std::filesystem::path& path);
  Result<void> call_first(LoadedStack& stack, std::vector<GroupLoad>& loads);
  Result<void> check_ids(std::span<const int> ids) const;
  Result<void> check_room(std::size_t positions) const;
  Result<void> check_speculation(const DecodeRequest& request) const;
  Result<void> call_group(Group& group, std::span<const std::uint16_t> x);
  void feed_alone(LoadedStack& stack, Group& group);  // inputs of no meaning, at position 0
  Result<void> call_alone(LoadedStack& stack, Group& group);
  Result<void> reset();
  LoadedStack* verifier() { return verifier_ ? &*verifier_ : nullptr; }
  void wait_injected(const std::string& group) const;  // the waiting that options add to a group
  std::int64_t now() const;

  // Fills the caches and gives the first generated id.
  Result<int> prefill(std::span<const int> prompt, DecodeResult& result);
  // The ids at [position, position + ids.size()), at most tokens() of them. Adds what each group took to
  // `group_ns`: embed, host, then the groups.
  Result<void> call(LoadedStack& stack, std::span<const int> ids, int position, Times group_ns);
  // Of the last call's logits, for one of its tokens: what greedy decoding chooses, and how far it lies
  // ahead of the next best.
  int choose(LoadedStack& stack, std::size_t token, Times group_ns);
  double margin_of(LoadedStack& stack, std::size_t token);
  std::span<const std::uint16_t> logits_of(LoadedStack& stack, Shard& slice, std::size_t token);

  // One step of decoding that feeds the id at `at`: the ids that it gives, at most `most`, are in given_.
  Result<SpeculativePass> pass(const Speculation& speculation, const Ended& at, std::size_t most,
                               Times group_ns);
  Result<void> greedy_step(const Ended& at, Times group_ns);
  Draft draft_for(const Speculation& speculation, std::size_t most) const;
  Result<void> verify(const Draft& draft, const Ended& at, std::optional<double> guard,
                      SpeculativePass& done, Times group_ns);

  Contract contract_;
  StackSetup setup_;
  SystemClock clock_;
  std::optional<Ended> ended_;
  std::optional<MappedFile> embedding_;
  LoadedStack main_;
  std::optional<LoadedStack> verifier_;  // its executables share the states of main_
  bool holds_tokens_ = false;            // the caches do: calls alone want them empty
  std::vector<std::uint16_t> column_;    // one token's logits of a slice
  std::vector<int> text_;                // prompt and generated ids of the decoding that goes on
  std::size_t prompt_size_ = 0;          // of text_
  std::vector<int> given_;               // by the last step
};

}  // namespace fusesweep
