#include "harness/cli/baseline_contents.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "harness/base/check.h"
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/parallel.h"
#include "harness/base/text.h"
#include "harness/cli/runner_argument.h"
#include "results/store.h"
#include "runners/mlprogram/artifact.h"
#include "runners/replay/stand_in.h"

namespace fusesweep {
namespace {

// Something of a baseline's folder by its name, and what it must be.
struct Expected {
  std::string name;
  std::filesystem::file_type type = std::filesystem::file_type::regular;
};

// That these are in the folder, and nothing else; a link is neither file nor folder.
Result<void> check_names(const std::filesystem::path& folder, const std::vector<Expected>& wanted) {
  const std::string where = one_line(folder.string());
  std::vector<std::string> found;
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    const auto is_it = [&](const Expected& expected) {
      std::error_code ignored;
      return expected.name == name && at->symlink_status(ignored).type() == expected.type;
    };
    if (std::none_of(wanted.begin(), wanted.end(), is_it)) {
      return invalid_input(
          fmt::format("{}: found {}, which does not belong there", where, quote(name)));
    }
    found.push_back(name);
  }
  if (error) return invalid_input(fmt::format("{}: {}", where, error.message()));
  for (const Expected& expected : wanted) {
    if (std::find(found.begin(), found.end(), expected.name) == found.end())
      return invalid_input(fmt::format("{}: found no {}", where, quote(expected.name)));
  }
  return {};
}

constexpr auto kFolder = std::filesystem::file_type::directory;

Result<void> check_store(const Baseline& baseline, const std::filesystem::path& file) {
  const SystemClock clock;
  {
    // Every row is looked at, as of any store that comes from elsewhere.
    Result<Store> nowhere = Store::open(":memory:", Access::kWrite, clock);
    if (!nowhere) return fail(std::move(nowhere).error());
    if (const auto merged = nowhere->merge({file}, MergeMode::kDryRun); !merged)
      return fail(merged.error());
  }
  Result<Store> store = Store::open(file, Access::kWrite, clock);
  if (!store) store = Store::open(file, Access::kRead, clock);
  if (!store) return fail(std::move(store).error());
  const Result<std::vector<StoredSweep>> sweeps = store->sweeps();
  if (!sweeps) return fail(sweeps.error());
  const auto is_it = [&](const StoredSweep& sweep) { return sweep.id == baseline.sweep; };
  if (std::any_of(sweeps->begin(), sweeps->end(), is_it)) return {};
  return invalid_input(fmt::format("{}: found no sweep {}, want that of the baseline",
                                   one_line(file.string()), to_text(baseline.sweep)));
}

Failure other_shard(const std::filesystem::path& folder, std::string_view found_hash,
                    std::uint64_t found_bytes, const BaselineShard& wanted) {
  return invalid_input(fmt::format(
      "{}: found {} bytes of hash {}, want {} of {} as in the baseline", one_line(folder.string()),
      found_bytes, one_line(found_hash), wanted.bytes, wanted.content_hash));
}

// Of a record: nothing was built, and what stands for it says so.
Result<void> check_stand_in(const BaselineShard& shard, const std::filesystem::path& folder) {
  if (auto names = check_names(folder, {{"recorded.json"}}); !names) return names;
  const Result<StandIn> found = read_stand_in(folder);
  if (!found) return fail(found.error());
  if (found->content_hash != shard.content_hash)
    return other_shard(folder, found->content_hash, found->bytes, shard);
  return {};
}

Result<void> check_shard(const BaselineShard& shard, const std::filesystem::path& folder) {
  std::error_code error;
  const auto index = std::filesystem::symlink_status(folder / "artifact.json", error).type();
  if (index != std::filesystem::file_type::regular) return check_stand_in(shard, folder);
  // The folder's name is the identity's hash, and it holds the artifact of that identity.
  const Result<Artifact> artifact = read_artifact(folder);
  if (!artifact) return fail(artifact.error());
  const auto type = std::holds_alternative<EmbeddingTable>(shard.identity.kind)
                        ? std::filesystem::file_type::regular
                        : kFolder;
  if (auto names = check_names(folder, {{"artifact.json"}, {artifact->name, type}}); !names)
    return names;
  if (artifact->content_hash != shard.content_hash || artifact->bytes != shard.bytes)
    return other_shard(folder, artifact->content_hash, artifact->bytes, shard);
  return check_content(*artifact, available_threads());
}

Result<void> check_program(const Baseline& baseline, const std::filesystem::path& program) {
  if (auto names = check_names(program.parent_path(), {{program.filename().string()}}); !names)
    return names;
  const Result<Hash128> hash = hash_file(program, available_threads());
  if (!hash) return fail(hash.error());
  if (to_hex(*hash) == baseline.runner.program_hash) return {};
  return invalid_input(fmt::format("{}: found a program of hash {}, want {} as in the baseline",
                                   one_line(program.string()), to_hex(*hash),
                                   baseline.runner.program_hash));
}

}  // namespace

std::string_view to_text(ProgramState state) {
  switch (state) {
    case ProgramState::kReady:
      return "ready";
    case ProgramState::kNotTrusted:
      return "not trusted";
    case ProgramState::kMissing:
      return "missing";
    case ProgramState::kAltered:
      return "altered";
  }
  FUSESWEEP_UNREACHABLE();
}

ProgramState state_of_program(const Baseline& baseline, const std::filesystem::path& folder) {
  const BaselineRunner& runner = baseline.runner;
  if (!runner.may_start) return ProgramState::kNotTrusted;
  // One of ours without a copy is this program, if it is anything.
  const bool is_command = runner.kind.starts_with("--");
  if (!runner.is_copied && (!is_command || runner.words.empty())) return ProgramState::kMissing;
  const std::filesystem::path program =
      runner.is_copied ? baseline_program(folder) : program_of(runner.words.front());
  std::error_code error;
  if (!std::filesystem::is_regular_file(program, error) || access(program.c_str(), X_OK) != 0)
    return ProgramState::kMissing;
  if (runner.program_hash.empty()) return ProgramState::kReady;
  const Result<Hash128> hash = hash_file(program, available_threads());
  return hash && to_hex(*hash) == runner.program_hash ? ProgramState::kReady
                                                      : ProgramState::kAltered;
}

Result<void> check_baseline_contents(const Baseline& baseline, const std::filesystem::path& folder,
                                     Progress& progress) {
  progress.begin_stage("checking", baseline.shards.size() + 1);
  progress.set_item("the store");
  // First, because SQLite clears away here what a reader that was killed left beside it.
  if (auto checked = check_store(baseline, baseline_store(folder)); !checked) return checked;
  progress.advance();

  std::vector<Expected> expected = {{baseline_document(folder).filename().string()},
                                    {baseline_store(folder).filename().string()}};
  const std::filesystem::path artifacts = baseline_artifacts(folder);
  const std::filesystem::path program = baseline_program(folder);
  expected.push_back({artifacts.filename().string(), kFolder});
  if (baseline.runner.is_copied)
    expected.push_back({program.parent_path().filename().string(), kFolder});
  if (auto names = check_names(folder, expected); !names) return names;

  std::vector<Expected> shards;
  for (const BaselineShard& shard : baseline.shards)
    shards.push_back({hash_of(shard.identity), kFolder});
  if (auto names = check_names(artifacts, shards); !names) return names;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    progress.set_item(to_text(baseline.shards[i].identity.kind));
    if (auto checked = check_shard(baseline.shards[i], artifacts / shards[i].name); !checked)
      return checked;
    progress.advance();
  }
  return baseline.runner.is_copied ? check_program(baseline, program) : Result<void>();
}

}  // namespace fusesweep
