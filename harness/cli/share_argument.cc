#include "harness/cli/share_argument.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "harness/base/text.h"

namespace fusesweep {

Result<double> read_share(const std::string& typed, const char* flag) {
  char* end = nullptr;
  double share = std::strtod(typed.c_str(), &end);
  const std::string_view rest = end;
  if (rest == "%") share /= 100;
  if (end != typed.c_str() && (rest.empty() || rest == "%") && share > 0 && share < 1) return share;
  return fail_with_context(
      invalid_input(fmt::format("found {}, want a share above 0 and below 1, such as 0.01 or 1%",
                                quote(typed)))
          .value(),
      flag);
}

}  // namespace fusesweep
