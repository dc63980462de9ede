// Any bytes either are refused in one line or are a file whose tensors lie inside it, and whose
// contract, if it has one, passes the check.
#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/base/check.h"
#include "runners/model/gguf_contract.h"
#include "runners/model/gguf_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto input = std::as_bytes(std::span(bytes, size));
  const fusesweep::Result<fusesweep::GgufFile> file = fusesweep::GgufFile::parse(input, "input");
  if (!file) {
    FUSESWEEP_CHECK(file.error().message.find('\n') == std::string::npos);
    return 0;
  }
  for (const fusesweep::GgufTensor& tensor : file->tensors()) {
    FUSESWEEP_CHECK(tensor.bytes.empty() ||
                    (tensor.bytes.data() >= input.data() && tensor.bytes.size() <= size &&
                     tensor.bytes.data() - input.data() <=
                         static_cast<std::ptrdiff_t>(size - tensor.bytes.size())));
  }
  const fusesweep::Result<fusesweep::Contract> contract = fusesweep::read_contract(*file);
  if (contract) {
    FUSESWEEP_CHECK(fusesweep::check_contract(*contract).has_value());
  } else {
    FUSESWEEP_CHECK(contract.error().message.find('\n') == std::string::npos);
  }
  return 0;
}
