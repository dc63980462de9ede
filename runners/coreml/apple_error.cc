#include "runners/coreml/apple_error.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/text.h"

namespace fusesweep {
namespace {

// Codes of Foundation and CoreML that are about what was named, and not about the system.
constexpr struct {
  std::string_view domain;
  std::int64_t code;
} kInvalid[] = {
    {"NSCocoaErrorDomain", 4},    // no such file
    {"NSCocoaErrorDomain", 258},  // a name that no file can have
    {"NSCocoaErrorDomain", 259},  // a corrupt file
    {"NSCocoaErrorDomain", 260},  // nothing to read
    {"NSPOSIXErrorDomain", 2},    // ENOENT
    {"NSPOSIXErrorDomain", 20},   // ENOTDIR
    {"com.apple.CoreML", 1},      // the type of a feature
    {"com.apple.CoreML", 3},      // reading or writing the model
    {"com.apple.CoreML", 4},      // a custom layer
    {"com.apple.CoreML", 5},      // a custom model
};

bool is_invalid(const AppleError& error) {
  return std::any_of(std::begin(kInvalid), std::end(kInvalid), [&](const auto& known) {
    return known.domain == error.domain && known.code == error.code;
  });
}

// As it is named in the descriptions that people report.
bool is_of_ane_compiler(const AppleError& error) {
  return error.description.find("ANECCompile") != std::string::npos ||
         error.description.find("ANE model") != std::string::npos ||
         error.domain.find("appleneuralengine") != std::string::npos;
}

}  // namespace

Error error_of(const std::vector<AppleError>& chain, std::string_view what) {
  std::string message = fmt::format("{}: ", what);
  if (std::any_of(chain.begin(), chain.end(), is_of_ane_compiler))
    message += "the Neural Engine's compiler refused it: ";
  if (chain.empty()) message += "CoreML gave no reason";
  bool is_first = true;
  for (const auto& [domain, code, description] : chain) {
    message += fmt::format("{}{} ({} {})", is_first ? "" : ", because ",
                           description.empty() ? "no description" : one_line(description),
                           one_line(domain), code);
    is_first = false;
  }
  const bool invalid = std::any_of(chain.begin(), chain.end(), is_invalid);
  return {invalid ? ErrorCode::kInvalidInput : ErrorCode::kUnavailable, std::move(message)};
}

}  // namespace fusesweep
