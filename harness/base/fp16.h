// Half precision (IEEE 754 binary16) as the bits that files hold. The same bits on every machine;
// for bulk work on a hot path the room that does it has vector code.
#pragma once

#include <cstdint>

namespace fusesweep {

// Exact: every half is a float. NaN keeps the upper bits of its payload.
float fp16_to_float(std::uint16_t half);

// Rounded to nearest, ties to even; beyond the largest half (65504 and a half step) infinity; NaN
// stays NaN.
std::uint16_t float_to_fp16(float value);

}  // namespace fusesweep
