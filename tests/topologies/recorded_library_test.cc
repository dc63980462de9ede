#include "topologies/recorded_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "harness/base/file.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

TEST(RecordedLibrary, HoldsEveryRecordOfTheSourceTreeAsItIs) {
  const std::filesystem::path folder =
      std::filesystem::path(FUSESWEEP_SOURCE_DIR) / "topologies/recorded";
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(file.path());
    ++files;
    std::string_view text;
    for (const RecordedText& record : recorded_records()) {
      if (record.name == file.path().stem().string()) text = record.text;
    }
    EXPECT_EQ(text, *read_file(file.path(), 1 << 24));
  }
  EXPECT_EQ(recorded_records().size(), files);
}

TEST(RecordedLibrary, EveryRecordReadsAndIsCalledAsItsFile) {
  for (const RecordedText& record : recorded_records()) {
    const Result<RecordedFacts> facts = find_recorded(record.name);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->name, record.name);
  }
}

TEST(RecordedLibrary, TakesTheFileOfAUser) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "mine.json";
  std::string text(recorded_records()[0].text);
  std::ofstream(path) << text;
  EXPECT_EQ(find_recorded(path)->content_hash, find_recorded("phi4-mini-m4max")->content_hash);

  std::ofstream(path) << text.replace(text.find("16+8+6+2"), 8, "16+8+6+3");
  EXPECT_THAT(find_recorded(path).error().message,
              HasSubstr(path + ".splits[7].split: found '16+8+6+3', want a split of 32 layers"));
}

TEST(RecordedLibrary, SaysWhatThereIs) {
  EXPECT_EQ(find_recorded("phi5").error().message,
            "found 'phi5', want phi4-mini-m4max, or the path of a .json file");
  EXPECT_EQ(find_recorded("/no/such.json").error().message,
            "/no/such.json: No such file or directory");
}

}  // namespace
}  // namespace fusesweep
