// A store that was cut short or changed on its way is refused, or reads as what it was; reading
// whatever is left never ends the process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "results/store.h"
#include "tests/results/raw_database.h"
#include "tests/results/sample_rows.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::size_t kPageBytes = 4096;
const FakeClock kClock;

class DamagedStore : public testing::Test {
 protected:
  // The file of a store with so many verdicts.
  std::string bytes_with(int verdicts) const {
    std::filesystem::remove(file_);
    {
      Store store = *Store::open(file_, Access::kWrite, kClock);
      EXPECT_TRUE(fill(store, verdicts));
    }
    return bytes_of(file_);
  }

  const TemporaryFolder folder_{memory_folder()};
  const std::filesystem::path file_ = folder_.path() / "s.db";
  const std::filesystem::path copy_ = folder_.path() / "c.db";
};

TEST_F(DamagedStore, OneThatIsCutShortIsRefused) {
  const std::string bytes = bytes_with(150);
  ASSERT_GE(bytes.size(), 40 * kPageBytes);
  for (std::size_t size = 0; size < bytes.size(); size += kPageBytes / 2) {
    SCOPED_TRACE(size);
    write_bytes(copy_, bytes.substr(0, size));
    const Result<Store> store = Store::open(copy_, Access::kRead, kClock);
    ASSERT_FALSE(store);
    EXPECT_THAT(store.error().message, HasSubstr(size < 100 ? "no SQLite database" : "damaged"));
  }
  for (const std::size_t missing : {1U, 100U, 4095U}) {
    write_bytes(copy_, bytes.substr(0, bytes.size() - missing));
    EXPECT_FALSE(Store::open(copy_, Access::kWrite, kClock)) << missing;
  }
}

TEST_F(DamagedStore, OneWithAPageOfZerosIsRefused) {
  const std::string bytes = bytes_with(150);
  for (std::size_t at = 0; at < bytes.size(); at += kPageBytes) {
    SCOPED_TRACE(at);
    write_bytes(copy_, std::string(bytes).replace(at, kPageBytes, kPageBytes, '\0'));
    EXPECT_FALSE(Store::open(copy_, Access::kRead, kClock));
  }
}

// SQLite's pages have no checksums: a change within a text or a number is not seen.
TEST_F(DamagedStore, AnyByteMayBeAnother) {
  const std::string bytes = bytes_with(5);
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    // Half of them among the first pages, where the header and the schema are.
    const std::size_t at = below(i % 2 == 0 ? bytes.size() : 4 * kPageBytes);
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1 + below(255)));
    write_bytes(copy_, changed);
    std::vector<std::string> errors;
    const Result<Store> store = Store::open(copy_, Access::kRead, kClock);
    if (store) {
      static_cast<void>(read_everything(*store, errors));
    } else {
      ++refused;
      errors.push_back(store.error().message);
    }
    for (const std::string& error : errors) EXPECT_THAT(error, Not(HasSubstr("\n")));
  }
  EXPECT_GT(refused, 10);
}

TEST_F(DamagedStore, ALogOfAnythingIsPassedOver) {
  const std::string bytes = bytes_with(5);
  std::mt19937 random(8);
  std::vector<std::string> errors;
  const Everything whole = read_everything(*Store::open(file_, Access::kRead, kClock), errors);
  for (int i = 0; i < 20; ++i) {
    std::string log(20'000, '\0');
    for (char& c : log) c = static_cast<char>(random());
    write_bytes(copy_, bytes);
    write_bytes(copy_.string() + "-wal", log);
    EXPECT_EQ(read_everything(*Store::open(copy_, Access::kRead, kClock), errors), whole);
  }
  EXPECT_THAT(errors, IsEmpty());
}

}  // namespace
}  // namespace fusesweep
