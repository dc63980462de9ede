#include "harness/base/uuid.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <exception>
#include <utility>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::uint32_t kCounterEnd = 1U << 12U;
constexpr std::size_t kTextLength = 36;
constexpr std::uint64_t kFollowedEndMs = 1ULL << 47U;  // the year 6429, half of what 48 bits hold

std::mt19937_64 seeded_from_the_system() {
  std::random_device device;
  std::array<std::uint32_t, 8> words{};
  std::generate(words.begin(), words.end(), std::ref(device));
  std::seed_seq seed(words.begin(), words.end());
  return std::mt19937_64(seed);
}

}  // namespace

UuidGenerator::UuidGenerator(const Clock& clock)
    : clock_(clock), random_(seeded_from_the_system()) {}

// Layout (RFC 9562, 5.7): 48 bits of Unix milliseconds, version 7, 12 bits that we count up within
// a millisecond (6.2, method 1), variant 10, 62 random bits.
Uuid UuidGenerator::next() {
  const auto since_epoch = clock_.wall_now().time_since_epoch();
  const auto now_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    counter_ = 0;
  } else if (++counter_ == kCounterEnd) {
    ++last_ms_;  // 4096 ids in one millisecond: borrow from the next one
    counter_ = 0;
  }
  const std::uint64_t random = random_();

  Uuid uuid;
  for (int i = 0; i < 6; ++i) uuid.data[i] = static_cast<std::uint8_t>(last_ms_ >> (40 - 8 * i));
  uuid.data[6] = static_cast<std::uint8_t>(0x70U | (counter_ >> 8U));
  uuid.data[7] = static_cast<std::uint8_t>(counter_);
  for (int i = 0; i < 8; ++i) uuid.data[8 + i] = static_cast<std::uint8_t>(random >> (56 - 8 * i));
  uuid.data[8] = static_cast<std::uint8_t>(0x80U | (uuid.data[8] & 0x3FU));
  return uuid;
}

void UuidGenerator::follow(const Uuid& seen) {
  std::uint64_t seen_ms = 0;
  for (int i = 0; i < 6; ++i) seen_ms = seen_ms << 8U | seen.data[i];
  const std::uint32_t seen_counter = (seen.data[6] & 0x0FU) << 8U | seen.data[7];
  // A foreign id at the end of time would leave no room for the next ones: better no order than no ids.
  const bool is_ours = seen.data[6] >> 4U == 7 && seen_ms < kFollowedEndMs;
  if (is_ours && std::pair(seen_ms, seen_counter) > std::pair(last_ms_, counter_)) {
    last_ms_ = seen_ms;
    counter_ = seen_counter;
  }
}

std::string to_text(const Uuid& uuid) { return boost::uuids::to_string(uuid); }

Result<Uuid> parse_uuid(std::string_view text) {
  // Boost also takes braces and no dashes; one id has one spelling here.
  try {
    if (text.size() == kTextLength)
      return boost::uuids::string_generator()(text.begin(), text.end());
  } catch (const std::exception&) {
    // Falls through to the one message.
  }
  return invalid_input(fmt::format(
      "found {}, want a UUID such as 018f2a5c-0000-7000-8000-000000000000", quote(text)));
}

}  // namespace fusesweep
