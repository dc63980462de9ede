#include "harness/cli/gc_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <numeric>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/bytes.h"
#include "harness/base/clock.h"
#include "harness/base/folder_lock.h"
#include "harness/base/json.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/cli/stored_run.h"
#include "harness/cli/work_folder.h"
#include "harness/sweep/garbage.h"
#include "harness/sweep/needed_shards.h"
#include "results/baseline.h"

namespace fusesweep {
namespace {

constexpr int kSchemaVersion = 1;

struct Collected {
  std::filesystem::path work;
  bool is_dry_run = false;
  std::vector<Garbage> items;  // removed, or to be removed
  std::vector<LeftAlone> failed;
  std::vector<KeptArtifact> kept;
  std::vector<LeftAlone> left_alone;

  std::uint64_t bytes() const {
    return std::accumulate(
        items.begin(), items.end(), std::uint64_t{0},
        [](std::uint64_t sum, const Garbage& garbage) { return sum + garbage.bytes; });
  }
};

// A dry run does not even bring a store of an older version up to date.
Result<Store> open_store(const std::filesystem::path& work, bool is_dry_run, const Clock& clock) {
  if (is_dry_run) return Store::open(database_file(work), Access::kRead, clock);
  return open_stored(work, clock);
}

// A folder that is there and cannot be read to its end is not one without baselines.
Result<std::vector<ListedBaseline>> read_baselines(const std::filesystem::path& work) {
  const std::filesystem::path folder = work / "baselines";
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  while (!error && at != std::filesystem::directory_iterator()) at.increment(error);
  if (error && error != std::errc::no_such_file_or_directory)
    return unavailable(fmt::format("{}: {}", one_line(folder.string()), error.message()));
  return list_baselines(folder);
}

Result<Collected> collect(const GcArguments& arguments, const std::filesystem::path& work,
                          const Store& store) {
  const Result<std::vector<ListedBaseline>> baselines = read_baselines(work);
  if (!baselines) return fail(baselines.error());
  Result<NeededShards> needed = find_needed(store, *baselines);
  if (!needed) return fail(std::move(needed).error());
  Result<GatedArtifacts> gated = find_gated(store);
  if (!gated) return fail(std::move(gated).error());
  Result<GarbagePlan> plan = plan_garbage(
      {.work = work,
       .needed = *std::move(needed),
       .gated = *std::move(gated),
       .intermediates = arguments.intermediates ? Intermediates::kRemove : Intermediates::kKeep,
       .threads = available_threads()});
  if (!plan) return fail(std::move(plan).error());
  Collected collected{.work = work,
                      .is_dry_run = arguments.dry_run,
                      .items = std::move(plan->garbage),
                      .failed = {},
                      .kept = std::move(plan->kept),
                      .left_alone = std::move(plan->left_alone)};
  if (arguments.dry_run) return collected;
  GarbageRemoved removed = remove_garbage(work, collected.items);
  collected.items = std::move(removed.removed);
  collected.failed = std::move(removed.failed);
  return collected;
}

Json to_json(const std::vector<LeftAlone>& all) {
  Json json = Json::array();
  for (const LeftAlone& left : all)
    json.push_back({{"path", left.path.string()}, {"why", left.why}});
  return json;
}

Json to_json(const Collected& collected) {
  Json document = json_document(kSchemaVersion);
  document["work"] = collected.work.string();
  document["dry_run"] = collected.is_dry_run;
  Json& items = document["items"] = Json::array();
  for (const Garbage& garbage : collected.items) {
    items.push_back({{"kind", to_text(garbage.kind)},
                     {"path", garbage.path.string()},
                     {"bytes", garbage.bytes},
                     {"why", garbage.why}});
  }
  document["count"] = collected.items.size();
  document["bytes"] = collected.bytes();
  Json& kept = document["kept"] = Json::array();
  for (const KeptArtifact& artifact : collected.kept)
    kept.push_back({{"path", artifact.path.string()}, {"why", to_text(artifact.kept_for)}});
  document["left_alone"] = to_json(collected.left_alone);
  document["failed"] = to_json(collected.failed);
  return document;
}

std::string kept_text(const std::vector<KeptArtifact>& kept) {
  if (kept.empty()) return {};
  std::map<KeptFor, int> counts;
  for (const KeptArtifact& artifact : kept) ++counts[artifact.kept_for];
  std::vector<std::string> parts;
  for (const auto& [why, count] : counts) {
    parts.push_back(fmt::format("{} {}{}", count, why == KeptFor::kNotGated ? "" : "for ",
                                fusesweep::to_text(why)));
  }
  return fmt::format("kept {}: {}\n", kept.size(), fmt::join(parts, ", "));
}

std::string text_of(const Collected& collected) {
  std::string text;
  for (const Garbage& garbage : collected.items) {
    text += fmt::format("{:>10}  {:<15}  {}  {}\n", format_bytes(garbage.bytes),
                        fusesweep::to_text(garbage.kind), one_line(garbage.path.string()),
                        one_line(garbage.why));
  }
  if (!text.empty()) text += '\n';
  if (collected.items.empty()) {
    text += "nothing to remove\n";
  } else {
    text += fmt::format("{} {}, {}\n", collected.is_dry_run ? "would remove" : "removed",
                        collected.items.size(), format_bytes(collected.bytes()));
  }
  text += kept_text(collected.kept);
  for (const LeftAlone& left : collected.left_alone)
    text += fmt::format("left alone: {}: {}\n", one_line(left.path.string()), one_line(left.why));
  for (const LeftAlone& left : collected.failed)
    text += fmt::format("not removed: {}: {}\n", one_line(left.path.string()), one_line(left.why));
  return text;
}

}  // namespace

Result<Answer> run_gc(const GcArguments& arguments) {
  const std::filesystem::path work = work_folder(arguments.work);
  const SystemClock clock;
  std::error_code error;
  if (!std::filesystem::exists(database_file(work), error)) {
    return invalid_input(fmt::format("{}: found no store, want a work folder of fusesweep",
                                     one_line(database_file(work).string())));
  }
  const Result<FolderLock> lock = FolderLock::hold_alone(work);
  if (!lock) return fail(lock.error());
  const Result<Store> store = open_store(work, arguments.dry_run, clock);
  if (!store) return fail(store.error());
  const Result<Collected> collected = collect(arguments, work, *store);
  if (!collected) return fail(collected.error());
  const ExitCode code = collected->failed.empty() ? ExitCode::kDone : ExitCode::kEnvironment;
  if (arguments.json) return Answer(to_text(to_json(*collected)) + '\n', code);
  return Answer(text_of(*collected), code);
}

}  // namespace fusesweep
