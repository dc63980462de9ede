#include "harness/sweep/garbage.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>

#include "harness/base/check.h"
#include "harness/base/file.h"
#include "harness/base/folder_lock.h"
#include "harness/base/hash.h"
#include "harness/base/removal.h"
#include "harness/base/text.h"
#include "runners/mlprogram/artifact.h"
#include "topologies/runtime_manifest.h"

namespace fusesweep {
namespace {

using std::filesystem::file_type;

constexpr std::size_t kHashDigits = 32;
constexpr std::uint64_t kMostTextBytes = 16 << 20;
constexpr int kMostTokens = 64;  // a call, of a shard that can be built
// What a record has instead of an artifact: runners/replay/stand_in.h.
constexpr std::string_view kStandIn = "recorded.json";
// Where killed commands leave what they were making.
constexpr const char* kMadeIn[] = {"artifacts",       "preflight", "manifests",
                                   "fixtures",        "reports",   "models",
                                   "reports/journal", "baselines", "reruns"};
// Artifacts of a user's own tools lie apart, in a folder for each toolchain: runners/toolchain/toolchain_runner.cc.
constexpr std::string_view kToolchain = "toolchain-";
// What is in these is of the command that runs, and goes when it ends.
constexpr const char* kScratchOf[] = {"rebuilt", "gates"};
constexpr std::string_view kNewStore = "fusesweep.db.tmp-";

struct Entry {
  std::string name;
  file_type type = file_type::none;
};

// Not to be looked at as what it is called: left behind, or made by nobody who means us (.DS_Store).
bool is_hidden(std::string_view name) { return name.starts_with('.') || is_left_behind(name); }

bool is_hash(std::string_view name) {
  return name.size() == kHashDigits && std::all_of(name.begin(), name.end(), [](char c) {
           return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f');
         });
}

bool is_toolchain(std::string_view name) {
  return name.starts_with(kToolchain) && is_hash(name.substr(kToolchain.size()));
}

// What an artifact's folder holds.
struct Lying {
  std::optional<Artifact> artifact;  // absent: it stands for a record
  std::string content_hash;
  std::string model_hash;

  std::string text() const {
    return artifact ? to_text(artifact->identity.kind) : std::string("of a record");
  }
};

Result<Lying> read_lying(const std::filesystem::path& folder) {
  Result<Artifact> artifact = read_artifact(folder);
  if (artifact) {
    Lying lying{.content_hash = artifact->content_hash,
                .model_hash = artifact->identity.model_hash};
    lying.artifact = *std::move(artifact);
    return lying;
  }
  const Result<std::string> text = read_file(folder / kStandIn, kMostTextBytes);
  if (!text) return fail(std::move(artifact).error());
  return Lying{.content_hash = to_hex(hash128(*text)), .model_hash = std::string(kHashDigits, '0')};
}

class Planner {
 public:
  explicit Planner(const GarbageSetup& setup) : setup_(setup) {}

  Result<GarbagePlan> plan() {
    for (const auto step :
         {&Planner::find_scratch, &Planner::find_reruns, &Planner::find_artifacts,
          &Planner::find_adopted, &Planner::find_manifests, &Planner::find_exports}) {
      if (auto done = (this->*step)(); !done) return fail(std::move(done).error());
    }
    std::stable_sort(plan_.garbage.begin(), plan_.garbage.end(),
                     [](const Garbage& a, const Garbage& b) { return a.kind < b.kind; });
    return std::move(plan_);
  }

 private:
  // What is in a folder, by name; nothing where it is not there, or is left alone.
  Result<std::vector<Entry>> look_into(const std::filesystem::path& place) {
    std::vector<Entry> entries;
    std::error_code error;
    std::filesystem::path so_far;
    for (const std::filesystem::path& step : place) {
      so_far /= step;
      const file_type type = type_of(so_far);
      if (type == file_type::not_found) return entries;
      if (type == file_type::directory) continue;
      leave_alone(so_far, type);
      return entries;
    }
    std::filesystem::directory_iterator at(setup_.work / place, error);
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
      const std::filesystem::file_status status = at->symlink_status(error);
      if (error) break;
      entries.push_back({at->path().filename().string(), status.type()});
    }
    if (error) {
      return unavailable(
          fmt::format("{}: {}", one_line((setup_.work / place).string()), error.message()));
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
  }

  file_type type_of(const std::filesystem::path& place) const {
    std::error_code error;
    return std::filesystem::symlink_status(setup_.work / place, error).type();
  }

  void leave_alone(const std::filesystem::path& place, std::string why) {
    const auto is_there = std::any_of(plan_.left_alone.begin(), plan_.left_alone.end(),
                                      [&](const LeftAlone& left) { return left.path == place; });
    if (!is_there) plan_.left_alone.push_back({place, std::move(why)});
  }

  void leave_alone(const std::filesystem::path& place, file_type type) {
    leave_alone(place, type == file_type::symlink     ? "a link, which is not followed"
                       : type == file_type::directory ? "a folder that is not of fusesweep's making"
                                                      : "no folder");
  }

  void add_garbage(GarbageKind kind, const std::filesystem::path& place, std::string why) {
    const Result<std::uint64_t> bytes = bytes_of_removal(setup_.work / place);
    if (!bytes) return leave_alone(place, bytes.error().message);
    plan_.garbage.push_back({.kind = kind, .path = place, .bytes = *bytes, .why = std::move(why)});
  }

  void add_scratch(const std::filesystem::path& place, file_type type) {
    if (type == file_type::symlink) return leave_alone(place, type);
    // Its maker holds the lock: a child whose parent has just been killed, say.
    const bool is_making = type == file_type::directory && place.extension() == ".new" &&
                           !FolderLock::hold_alone(setup_.work / place);
    if (is_making) return leave_alone(place, "somebody is making it");
    add_garbage(GarbageKind::kScratch, place, "left by a command that was killed");
  }

  Result<void> find_scratch() {
    for (const char* folder : kScratchOf) {
      const Result<std::vector<Entry>> entries = look_into(folder);
      if (!entries) return fail(entries.error());
      for (const Entry& entry : *entries)
        add_scratch(std::filesystem::path(folder) / entry.name, entry.type);
    }
    for (const char* folder : kMadeIn) {
      if (auto found = find_left_behind(folder); !found) return found;
    }
    const Result<std::vector<Entry>> entries = look_into({});
    if (!entries) return fail(entries.error());
    for (const Entry& entry : *entries) {
      if (entry.name.starts_with(kNewStore) && is_left_behind(entry.name))
        add_scratch(entry.name, entry.type);
    }
    return {};
  }

  Result<void> find_left_behind(const std::filesystem::path& folder) {
    const Result<std::vector<Entry>> entries = look_into(folder);
    if (!entries) return fail(entries.error());
    for (const Entry& entry : *entries) {
      if (is_left_behind(entry.name)) add_scratch(folder / entry.name, entry.type);
    }
    return {};
  }

  Result<void> find_reruns() {
    const std::filesystem::path folder = "reruns";
    const Result<std::vector<Entry>> entries = look_into(folder);
    if (!entries) return fail(entries.error());
    for (const Entry& entry : *entries) {
      if (is_hidden(entry.name)) continue;
      const Result<Uuid> sweep = parse_uuid(entry.name);
      if (!sweep || entry.type != file_type::directory) {
        leave_alone(folder / entry.name, entry.type);
      } else if (!setup_.needed.reruns.contains(*sweep)) {
        add_garbage(GarbageKind::kRerun, folder / entry.name, "its rerun has ended");
      }
    }
    return {};
  }

  Result<void> find_artifacts() {
    std::vector<std::pair<std::filesystem::path, Lying>> tables;  // that nothing needs by itself
    if (auto found = find_artifacts_in("artifacts", tables); !found) return found;
    for (const auto& [place, lying] : tables) judge_table(place, lying);
    return {};
  }

  Result<void> find_artifacts_in(const std::filesystem::path& folder,
                                 std::vector<std::pair<std::filesystem::path, Lying>>& tables) {
    const Result<std::vector<Entry>> entries = look_into(folder);
    if (!entries) return fail(entries.error());
    for (const Entry& entry : *entries) {
      if (is_hidden(entry.name)) continue;
      const std::filesystem::path place = folder / entry.name;
      if (entry.type == file_type::directory && is_toolchain(entry.name)) {
        if (auto found = find_left_behind(place); !found) return found;
        if (auto found = find_artifacts_in(place, tables); !found) return found;
        continue;
      }
      if (entry.type != file_type::directory || !is_hash(entry.name)) {
        leave_alone(place, entry.type);
        continue;
      }
      Result<Lying> lying = read_lying(setup_.work / place);
      if (const auto needed = setup_.needed.shards.find(entry.name);
          needed != setup_.needed.shards.end()) {
        if (auto kept = keep(place, lying, needed->second); !kept) return kept;
      } else if (!lying) {
        leave_alone(place, lying.error().message);
      } else if (const auto model = setup_.needed.models.find(lying->model_hash);
                 model != setup_.needed.models.end()) {
        if (auto kept = keep(place, lying, model->second); !kept) return kept;
      } else if (is_table(*lying)) {
        tables.emplace_back(place, *std::move(lying));
      } else if (!is_gated(entry.name, *lying)) {
        if (auto kept = keep(place, lying, KeptFor::kNotGated); !kept) return kept;
      } else {
        add_artifact(place, *lying);
      }
    }
    return {};
  }

  // What a user's tools made for their runtime: head, table and manifests, of nobody knows which form. It goes when
  // no shard of theirs stays.
  Result<void> find_exports() {
    const std::filesystem::path folder = "exports";
    const Result<std::vector<Entry>> entries = look_into(folder);
    if (!entries) return fail(entries.error());
    const bool is_needed =
        std::any_of(plan_.kept.begin(), plan_.kept.end(), [](const KeptArtifact& kept) {
          return is_toolchain(kept.path.parent_path().filename().string());
        });
    for (const Entry& entry : *entries) {
      if (is_hidden(entry.name)) continue;
      if (entry.type != file_type::directory || !is_hash(entry.name)) {
        leave_alone(folder / entry.name, entry.type);
      } else if (!is_needed) {
        add_garbage(GarbageKind::kManifest, folder / entry.name, "no shard of its tools stays");
      }
    }
    return {};
  }

  static bool is_table(const Lying& lying) {
    return lying.artifact && std::holds_alternative<EmbeddingTable>(lying.artifact->identity.kind);
  }

  // No gate is of a table alone; its model's stands for it.
  void judge_table(const std::filesystem::path& place, const Lying& lying) {
    if (kept_models_.contains(lying.model_hash)) {
      plan_.kept.push_back({place, KeptFor::kItsModel});
    } else if (!setup_.gated.models.contains(lying.model_hash)) {
      plan_.kept.push_back({place, KeptFor::kNotGated});
    } else {
      add_artifact(place, lying);
    }
  }

  void add_artifact(const std::filesystem::path& place, const Lying& lying) {
    add_garbage(GarbageKind::kArtifact, place, lying.text() + ", needed by nothing");
    going_.insert((setup_.work / place).lexically_normal());
  }

  Result<void> keep(const std::filesystem::path& place, const Result<Lying>& lying, KeptFor why) {
    plan_.kept.push_back({place, why});
    if (!lying) {
      leave_alone(place, lying.error().message);
      return {};
    }
    kept_models_.insert(lying->model_hash);
    if (lying->artifact) judge_package(place, *lying->artifact);
    return find_left_behind(place);
  }

  bool is_gated(const std::string& hash, const Lying& lying) const {
    const GatedArtifacts& gated = setup_.gated;
    return gated.shards.contains({hash, lying.content_hash}) || gated.probed.contains(hash) ||
           (lying.artifact && was_compared_with(lying.artifact->identity));
  }

  // Whether it was built for the block parity of a shard of several tokens, and has served.
  bool was_compared_with(ShardIdentity shard) const {
    if (setup_.gated.compared.empty() || shard.tokens != 1) return false;
    for (shard.tokens = 2; shard.tokens <= kMostTokens; ++shard.tokens) {
      if (setup_.gated.compared.contains(hash_of(shard))) return true;
    }
    return false;
  }

  // The compiled form is read once more: the package is what it could be made of again.
  void judge_package(const std::filesystem::path& place, const Artifact& artifact) {
    const std::filesystem::path package = place / artifact.name;
    const bool is_asked = setup_.intermediates == Intermediates::kRemove || !artifact.has_package;
    if (!is_asked || !artifact.compiled || package.extension() != ".mlpackage" ||
        type_of(package) != file_type::directory)
      return;
    const auto outcomes =
        setup_.gated.shards.find({hash_of(artifact.identity), artifact.compiled->content_hash});
    const bool is_gated = outcomes != setup_.gated.shards.end() && outcomes->second.is_passed &&
                          !outcomes->second.is_failed;
    if (!is_gated) return;
    if (type_of(place / artifact.compiled->name) != file_type::directory)
      return leave_alone(package, "its compiled form is not there");
    if (auto checked = check_compiled(artifact, setup_.threads); !checked)
      return leave_alone(package, checked.error().message);
    add_garbage(GarbageKind::kPackage, package, "its compiled form is gated");
  }

  Result<void> find_adopted() {
    const std::filesystem::path folder = "preflight";
    const Result<std::vector<Entry>> entries = look_into(folder);
    if (!entries) return fail(entries.error());
    for (const Entry& entry : *entries) {
      if (is_hidden(entry.name)) continue;
      const std::filesystem::path place = folder / entry.name;
      if (entry.type != file_type::directory || !is_hash(entry.name)) {
        leave_alone(place, entry.type);
        continue;
      }
      const Result<Artifact> adopted = read_artifact(setup_.work / place);
      if (!adopted) {
        leave_alone(place, adopted.error().message);
      } else if (setup_.gated.packages.contains(adopted->content_hash)) {
        add_garbage(GarbageKind::kAdopted, place,
                    to_text(adopted->identity.kind) + " of another tool, its verdicts are stored");
      } else {
        plan_.kept.push_back({place, KeptFor::kNotGated});
      }
    }
    return {};
  }

  Result<void> find_manifests() {
    const std::filesystem::path folder = "manifests";
    const Result<std::vector<Entry>> entries = look_into(folder);
    if (!entries) return fail(entries.error());
    for (const Entry& entry : *entries) {
      const std::filesystem::path place = folder / entry.name;
      if (is_hidden(entry.name)) continue;
      if (entry.type != file_type::regular) {
        leave_alone(place, entry.type == file_type::symlink ? "a link, which is not followed"
                                                            : "no manifest");
        continue;
      }
      const std::filesystem::path path = setup_.work / place;
      const Result<std::string> text = read_file(path, kMostTextBytes);
      const Result<RuntimeManifest> manifest =
          text ? parse_runtime_manifest(*text, one_line(path.string())) : fail(text.error());
      if (!manifest) {
        leave_alone(place, manifest.error().message);
      } else if (lacks_something(*manifest)) {
        add_garbage(GarbageKind::kManifest, place, "its shards are no longer there");
      }
    }
    return {};
  }

  bool lacks_something(const RuntimeManifest& manifest) const {
    if (!will_be_there(manifest.embedding)) return true;
    for (const auto* shards : {&manifest.layers, &manifest.head}) {
      for (const ManifestShard& shard : *shards) {
        if (!will_be_there(shard.package) && !will_be_there(shard.compiled)) return true;
      }
    }
    return false;
  }

  bool will_be_there(const std::filesystem::path& named) const {
    if (named.empty()) return false;
    const std::filesystem::path path = (setup_.work / "manifests" / named).lexically_normal();
    std::error_code error;
    return !going_.contains(path.parent_path()) && std::filesystem::exists(path, error);
  }

  const GarbageSetup& setup_;
  GarbagePlan plan_;
  std::set<std::string> kept_models_;
  std::set<std::filesystem::path> going_;  // folders of artifacts
};

Result<void> remove_one(const std::filesystem::path& work, const Garbage& garbage,
                        const std::function<void()>& after_step) {
  if (garbage.kind == GarbageKind::kPackage) {
    Result<Artifact> artifact = read_artifact(work / garbage.path.parent_path());
    if (!artifact) return fail(std::move(artifact).error());
    if (auto noted = note_package_removed(*std::move(artifact)); !noted) return noted;
    if (after_step) after_step();
  }
  return remove_within(work, garbage.path, after_step);
}

}  // namespace

Result<GatedArtifacts> find_gated(const Store& store) {
  const Result<std::vector<GatedRow>> rows = store.gated();
  if (!rows) return fail(rows.error());
  const Result<std::vector<std::string>> probed = store.probed_shards();
  if (!probed) return fail(probed.error());
  GatedArtifacts gated;
  gated.probed = {probed->begin(), probed->end()};
  for (const GatedRow& row : *rows) {
    if (row.outcome == GateOutcome::kNotRun) continue;
    if (row.subject_kind == "model") gated.models.insert(row.subject_key);
    if (row.content_hash.empty()) continue;
    if (row.subject_kind == "package") gated.packages.insert(row.content_hash);
    if (row.subject_kind != "shard") continue;
    if (row.gate == "block-parity") gated.compared.insert(row.subject_key);
    auto& outcomes = gated.shards[{row.subject_key, row.content_hash}];
    outcomes.is_passed = outcomes.is_passed || row.outcome == GateOutcome::kPass;
    outcomes.is_failed = outcomes.is_failed || row.outcome == GateOutcome::kFail;
  }
  return gated;
}

std::string_view to_text(GarbageKind kind) {
  switch (kind) {
    case GarbageKind::kScratch:
      return "scratch";
    case GarbageKind::kRerun:
      return "rerun";
    case GarbageKind::kManifest:
      return "manifest";
    case GarbageKind::kAdopted:
      return "adopted package";
    case GarbageKind::kArtifact:
      return "artifact";
    case GarbageKind::kPackage:
      return "package";
  }
  FUSESWEEP_UNREACHABLE();
}

Result<GarbagePlan> plan_garbage(const GarbageSetup& setup) { return Planner(setup).plan(); }

GarbageRemoved remove_garbage(const std::filesystem::path& work,
                              const std::vector<Garbage>& garbage,
                              const std::function<void()>& after_step) {
  GarbageRemoved done;
  for (const Garbage& each : garbage) {
    if (auto removed = remove_one(work, each, after_step); !removed) {
      done.failed.push_back({each.path, std::move(removed).error().message});
    } else {
      done.removed.push_back(each);
    }
  }
  return done;
}

}  // namespace fusesweep
