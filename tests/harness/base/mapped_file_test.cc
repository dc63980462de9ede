#include "harness/base/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <utility>

#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

std::string text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

TEST(MappedFile, ShowsTheFilesBytesAndMovesWithThem) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "f") << "weights";
  Result<MappedFile> file = MappedFile::open(folder.path() / "f");
  ASSERT_TRUE(file) << file.error().message;
  MappedFile moved = *std::move(file);
  EXPECT_EQ(text_of(moved), "weights");

  std::ofstream(folder.path() / "g") << "other";
  moved = *MappedFile::open(folder.path() / "g");
  EXPECT_EQ(text_of(moved), "other");
}

TEST(MappedFile, AnEmptyFileHasNoBytes) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "f").flush();
  EXPECT_TRUE(MappedFile::open(folder.path() / "f")->bytes().empty());
}

TEST(MappedFile, RefusesWhatIsNoRegularFileWithoutWaitingForIt) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_NE(MappedFile::open(folder.path() / "pipe").error().message.find("no regular file"),
            std::string::npos);
  EXPECT_NE(MappedFile::open(folder.path()).error().message.find("no regular file"),
            std::string::npos);
  EXPECT_NE(MappedFile::open(folder.path() / "none").error().message.find("No such file"),
            std::string::npos);
}

}  // namespace
}  // namespace fusesweep
