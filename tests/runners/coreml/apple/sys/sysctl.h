// Of macOS's sysctl, what runners/coreml uses.
#pragma once

#include <cstddef>

extern "C" int sysctlbyname(const char* name, void* old_value, std::size_t* old_size,
                            void* new_value, std::size_t new_size);
