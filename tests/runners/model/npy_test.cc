#include "runners/model/npy.h"

#include <gtest/gtest.h>

#include <cstring>
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

}  // namespace
}  // namespace fusesweep
