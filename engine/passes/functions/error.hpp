// erf, erfc.
#pragma once

#include "engine/passes/functions/exponential.hpp"
#include "engine/passes/functions/gaussian_tail.hpp"
#include "engine/passes/functions/number.hpp"

namespace mc::functions {

/// erf(x) for every x. Below 1.2 x + x A(x^2), above 1 - e^q(|x|) with q = log erfc, both minimax (2^-56;
/// 2^-54 in the end). Both are computed; e^q is cheap because it may be a little wrong where 1 - e^q is
/// wanted.
template <Number F>
F erf(F x) {
  F u = x * x;
  F near =
      fma(x,
          horner(u, {0x1.06eba8214db68p-3, -0x1.812746b0379aap-2, 0x1.ce2f21a0407f4p-4, -0x1.b82ce31201f84p-6,
                     0x1.565bccfdebeffp-8, -0x1.c02db19675705p-11, 0x1.f9a2ecb9220f0p-14,
                     -0x1.f4cea9e63b428p-17, 0x1.b9bd75155b970p-20, -0x1.5e3466fad2dcdp-23,
                     0x1.ef8c9c34446edp-27, -0x1.238a8a21443e8p-30, 0x1.abc57f18ea51ap-35}),
          x);
  F ax = min(6.0, abs(x));
  F q =
      horner(ax, {-0x1.c611e757c0281p-19, -0x1.20db7ed037d53p0, -0x1.46033ae6bf4afp-1, -0x1.a3a90fdc76147p-4,
                  0x1.3030da094bf69p-6, 0x1.eeb5fd101d16ep-11, -0x1.3dd75ae1a003p-9, 0x1.2cdab9ec611ddp-10,
                  -0x1.7380cb69b8db1p-12, 0x1.5119337a3f29cp-14, -0x1.c9819add7a875p-17, 0x1.c6f3e6b3e3bdp-20,
                  -0x1.3a20026176af8p-23, 0x1.0d721607aa23bp-27, -0x1.b0871ff39ca71p-33});
  F shifted = fma(q, log2_e, rounding_magic + (1023.0 + 2048.0));  // the 2048 makes the power of two negative
  F k = shifted - (rounding_magic + (1023.0 + 2048.0));
  F r = fma(k, -ln2_nearest, q);
  F e = horner(r, {1.0, 1.0, 0x1.ffffffffffed2p-2, 0x1.55555555507b9p-3, 0x1.555555558910fp-5,
                   0x1.11111125b655dp-7, 0x1.6c16c0c82749ap-10, 0x1.a0198d4f3403ap-13, 0x1.a01b7c57b1f45p-16,
                   0x1.72e9256f8b333p-19, 0x1.2707aeb3e09e2p-22});
  F far = fma(e, from_bits(to_bits(shifted) << 52_u), 1.0);
  return select(abs(x) < 1.2, near, with_sign_of(far, x));
}

/// erfc(x) for every x: the tail of |x|, and 2 less it where x is negative.
template <Number F>
F erfc(F x) {
  F tail = detail::gaussian_tail(min(28.0, abs(x)), detail::erfc_tail);
  return select(x < 0.0, 2.0 - tail, tail);
}

}  // namespace mc::functions
