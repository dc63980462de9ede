// Any bytes as a store: refused in one line, or opened, and then everything in it is read, or refused
// in one line each; and before that merged into another store, or refused in one line. Seeds: of each schema a store with a row of every kind, in pages of 512 bytes
// (its tables alone would take 130 KiB in pages of 4096).
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/base/check.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const fusesweep::TemporaryFolder kFolder(fusesweep::memory_folder());
  const std::filesystem::path file = kFolder.path() / "s.db";
  for (const auto& left : std::filesystem::directory_iterator(kFolder.path()))
    std::filesystem::remove(left.path());
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(size));

  static const fusesweep::FakeClock kClock;
  static const fusesweep::TemporaryFolder kTargetFolder(fusesweep::memory_folder());
  static fusesweep::Store target =
      *fusesweep::Store::open(kTargetFolder.path() / "t.db", fusesweep::Access::kWrite, kClock);
  std::vector<std::string> errors;
  // A dry run, so that each file meets the same store.
  if (const auto merged = target.merge({file}, fusesweep::MergeMode::kDryRun); !merged)
    errors.push_back(merged.error().message);
  // To write, so that older schemas are migrated.
  const auto store = fusesweep::Store::open(file, fusesweep::Access::kWrite, kClock);
  if (store) {
    static_cast<void>(fusesweep::read_everything(*store, errors));
  } else {
    errors.push_back(store.error().message);
  }
  for (const std::string& error : errors) FUSESWEEP_CHECK(error.find('\n') == std::string::npos);
  return 0;
}
