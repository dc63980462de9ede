#include "harness/base/new_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/parallel.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;

std::ptrdiff_t files_in(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder),
                       std::filesystem::directory_iterator());
}

TEST(NewFile, AppearsWhenItIsWhole) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "f";
  NewFile file = *NewFile::create(path);
  std::string expected;
  for (const std::size_t size : {5U, 3000000U, 1U, 1048576U, 0U, 7U}) {
    const std::string piece(size, static_cast<char>('a' + size % 26));
    file.write(piece);
    expected += piece;
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(file.size(), expected.size());
  const Result<void> committed = std::move(file).commit();
  ASSERT_TRUE(committed) << committed.error().message;
  EXPECT_EQ(read_file(path, 1 << 24).value(), expected);
  EXPECT_EQ(files_in(folder.path()), 1);
}

TEST(NewFile, ReplacesAFileAndLeavesItWhenThereIsNoCommit) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "f";
  for (const char* text : {"first", "second"}) {
    NewFile file = *NewFile::create(path);
    file.write(std::string_view(text));
    ASSERT_TRUE(std::move(file).commit());
  }
  {
    NewFile abandoned = *NewFile::create(path);
    abandoned.write(std::string_view("third"));
  }
  EXPECT_EQ(read_file(path, 100).value(), "second");
  EXPECT_EQ(files_in(folder.path()), 1);
}

TEST(NewFile, PiecesAreWrittenWhereTheyBelongFromAnyThread) {
  const TemporaryFolder folder;
  NewFile file = *NewFile::create(folder.path() / "f");
  parallel_for(100, 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::string piece(1000, static_cast<char>('0' + i % 10));
      file.write_at(i * 1000, std::as_bytes(std::span(piece)));
    }
  });
  file.write_at(100005, std::as_bytes(std::span("end", 3)));  // a gap of five before it
  ASSERT_TRUE(std::move(file).commit());
  const std::string text = read_file(folder.path() / "f", 1 << 20).value();
  ASSERT_EQ(text.size(), 100008U);
  EXPECT_EQ(text.substr(41999, 2), "12");
  EXPECT_EQ(text.substr(99999), std::string("9\0\0\0\0\0end", 9));
}

TEST(NewFile, AFullDiskIsReportedAndLeavesNothing) {
  const TemporaryFolder folder;
  // A limit on file sizes stands in for a full disk: write() fails all the same.
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1 << 20, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    NewFile file = *NewFile::create(folder.path() / "f");
    file.write(std::string(3 << 20, 'x'));
    EXPECT_TRUE(file.failed());
    const Result<void> committed = std::move(file).commit();
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(committed.error().message, HasSubstr("/f: File too large"));
  }
  EXPECT_EQ(files_in(folder.path()), 0);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
}

TEST(NewFile, AFolderThatIsNotThereIsAnError) {
  EXPECT_THAT(NewFile::create("/no/such/folder/f").error().message, HasSubstr("No such file"));
}

}  // namespace
}  // namespace fusesweep
