#include "results/folder_archive.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "tests/results/sample_rows.h"
#include "tests/support/tar_bytes.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

class FolderArchive : public testing::Test {
 protected:
  // A folder of everything that may be in one.
  std::filesystem::path make(const std::string& name) const {
    const std::filesystem::path folder = folder_.path() / name;
    put(folder / "z", "last by name, but a file");
    put(folder / "a" / "one file", "content");
    put(folder / "a" / "empty", "");
    put(folder / "a-b" / "\xC3\xA9t\xC3\xA9", "summer");
    put(folder / "b" / "large", std::string(3'000'001, 'x') + "end");
    put(folder / std::string(150, 'l') / std::string(190, 'm') / "deep", "deep");
    std::filesystem::create_directories(folder / "c" / "empty folder");
    return folder;
  }

  Result<ArchiveContents> pack(const std::filesystem::path& folder) {
    return pack_folder(folder, file_, progress_);
  }

  // Into a new folder.
  Result<ArchiveContents> unpack(const ArchiveLimits& limits = {.max_bytes = 100'000'000}) {
    into_ = folder_.path() / fmt::format("into-{}", ++unpacked_);
    std::filesystem::create_directory(into_);
    return unpack_folder(file_, into_, limits, progress_);
  }

  std::string refusal(const std::string& archive,
                      const ArchiveLimits& limits = {.max_bytes = 1000, .max_entries = 3}) {
    std::ofstream(file_, std::ios::binary) << archive;
    const Result<ArchiveContents> unpacked = unpack(limits);
    return unpacked ? "" : unpacked.error().message;
  }

  std::string bytes() const { return read_file(file_, 100'000'000).value_or("none"); }

  SystemClock clock_;
  Progress progress_{{}, clock_};
  const TemporaryFolder folder_{memory_folder()};
  const std::filesystem::path file_ = folder_.path() / "x.tar.zst";
  std::filesystem::path into_;
  int unpacked_ = 0;
};

TEST_F(FolderArchive, AFolderComesBackAsItWas) {
  const std::filesystem::path folder = make("folder");
  const Result<ArchiveContents> packed = pack(folder);
  ASSERT_TRUE(packed) << packed.error().message;
  EXPECT_EQ(packed->entries, 13U);
  EXPECT_EQ(packed->bytes, hash_tree(folder, 1)->bytes);
  EXPECT_LT(std::filesystem::file_size(file_), 10'000U);
  const Result<ArchiveContents> unpacked = unpack();
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(*unpacked, *packed);
  EXPECT_EQ(hash_tree(into_, 1)->hash, hash_tree(folder, 1)->hash);
  EXPECT_TRUE(std::filesystem::is_directory(into_ / "c" / "empty folder"));
}

TEST_F(FolderArchive, TheSameContentIsTheSameBytes) {
  ASSERT_TRUE(pack(make("folder")));
  const std::string first = bytes();
  const std::filesystem::path second = folder_.path() / "second";
  std::filesystem::copy(folder_.path() / "folder", second,
                        std::filesystem::copy_options::recursive);
  std::filesystem::last_write_time(second / "z", std::filesystem::file_time_type{});
  std::filesystem::permissions(second / "z", std::filesystem::perms::owner_all);
  ASSERT_TRUE(pack(second));
  EXPECT_EQ(bytes(), first);
}

TEST_F(FolderArchive, NothingThatIsUnpackedCanBeStarted) {
  const std::filesystem::path folder = make("folder");
  std::filesystem::permissions(folder / "z", std::filesystem::perms::owner_all);
  ASSERT_TRUE(pack(folder));
  ASSERT_TRUE(unpack());
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(into_ / "z").permissions() &
                (perms::owner_exec | perms::group_exec | perms::others_exec),
            perms::none);
}

TEST_F(FolderArchive, WhatIsNeitherFileNorFolderIsNotPacked) {
  const std::filesystem::path folder = make("folder");
  std::filesystem::create_symlink("/etc/passwd", folder / "a" / "link");
  EXPECT_THAT(pack(folder).error().message, HasSubstr("a/link: found a link or device"));
  EXPECT_FALSE(std::filesystem::exists(file_));
  std::filesystem::remove(folder / "a" / "link");
  ASSERT_EQ(mkfifo((folder / "a" / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(pack(folder).error().message, HasSubstr("a/pipe: found a link or device"));
  std::filesystem::remove(folder / "a" / "pipe");
  put(folder / "a" / "bad\nname", "x");
  EXPECT_THAT(
      pack(folder).error().message,
      AllOf(HasSubstr("found the name 'a/bad\\nname', want a plain one"), Not(HasSubstr("\n"))));
  EXPECT_THAT(pack(folder_.path() / "none").error().message, HasSubstr("none"));
}

TEST_F(FolderArchive, HostileEntriesAreRefusedInALineThatNamesThem) {
  const std::string long_name = std::string(150, 'n') + '/' + std::string(150, 'n');
  const struct {
    const char* name;
    std::vector<TarEntry> entries;
    const char* error;
  } rows[] = {
      {"absolute", {{"/tmp/x", "x"}}, "found the name '/tmp/x', want a plain one"},
      {"upwards", {{"../x", "x"}}, "found the name '../x', want a plain one"},
      {"upwards within", {{"a/", "", '5'}, {"a/../../x", "x"}}, "found the name 'a/../../x'"},
      {"here", {{"./x", "x"}}, "found the name './x'"},
      {"the folder itself", {{".", "", '5'}}, "found the name '.'"},
      {"twice a slash", {{"a", "", '5'}, {"a//x", "x"}}, "found the name 'a//x'"},
      {"no name", {{"", "x"}}, "x.tar.zst: "},
      {"a control character", {{"a\x1b[31m", "x"}}, "found the name 'a\\x1b[31m'"},
      {"no UTF-8", {{"a\xFF", "x"}}, "found the name 'a\\xff'"},
      {"turned text", {{"a\u202Eb", "x"}}, "found the name 'a\\u202eb'"},
      {"a long part", {pax_header("path", std::string(201, 'n')), {"x", "x"}}, "found the name"},
      {"a long path",
       {pax_header("path", std::string(1025, 'n')), {"x", "x"}},
       "found the name 'nnn"},
      {"upwards by another header",
       {pax_header("path", "../" + long_name), {"x", "x"}},
       "found the name '../nnn"},
      {"a symbolic link", {{"x", "", '2', "/etc/passwd"}}, "'x': found a link or device"},
      {"a link within", {{"y", "x"}, {"x", "", '1', "y"}}, "'x': found a link or device"},
      {"a link with content", {{"y", "x"}, {"x", "z", '1', "y"}}, "'x': found a link or device"},
      {"a link by another header",
       {pax_header("linkpath", "/etc/passwd"), {"x", "", '1'}},
       "'x': found a link or device"},
      {"a character device", {{"x", "", '3'}}, "'x': found a link or device"},
      {"a block device", {{"x", "", '4'}}, "'x': found a link or device"},
      {"a pipe", {{"x", "", '6'}}, "'x': found a link or device"},
      {"a name twice", {{"x", "1"}, {"x", "2"}}, "'x': found the name for the second time"},
      {"a folder twice",
       {{"x", "", '5'}, {"x/", "", '5'}},
       "'x': found the name for the second time"},
      {"a folder in place of a file",
       {{"x", "1"}, {"x", "", '5'}},
       "'x': found the name for the second time"},
      {"no folder before it", {{"a/x", "x"}}, "'a/x': found no folder before it"},
      {"a file for a folder", {{"a", "x"}, {"a/x", "x"}}, "'a/x': found no folder before it"},
      {"too large", {{"x", std::string(1001, 'x')}}, "'x': found 1001 bytes after 0, want at most"},
      {"too large together",
       {{"x", std::string(600, 'x')}, {"y", std::string(600, 'x')}},
       "'y': found 600 bytes after 600, want at most 1000 in all"},
      {"a size that is only stated",
       {{.name = "x", .stated_bytes = std::uint64_t{1} << 50U}},
       "'x': found 1125899906842624 bytes after 0"},
      {"a size by another header",
       {pax_header("size", "9000000000000000000"), {"x", "x"}},
       "'x': found 9000000000000000000 bytes after 0"},
      {"too many", {{"1", ""}, {"2", ""}, {"3", ""}, {"4", ""}}, "'4': found more than 3 entries"},
      {"a sparse file",
       {pax_header("GNU.sparse.map", "0,1,900,1"),
        pax_header("GNU.sparse.size", "901"),
        {"x", "xy"}},
       "x.tar.zst: "},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_THAT(refusal(tar_bytes(row.entries)),
                AllOf(StartsWith(file_.string() + ": "), HasSubstr(row.error), Not(HasSubstr("\n")),
                      Not(HasSubstr("\x1b"))));
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    EXPECT_THAT(entry.path().filename().string(), testing::AnyOf("x.tar.zst", StartsWith("into-")));
}

TEST_F(FolderArchive, WhatIsTooLargeIsNotWritten) {
  EXPECT_NE(refusal(tar_bytes({{.name = "x", .stated_bytes = std::uint64_t{1} << 50U}})), "");
  EXPECT_TRUE(std::filesystem::is_empty(into_));
}

TEST_F(FolderArchive, OtherFilesAreRefused) {
  EXPECT_THAT(refusal(""), HasSubstr("damaged, or no archive of a folder"));
  EXPECT_THAT(refusal("no archive"), HasSubstr("damaged, or no archive of a folder"));
  EXPECT_THAT(refusal(std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + std::string(1000, 'x')),
              HasSubstr("damaged, or no archive of a folder"));
  EXPECT_THAT(refusal(tar_bytes({{"x", std::string(900, 'x')}}).substr(0, 600)),
              HasSubstr("damaged, or no archive of a folder"));
  ASSERT_TRUE(pack(make("folder")));
  const std::string whole = bytes();
  for (const std::size_t length : {whole.size() / 4, whole.size() / 2, whole.size() - 30}) {
    SCOPED_TRACE(length);
    EXPECT_THAT(refusal(whole.substr(0, length), {.max_bytes = 100'000'000}),
                HasSubstr("x.tar.zst: "));
  }
  std::filesystem::remove(file_);
  EXPECT_THAT(unpack().error().message, HasSubstr("No such file"));
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);  // which nobody writes to
  EXPECT_THAT(unpack().error().message, HasSubstr("found no regular file"));
  std::filesystem::remove(file_);
  std::filesystem::create_symlink(folder_.path() / "folder" / "z", file_);
  EXPECT_FALSE(unpack());
}

TEST_F(FolderArchive, ATarThatIsNotCompressedWillDo) {
  EXPECT_EQ(refusal(tar_bytes({{"a/", "", '5'}, {"a/x", "content"}})), "");
  EXPECT_EQ(read_file(into_ / "a" / "x", 100).value(), "content");
}

TEST_F(FolderArchive, TheFirstFileCanBeReadAlone) {
  const std::filesystem::path folder = make("folder");
  ASSERT_TRUE(pack(folder));
  EXPECT_EQ(read_first_file(file_, "z", 100).value(), "last by name, but a file");
  EXPECT_THAT(read_first_file(file_, "z", 10).error().message,
              HasSubstr("'z': found 24 bytes, want at most 10"));
  EXPECT_THAT(read_first_file(file_, "a/empty", 10).error().message,
              HasSubstr("found 'z' first, want 'a/empty'"));
  std::filesystem::create_directory(folder_.path() / "nothing");
  ASSERT_TRUE(pack(folder_.path() / "nothing"));
  EXPECT_THAT(read_first_file(file_, "z", 10).error().message,
              HasSubstr("found nothing first, want 'z'"));
}

}  // namespace
}  // namespace fusesweep
