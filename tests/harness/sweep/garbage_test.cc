#include "harness/sweep/garbage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/file.h"
#include "harness/base/folder_lock.h"
#include "harness/base/json.h"
#include "tests/support/child_process.h"
#include "tests/support/fake_clock.h"
#include "tests/support/stored_sweeps.h"
#include "tests/support/temporary_folder.h"
#include "topologies/runtime_manifest.h"

namespace fusesweep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    names.insert(entry.path().filename().string());
  return names;
}

// Everything in a folder, with what is in files and where links lead.
std::map<std::string, std::string> tree_of(const fs::path& folder) {
  std::map<std::string, std::string> tree;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string& text = tree[entry.path().lexically_relative(folder).string()];
    if (entry.is_symlink()) {
      text = "to " + fs::read_symlink(entry.path()).string();
    } else if (entry.is_regular_file()) {
      text = read_file(entry.path(), 1 << 20).value();
    }
  }
  return tree;
}

class GarbageTest : public testing::Test {
 protected:
  ShardIdentity shard(const ShardKind& kind, int tokens = 1) const {
    return shard_of(sweeps_.model, {.tokens = tokens, .context = 16}, kind);
  }

  fs::path make(const ShardIdentity& identity) const {
    return make_artifact(work_ / "artifacts", identity, sweeps_.model.contract).folder;
  }

  GarbageSetup setup(Intermediates intermediates = Intermediates::kKeep) const {
    return {.work = work_,
            .needed = *find_needed(store_, {}),
            .gated = *find_gated(store_),
            .intermediates = intermediates};
  }

  GarbagePlan plan(Intermediates intermediates = Intermediates::kKeep) const {
    Result<GarbagePlan> plan = plan_garbage(setup(intermediates));
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *std::move(plan) : GarbagePlan{};
  }

  std::set<std::string> planned() const {
    std::set<std::string> paths;
    for (const Garbage& garbage : plan().garbage) paths.insert(garbage.path.string());
    return paths;
  }

  void collect(Intermediates intermediates = Intermediates::kKeep) const {
    const GarbageRemoved removed = remove_garbage(work_, plan(intermediates).garbage);
    EXPECT_THAT(removed.failed, IsEmpty());
  }

  // The manifest of a split whose shards were made.
  RuntimeManifest manifest_of(const Candidate& candidate) const {
    RuntimeManifest manifest{.contract = sweeps_.model.contract,
                             .model = "small.gguf",
                             .model_hash = sweeps_.model.hash,
                             .context = 16};
    for (const ShardIdentity& one : sweeps_.shards(candidate)) {
      const fs::path package = fs::path("../artifacts") / hash_of(one) / name_of(one.kind);
      fs::path compiled = package;
      compiled.replace_extension(".mlmodelc");
      const ManifestShard written{.kind = one.kind,
                                  .compiled = compiled.string(),
                                  .package = package.string(),
                                  .artifact = hash_of(one),
                                  .content_hash = made_content(one)};
      if (std::holds_alternative<Segment>(one.kind)) manifest.layers.push_back(written);
      if (std::holds_alternative<HeadSlice>(one.kind)) manifest.head.push_back(written);
      if (std::holds_alternative<EmbeddingTable>(one.kind)) manifest.embedding = package.string();
    }
    return manifest;
  }

  void write_manifest(const std::string& name, const Candidate& candidate) const {
    write_text(work_ / "manifests" / name, to_json(manifest_of(candidate)).dump(2));
  }

  FakeClock clock_;
  const TemporaryFolder folder_{memory_folder()};
  const fs::path work_ = folder_.path() / "work";
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  StoredSweeps sweeps_{store_};
};

TEST_F(GarbageTest, ShardsOfAToolchainStayForTheSameReasonsAndItsExportsWithThem) {
  const ShardIdentity needed = shard(Segment{0, 2});
  const ShardIdentity other = shard(Segment{0, 1});
  const fs::path tools = work_ / "artifacts" / ("toolchain-" + std::string(32, 'a'));
  for (const ShardIdentity& one : {needed, other})
    make_artifact(tools, one, sweeps_.model.contract);
  const fs::path exported = fs::path("exports") / std::string(32, 'b');
  fs::create_directories(work_ / exported);
  std::ofstream(work_ / exported / "m.json") << "{}";
  fs::create_directories(tools / ".x.new");
  GarbageSetup asked = setup();
  asked.needed.shards[hash_of(needed)] = KeptFor::kBestSplit;
  asked.gated.shards[{hash_of(other), made_content(other)}] = {.is_passed = true};
  asked.gated.shards[{hash_of(needed), made_content(needed)}] = {.is_passed = true};
  const auto paths = [](const GarbagePlan& plan) {
    std::set<std::string> all;
    for (const Garbage& garbage : plan.garbage) all.insert(garbage.path.string());
    return all;
  };
  const fs::path lies = fs::path("artifacts") / tools.filename();
  EXPECT_EQ(paths(*plan_garbage(asked)),
            (std::set<std::string>{lies / hash_of(other), lies / ".x.new"}));
  asked.needed.shards.clear();
  EXPECT_EQ(paths(*plan_garbage(asked)),
            (std::set<std::string>{lies / hash_of(other), lies / hash_of(needed), lies / ".x.new",
                                   exported}));
  EXPECT_THAT(remove_garbage(work_, plan_garbage(asked)->garbage).failed, IsEmpty());
  EXPECT_EQ(names_in(work_ / "exports"), std::set<std::string>());
}

TEST_F(GarbageTest, AnEmptyFolderHasNone) {
  fs::create_directories(work_);
  const GarbagePlan found = plan();
  EXPECT_THAT(found.garbage, IsEmpty());
  EXPECT_THAT(found.kept, IsEmpty());
  EXPECT_THAT(found.left_alone, IsEmpty());
}

TEST_F(GarbageTest, AGatedArtifactThatNothingNeedsGoes) {
  const ShardIdentity one = shard(Segment{0, 4});
  const fs::path artifact = make(one);
  sweeps_.gate(one, "residency", GateOutcome::kFail);
  const GarbagePlan found = plan();
  ASSERT_EQ(found.garbage.size(), 1U);
  EXPECT_EQ(found.garbage[0].kind, GarbageKind::kArtifact);
  EXPECT_EQ(found.garbage[0].path, "artifacts/" + hash_of(one));
  EXPECT_EQ(found.garbage[0].why, "layers[0,4), needed by nothing");
  EXPECT_EQ(found.garbage[0].bytes, 12 + fs::file_size(artifact / "artifact.json"));
  collect();
  EXPECT_TRUE(fs::is_empty(work_ / "artifacts"));
}

TEST_F(GarbageTest, WhatNoGateHasLookedAtIsKept) {
  const ShardIdentity never = shard(Segment{0, 1});
  const ShardIdentity other_bytes = shard(Segment{0, 2});
  const ShardIdentity not_run = shard(Segment{0, 3});
  const ShardIdentity without_bytes = shard(Segment{0, 4});
  for (const ShardIdentity& one : {never, other_bytes, not_run, without_bytes}) make(one);
  sweeps_.gate_bytes(other_bytes, std::string(32, 'e'));
  sweeps_.gate(not_run, "residency", GateOutcome::kNotRun);
  sweeps_.gate_bytes(without_bytes, "", "build", GateOutcome::kFail);
  const GarbagePlan found = plan();
  EXPECT_THAT(found.garbage, IsEmpty());
  EXPECT_THAT(found.kept, testing::SizeIs(4));
  EXPECT_THAT(found.kept, testing::Each(Field(&KeptArtifact::kept_for, KeptFor::kNotGated)));
}

TEST_F(GarbageTest, AProbeOfTheCliffIsAGateOfWhatItLookedAt) {
  const ShardIdentity probed = shard(Segment{0, 5});
  make(probed);
  EXPECT_THAT(planned(), IsEmpty());
  ProbeRow probe = sample_probe();
  probe.shard = probed;
  probe.answer.probe.segment = {0, 5};
  ASSERT_TRUE(store_.put_probe(sweeps_.run, probe));
  EXPECT_THAT(planned(), ElementsAre("artifacts/" + hash_of(probed)));
}

TEST_F(GarbageTest, WhatWasBuiltForBlockParityHasServedWhenThatIsStored) {
  const ShardIdentity single = shard(Segment{0, 5});
  const ShardIdentity several = shard(Segment{0, 5}, 4);
  make(single);
  make(shard(Segment{0, 6}));
  EXPECT_THAT(planned(), IsEmpty());
  sweeps_.gate(several, "golden-fidelity");
  EXPECT_THAT(planned(), IsEmpty());
  sweeps_.gate(several, "block-parity");
  EXPECT_THAT(planned(), ElementsAre("artifacts/" + hash_of(single)));
}

TEST_F(GarbageTest, AnEmbeddingTableGoesWithTheLastOfItsModel) {
  const ShardIdentity table = shard(EmbeddingTable{});
  const ShardIdentity one = shard(Segment{0, 4});
  make(table);
  make(one);
  EXPECT_THAT(planned(), IsEmpty());
  sweeps_.gate_model();
  EXPECT_THAT(planned(), IsEmpty());
  EXPECT_THAT(plan().kept,
              testing::Contains(AllOf(Field(&KeptArtifact::path, "artifacts/" + hash_of(table)),
                                      Field(&KeptArtifact::kept_for, KeptFor::kItsModel))));
  sweeps_.gate(one);
  EXPECT_EQ(planned(),
            (std::set<std::string>{"artifacts/" + hash_of(table), "artifacts/" + hash_of(one)}));
}

TEST_F(GarbageTest, ATableOfAModelThatWasNeverGatedIsKept) {
  make(shard(EmbeddingTable{}));
  EXPECT_THAT(planned(), IsEmpty());
  sweeps_.gate_model();
  EXPECT_EQ(planned().size(), 1U);
}

TEST_F(GarbageTest, WhatIsNotUnderstoodKeepsItsWholeModel) {
  const ShardIdentity one = shard(Segment{0, 4});
  make(one);
  sweeps_.gate(one);
  sweeps_.begin_asking({{"kind", "from tomorrow"}, {"model_hash", sweeps_.model.hash}});
  EXPECT_THAT(planned(), IsEmpty());
  EXPECT_THAT(plan().kept, ElementsAre(Field(&KeptArtifact::kept_for, KeptFor::kUnreadableSweep)));
}

TEST_F(GarbageTest, WhatStandsForARecordGoesLikeAnArtifact) {
  const ShardIdentity one = shard(Segment{0, 4});
  write_text(work_ / "artifacts" / hash_of(one) / "recorded.json", "{}\n");
  EXPECT_THAT(planned(), IsEmpty());
  sweeps_.gate_bytes(one, to_hex(hash128("{}\n")), "residency", GateOutcome::kFail);
  EXPECT_THAT(planned(), ElementsAre("artifacts/" + hash_of(one)));
}

TEST_F(GarbageTest, ADamagedArtifactIsLeftAloneAndNamed) {
  const ShardIdentity one = shard(Segment{0, 4});
  write_text(make(one) / "artifact.json", "{");
  sweeps_.gate(one);
  const GarbagePlan found = plan();
  EXPECT_THAT(found.garbage, IsEmpty());
  EXPECT_THAT(found.left_alone,
              ElementsAre(AllOf(Field(&LeftAlone::path, "artifacts/" + hash_of(one)),
                                Field(&LeftAlone::why, HasSubstr("artifact.json: ")))));
}

TEST_F(GarbageTest, WhatKilledCommandsLeftGoes) {
  for (const char* left :
       {"gates/x-1/in.npy", "gates/file", "rebuilt/x/artifact.json", "artifacts/.x.new/half",
        "artifacts/.x.gone/half", "fixtures/.y.new/hidden_0.npy", "baselines/.b.new/store.db",
        "preflight/.p.new/x", "reruns/.r.gone/x", "reports/x.html.tmp-a1b2c3",
        "reports/journal/x.md.tmp-a1b2c3", "models/nano.gguf.tmp-a1b2c3",
        "manifests/x.json.tmp-a1b2c3", "fusesweep.db.tmp-a1b2c3"})
    write_text(work_ / left, "12345");
  fs::create_directories(work_ / "artifacts/.empty.new");
  const std::vector<std::string> staying = {
      "fusesweep.db",     "fixtures/y/hidden_0.npy", "models/nano.gguf",
      "reports/x.html",   "reports/x.new",           "reports/journal/x.md",
      "baselines/b/x",    "artifacts/.DS_Store",     "mine.tmp-a1b2c3",
      "mine/.x.new/file", "reports/mine/.x.new/file"};
  for (const std::string& name : staying) write_text(work_ / name, "stays");
  EXPECT_EQ(planned(),
            (std::set<std::string>{"gates/x-1", "gates/file", "rebuilt/x", "artifacts/.x.new",
                                   "artifacts/.x.gone", "artifacts/.empty.new", "fixtures/.y.new",
                                   "baselines/.b.new", "preflight/.p.new", "reruns/.r.gone",
                                   "reports/x.html.tmp-a1b2c3", "reports/journal/x.md.tmp-a1b2c3",
                                   "models/nano.gguf.tmp-a1b2c3", "manifests/x.json.tmp-a1b2c3",
                                   "fusesweep.db.tmp-a1b2c3"}));
  EXPECT_EQ(plan().garbage.front().bytes, 5U);
  collect();
  EXPECT_THAT(planned(), IsEmpty());
  for (const std::string& name : staying) EXPECT_TRUE(fs::exists(work_ / name)) << name;
}

TEST_F(GarbageTest, WhatSomebodyIsMakingIsLeftAlone) {
  write_text(work_ / "artifacts/.x.new/half", "x");
  const FolderLock maker = *FolderLock::hold_alone(work_ / "artifacts/.x.new");
  const GarbagePlan found = plan();
  EXPECT_THAT(found.garbage, IsEmpty());
  EXPECT_THAT(found.left_alone, ElementsAre(Field(&LeftAlone::why, "somebody is making it")));
}

TEST_F(GarbageTest, FoldersOfRerunsGoWhenTheyHaveEnded) {
  const Uuid goes_on = sweeps_.begin_asking({{"kind", "rerun"}});
  const Uuid ended = sweeps_.begin_asking({{"kind", "rerun"}});
  ASSERT_TRUE(store_.end_sweep(ended, "done", Json::object()));
  const std::string unknown = "0199a3f2-0000-7000-8000-000000000000";
  for (const std::string& name : {to_text(goes_on), to_text(ended), unknown, std::string("mine")})
    write_text(work_ / "reruns" / name / "file", "x");
  EXPECT_EQ(planned(), (std::set<std::string>{"reruns/" + to_text(ended), "reruns/" + unknown}));
  EXPECT_THAT(plan().left_alone, ElementsAre(Field(&LeftAlone::path, "reruns/mine")));
}

TEST_F(GarbageTest, ManifestsGoWithTheirShards) {
  const Candidate best = StoredSweeps::candidate("4+4");
  const Candidate other = StoredSweeps::candidate("6+2");
  for (const Candidate& candidate : {best, other}) {
    for (const ShardIdentity& one : sweeps_.shards(candidate)) {
      make(one);
      sweeps_.gate(one);
    }
  }
  sweeps_.gate_model();
  sweeps_.end({other, best}, {1});
  write_manifest("best.json", best);
  write_manifest("other.json", other);
  write_manifest("never.json", StoredSweeps::candidate("8"));
  write_text(work_ / "manifests/mine.json", "{}");
  const auto shards = sweeps_.shards(other);
  EXPECT_EQ(planned(), (std::set<std::string>{"manifests/never.json", "manifests/other.json",
                                              "artifacts/" + hash_of(shards[0]),
                                              "artifacts/" + hash_of(shards[1])}));
  EXPECT_THAT(plan().left_alone, ElementsAre(Field(&LeftAlone::path, "manifests/mine.json")));
  collect();
  EXPECT_THAT(names_in(work_ / "manifests"), ElementsAre("best.json", "mine.json"));
}

TEST_F(GarbageTest, AnotherToolsPackageGoesWhenItsVerdictsAreStored) {
  ShardIdentity theirs = shard(Segment{0, 4});
  theirs.builder_version = kAdoptedVersion;
  make_artifact(work_ / "preflight", theirs, sweeps_.model.contract);
  EXPECT_THAT(planned(), IsEmpty());
  sweeps_.put({.subject = {.kind = "package", .key = made_content(theirs), .text = "[0,4)"},
               .content_hash = made_content(theirs),
               .conditions = sample_conditions(),
               .verdict = {.gate = "weights", .outcome = GateOutcome::kFail}});
  EXPECT_THAT(planned(), ElementsAre("preflight/" + hash_of(theirs)));
}

TEST_F(GarbageTest, NothingIsReachedThroughLinks) {
  const ShardIdentity one = shard(Segment{0, 4});
  sweeps_.gate(one);
  const fs::path elsewhere = folder_.path() / "elsewhere";
  const fs::path artifact =
      make_artifact(elsewhere / "artifacts", one, sweeps_.model.contract).folder;
  write_text(elsewhere / "gates/mine", "x");
  write_text(elsewhere / "manifests/mine.json.tmp-a1b2c3", "x");
  const auto before = tree_of(elsewhere);
  fs::create_directories(work_ / "artifacts");
  for (const char* folder : {"gates", "manifests", "reports"})
    fs::create_directory_symlink(elsewhere / folder, work_ / folder);
  fs::create_directory_symlink(artifact, work_ / "artifacts" / hash_of(one));
  fs::create_directory_symlink(elsewhere, work_ / "artifacts/.x.new");
  const GarbagePlan found = plan();
  EXPECT_THAT(found.garbage, IsEmpty());
  std::set<std::string> named;
  for (const LeftAlone& left : found.left_alone) {
    named.insert(left.path.string());
    EXPECT_EQ(left.why, "a link, which is not followed");
  }
  EXPECT_EQ(named, (std::set<std::string>{"artifacts/" + hash_of(one), "artifacts/.x.new", "gates",
                                          "manifests", "reports"}));
  // A link within what goes is what goes, and not what it leads to.
  const ShardIdentity other = shard(Segment{0, 5});
  fs::create_directory_symlink(elsewhere, make(other) / "link");
  sweeps_.gate(other);
  collect();
  EXPECT_FALSE(fs::exists(work_ / "artifacts" / hash_of(other)));
  EXPECT_EQ(tree_of(elsewhere), before);
}

TEST_F(GarbageTest, AllArtifactsBehindALinkAreLeftAlone) {
  const ShardIdentity one = shard(Segment{0, 4});
  sweeps_.gate(one);
  make_artifact(folder_.path() / "elsewhere", one, sweeps_.model.contract);
  fs::create_directories(work_);
  fs::create_directory_symlink(folder_.path() / "elsewhere", work_ / "artifacts");
  const GarbagePlan found = plan();
  EXPECT_THAT(found.garbage, IsEmpty());
  EXPECT_THAT(found.left_alone, ElementsAre(Field(&LeftAlone::path, "artifacts")));
}

TEST_F(GarbageTest, WhatCannotBeRemovedIsToldAndTheOthersGo) {
  write_text(work_ / "gates/a", "x");
  write_text(work_ / "gates/b", "x");
  const std::vector<Garbage> garbage = plan().garbage;
  fs::remove(work_ / "gates/a");
  const GarbageRemoved removed = remove_garbage(work_, garbage);
  EXPECT_THAT(removed.removed, ElementsAre(Field(&Garbage::path, "gates/b")));
  EXPECT_THAT(removed.failed, ElementsAre(AllOf(Field(&LeftAlone::path, "gates/a"),
                                                Field(&LeftAlone::why, HasSubstr("No such")))));
}

// Nothing makes compiled forms yet; this is what gc looks for.
class IntermediatesTest : public GarbageTest {
 protected:
  IntermediatesTest() {
    artifact_ = make_artifact(work_ / "artifacts", shard(Segment{0, 8}), sweeps_.model.contract);
    sweeps_.gate(artifact_.identity);
    sweeps_.end({StoredSweeps::candidate("8")}, {0});
    write_text(compiled_path() / "model.mil", "compiled");
    const TreeHash tree = *hash_tree(compiled_path(), 1);
    artifact_.compiled =
        CompiledForm{.name = kName, .bytes = tree.bytes, .content_hash = to_hex(tree.hash)};
    EXPECT_TRUE(write_artifact(artifact_, artifact_.folder));
  }

  fs::path compiled_path() const { return artifact_.folder / kName; }
  std::string package() const {
    return "artifacts/" + hash_of(artifact_.identity) + "/layers_0_8.mlpackage";
  }
  void gate_compiled(GateOutcome outcome) {
    sweeps_.gate_bytes(artifact_.identity, artifact_.compiled->content_hash, "residency", outcome);
  }
  std::vector<Garbage> found() const { return plan(Intermediates::kRemove).garbage; }

  static constexpr const char* kName = "layers_0_8.mlmodelc";
  Artifact artifact_;
};

TEST_F(IntermediatesTest, APackageGoesWhenItsCompiledFormIsGated) {
  EXPECT_THAT(found(), IsEmpty());
  gate_compiled(GateOutcome::kPass);
  EXPECT_THAT(plan().garbage, IsEmpty());  // nobody asked for it
  EXPECT_THAT(found(), ElementsAre(AllOf(Field(&Garbage::path, package()),
                                         Field(&Garbage::kind, GarbageKind::kPackage),
                                         Field(&Garbage::bytes, 12U))));
  collect(Intermediates::kRemove);
  EXPECT_THAT(names_in(artifact_.folder), ElementsAre("artifact.json", kName));
  const Artifact left = *read_artifact(artifact_.folder);
  EXPECT_FALSE(left.has_package);
  EXPECT_EQ(left.content_hash, artifact_.content_hash);
  EXPECT_TRUE(check_content(left, 1));
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(IntermediatesTest, APackageIsKeptWhenItsCompiledFormFailed) {
  gate_compiled(GateOutcome::kPass);
  gate_compiled(GateOutcome::kFail);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(IntermediatesTest, APackageIsKeptWhenItsCompiledFormIsNotWhatWasGated) {
  gate_compiled(GateOutcome::kPass);
  write_text(compiled_path() / "model.mil", "c0mpiled");
  const GarbagePlan altered = plan(Intermediates::kRemove);
  EXPECT_THAT(altered.garbage, IsEmpty());
  EXPECT_THAT(altered.left_alone,
              ElementsAre(AllOf(Field(&LeftAlone::path, package()),
                                Field(&LeftAlone::why, HasSubstr("as it was built")))));
  fs::rename(compiled_path(), folder_.path() / "elsewhere");
  fs::create_directory_symlink(folder_.path() / "elsewhere", compiled_path());
  EXPECT_THAT(plan(Intermediates::kRemove).left_alone,
              ElementsAre(Field(&LeftAlone::why, "its compiled form is not there")));
}

TEST_F(IntermediatesTest, AnIndexThatTellsOfOtherFilesRemovesNoneOfThem) {
  gate_compiled(GateOutcome::kPass);
  artifact_.name = "artifact.json";
  ASSERT_TRUE(write_artifact(artifact_, artifact_.folder));
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(IntermediatesTest, KilledAnywhereTheIndexIsTrueAfterTheNext) {
  gate_compiled(GateOutcome::kPass);
  const GarbageSetup asked = setup(Intermediates::kRemove);
  const GarbageSetup not_asked = setup();
  const auto before = tree_of(work_);
  bool was_killed = true;
  int step = 0;
  for (; was_killed; ++step) {
    SCOPED_TRACE(step);
    fs::remove_all(artifact_.folder);
    make_artifact(work_ / "artifacts", artifact_.identity, sweeps_.model.contract);
    write_text(compiled_path() / "model.mil", "compiled");
    ASSERT_TRUE(write_artifact(artifact_, artifact_.folder));
    ASSERT_EQ(tree_of(work_), before);
    const ChildProcess child([&](const ChildProcess::Say& say) {
      int steps = 0;
      remove_garbage(work_, plan_garbage(asked)->garbage, [&] {
        if (steps++ == step) kill(getpid(), SIGKILL);
      });
      say("done");
    });
    was_killed = child.hear_all().empty();
    // Begun, it is ended, whether or not it is asked for again.
    EXPECT_THAT(remove_garbage(work_, plan_garbage(not_asked)->garbage).failed, IsEmpty());
    EXPECT_THAT(names_in(artifact_.folder), ElementsAre("artifact.json", kName));
    EXPECT_FALSE(read_artifact(artifact_.folder)->has_package);
  }
  EXPECT_GT(step, 4);
}

// Twenty sweeps of two models, of which some go on and some have ended one way or the other; baselines of a
// few splits; artifacts of all of it, of which some are not gated yet.
class TwentySweeps {
 public:
  TwentySweeps(std::uint64_t seed, const fs::path& work) : work_(work), random_(seed) {
    for (int i = 0; i < 20; ++i) add_sweep(one_of(2) == 0 ? first_ : second_);
    for (const StoredSweeps* sweeps : {&first_, &second_}) {
      if (one_of(2) == 0) add_baseline(*sweeps);
    }
    // A table stays with what is kept of its model.
    for (const auto& [name, model] : ungated_) {
      wanted.insert(name);
      wanted.insert(hash_of(table_of(*model)));
    }
    add_scratch();
    Result<NeededShards> needed = find_needed(store_, baselines_);
    FUSESWEEP_CHECK(needed);
    setup = {.work = work_, .needed = *std::move(needed), .gated = *find_gated(store_)};
  }

  std::set<std::string> wanted;  // of the artifacts
  std::set<std::string> made;
  GarbageSetup setup;

 private:
  std::size_t one_of(std::size_t n) { return random_() % n; }

  Candidate any_candidate() {
    static constexpr const char* kSplits[] = {"8", "6+2", "4+4", "4+2+2", "3+3+2", "2+6", "5+3"};
    return StoredSweeps::candidate(kSplits[one_of(std::size(kSplits))], one_of(4) == 0 ? 4 : 1,
                                   static_cast<int>(1 + one_of(2)));
  }

  static ShardIdentity table_of(const StoredSweeps& sweeps) {
    return shard_of(sweeps.model, {}, EmbeddingTable{});
  }

  void make_all(StoredSweeps& sweeps, const Candidate& candidate) {
    for (ShardIdentity shard : sweeps.shards(candidate)) {
      make(sweeps, shard);
      if (shard.tokens <= 1) continue;
      shard.tokens = 1;
      make(sweeps, shard);
    }
  }

  void make(StoredSweeps& sweeps, const ShardIdentity& shard) {
    if (!made.insert(hash_of(shard)).second) return;
    make_artifact(work_ / "artifacts", shard, sweeps.model.contract);
    if (std::holds_alternative<EmbeddingTable>(shard.kind)) return;
    if (one_of(12) == 0) {
      ungated_.emplace(hash_of(shard), &sweeps);
    } else {
      sweeps.gate(shard, "golden-fidelity",
                  one_of(2) == 0 ? GateOutcome::kPass : GateOutcome::kFail);
    }
  }

  void need(const StoredSweeps& sweeps, const Candidate& candidate) {
    for (const ShardIdentity& shard : sweeps.shards(candidate)) wanted.insert(hash_of(shard));
  }

  void add_sweep(StoredSweeps& sweeps) {
    sweeps.gate_model();
    std::vector<Candidate> candidates;
    while (candidates.size() < 1 + one_of(4)) candidates.push_back(any_candidate());
    for (const Candidate& candidate : candidates) make_all(sweeps, candidate);
    const std::size_t fate = one_of(10);
    if (fate == 0) {
      sweeps.begin(candidates);
      for (Candidate candidate : candidates) {
        need(sweeps, candidate);
        candidate.shape.tokens = 1;  // for block parity
        need(sweeps, candidate);
      }
    } else if (fate < 3) {
      sweeps.end(candidates, {});
    } else if (fate < 5) {
      const std::size_t best = candidates.size() - 1;
      std::vector<std::size_t> ties = {best};
      for (std::size_t i = 0; i < best; ++i) ties.push_back(i);
      sweeps.end(candidates, ties);
      need(sweeps, candidates[best]);
    } else {
      const std::size_t best = one_of(candidates.size());
      sweeps.end(candidates, {best});
      need(sweeps, candidates[best]);
    }
  }

  void add_baseline(const StoredSweeps& sweeps) {
    Baseline baseline;
    const std::vector<ShardIdentity> shards = sweeps.shards(any_candidate());
    for (const ShardIdentity& shard : shards) {
      baseline.shards.push_back({.identity = shard});
      wanted.insert(hash_of(shard));
    }
    baselines_.push_back({"b" + std::to_string(baselines_.size()), std::move(baseline)});
  }

  void add_scratch() const {
    write_text(work_ / "gates/x-0/hidden.npy", "x");
    write_text(work_ / "rebuilt/x/y/artifact.json", "x");
    write_text(work_ / "artifacts/.x.new/half/file", "x");
    write_text(work_ / "reruns/0199a3f2-0000-7000-8000-000000000000/file", "x");
    write_text(work_ / "fixtures/kept/hidden.npy", "x");
  }

  const fs::path work_;
  std::mt19937_64 random_;
  FakeClock clock_;
  Store store_ = *Store::open(":memory:", Access::kWrite, clock_);
  StoredSweeps first_{store_, '1'};
  StoredSweeps second_{store_, '2'};
  std::map<std::string, const StoredSweeps*> ungated_;
  std::vector<ListedBaseline> baselines_;
};

// Those of the artifacts that were made and are wanted.
std::set<std::string> kept_of(const TwentySweeps& sweeps) {
  std::set<std::string> kept;
  for (const std::string& name : sweeps.made) {
    if (sweeps.wanted.contains(name)) kept.insert(name);
  }
  return kept;
}

TEST(GarbageOfTwentySweeps, ExactlyWhatIsNeededStays) {
  std::size_t gone = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const TemporaryFolder folder(memory_folder());
    const TwentySweeps sweeps(seed, folder.path());
    const Result<GarbagePlan> plan = plan_garbage(sweeps.setup);
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_THAT(remove_garbage(folder.path(), plan->garbage).failed, IsEmpty());
    EXPECT_EQ(names_in(folder.path() / "artifacts"), kept_of(sweeps));
    EXPECT_THAT(names_in(folder.path() / "gates"), IsEmpty());
    EXPECT_THAT(names_in(folder.path() / "fixtures"), ElementsAre("kept"));
    EXPECT_THAT(plan_garbage(sweeps.setup)->garbage, IsEmpty());
    gone += sweeps.made.size() - kept_of(sweeps).size();
  }
  EXPECT_GT(gone, 50U);  // or these tests would show nothing
}

TEST(GarbageOfTwentySweeps, KilledAtAnyStepTheNextLeavesExactlyWhatIsNeeded) {
  const TemporaryFolder folder(memory_folder());
  const fs::path work = folder.path() / "work";
  const TwentySweeps sweeps(3, work);
  const std::set<std::string> kept = kept_of(sweeps);
  const fs::path before = folder.path() / "before";
  fs::copy(work, before, fs::copy_options::recursive);
  bool was_killed = true;
  int step = 0;
  for (; was_killed; ++step) {
    SCOPED_TRACE(step);
    fs::copy(before, work, fs::copy_options::recursive | fs::copy_options::skip_existing);
    const ChildProcess child([&](const ChildProcess::Say& say) {
      const Result<FolderLock> lock = FolderLock::hold_alone(work);
      int steps = 0;
      remove_garbage(work, plan_garbage(sweeps.setup)->garbage, [&] {
        if (steps++ == step) kill(getpid(), SIGKILL);
      });
      say("done");
    });
    was_killed = child.hear_all().empty();
    // What is there under its name is whole.
    for (const std::string& name : names_in(work / "artifacts")) {
      if (name.starts_with('.')) continue;
      EXPECT_EQ(tree_of(work / "artifacts" / name), tree_of(before / "artifacts" / name));
    }
    const Result<GarbagePlan> plan = plan_garbage(sweeps.setup);
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_THAT(remove_garbage(work, plan->garbage).failed, IsEmpty());
    ASSERT_EQ(names_in(work / "artifacts"), kept);
    for (const char* scratch : {"gates", "rebuilt", "reruns"})
      EXPECT_THAT(names_in(work / scratch), IsEmpty());
  }
  for (const std::string& name : kept)
    EXPECT_EQ(tree_of(work / "artifacts" / name), tree_of(before / "artifacts" / name));
  EXPECT_GT(step, 40);  // or there was little to be killed in
}

}  // namespace
}  // namespace fusesweep
