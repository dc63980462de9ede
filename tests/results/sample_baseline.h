// A baseline of a miniature, and its shards.
#pragma once

#include <string>
#include <vector>

#include "results/baseline.h"
#include "tests/results/sample_rows.h"
#include "tests/support/small_model.h"

namespace fusesweep {

inline ShardIdentity sample_baseline_shard(const ShardKind& kind) {
  ShardIdentity shard{.model_hash = std::string(32, '1'),
                      .contract_hash = hash_of(small_contract()),
                      .kind = kind,
                      .builder_version = 1};
  if (std::holds_alternative<EmbeddingTable>(kind)) return shard;
  shard.tokens = 1;
  if (std::holds_alternative<Segment>(kind)) shard.context = 8;
  return shard;
}

// "2+1" of three layers with a head and the embedding table, and "3" as the control.
inline Baseline sample_baseline(std::string name = "july") {
  const std::vector<ShardKind> kinds = {Segment{0, 2}, Segment{2, 3}, Segment{0, 3},
                                        HeadSlice{0, 48, 1}, EmbeddingTable{}};
  Baseline baseline{
      .id = *parse_uuid("018bcfe5-687b-7000-8000-000000000001"),
      .name = std::move(name),
      .set_unix_ms = 1'700'000'000'123,
      .sweep = *parse_uuid("018bcfe5-687b-7000-8000-000000000002"),
      .model = {.hash = std::string(32, '1'), .name = "small", .contract = small_contract()},
      .model_file = "/models/small.gguf",
      .provenance = sample_run().provenance,
      .runner = {.kind = "cpu",
                 .words = {"runner", "serve", "cpu"},
                 .program_hash = std::string(32, '8'),
                 .row = sample_runner(),
                 .is_copied = true},
      .options_hash = std::string(32, 'f'),
      .residency_limit_bytes = std::uint64_t{1} << 31U,
      .prompt_tokens = 16,
      .decode_tokens = 64,
      .decodings = 4,
      .turn_tokens = 16,
      .positions = 8,
      .prompts = 3,
      .gate_prompt_tokens = 12,
      .greedy_tokens = 16};
  std::vector<std::string> hashes;
  for (const ShardKind& kind : kinds) {
    baseline.shards.push_back(
        {.identity = sample_baseline_shard(kind),
         .content_hash = std::string(32, '3'),
         .bytes = 12'345'678,
         .build_ns = 1'500'000'000,
         .kinds = {{"conv", "vector", "int8_conv.avx3", 8}, {"add", "ref", "", 2}},
         .verdicts = {sample_verdict().verdict}});
    hashes.push_back(hash_of(baseline.shards.back().identity));
  }
  baseline.shards.back().build_ns = std::nullopt;
  baseline.shards.back().kinds.clear();
  BaselineSplit split{.name = "2+1",
                      .split = "2+1",
                      .split_key = std::string(32, '4'),
                      .threads = 2,
                      .shards = {hashes[0], hashes[1], hashes[3], hashes[4]},
                      .verdicts = {sample_verdict("full-stack").verdict},
                      .ms_per_token = 25,
                      .ids = {1, 47, 0, -1}};
  split.shape.tokens = 1;
  split.shape.context = 8;
  baseline.splits.push_back(split);
  split.name = split.split = "3";
  split.split_key = std::string(32, '5');
  split.shards = {hashes[2], hashes[3], hashes[4]};
  split.ms_per_token = 26.5;
  split.ids.clear();
  baseline.control = split;
  return baseline;
}

// As little as may be said.
inline Baseline silent_baseline() {
  Baseline baseline = sample_baseline("silent");
  baseline.control = std::nullopt;
  baseline.shards.erase(baseline.shards.begin() + 2);  // the control's
  for (BaselineShard& shard : baseline.shards) {
    shard.build_ns = std::nullopt;
    shard.kinds.clear();
    shard.verdicts.clear();
  }
  baseline.model_file.clear();
  baseline.provenance = {};
  baseline.runner.program_hash.clear();
  baseline.runner.is_copied = baseline.runner.may_start = false;
  baseline.residency_limit_bytes = std::nullopt;
  return baseline;
}

}  // namespace fusesweep
