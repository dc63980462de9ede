#include "harness/cli/installed_program.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace fusesweep {
namespace {

// $PATH for one test.
class InstalledPrograms : public testing::Test {
 protected:
  InstalledPrograms() { setenv("PATH", folder_.path().c_str(), 1); }
  ~InstalledPrograms() override { setenv("PATH", before_.c_str(), 1); }

  std::string plant(const char* name, const char* script) const {
    const std::filesystem::path path = folder_.path() / name;
    std::ofstream(path) << script;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

 private:
  const TemporaryFolder folder_;
  const std::string before_ = std::getenv("PATH");
};

TEST_F(InstalledPrograms, SayTheirVersionInOneLine) {
  const std::string path = plant("plotter", "#!/bin/sh\necho \"plotter 5.4 $1\"\necho and more\n");
  EXPECT_EQ(find_program("plotter")->path, path);
  EXPECT_EQ(find_program("plotter")->version, "plotter 5.4 --version");
}

TEST_F(InstalledPrograms, MayBeMissingOrSilentOrBroken) {
  plant("silent", "#!/bin/sh\nexit 1\n");
  plant("broken", "#!/no/such/interpreter\n");
  plant("endless", "#!/bin/sh\nwhile :; do echo y; done\n");
  EXPECT_FALSE(find_program("missing"));
  EXPECT_EQ(find_program("silent")->version, std::nullopt);
  EXPECT_EQ(find_program("broken")->version, std::nullopt);
  EXPECT_EQ(find_program("endless")->version, "y");
}

}  // namespace
}  // namespace fusesweep
