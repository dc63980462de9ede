// What in a work folder nothing needs any more, and its removal: artifacts that no baseline, no unfinished
// sweep and no best split needs and whose gates are stored, what hangs on them, and what killed commands left.
// harness/docs/GC.md is the page for people. The plan only looks; whoever removes must be alone in the folder
// from before the plan on (harness/base/folder_lock.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/result.h"
#include "harness/sweep/needed_shards.h"
#include "results/store.h"

namespace fusesweep {

// What has been said of the bytes that an artifact holds.
struct GatedArtifacts {
  struct Outcomes {
    bool is_passed = false;  // of some gate
    bool is_failed = false;
  };
  // By identity hash and content hash. A gate that was not run said nothing.
  std::map<std::pair<std::string, std::string>, Outcomes> shards;
  // Identity hashes of shards that were compared with those of one token a call.
  std::set<std::string> compared;
  std::set<std::string> probed;    // the same of shards that the search for the cliff asked about
  std::set<std::string> packages;  // content hashes of somebody else's
  std::set<std::string> models;    // hashes
};

Result<GatedArtifacts> find_gated(const Store& store);

enum class GarbageKind {
  kScratch,   // of commands that were killed
  kRerun,     // the folder that a rerun worked in
  kManifest,  // of shards that are not there
  kAdopted,   // somebody else's package, of which the verdicts are stored
  kArtifact,
  kPackage,  // of an artifact that is kept: its compiled form is gated
};

std::string_view to_text(GarbageKind kind);  // "scratch", ...

struct Garbage {
  GarbageKind kind = GarbageKind::kScratch;
  std::filesystem::path path;  // in the work folder
  std::uint64_t bytes = 0;     // that its removal gives back
  std::string why;             // one line
};

struct KeptArtifact {
  std::filesystem::path path;  // in the work folder
  KeptFor kept_for = KeptFor::kBaseline;
};

// Something that looks like none of ours, or could not be removed.
struct LeftAlone {
  std::filesystem::path path;  // in the work folder
  std::string why;             // one line
};

struct GarbagePlan {
  std::vector<Garbage> garbage;  // in the order in which it goes
  std::vector<KeptArtifact> kept;
  std::vector<LeftAlone> left_alone;
};

// Whether packages go whose compiled form is gated.
enum class Intermediates { kKeep, kRemove };

struct GarbageSetup {
  std::filesystem::path work;
  NeededShards needed;
  GatedArtifacts gated;
  Intermediates intermediates = Intermediates::kKeep;
  int threads = 1;  // for reading compiled forms
};

// Errors: a folder that cannot be read.
Result<GarbagePlan> plan_garbage(const GarbageSetup& setup);

struct GarbageRemoved {
  std::vector<Garbage> removed;
  std::vector<LeftAlone> failed;  // and why
};

// Removes what was planned, one after the other; killed anywhere, the same plan made again finds what is left.
// `after_step` as in remove_within().
GarbageRemoved remove_garbage(const std::filesystem::path& work,
                              const std::vector<Garbage>& garbage,
                              const std::function<void()>& after_step = {});

}  // namespace fusesweep
