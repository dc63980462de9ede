#include "runners/mlprogram/artifact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/file.h"
#include "runners/mlprogram/package.h"
#include "runners/mlprogram/shard_builder.h"
#include "runners/mlprogram/weight_check.h"
#include "tests/support/altered_package.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

class AdoptTest : public testing::Test {
 protected:
  AdoptTest() {
    write_small_model(folder_.path() / "small.gguf");
    model_.emplace(*open_model_file(folder_.path() / "small.gguf", 1));
    identity_ = shard_of(*model_, {.kind = Segment{0, 1}, .tokens = 1, .context = 8});
    const SystemClock clock;
    Progress progress({}, clock);
    built_ = *build_shard(*model_, identity_, artifacts_, {}, progress);
    AlteredPackage(built_.path()).write(foreign_);
  }

  Result<Artifact> adopt(const std::filesystem::path& package) const {
    return adopt_package(package, identity_, model_->contract, "theirs.gguf", artifacts_, 2);
  }

  const TemporaryFolder folder_;
  const std::filesystem::path artifacts_ = folder_.path() / "artifacts";
  const std::filesystem::path foreign_ = folder_.path() / "theirs.mlpackage";
  std::optional<ModelFile> model_;
  ShardIdentity identity_;
  Artifact built_;
};

TEST_F(AdoptTest, IsReadLikeOneThatWasBuiltAndTakenForNoneOfOurs) {
  const Result<Artifact> adopted = adopt(foreign_);
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(adopted->identity.builder_version, kAdoptedVersion);
  EXPECT_NE(adopted->identity.builder_version, kBuilderVersion);
  EXPECT_NE(adopted->folder, built_.folder);
  EXPECT_EQ(adopted->folder, artifacts_ / hash_of(adopted->identity));

  const Result<Artifact> read = read_artifact(adopted->folder);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->identity, adopted->identity);
  EXPECT_EQ(read->contract, model_->contract);
  EXPECT_EQ(read->model, "theirs.gguf");
  EXPECT_EQ(read->name, "layers_0_1.mlpackage");
  EXPECT_TRUE(check_content(*read, 1));
  EXPECT_EQ(list_artifacts(artifacts_).size(), 2U);
  const Package package = *Package::open(read->path());
  EXPECT_EQ(package.model().description, "altered");
  EXPECT_TRUE(check_weights(package, *model_, read->identity, 1)->missing.empty());
  EXPECT_TRUE(check_content(built_, 1));  // ours is still there
}

TEST_F(AdoptTest, LargeFilesAreLinkedAndTheOriginalMayGo) {
  const Artifact adopted = *adopt(foreign_);
  const std::filesystem::path weights = "Data/com.apple.CoreML/weights/weight.bin";
  EXPECT_TRUE(std::filesystem::equivalent(foreign_ / weights, adopted.path() / weights));
  std::filesystem::remove_all(foreign_);
  EXPECT_TRUE(check_content(adopted, 1));
  EXPECT_TRUE(Package::open(adopted.path()));
}

TEST_F(AdoptTest, TheNextOneOfTheSameIdentityTakesItsPlace) {
  const Artifact first = *adopt(foreign_);
  AlteredPackage altered(foreign_);
  scale_weight(altered, "layers_0_qkv_weight", 2);
  altered.write(folder_.path() / "other.mlpackage");
  const Artifact second = *adopt(folder_.path() / "other.mlpackage");
  EXPECT_EQ(second.folder, first.folder);
  EXPECT_NE(second.content_hash, first.content_hash);
  EXPECT_FALSE(check_content(first, 1));
  EXPECT_TRUE(check_content(*read_artifact(first.folder), 1));
  // Its own copy, once more.
  EXPECT_TRUE(adopt(second.path()));
  EXPECT_TRUE(check_content(*read_artifact(first.folder), 1));
}

TEST_F(AdoptTest, NothingIsFollowedOutOfThePackage) {
  std::ofstream(folder_.path() / "secret") << "secret";
  std::filesystem::create_directory(folder_.path() / "folder");
  const struct {
    const char* name;
    std::filesystem::path link;
    std::filesystem::path to;
  } rows[] = {{"a file", foreign_ / "Data/more", folder_.path() / "secret"},
              {"a folder", foreign_ / "Data/more", folder_.path() / "folder"},
              {"nothing", foreign_ / "more", "nowhere"},
              {"a file inside", foreign_ / "more", foreign_ / "Manifest.json"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    std::filesystem::create_symlink(row.to, row.link);
    const Result<Artifact> adopted = adopt(foreign_);
    ASSERT_FALSE(adopted);
    EXPECT_EQ(adopted.error().code, ErrorCode::kInvalidInput);
    EXPECT_THAT(adopted.error().message, HasSubstr("more: found a link or device"));
    std::filesystem::remove(row.link);
  }
  std::filesystem::create_symlink(foreign_, folder_.path() / "link");
  EXPECT_THAT(adopt(folder_.path() / "link").error().message, HasSubstr("link: found a link"));
  EXPECT_THAT(adopt(folder_.path() / "secret").error().message,
              HasSubstr("secret: found no folder"));
  EXPECT_THAT(adopt(folder_.path() / "none").error().message, HasSubstr("none: found no folder"));
  EXPECT_EQ(list_artifacts(artifacts_).size(), 1U);  // nothing is left of any
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(artifacts_), {}), 1);
}

class CompiledFormTest : public AdoptTest {
 protected:
  CompiledFormTest() {
    std::filesystem::create_directory(built_.folder / kName);
    std::ofstream(built_.folder / kName / "model.mil") << "compiled";
    const TreeHash tree = *hash_tree(built_.folder / kName, 1);
    built_.compiled =
        CompiledForm{.name = kName, .bytes = tree.bytes, .content_hash = to_hex(tree.hash)};
    EXPECT_TRUE(write_artifact(built_, built_.folder));
  }

  Result<Artifact> build() const {
    const SystemClock clock;
    Progress progress({}, clock);
    return build_shard(*model_, identity_, artifacts_, {}, progress);
  }

  static constexpr const char* kName = "layers_0_1.mlmodelc";
};

TEST_F(CompiledFormTest, IsInTheIndexBesideThePackage) {
  const Artifact read = *read_artifact(built_.folder);
  EXPECT_EQ(read.compiled, built_.compiled);
  EXPECT_TRUE(read.has_package);
  EXPECT_TRUE(check_content(read, 1));
  EXPECT_TRUE(check_compiled(read, 1));
  EXPECT_EQ(build()->compiled, built_.compiled);  // the one that is there
}

TEST_F(CompiledFormTest, StandsInForAPackageThatWasRemovedUntilSomebodyNeedsThat) {
  ASSERT_TRUE(note_package_removed(built_));
  std::filesystem::remove_all(built_.path());
  const Artifact read = *read_artifact(built_.folder);
  EXPECT_FALSE(read.has_package);
  EXPECT_EQ(read.content_hash, built_.content_hash);
  EXPECT_TRUE(check_content(read, 1));
  std::ofstream(built_.folder / kName / "model.mil") << "altered";
  EXPECT_THAT(check_content(read, 1).error().message, HasSubstr("layers_0_1.mlmodelc: found"));

  const Artifact again = *build();
  EXPECT_TRUE(again.has_package);
  EXPECT_EQ(again.content_hash, built_.content_hash);
  EXPECT_TRUE(Package::open(again.path()));
  EXPECT_TRUE(read_artifact(built_.folder)->has_package);
}

TEST_F(CompiledFormTest, ThatIsNoneIsAnError) {
  const std::string index = read_file(built_.folder / "artifact.json", 1 << 20).value();
  const struct {
    const char* found;
    const char* instead;
    const char* message;
  } rows[] = {
      {"\"name\":\"layers_0_1.mlmodelc\"", "\"name\":\"../x.mlmodelc\"",
       ".compiled.name: found '../x.mlmodelc', want the name of something in the folder"},
      {"\"name\":\"layers_0_1.mlmodelc\"", "\"name\":\"layers_0_1.mlpackage\"",
       ".compiled.name: found 'layers_0_1.mlpackage', want a name that ends with .mlmodelc"},
      {"\"compiled\":{", "\"package_removed\":true,\"other\":{",
       ".package_removed: found true, want a compiled form"},
      {"\"compiled\":{", "\"package_removed\":7,\"compiled\":{",
       ".package_removed: found 7, want true or false"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.message);
    std::string altered = index;
    altered.replace(altered.find(row.found), std::string_view(row.found).size(), row.instead);
    std::ofstream(built_.folder / "artifact.json") << altered;
    const Result<Artifact> read = read_artifact(built_.folder);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr(row.message));
  }
}

}  // namespace
}  // namespace fusesweep
