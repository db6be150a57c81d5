// The types and operations of kernel IR that C++ has no name or no operator for.
using f64 = double;
using f32 = float;
using u64 = unsigned long long;
using u32 = unsigned int;
using i64 = long long;
using i32 = int;
using u8 = unsigned char;

namespace std {
using size_t = decltype(sizeof 0);
}

#define MC_DEVICE __device__ __forceinline__

MC_DEVICE u64 to_bits(f64 a) { return __double_as_longlong(a); }
MC_DEVICE u32 to_bits(f32 a) { return __float_as_uint(a); }
MC_DEVICE f64 from_bits(u64 a) { return __longlong_as_double(a); }
MC_DEVICE f32 from_bits(u32 a) { return __uint_as_float(a); }

MC_DEVICE u64 rotl(u64 a, u64 b) { return a << b | a >> (64 - b & 63); }
MC_DEVICE u32 rotl(u32 a, u32 b) { return a << b | a >> (32 - b & 31); }

// a >> n, n < 32, with bits of `above` coming in: one instruction for each 32 bits.
MC_DEVICE u32 shifted(u32 a, u32 above, u32 n) { return __funnelshift_r(a, above, n); }
MC_DEVICE u64 shifted(u64 a, u32 above, u32 n) {
  const u32 high = a >> 32;
  return u64{shifted(high, above, n)} << 32 | shifted(u32(a), high, n);
}

// a ^ b ^ c, and a << n for n < 32. A generator keeps the units busy that do logic and shifts; NVRTC's own
// choice of instructions takes two or three more of them for a draw.
#ifdef __CUDACC_RTC__
MC_DEVICE u32 xor3(u32 a, u32 b, u32 c) {
  u32 all;
  asm("lop3.b32 %0, %1, %2, %3, 0x96;" : "=r"(all) : "r"(a), "r"(b), "r"(c));
  return all;
}
MC_DEVICE u64 xor3(u64 a, u64 b, u64 c) {
  u64 all;
  asm("{ .reg .u32 l<3>, h<3>; mov.b64 {l0, h0}, %1; mov.b64 {l1, h1}, %2; mov.b64 {l2, h2}, %3; "
      "lop3.b32 l0, l0, l1, l2, 0x96; lop3.b32 h0, h0, h1, h2, 0x96; mov.b64 %0, {l0, h0}; }"
      : "=l"(all)
      : "l"(a), "l"(b), "l"(c));
  return all;
}
MC_DEVICE u64 shl(u64 a, u32 n) {
  u64 shifted;
  asm("{ .reg .u32 l<2>, h<2>; .reg .u64 w; mov.b64 {l0, h0}, %1; mul.wide.u32 w, l0, %2; mov.b64 {l1, h1}, "
      "w; "
      "mad.lo.u32 h0, h0, %2, h1; mov.b64 %0, {l1, h0}; }"
      : "=l"(shifted)
      : "l"(a), "r"(1u << n));
  return shifted;
}
#else
template <class T>
MC_DEVICE T xor3(T a, T b, T c) {
  return a ^ b ^ c;
}
MC_DEVICE u64 shl(u64 a, u32 n) { return a << n; }
#endif

// x < y ? a : b, and x <= y ? a : b. Of C++'s words NVRTC would make min and max where a and b are x and y,
// and those order zeros of different signs, which these do not.
#ifdef __CUDACC_RTC__
#define MC_CHOICE(name, relation, type, letter)                                                    \
  MC_DEVICE f##type name(f##type x, f##type y, f##type a, f##type b) {                             \
    f##type chosen;                                                                                \
    asm("{ .reg .pred p; setp." relation ".f" #type " p, %1, %2; selp.f" #type " %0, %3, %4, p; }" \
        : "=" letter(chosen)                                                                       \
        : letter(x), letter(y), letter(a), letter(b));                                             \
    return chosen;                                                                                 \
  }
MC_CHOICE(if_less, "lt", 64, "d")
MC_CHOICE(if_less, "lt", 32, "f")
MC_CHOICE(if_at_most, "le", 64, "d")
MC_CHOICE(if_at_most, "le", 32, "f")
#else
template <class T>
MC_DEVICE T if_less(T x, T y, T a, T b) {
  return x < y ? a : b;
}
template <class T>
MC_DEVICE T if_at_most(T x, T y, T a, T b) {
  return x <= y ? a : b;
}
#endif

// The second where one of them is NaN, unlike fmin and fmax.
MC_DEVICE f64 smaller(f64 a, f64 b) { return if_less(a, b, a, b); }
MC_DEVICE f32 smaller(f32 a, f32 b) { return if_less(a, b, a, b); }
MC_DEVICE f64 larger(f64 a, f64 b) { return if_less(b, a, a, b); }
MC_DEVICE f32 larger(f32 a, f32 b) { return if_less(b, a, a, b); }

/// A number of a table, whose address and number of rows stand in two numbers of the parameters. A row past
/// the last one is the last one.
template <class T, u32 columns>
MC_DEVICE T cell(const f64* __restrict__ table, u64 row, u32 column) {
  const u64 rows = to_bits(table[1]);
  return reinterpret_cast<const T*>(to_bits(table[0]))[(row < rows ? row : rows - 1) * columns + column];
}

// What the merge of statistics asks for (engine/kernels/merge_sides.inl).
#define MC_INLINE MC_DEVICE

namespace mc::kernels {

template <class V>
MC_DEVICE V load(const f64* from) {
  return *from;
}

template <class V>
MC_DEVICE void store(f64* to, V v) {
  *to = v;
}

}  // namespace mc::kernels
