// The types and operations of kernel IR that C++ has no name or no operator for.
using f64 = double;
using f32 = float;
using u64 = unsigned long long;
using u32 = unsigned int;

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

// The second where one of them is NaN, unlike fmin and fmax.
MC_DEVICE f64 smaller(f64 a, f64 b) { return a < b ? a : b; }
MC_DEVICE f32 smaller(f32 a, f32 b) { return a < b ? a : b; }
MC_DEVICE f64 larger(f64 a, f64 b) { return a > b ? a : b; }
MC_DEVICE f32 larger(f32 a, f32 b) { return a > b ? a : b; }

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
