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
  std::filesystem::path embedding;  // raw fp16 [vocab_size, d_model]; empty: ids cannot be run
  ExecutionChoice choice;
  RunnerOptions options;
};

class CpuSession final : public Session {
 public:
  // Loads everything, makes the first call of each group and the warm-up calls. Errors name the
  // package and what does not fit.
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

  CpuSession(const StackToLoad& stack, int threads);
  static Result<LoadedShard> load_shard(const ShardToLoad& shard, const StackToLoad& stack,
                                        ThreadPool& pool);
  Result<void> load(const StackToLoad& stack, std::vector<GroupLoad>& loads, Progress& progress);
  Result<void> check_ids(std::span<const int> ids) const;
  Result<void> check_room(std::size_t positions) const;
  Result<void> call_group(std::size_t group, std::span<const std::uint16_t> x);
  std::span<const std::uint16_t> hidden_of(std::size_t group);
  void feed_alone(std::size_t group);  // inputs of no meaning, at position 0
  Result<void> call_alone(std::size_t group);
  void reset();
  void wait_injected(const std::string& group) const;  // the waiting that options add to a group
  std::int64_t now() const;

  // Fills the caches and gives the first generated id.
  Result<int> prefill(std::span<const int> prompt, DecodeResult& result);
  // The ids at [position, position + ids.size()), at most tokens() of them; adds what each group took
  // to `group_ns`: embed, host, then the groups.
  Result<int> step(std::span<const int> ids, int position, std::span<std::int64_t> group_ns);

  Contract contract_;
  RunnerOptions options_;
  // Where the last decode ended, as long as the caches hold it.
  struct Ended {
    int id = 0;
    int position = 0;  // that the id will have
  };

  SystemClock clock_;
  ThreadPool pool_;
  std::optional<Ended> ended_;
  std::optional<MappedFile> embedding_;
  std::vector<Group> groups_;
  std::optional<HostInputs> host_;
  bool holds_tokens_ = false;          // the caches do: calls alone want them empty
  std::vector<std::uint16_t> x_;       // fp16 [d_model, tokens], as shards take it
  std::vector<std::uint16_t> column_;  // one token's logits of a slice
};

}  // namespace fusesweep
