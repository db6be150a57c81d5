// The vectors of one instruction set, and the operations that GCC's vector extension lacks or that compilers
// translate badly. Included once for each instruction set, within an unnamed namespace.

#if defined(__AVX512F__)
constexpr unsigned kWidth = 64;
#define MC_X86(name) _mm512_##name
using X86f64 = __m512d;
using X86f32 = __m512;
using X86i = __m512i;
#elif defined(__AVX2__)
constexpr unsigned kWidth = 32;
#define MC_X86(name) _mm256_##name
using X86f64 = __m256d;
using X86f32 = __m256;
using X86i = __m256i;
#else
constexpr unsigned kWidth = 16;
#define MC_X86(name) _mm_##name
#if defined(__SSE2__)
using X86f64 = __m128d;
using X86f32 = __m128;
using X86i = __m128i;
#endif
#endif

typedef double f64 __attribute__((vector_size(kWidth)));
typedef float f32 __attribute__((vector_size(kWidth)));
typedef std::uint64_t u64 __attribute__((vector_size(kWidth)));
typedef std::uint32_t u32 __attribute__((vector_size(kWidth)));
typedef std::int64_t i64 __attribute__((vector_size(kWidth)));
typedef std::int32_t i32 __attribute__((vector_size(kWidth)));
typedef float half_f32 __attribute__((vector_size(kWidth / 2)));
typedef std::uint32_t half_u32 __attribute__((vector_size(kWidth / 2)));
typedef std::int32_t half_i32 __attribute__((vector_size(kWidth / 2)));
using Bits = u64;  ///< any vector, seen as bits

#define MC_INLINE __attribute__((always_inline)) static inline

template <class V>
MC_INLINE V read(const std::byte* from) {
  V value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

template <class V>
MC_INLINE void write(std::byte* to, V value) {
  __builtin_memcpy(to, &value, sizeof value);
}

// ---- signs
MC_INLINE f64 flip_sign(f64 a) { return (f64)((u64)a ^ (std::uint64_t{1} << 63)); }
MC_INLINE f32 flip_sign(f32 a) { return (f32)((u32)a ^ (std::uint32_t{1} << 31)); }
MC_INLINE f64 magnitude(f64 a) { return (f64)((u64)a & ~(std::uint64_t{1} << 63)); }
MC_INLINE f32 magnitude(f32 a) { return (f32)((u32)a & ~(std::uint32_t{1} << 31)); }
MC_INLINE f64 with_sign_of(f64 a, f64 sign) { return (f64)((u64)a | ((u64)sign & (std::uint64_t{1} << 63))); }
MC_INLINE f32 with_sign_of(f32 a, f32 sign) { return (f32)((u32)a | ((u32)sign & (std::uint32_t{1} << 31))); }

// ---- one rounding: fma, sqrt
#if defined(__AVX2__)
MC_INLINE f64 fused(f64 a, f64 b, f64 c) { return (f64)MC_X86(fmadd_pd)((X86f64)a, (X86f64)b, (X86f64)c); }
MC_INLINE f32 fused(f32 a, f32 b, f32 c) { return (f32)MC_X86(fmadd_ps)((X86f32)a, (X86f32)b, (X86f32)c); }
#else
// Without the instruction the C library computes it, slowly and right.
MC_INLINE f64 fused(f64 a, f64 b, f64 c) {
  for (unsigned k = 0; k < kWidth / 8; ++k) a[k] = __builtin_fma(a[k], b[k], c[k]);
  return a;
}
MC_INLINE f32 fused(f32 a, f32 b, f32 c) {
  for (unsigned k = 0; k < kWidth / 4; ++k) a[k] = __builtin_fmaf(a[k], b[k], c[k]);
  return a;
}
#endif

#if defined(__SSE2__)
MC_INLINE f64 root(f64 a) { return (f64)MC_X86(sqrt_pd)((X86f64)a); }
MC_INLINE f32 root(f32 a) { return (f32)MC_X86(sqrt_ps)((X86f32)a); }
#else
MC_INLINE f64 root(f64 a) {
  for (unsigned k = 0; k < kWidth / 8; ++k) a[k] = __builtin_sqrt(a[k]);
  return a;
}
MC_INLINE f32 root(f32 a) {
  for (unsigned k = 0; k < kWidth / 4; ++k) a[k] = __builtin_sqrtf(a[k]);
  return a;
}
#endif

// ---- rounding to integers
#if defined(__AVX512F__)
#define MC_ROUND(name, mode)                                                                             \
  MC_INLINE f64 name(f64 a) { return (f64)_mm512_roundscale_pd((X86f64)a, (mode) | _MM_FROUND_NO_EXC); } \
  MC_INLINE f32 name(f32 a) { return (f32)_mm512_roundscale_ps((X86f32)a, (mode) | _MM_FROUND_NO_EXC); }
#elif defined(__AVX2__)
#define MC_ROUND(name, mode)                                                                        \
  MC_INLINE f64 name(f64 a) { return (f64)_mm256_round_pd((X86f64)a, (mode) | _MM_FROUND_NO_EXC); } \
  MC_INLINE f32 name(f32 a) { return (f32)_mm256_round_ps((X86f32)a, (mode) | _MM_FROUND_NO_EXC); }
#endif
#if defined(__AVX2__)
MC_ROUND(round_down, _MM_FROUND_TO_NEG_INF)
MC_ROUND(round_up, _MM_FROUND_TO_POS_INF)
MC_ROUND(round_to_zero, _MM_FROUND_TO_ZERO)
MC_ROUND(round_to_even, _MM_FROUND_TO_NEAREST_INT)
#undef MC_ROUND
#else
// The spacing of floats from 2^52 (2^23) on is 1, so adding that rounds to an integer, ties to even. What is
// that large, or NaN, stays. Zeros get their sign back last.
MC_INLINE f64 round_to_even(f64 a) {
  const f64 m = magnitude(a);
  return with_sign_of(m < 0x1p52 ? (m + 0x1p52) - 0x1p52 : m, a);
}
MC_INLINE f32 round_to_even(f32 a) {
  const f32 m = magnitude(a);
  return with_sign_of(m < 0x1p23f ? (m + 0x1p23f) - 0x1p23f : m, a);
}
MC_INLINE f64 round_down(f64 a) {
  const f64 r = round_to_even(a);
  return r - (f64)((u64)(r > a) & (u64)(f64{} + 1.0));
}
MC_INLINE f32 round_down(f32 a) {
  const f32 r = round_to_even(a);
  return r - (f32)((u32)(r > a) & (u32)(f32{} + 1.0f));
}
template <class V>
MC_INLINE V round_up(V a) {
  return flip_sign(round_down(flip_sign(a)));
}
template <class V>
MC_INLINE V round_to_zero(V a) {
  return with_sign_of(round_down(magnitude(a)), a);
}
#endif

// ---- shifts by the same count in every lane, rotations
#if defined(__SSE2__) && !defined(__AVX2__)
// SSE2 shifts all lanes by the number in the low 64 bits.
MC_INLINE X86i low_count(u64 k) { return (X86i)k; }
MC_INLINE X86i low_count(u32 k) { return (X86i)(k & u32{~0u, 0, 0, 0}); }
MC_INLINE u64 shift_left(u64 a, u64 k) { return (u64)_mm_sll_epi64((X86i)a, low_count(k)); }
MC_INLINE u32 shift_left(u32 a, u32 k) { return (u32)_mm_sll_epi32((X86i)a, low_count(k)); }
MC_INLINE u64 shift_right(u64 a, u64 k) { return (u64)_mm_srl_epi64((X86i)a, low_count(k)); }
MC_INLINE u32 shift_right(u32 a, u32 k) { return (u32)_mm_srl_epi32((X86i)a, low_count(k)); }
#else
template <class V>
MC_INLINE V shift_left(V a, V k) {
  return a << k;
}
template <class V>
MC_INLINE V shift_right(V a, V k) {
  return a >> k;
}
#endif

MC_INLINE u64 back(u64 k) { return -k & 63; }
MC_INLINE u32 back(u32 k) { return -k & 31; }

#if defined(__AVX512F__)
MC_INLINE u64 rotate(u64 a, u64 k) { return (u64)_mm512_rolv_epi64((X86i)a, (X86i)k); }
MC_INLINE u32 rotate(u32 a, u32 k) { return (u32)_mm512_rolv_epi32((X86i)a, (X86i)k); }
template <class V>
MC_INLINE V rotate_all(V a, V k) {
  return rotate(a, k);
}
#else
template <class V>
MC_INLINE V rotate(V a, V k) {
  return (a << k) | (a >> back(k));
}
template <class V>
MC_INLINE V rotate_all(V a, V k) {
  return shift_left(a, k) | shift_right(a, back(k));
}
#endif

// ---- choice
#if defined(__AVX512F__)
template <class V>
MC_INLINE V choose(V mask, V b, V c) {
  return (V)_mm512_ternarylogic_epi64((X86i)mask, (X86i)b, (X86i)c, 0xCA);
}
#elif defined(__AVX2__)
template <class V>
MC_INLINE V choose(V mask, V b, V c) {
  return (V)_mm256_blendv_epi8((X86i)c, (X86i)b, (X86i)mask);
}
#else
template <class V>
MC_INLINE V choose(V mask, V b, V c) {
  return (mask & b) | (~mask & c);
}
#endif

// ---- widths
#if defined(__AVX512F__)
MC_INLINE u64 wider(half_u32 a) { return (u64)_mm512_cvtepu32_epi64((__m256i)a); }
MC_INLINE u64 wider_mask(half_u32 a) { return (u64)_mm512_cvtepi32_epi64((__m256i)a); }
MC_INLINE half_u32 low_half(u64 a) { return (half_u32)_mm512_cvtepi64_epi32((X86i)a); }
#elif defined(__AVX2__)
MC_INLINE u64 wider(half_u32 a) { return (u64)_mm256_cvtepu32_epi64((__m128i)a); }
MC_INLINE u64 wider_mask(half_u32 a) { return (u64)_mm256_cvtepi32_epi64((__m128i)a); }
MC_INLINE half_u32 low_half(u64 a) {
  const X86i low = _mm256_permutevar8x32_epi32((X86i)a, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
  return (half_u32)_mm256_castsi256_si128(low);
}
#else
MC_INLINE u64 wider(half_u32 a) { return __builtin_convertvector(a, u64); }
MC_INLINE u64 wider_mask(half_u32 a) { return (u64) __builtin_convertvector((half_i32)a, i64); }
MC_INLINE half_u32 low_half(u64 a) { return __builtin_convertvector(a, half_u32); }
#endif
MC_INLINE f64 exact(half_f32 a) { return __builtin_convertvector(a, f64); }
MC_INLINE half_f32 rounded(f64 a) { return __builtin_convertvector(a, half_f32); }

// ---- integers to f64
#if defined(__AVX512DQ__)
MC_INLINE f64 to_float(u64 a) { return (f64)_mm512_cvtepu64_pd((X86i)a); }
#else
/// Halves set into numbers of exponents 2^84 and 2^52 are exact; their sum is rounded once.
MC_INLINE f64 to_float(u64 a) {
  const f64 high = (f64)((a >> 32) | 0x4530000000000000u) - (0x1p84 + 0x1p52);
  return high + (f64)((a & 0xFFFFFFFFu) | 0x4330000000000000u);
}
#endif
MC_INLINE f64 to_float(half_u32 a) { return (f64)(wider(a) | 0x4330000000000000u) - 0x1p52; }
