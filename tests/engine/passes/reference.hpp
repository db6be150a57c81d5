// What the accuracy tests measure against: MPFR at 120 bits, and the distance of a double or float from it in
// units in the last place, right in the subnormals and at the overflow border too.
#pragma once

#include <mpfr.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace mc::testing {

/// A number of 120 bits.
class Exact {
 public:
  Exact() { mpfr_init2(value_, 120); }
  explicit Exact(double v) : Exact() { mpfr_set_d(value_, v, MPFR_RNDN); }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;
  ~Exact() { mpfr_clear(value_); }

  operator mpfr_ptr() { return value_; }
  operator mpfr_srcptr() const { return value_; }

 private:
  mpfr_t value_;
};

/// The nearest Float, subnormal or infinite where it has to be.
template <class Float>
Float rounded_to(mpfr_srcptr value) {
  if constexpr (sizeof(Float) == 8)
    return mpfr_get_d(value, MPFR_RNDN);
  else
    return mpfr_get_flt(value, MPFR_RNDN);
}

/// |got - want| in units in the last place that a Float of the size of `want` has; infinite where one is NaN
/// and the other not, or one is infinite and the other not about to be.
template <class Float>
double ulps_off(Float got, mpfr_srcptr want) {
  using Limits = std::numeric_limits<Float>;
  if (mpfr_nan_p(want) || std::isnan(got)) {
    return mpfr_nan_p(want) && std::isnan(got) ? 0 : std::numeric_limits<double>::infinity();
  }
  const Float rounded = rounded_to<Float>(want);
  if (got == rounded && (std::isinf(got) || got == 0)) return 0;
  if (mpfr_inf_p(want)) return std::numeric_limits<double>::infinity();
  static Exact difference;
  if (std::isinf(got)) {  // counts as the next number if there were one
    mpfr_set_si_2exp(difference, got > 0 ? 1 : -1, Limits::max_exponent, MPFR_RNDN);
  } else {
    mpfr_set_d(difference, got, MPFR_RNDN);
  }
  mpfr_sub(difference, difference, want, MPFR_RNDN);
  const long smallest = Limits::min_exponent - 1;
  const long exponent = mpfr_zero_p(want)
                            ? smallest
                            : std::clamp<long>(mpfr_get_exp(want) - 1, smallest, Limits::max_exponent - 1);
  mpfr_mul_2si(difference, difference, Limits::digits - 1 - exponent, MPFR_RNDN);
  return std::abs(mpfr_get_d(difference, MPFR_RNDN));
}

// Functions that MPFR has not, in its own calling convention.

inline int exact_normcdf(mpfr_ptr to, mpfr_srcptr x, mpfr_rnd_t rounding) {
  static Exact root_half(0.5), t;
  static const int once = mpfr_sqrt(root_half, root_half, MPFR_RNDN);
  (void)once;
  mpfr_mul(t, x, root_half, MPFR_RNDN);
  mpfr_neg(t, t, MPFR_RNDN);
  mpfr_erfc(t, t, MPFR_RNDN);
  return mpfr_div_2ui(to, t, 1, rounding);
}

inline int exact_normpdf(mpfr_ptr to, mpfr_srcptr x, mpfr_rnd_t rounding) {
  static Exact bell, factor;
  mpfr_sqr(bell, x, MPFR_RNDN);
  mpfr_div_si(bell, bell, -2, MPFR_RNDN);
  mpfr_exp(bell, bell, MPFR_RNDN);
  mpfr_const_pi(factor, MPFR_RNDN);
  mpfr_mul_2ui(factor, factor, 1, MPFR_RNDN);
  mpfr_rec_sqrt(factor, factor, MPFR_RNDN);
  return mpfr_mul(to, bell, factor, rounding);
}

/// The quantile from a guess that is right to about 2^-50, by one step of Newton's.
inline void refine_normicdf(mpfr_ptr to, double p, double guess) {
  static Exact tail, density, q, x;
  if (std::isinf(guess) || std::isnan(guess) || !(p > 0 && p < 1)) {
    mpfr_set_d(to, p == 0 ? -HUGE_VAL : p == 1 ? HUGE_VAL : NAN, MPFR_RNDN);
    return;
  }
  const double sign = p < 0.5 ? -1 : 1;
  mpfr_set_d(q, p, MPFR_RNDN);
  if (sign > 0) mpfr_ui_sub(q, 1, q, MPFR_RNDN);
  mpfr_set_d(x, -sign * guess, MPFR_RNDN);
  exact_normcdf(tail, x, MPFR_RNDN);
  mpfr_sub(tail, tail, q, MPFR_RNDN);
  mpfr_sqr(density, x, MPFR_RNDN);
  mpfr_div_si(density, density, -2, MPFR_RNDN);
  mpfr_exp(density, density, MPFR_RNDN);
  mpfr_div(tail, tail, density, MPFR_RNDN);
  mpfr_const_pi(density, MPFR_RNDN);
  mpfr_mul_2ui(density, density, 1, MPFR_RNDN);
  mpfr_sqrt(density, density, MPFR_RNDN);
  mpfr_mul(tail, tail, density, MPFR_RNDN);
  mpfr_sub(x, x, tail, MPFR_RNDN);
  mpfr_mul_d(to, x, -sign, MPFR_RNDN);
}

inline int exact_sin2pi(mpfr_ptr to, mpfr_srcptr u, mpfr_rnd_t rounding) {
  return mpfr_sinu(to, u, 1, rounding);
}

inline int exact_cos2pi(mpfr_ptr to, mpfr_srcptr u, mpfr_rnd_t rounding) {
  return mpfr_cosu(to, u, 1, rounding);
}

}  // namespace mc::testing
