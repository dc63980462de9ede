#include "harness/base/uuid.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/support/fake_clock.h"

namespace fusesweep {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

TEST(UuidGenerator, LaysOutTimeVersionAndVariantAsRfc9562Says) {
  FakeClock clock;
  clock.set_wall(system_clock::time_point(milliseconds(0x017F22E279B0)));  // the RFC's example, A.6
  UuidGenerator generator(clock);
  const std::string text = to_text(generator.next());
  EXPECT_EQ(text.substr(0, 18), "017f22e2-79b0-7000");
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
}

TEST(UuidGenerator, IdsGrowWhateverTheClockDoes) {
  FakeClock clock;
  clock.set_wall(system_clock::time_point(milliseconds(1000000)));
  UuidGenerator generator(clock);
  Uuid last = generator.next();
  for (int i = 0; i < 20000; ++i) {  // more than one millisecond's counter holds
    if (i == 9000) clock.set_wall(system_clock::time_point(milliseconds(5)));
    const Uuid next = generator.next();
    ASSERT_LT(last, next) << i;
    last = next;
  }
}

TEST(UuidGenerator, IdsAreGreaterThanThoseThatAreFollowed) {
  FakeClock clock;
  clock.set_wall(system_clock::time_point(milliseconds(2000000)));
  UuidGenerator ahead(clock);
  clock.set_wall(system_clock::time_point(milliseconds(1000000)));
  UuidGenerator behind(clock);
  for (int i = 0; i < 10000; ++i) {
    const Uuid seen = ahead.next();
    behind.follow(seen);
    const Uuid next = behind.next();
    ASSERT_LT(seen, next) << i;
    ahead.follow(next);
  }
}

TEST(UuidGenerator, AnIdFromTheEndOfTimeIsNotFollowed) {
  const FakeClock clock;
  UuidGenerator generator(clock);
  const Uuid first = generator.next();
  generator.follow(*parse_uuid("ffffffff-ffff-7fff-bfff-ffffffffffff"));
  generator.follow(*parse_uuid("0fffffff-ffff-4fff-bfff-ffffffffffff"));  // of another version
  const Uuid second = generator.next();
  EXPECT_LT(first, second);
  EXPECT_EQ(to_text(second).substr(0, 13), "00000000-0000");
}

TEST(UuidGenerator, TwoGeneratorsOfOneMomentDoNotClash) {
  const FakeClock clock;
  EXPECT_NE(UuidGenerator(clock).next(), UuidGenerator(clock).next());
}

TEST(ParseUuid, ReadsBackWhatToTextWrote) {
  const SystemClock clock;
  const Uuid uuid = UuidGenerator(clock).next();
  EXPECT_EQ(*parse_uuid(to_text(uuid)), uuid);
}

TEST(ParseUuid, HasOneSpelling) {
  for (const char* text :
       {"", "017f22e279b07000800000000000000a", "{017f22e2-79b0-7000-8000-00000000000a}",
        "017f22e2-79b0-7000-8000-00000000000g", "017f22e2-79b0-7000-8000-00000000000",
        "017f22e2x79b0-7000-8000-00000000000a", "017f22e279b0-7000-8000-00000000000a0"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace fusesweep
