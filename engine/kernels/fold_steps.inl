// What a step of each fold does, of numbers or of vectors of them: kernels::step(), once more for those that
// fold lanes. Whoever includes this (fold.inl, and the CUDA sources that engine/cuda writes) has MC_INLINE.

struct Sum {
  template <class V>
  MC_INLINE static V step(V folded, V value) {
    return folded + value;
  }
};
struct Product {
  template <class V>
  MC_INLINE static V step(V folded, V value) {
    return folded * value;
  }
};
struct Minimum {
  template <class V>
  MC_INLINE static V step(V folded, V value) {
    return folded != folded ? folded : folded < value ? folded : value;
  }
};
struct Maximum {
  template <class V>
  MC_INLINE static V step(V folded, V value) {
    return folded != folded ? folded : folded > value ? folded : value;
  }
};
