// Sums of powers about a centre, Σ w (v_0 − c_0)^p (v_1 − c_1)^q for all p + q up to a degree, in one row or,
// for two values, one degree after the other: 1; v_0, v_1; v_0², v_0 v_1, v_1²; … And their move to another
// centre, written out once for kernels (V an IR value) and for merges (V a vector or a double).
#pragma once

#include <cstddef>

namespace mc::kernels {

inline constexpr unsigned kPowerSumValues = 2;  ///< values at most
inline constexpr unsigned kMostPowerSums = 15;  ///< two values to the fourth degree

/// Where the sum with exponents p and q stands; q is 0 for a single value.
constexpr unsigned power_sum_index(unsigned values, unsigned p, unsigned q) {
  return values == 1 ? p : (p + q) * (p + q + 1) / 2 + q;
}

constexpr unsigned power_sum_count(unsigned values, unsigned degree) {
  return values == 1 ? degree + 1 : (degree + 1) * (degree + 2) / 2;
}

/// Sums about c become sums about c − (s, t): a Taylor shift by Horner's scheme, one variable after the other
/// (Shaw and Traub 1974), which needs no binomials. Internal linkage: each instruction set has its own.
template <class V>
[[gnu::always_inline]] static inline void shift_power_sums(V* sums, unsigned values, unsigned degree, V s,
                                                           V t) {
  const auto at = [&](unsigned p, unsigned q) -> V& { return sums[power_sum_index(values, p, q)]; };
  for (unsigned q = 0; q <= (values == 1 ? 0 : degree); ++q)
    for (unsigned k = 0; k < degree - q; ++k)
      for (unsigned p = degree - q; p > k; --p) at(p, q) = at(p, q) + s * at(p - 1, q);
  if (values == 1) return;
  for (unsigned p = 0; p <= degree; ++p)
    for (unsigned k = 0; k < degree - p; ++k)
      for (unsigned q = degree - p; q > k; --q) at(p, q) = at(p, q) + t * at(p, q - 1);
}

}  // namespace mc::kernels
