// CoreML itself. macOS only; the header is plain C++.
#pragma once

#include <memory>

#include "runners/coreml/core_ml.h"

namespace fusesweep {

std::unique_ptr<CoreMl> make_apple_core_ml();

}  // namespace fusesweep
