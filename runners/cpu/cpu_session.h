// CpuSession: shards of the cpu runner, loaded, in the order in which they run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/mapped_file.h"
#include "harness/base/progress.h"
#include "runners/cpu/executable.h"
#include "runners/cpu/host_inputs.h"
#include "runners/runner.h"

namespace fusesweep {

// A package to load, and what it is of.
struct ShardToLoad {
  ShardKind kind;  // a segment or a slice of the head
  std::filesystem::path package;
};

struct StackToLoad {
  Contract contract;
  std::vector<ShardToLoad> shards;  // in order
  // The same segments again, of several tokens a call, and a head; may be none.
  std::vector<ShardToLoad> verifier;
  std::filesystem::path embedding;  // raw fp16 [vocab_size, d_model]; empty: ids cannot be run
  ExecutionChoice choice;
  RunnerOptions options;
};

class CpuSession final : public Session {
 public:
  // Loads everything, makes the first call of each group and the warm-up calls. A group of the verifier
  // counts as part of the same group of the others. Errors name the package and what does not fit.
  static Result<Opened> open(const StackToLoad& stack, Progress& progress);

  Result<std::vector<GroupOutput>> run(const RunRequest& request) override;
  Result<DecodeResult> decode(const DecodeRequest& request) override;
  Result<std::vector<std::int64_t>> time(const TimeRequest& request) override;

 private:
  // What one shard's inputs say about it.
  struct LoadedShard {
    Executable executable;
    bool is_head = false;
    KvForm kv_form = KvForm::kMask;
    std::size_t rows = 0;  // of the output: d_model, or the slice of the vocabulary
    int tokens = 0;
    int context = 0;  // 0 for heads
  };
  // A segment, or all slices of the head.
  struct Group {
    std::string name;
    std::vector<LoadedShard> shards;
  };
  // Groups that take the same number of tokens a call, and what a call of them needs.
  struct Stack {
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

  CpuSession(const StackToLoad& stack, int threads);
  static Result<LoadedShard> load_shard(const ShardToLoad& shard, const StackToLoad& stack,
                                        ThreadPool& pool, const Executable* states_of);
  Result<void> load(const StackToLoad& stack, std::vector<GroupLoad>& loads, Progress& progress);
  Result<void> load_shards(const StackToLoad& wanted, const std::vector<ShardToLoad>& shards,
                           Stack& stack, std::vector<GroupLoad>& loads, Progress& progress);
  Result<void> load_embedding(const std::filesystem::path& path);
  Result<void> call_first(Stack& stack, std::vector<GroupLoad>& loads);
  Result<void> check_ids(std::span<const int> ids) const;
  Result<void> check_room(std::size_t positions) const;
  Result<void> check_speculation(const DecodeRequest& request) const;
  Result<void> call_group(Group& group, std::span<const std::uint16_t> x);
  void feed_alone(Stack& stack, Group& group);  // inputs of no meaning, at position 0
  Result<void> call_alone(Stack& stack, Group& group);
  void reset();
  void wait_injected(const std::string& group) const;  // the waiting that options add to a group
  std::int64_t now() const;

  // Fills the caches and gives the first generated id.
  Result<int> prefill(std::span<const int> prompt, DecodeResult& result);
  // The ids at [position, position + ids.size()), at most tokens() of them. Adds what each group took to
  // `group_ns`: embed, host, then the groups.
  Result<void> call(Stack& stack, std::span<const int> ids, int position, Times group_ns);
  // Of the last call's logits, for one of its tokens: what greedy decoding chooses, and how far it lies
  // ahead of the next best.
  int choose(Stack& stack, std::size_t token, Times group_ns);
  double margin_of(Stack& stack, std::size_t token);
  std::span<const std::uint16_t> logits_of(Stack& stack, LoadedShard& slice, std::size_t token);

  // One step of decoding that feeds the id at `at`: the ids that it gives, at most `most`, are in given_.
  Result<SpeculativePass> pass(const Speculation& speculation, const Ended& at, std::size_t most,
                               Times group_ns);
  Result<void> greedy_step(const Ended& at, Times group_ns);
  Draft draft_for(const Speculation& speculation, std::size_t most) const;
  Result<void> verify(const Draft& draft, const Ended& at, std::optional<double> guard,
                      SpeculativePass& done, Times group_ns);

  Contract contract_;
  RunnerOptions options_;
  SystemClock clock_;
  ThreadPool pool_;
  std::optional<Ended> ended_;
  std::optional<MappedFile> embedding_;
  Stack main_;
  std::optional<Stack> verifier_;      // its executables share the states of main_
  bool holds_tokens_ = false;          // the caches do: calls alone want them empty
  std::vector<std::uint16_t> column_;  // one token's logits of a slice
  std::vector<int> text_;              // prompt and generated ids of the decoding that goes on
  std::size_t prompt_size_ = 0;        // of text_
  std::vector<int> given_;             // by the last step
};

}  // namespace fusesweep
