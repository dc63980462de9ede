#include "harness/sweep/trial_blocks.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "harness/stats/cell_estimate.h"
#include "harness/sweep/stored_words.h"

namespace fusesweep {
namespace {

// Measured of the cpu runner, its supervisor with it: a process has 15 MiB beside what it opened, and each shard's
// weights and buffers lie on pages of 2 MiB of their own.
constexpr std::uint64_t kProcessBytes = 16 << 20;
constexpr std::uint64_t kBytesBesideShard = 4 << 20;

Result<StartedArm> start(const TrialArm& arm, const StartRunner& start_runner, Progress& progress) {
  Result<std::unique_ptr<Runner>> runner = arm.start ? arm.start() : start_runner();
  if (!runner) return fail(std::move(runner).error());
  Result<Opened> opened = (*runner)->open(arm.open, progress);
  if (!opened) return fail(std::move(opened).error());
  return StartedArm{*std::move(runner), *std::move(opened)};
}

// As it is stored. REQUIRES: no arm has failed.
BlockRow row_of(const Block& block, const std::vector<TrialArm>& arms, std::string trial,
                std::uint64_t seed, std::int64_t began_unix_ms) {
  BlockRow row{.block = block.number,
               .trial = std::move(trial),
               .seed = seed,
               .began_unix_ms = began_unix_ms,
               .wall_ns = block.wall.count(),
               .noise = to_json(block.noise)};
  for (const ArmLoad& loaded : block.loads) {
    ArmLoadRow load{.arm = arms[loaded.arm].name, .load_ns = loaded.load_ns};
    for (const GroupLoad& group : loaded.groups) {
      if (group.activation_ns) load.activation_ns[group.group] = *group.activation_ns;
    }
    row.loads.push_back(std::move(load));
  }
  for (const ArmRound& round : block.rounds) {
    row.cells.push_back({.arm = arms[round.arm].name,
                         .split_key = arms[round.arm].split_key,
                         .round = round.round,
                         .position = round.position,
                         .prefill_ns = round.result.prefill_ns,
                         .groups = round.result.groups,
                         .token_ns = round.result.token_ns,
                         .group_ns = round.result.group_ns,
                         .ids = round.result.ids,
                         .counters = row_of(round.result.decode_counters),
                         .sum = round.result.sum,
                         .passes = round.result.passes});
  }
  return row;
}

// The times of an arm's turn: which of them `times_of` takes.
template <typename TimesOf>
BlockCells cells_of(const BlockRow& block, std::span<const std::string> arms, TimesOf times_of) {
  std::map<int, RoundTokens> rounds;
  for (const CellRow& cell : block.cells) {
    const auto arm = std::find(arms.begin(), arms.end(), cell.arm);
    if (arm == arms.end()) continue;
    RoundTokens& round = rounds.try_emplace(cell.round, arms.size()).first->second;
    round[static_cast<std::size_t>(arm - arms.begin())] = times_of(cell);
  }
  std::vector<RoundTokens> in_order;
  in_order.reserve(rounds.size());
  for (auto& [number, round] : rounds) in_order.push_back(std::move(round));
  if (in_order.empty()) return BlockCells(arms.size());
  return cells_of_rounds(in_order);
}

}  // namespace

std::uint64_t memory_of(const Contract& contract, int layers, int context,
                        std::uint64_t shard_bytes) {
  constexpr std::uint64_t kBytesPerValue = 2;
  std::uint64_t bytes = 2 * kBytesPerValue;  // keys and values
  for (const int factor : {layers, contract.n_kv_heads, contract.d_head, context})
    bytes *= static_cast<std::uint64_t>(factor);
  bytes += shard_bytes;
  return bytes + bytes / 10;
}

Result<TrialArm> prepare_arm(Runner& runner, const RunnerDescription& description,
                             const RunnableModel& model, const SplitToPrepare& wanted,
                             std::string name, Progress& progress) {
  Result<PreparedSplit> prepared = prepare_split(runner, description, model, wanted, progress);
  if (!prepared) return fail(std::move(prepared).error());
  const Result<std::vector<ShardIdentity>> shards = shards_of(model, wanted);
  if (!shards) return fail(shards.error());
  const std::vector<ShardIdentity> built = built_by(description, *shards);
  std::uint64_t shard_bytes = 0;
  for (const BuiltShard& shard : prepared->shards) shard_bytes += shard.bytes;
  return TrialArm{.name = std::move(name),
                  .split_key = subject_of(wanted.split, *shards).key,
                  .content = content_of(built, contents_of(built, *prepared)),
                  .open = std::move(prepared->open),
                  .bytes = kProcessBytes + shards->size() * kBytesBesideShard +
                           memory_of(model.contract, model.contract.n_layers, wanted.shape.context,
                                     shard_bytes),
                  .weight_bytes = prepared->process_bytes};
}

std::vector<TrialArm> with_twin(const std::vector<TrialArm>& arms) {
  std::vector<TrialArm> all = arms;
  TrialArm twin = arms.front();
  twin.name = kTwinName;
  all.insert(all.begin() + 1, std::move(twin));
  return all;
}

std::vector<Arm> startable(const std::vector<TrialArm>& arms, const StartRunner& start_runner) {
  std::vector<Arm> all;
  all.reserve(arms.size());
  for (const TrialArm& arm : arms) {
    all.push_back(
        {arm.name,
         [&arm, &start_runner](Progress& progress) { return start(arm, start_runner, progress); },
         arm.speculation});
  }
  return all;
}

int turn_tokens_for(const RunnerDescription& runner, int wanted) {
  return can(runner, kContinueCapability) ? wanted : 0;
}

Json to_json(const BlockNoise& noise) {
  Json json = Json::object();
  const auto add = [&](const char* name, const auto& value) {
    if (value) json[name] = *value;
  };
  add("steal_rel", noise.steal_rel);
  add("throttled_rel", noise.throttled_rel);
  add("steal_ns", noise.steal_ns);
  add("involuntary_switches", noise.involuntary_switches);
  add("migrations", noise.migrations);
  add("minor_faults", noise.minor_faults);
  add("major_faults", noise.major_faults);
  add("frequency_min_hz", noise.frequency_min_hz);
  add("frequency_max_hz", noise.frequency_max_hz);
  return json;
}

Result<MeasuredBlock> measure_block(const std::vector<Arm>& startable_arms,
                                    const std::vector<TrialArm>& arms, const std::string& trial,
                                    int number, const BlockDesign& design,
                                    const BlockPlace& place) {
  const auto began = place.clock.wall_now().time_since_epoch();
  const Result<Block> block =
      run_block(startable_arms, design, number, place.clock, place.progress);
  if (!block) return fail(block.error());
  if (!block->failures.empty()) return MeasuredBlock{.row = {}, .failure = block->failures.front()};
  MeasuredBlock measured{
      .row = row_of(*block, arms, trial, design.seed,
                    std::chrono::duration_cast<std::chrono::milliseconds>(began).count())};
  if (auto put = place.store.put_block(place.run, place.sweep, measured.row); !put)
    return fail(std::move(put).error());
  return measured;
}

BlockCells cells_of(const BlockRow& block, std::span<const std::string> arms) {
  return cells_of(block, arms,
                  [](const CellRow& cell) { return times_of_steps(cell.token_ns, cell.sum); });
}

BlockCells group_cells_of(const BlockRow& block, std::span<const std::string> arms,
                          const std::string& group) {
  return cells_of(block, arms, [&](const CellRow& cell) {
    std::vector<std::int64_t> times;
    const auto place = std::find(cell.groups.begin(), cell.groups.end(), group);
    if (place == cell.groups.end()) return times;
    for (const std::vector<std::int64_t>& step : cell.group_ns)
      times.push_back(step[static_cast<std::size_t>(place - cell.groups.begin())]);
    return times;
  });
}

std::vector<BlockCells> cells_of(std::span<const BlockRow> blocks,
                                 const std::vector<TrialArm>& arms) {
  std::vector<std::string> names;
  for (const TrialArm& arm : arms) names.push_back(arm.name);
  std::vector<BlockCells> table;
  table.reserve(blocks.size());
  for (const BlockRow& block : blocks) table.push_back(cells_of(block, names));
  return table;
}

std::vector<int> ids_of(const BlockRow& block, const std::string& arm) {
  std::vector<int> ids;
  for (const CellRow& cell : block.cells) {
    if (cell.arm == arm) ids.insert(ids.end(), cell.ids.begin(), cell.ids.end());
  }
  return ids;
}

double seconds_of(const BlockRow& block) { return static_cast<double>(block.wall_ns) / 1e9; }

TrialNoise noise_of(std::span<const BlockRow> blocks) {
  const auto share_of = [&](const char* name) -> std::optional<double> {
    double share_ns = 0;
    double wall_ns = 0;
    for (const BlockRow& block : blocks) {
      const auto share = block.noise.find(name);
      if (share == block.noise.end() || !share->is_number()) continue;
      share_ns += share->get<double>() * static_cast<double>(block.wall_ns);
      wall_ns += static_cast<double>(block.wall_ns);
    }
    return wall_ns > 0 ? std::optional(share_ns / wall_ns) : std::nullopt;
  };
  return {.steal_rel = share_of("steal_rel"), .throttled_rel = share_of("throttled_rel")};
}

}  // namespace fusesweep
