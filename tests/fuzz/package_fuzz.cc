// Any bytes, cut into a model file and a weight file, either are refused in one line or are a package
// whose program keeps the rules, comes back from writing as it was, and has all its values.
// Seeds: four bytes that say how long the model file is, the model file, the weight file.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "harness/base/check.h"
#include "runners/mlprogram/operations.h"
#include "runners/mlprogram/package.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::uint32_t length = 0;
  if (size < sizeof length) return 0;
  std::memcpy(&length, bytes, sizeof length);
  const auto input = std::as_bytes(std::span(bytes, size)).subspan(sizeof length);
  const std::size_t cut = length % (input.size() + 1);
  const fusesweep::Result<fusesweep::Package> package =
      fusesweep::Package::parse(input.first(cut), input.subspan(cut), "input");
  if (!package) {
    FUSESWEEP_CHECK(package.error().message.find('\n') == std::string::npos);
    return 0;
  }
  FUSESWEEP_CHECK(fusesweep::check_types(package->model().program));
  const std::string written = fusesweep::encode_ml_model(package->model());
  const auto read = fusesweep::decode_ml_model(std::as_bytes(std::span(written)), "written");
  FUSESWEEP_CHECK(read &&
                  read->program.operations.size() == package->model().program.operations.size());
  for (const fusesweep::Operation& operation : package->model().program.operations) {
    for (const auto& [name, value] : operation.attributes) {
      if (std::holds_alternative<fusesweep::BlobReference>(value.content))
        FUSESWEEP_CHECK(package->blob(value).size() <= size);
    }
  }
  return 0;
}
