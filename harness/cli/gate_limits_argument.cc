#include "harness/cli/gate_limits_argument.h"

#include <cstdint>

#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/text.h"

namespace fusesweep {
namespace {

constexpr std::uint64_t kMaxLimitsBytes = 1 << 20;

}  // namespace

Result<GateLimits> read_gate_limits_argument(const std::optional<std::string>& file,
                                             std::string_view device_kind) {
  const GateLimits defaults = default_limits(device_kind);
  if (!file) return defaults;
  const Result<std::string> text = read_file(*file, kMaxLimitsBytes);
  if (!text) return fail_with_context(text.error(), "--limits");
  const std::string where = one_line(*file);
  const Result<Json> document = parse_json(*text, where);
  if (!document) return fail(document.error());
  JsonReader reader(*document, where);
  GateLimits limits = read_gate_limits(reader.root(), defaults);
  if (reader.error()) return fail(*reader.error());
  return limits;
}

}  // namespace fusesweep
