// Time-ordered ids (UUID version 7, RFC 9562), so that rows made on several machines merge without
// a clash and sort by when they were made.
#pragma once

#include <boost/uuid/uuid.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "harness/base/clock.h"
#include "harness/base/result.h"

namespace fusesweep {

using Uuid =
    boost::uuids::uuid;  // 16 bytes, compares in byte order, which is time order for version 7

// Makes ids that are strictly increasing within one generator, even when the clock stands still or
// goes back. Not for sharing between threads.
class UuidGenerator {
 public:
  // The clock must outlive the generator.
  explicit UuidGenerator(const Clock& clock);
  Uuid next();
  // Every id from now on is greater than this one of another generator, whatever the clock says.
  void follow(const Uuid& seen);

 private:
  const Clock& clock_;
  std::mt19937_64 random_;
  std::uint64_t last_ms_ = 0;  // Unix time, 48 bits
  std::uint32_t counter_ = 0;  // 12 bits, counts within a millisecond
};

// "018f2a5c-....": 36 characters, lower case.
std::string to_text(const Uuid& uuid);

// The error says what was found and wanted; the caller adds where.
Result<Uuid> parse_uuid(std::string_view text);

}  // namespace fusesweep
