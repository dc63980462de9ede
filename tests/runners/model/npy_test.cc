#include "runners/model/npy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "harness/base/file.h"
#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

TEST(WriteNpy, IsWhatNumPyReads) {
  const TemporaryFolder folder;
  const std::vector<float> values = {1, 2, 3, 4, 5, 6.5F};
  ASSERT_TRUE(write_npy(folder.path() / "a.npy", {2, 3}, values));
  const std::string file = read_file(folder.path() / "a.npy", 4096).value();
  // NumPy's format description, version 1.0: magic, version, header length, header, data.
  EXPECT_EQ(file.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t header =
      static_cast<unsigned char>(file[8]) + 256U * static_cast<unsigned char>(file[9]);
  EXPECT_EQ((10 + header) % 64, 0U);
  EXPECT_EQ(file.substr(10, 59), "{'descr': '<f4', 'fortran_order': False, 'shape': (2,3,), }");
  EXPECT_EQ(file[10 + header - 1], '\n');
  ASSERT_EQ(file.size(), 10 + header + 24);
  std::vector<float> read(6);
  std::memcpy(read.data(), file.data() + 10 + header, 24);
  EXPECT_EQ(read, values);
}

TEST(ReadNpy, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  for (const NpyArray& array :
       {NpyArray{{2, 3}, {1, 2, 3, 4, 5, 6.5F}}, NpyArray{{}, {7}}, NpyArray{{0, 4}, {}}}) {
    ASSERT_TRUE(write_npy(folder.path() / "a.npy", array.shape, array.values));
    EXPECT_EQ(read_npy(folder.path() / "a.npy").value(), array);
  }
}

TEST(ReadNpy, RefusesWhatIsNoArrayOfFloats) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "a.npy";
  ASSERT_TRUE(write_npy(path, {2, 3}, std::vector<float>(6)));
  const std::string good = read_file(path, 4096).value();
  const struct {
    const char* from;
    const char* to;
    const char* message;
  } rows[] = {
      {"NUMPY", "NUMPZ", "found no .npy header"},
      {"<f4", "<f8", "found '\\'<f8\\'', want '<f4'"},
      {"False", "True ", "found column-major order"},
      {"(2,3,)", "(2,4,)", "found 24 bytes of elements, want the shape (2,4,)"},
      {"(2,3,)", "(-1,3)", "want a shape"},
      {"'shape'", "'shade'", "found no shape"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.to);
    std::string bad = good;
    bad.replace(bad.find(row.from), std::strlen(row.from), row.to);
    std::ofstream(path, std::ios::binary) << bad;
    const Result<NpyArray> array = read_npy(path);
    ASSERT_FALSE(array);
    EXPECT_NE(array.error().message.find(row.message), std::string::npos) << array.error().message;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    std::ofstream(path, std::ios::binary) << good.substr(0, size);
    ASSERT_FALSE(read_npy(path)) << size;
  }
}

}  // namespace
}  // namespace fusesweep
