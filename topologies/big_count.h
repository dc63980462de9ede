// BigCount: how many splits there are. A model of n layers has 2^(n-1) of them: 2^31 for 32 layers,
// 2^125 for 126, so no built-in integer will do.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

namespace fusesweep {

using BigCount = boost::multiprecision::cpp_int;

}  // namespace fusesweep
