#include "harness/base/version.h"

#include <gtest/gtest.h>

#include <string>

namespace fusesweep {
namespace {

TEST(BuildFacts, SayWhatThisProgramWasBuiltWith) {
  const BuildFacts facts = build_facts();
#if defined(__clang__)
  EXPECT_NE(facts.compiler.find("Clang " + std::to_string(__clang_major__) + '.'),
            std::string_view::npos)
      << facts.compiler;
#else
  EXPECT_TRUE(facts.compiler.starts_with("GNU " + std::to_string(__GNUC__) + '.'))
      << facts.compiler;
#endif
  EXPECT_EQ(facts.compiler_flags.find('\n'), std::string_view::npos);
}

TEST(BuildFacts, ARevisionIsWholeAndSaysWhetherItIsDirty) {
  const BuildFacts facts = build_facts();
  EXPECT_EQ(facts.git_revision.has_value(), facts.git_dirty.has_value());
  const std::string revision(facts.git_revision.value_or(std::string(40, 'a')));
  EXPECT_GE(revision.size(), 40U);
  EXPECT_EQ(revision.find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace fusesweep
