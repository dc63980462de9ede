#include "harness/cli/count_argument.h"

#include <cstdint>

#include "harness/base/text.h"

namespace fusesweep {

Result<int> read_count(const std::string& typed, const char* flag, int low, int high) {
  const Result<std::int64_t> count = parse_integer(typed, low, high);
  if (!count) return fail_with_context(count.error(), flag);
  return static_cast<int>(*count);
}

Result<void> read_each_count(std::initializer_list<TypedCount> counts) {
  for (const TypedCount& count : counts) {
    const Result<int> read = read_count(count.typed, count.flag, count.low);
    if (!read) return fail(read.error());
    count.into = *read;
  }
  return {};
}

}  // namespace fusesweep
