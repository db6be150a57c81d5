// Functions that machine code may call: processors without FMA or SSE4.1 need them. Nothing else resolves.
#pragma once

#include <cmath>
#include <string_view>

namespace mc::jit {

struct Callable {
  std::string_view name;
  void* address;
};

namespace detail {
template <class F>
void* address(F* function) {
  return reinterpret_cast<void*>(function);
}
using F64 = double(double);
using F32 = float(float);
}  // namespace detail

inline const Callable kCallable[] = {
    {"fma", detail::address<double(double, double, double)>(std::fma)},
    {"fmaf", detail::address<float(float, float, float)>(std::fma)},
    {"floor", detail::address<detail::F64>(std::floor)},
    {"floorf", detail::address<detail::F32>(std::floor)},
    {"ceil", detail::address<detail::F64>(std::ceil)},
    {"ceilf", detail::address<detail::F32>(std::ceil)},
    {"trunc", detail::address<detail::F64>(std::trunc)},
    {"truncf", detail::address<detail::F32>(std::trunc)},
    {"rint", detail::address<detail::F64>(std::rint)},
    {"rintf", detail::address<detail::F32>(std::rint)},
};

}  // namespace mc::jit
