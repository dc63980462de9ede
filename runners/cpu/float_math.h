// Constants of the exponential function that all kernels share (polynomial of Cephes' expf, error
// below 2 units in the last place of a float). The formula is in ref_kernels.cc in the plainest form.
#pragma once

namespace fusesweep {

inline constexpr float kLog2E = 1.44269504088896341F;
inline constexpr float kLn2High = 0.693359375F;  // log 2 in two parts: products with it are exact
inline constexpr float kLn2Low = -2.12194440e-4F;
inline constexpr float kExpHighest = 88.0F;            // infinity above
inline constexpr float kExpLowest = -87.0F;            // zero below
inline constexpr float kRoundToInteger = 12582912.0F;  // 1.5 * 2^23: x + it - it is round(x)
inline constexpr float kExpPolynomial[] = {1.9875691500e-4F, 1.3981999507e-3F, 8.3334519073e-3F,
                                           4.1665795894e-2F, 1.6666665459e-1F, 5.0000001201e-1F};

}  // namespace fusesweep
