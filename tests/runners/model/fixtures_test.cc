#include "runners/model/fixtures.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "runners/model/npy.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

const std::vector<int> kIds = {3, 1, 40};

TEST(ReferenceFixture, IsComputedOnceAndThenRead) {
  const TemporaryFolder folder;
  write_small_model(folder.path() / "m.gguf");
  const ModelFile model = *open_model_file(folder.path() / "m.gguf", 1);
  const ReferenceOptions options{.context = 16};
  const std::filesystem::path fixtures = folder.path() / "fixtures";
  const ReferenceOutput first = *reference_fixture(model, options, kIds, fixtures);
  EXPECT_EQ(first.logits, Reference::open(model.file, options)->run(kIds)->logits);

  // What is read is what lies there: a mark in it comes back.
  const std::filesystem::path kept = std::filesystem::directory_iterator(fixtures)->path();
  std::vector<float> marked = first.logits;
  marked[0] = 1234;
  ASSERT_TRUE(write_npy(kept / "logits.npy", {3, 48}, marked));
  EXPECT_EQ(reference_fixture(model, options, kIds, fixtures)->logits[0], 1234);
  EXPECT_EQ(reference_fixture(model, options, kIds, fixtures)->hidden, first.hidden);

  // What is damaged is computed anew.
  std::ofstream(kept / "hidden_2.npy") << "no array";
  EXPECT_EQ(reference_fixture(model, options, kIds, fixtures)->logits, first.logits);
}

TEST(ReferenceFixture, EverythingThatMattersMakesAnotherOne) {
  const TemporaryFolder folder;
  write_small_model(folder.path() / "m.gguf");
  write_small_model(folder.path() / "n.gguf", 2);
  const ModelFile model = *open_model_file(folder.path() / "m.gguf", 1);
  const ModelFile other = *open_model_file(folder.path() / "n.gguf", 1);
  const std::filesystem::path fixtures = folder.path() / "fixtures";
  const auto make = [&](const ModelFile& of, const ReferenceOptions& options,
                        const std::vector<int>& ids) {
    ASSERT_TRUE(reference_fixture(of, options, ids, fixtures));
  };
  make(model, {.context = 16}, kIds);
  make(model, {.context = 16, .threads = 2}, kIds);  // the same one
  make(other, {.context = 16}, kIds);
  make(model, {.context = 17}, kIds);
  make(model, {.weights = ReferenceWeights::kFp16, .context = 16}, kIds);
  make(model, {.context = 16, .head_shards = 2}, kIds);
  make(model, {.context = 16}, {3, 1});
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(fixtures),
                          std::filesystem::directory_iterator()),
            6);
}

}  // namespace
}  // namespace fusesweep
