// Any bytes as an archive of a folder: refused in one line, or unpacked, and then nothing but files and
// folders lies below the folder, within the limits, and comes back from packing as it was. Either way
// nothing lies beside it. Seeds: one that we wrote, and plain tars, whose headers mutations reach, with
// links, devices, gaps, names that lead up, and the extended headers that say so.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "harness/base/check.h"
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "results/folder_archive.h"
#include "tests/results/sample_rows.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

constexpr ArchiveLimits kLimits{.max_bytes = 1 << 20, .max_entries = 64};

// With the checksums that headers should have, or few mutations of them would be looked at.
std::string with_checksums(std::string tar) {
  constexpr std::size_t kBlock = 512;
  for (std::size_t at = 0; at + kBlock <= tar.size(); at += kBlock) {
    if (tar.compare(at + 257, 5, "ustar") != 0) continue;
    tar.replace(at + 148, 8, "        ");
    unsigned sum = 0;
    for (std::size_t i = 0; i < kBlock; ++i) sum += static_cast<unsigned char>(tar[at + i]);
    tar.replace(at + 148, 6, fmt::format("{:06o}", sum));
  }
  return tar;
}

std::filesystem::path cleared(const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  return folder;
}

void check_folder(const std::filesystem::path& folder, const ArchiveContents& told) {
  ArchiveContents found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    FUSESWEEP_CHECK(!entry.is_symlink() && (entry.is_directory() || entry.is_regular_file()));
    ++found.entries;
    if (entry.is_regular_file()) found.bytes += entry.file_size();
  }
  FUSESWEEP_CHECK(found == told);
  FUSESWEEP_CHECK(found.bytes <= kLimits.max_bytes && found.entries <= kLimits.max_entries);
}

}  // namespace
}  // namespace fusesweep

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const fusesweep::TemporaryFolder kFolder(fusesweep::memory_folder());
  static const fusesweep::SystemClock kClock;
  fusesweep::Progress progress({}, kClock);
  const std::filesystem::path file = kFolder.path() / "x.tar";
  std::ofstream(file, std::ios::binary)
      << fusesweep::with_checksums({reinterpret_cast<const char*>(bytes), size});
  const std::filesystem::path folder = fusesweep::cleared(kFolder.path() / "folder");
  const auto unpacked = fusesweep::unpack_folder(file, folder, fusesweep::kLimits, progress);
  const auto first = fusesweep::read_first_file(file, "a", fusesweep::kLimits.max_bytes);
  if (!first) FUSESWEEP_CHECK(first.error().message.find('\n') == std::string::npos);
  if (!unpacked) {
    FUSESWEEP_CHECK(unpacked.error().message.find('\n') == std::string::npos);
  } else {
    fusesweep::check_folder(folder, *unpacked);
    const std::filesystem::path again = fusesweep::cleared(kFolder.path() / "again");
    FUSESWEEP_CHECK(fusesweep::pack_folder(folder, file, progress) == unpacked);
    FUSESWEEP_CHECK(fusesweep::unpack_folder(file, again, fusesweep::kLimits, progress) ==
                    unpacked);
    FUSESWEEP_CHECK(fusesweep::hash_tree(again, 1)->hash == fusesweep::hash_tree(folder, 1)->hash);
    std::filesystem::remove_all(again);
  }
  const std::filesystem::directory_iterator beside(kFolder.path());
  FUSESWEEP_CHECK(std::distance(begin(beside), end(beside)) == 2);
  return 0;
}
