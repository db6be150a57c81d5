// The loops over columns, compiled once for each instruction set by columns_*.cpp. Everything is local to its file, and
// nothing of the standard library is instantiated: see columns.hpp.
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12 warns of its own header's _mm512_undefined_epi32
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#endif

#include <cstddef>
#include <cstdint>

#include "engine/interpreter/columns.hpp"

namespace mc::interpreter {
namespace {

#include "engine/interpreter/vectors.inl"

MC_INLINE std::size_t offset(Place place) { return place & ~kVaries; }

/// Bytes from one line of an operand to the next.
MC_INLINE std::size_t step(Place place) { return (place & kVaries) * kLine; }

// ---- operations: how one vector of the result follows from one of each operand

constexpr unsigned kBytes_f64 = 8, kBytes_u64 = 8, kBytes_f32 = 4, kBytes_u32 = 4;

#define MC_PRIMITIVE(op, T, count, expression)                      \
  struct op##_##T {                                                 \
    static constexpr unsigned arity = count, fixed = 0;           \
    static constexpr unsigned bytes = kBytes_##T;                   \
    MC_INLINE Bits of(const Bits* in) {                             \
      [[maybe_unused]] const T a = (T)in[0];                        \
      [[maybe_unused]] const T b = (T)in[count > 1 ? 1 : 0];        \
      [[maybe_unused]] const T c = (T)in[count > 2 ? 2 : 0];        \
      return (Bits)(expression);                                    \
    }                                                               \
  };
#define MC_UNIFORM(name, general, bits)       \
  struct name : general {                     \
    static constexpr unsigned fixed = bits; \
  };
#define MC_UNIFORM_SHIFT(name, general, T, expression) \
  struct name : general {                              \
    static constexpr unsigned fixed = 0b10;          \
    MC_INLINE Bits of(const Bits* in) {                \
      const T a = (T)in[0], b = (T)in[1];              \
      return (Bits)(expression);                       \
    }                                                  \
  };
#define MC_FUSED(name, inner, outer, ...) \
  struct name : Fused<inner, outer, __VA_ARGS__> {};
#define MC_CONVERSION(op, T, widening, expression)                         \
  struct op##_##T {                                                        \
    static constexpr bool widens = widening;                               \
    using From = Operand_##T;                                              \
    MC_INLINE auto of(From a) { return expression; }                       \
  };
#define MC_STRUCTURE(name)
using Operand_u64 = u64;
using Operand_f64 = f64;
using Operand_u32 = half_u32;
using Operand_f32 = half_f32;

// Wires of fused pairs, beside the numbers of inner's operands.
constexpr int R = -1, N = -2;

template <class Inner, class Outer, int... wires>
struct Fused {
  static constexpr int wire[sizeof...(wires)] = {wires...};

  /// Where outer's operand k stands among the fused operation's, if it is new.
  static constexpr unsigned place(unsigned k) {
    unsigned at = Inner::arity;
    for (unsigned j = 0; j < k; ++j) at += wire[j] == N;
    return at;
  }
  static constexpr unsigned fixed_operands() {
    unsigned bits = Inner::fixed;
    for (unsigned k = 0; k < Outer::arity; ++k)
      if (wire[k] == N) bits |= (Outer::fixed >> k & 1) << place(k);
    return bits;
  }
  static constexpr unsigned arity = place(Outer::arity), fixed = fixed_operands(), bytes = Inner::bytes;
  static_assert(sizeof...(wires) == Outer::arity && Outer::bytes == bytes && arity <= kMaxOperands);

  MC_INLINE Bits of(const Bits* in) {
    Bits outer[Outer::arity];
    for (unsigned k = 0; k < Outer::arity; ++k)
      outer[k] = wire[k] == R ? Inner::of(in) : in[wire[k] == N ? place(k) : static_cast<unsigned>(wire[k])];
    return Outer::of(outer);
  }
};

#include "engine/interpreter/columns.def"

// ---- loops

template <class Op>
const Instruction* map(const Instruction* at, const Frame* frame) {
  constexpr unsigned kLines = kUnit * Op::bytes / kLine;
  std::byte* to = frame->base + offset(at->to);
  const std::size_t to_step = step(at->to);
  const std::byte* from[Op::arity];
  std::size_t steps[Op::arity];
  Bits in[Op::arity];
  for (unsigned k = 0; k < Op::arity; ++k) {
    from[k] = frame->base + offset(at->from[k]);
    steps[k] = step(at->from[k]);
    if (Op::fixed >> k & 1) in[k] = read<Bits>(from[k]);
  }
  unsigned units = to_step == 0 ? 1 : frame->units;
  do {
    for (unsigned line = 0; line < kLines; ++line) {
      for (unsigned v = 0; v < kLine; v += kWidth) {
        for (unsigned k = 0; k < Op::arity; ++k)
          if (!(Op::fixed >> k & 1)) in[k] = read<Bits>(from[k] + v);
        write(to + v, Op::of(in));
      }
      for (unsigned k = 0; k < Op::arity; ++k) from[k] += steps[k];
      to += to_step;
    }
  } while (--units != 0);
  return at + 1;
}

/// Two lines of 64-bit lanes beside the halves of one of 32-bit lanes.
template <class Op>
const Instruction* convert(const Instruction* at, const Frame* frame) {
  using From = typename Op::From;
  constexpr unsigned kToWidth = Op::widens ? kWidth : kWidth / 2;
  const std::byte* from = frame->base + offset(at->from[0]);
  std::byte* to = frame->base + offset(at->to);
  const std::size_t from_step = step(at->from[0]), to_step = step(at->to);
  unsigned units = to_step == 0 ? 1 : frame->units;
  do {
    for (unsigned line = 0; line < 2; ++line) {
      const std::byte* const from_line = from + line * (Op::widens ? kLine / 2 : from_step);
      std::byte* const to_line = to + line * (Op::widens ? to_step : kLine / 2);
      for (unsigned v = 0; v < kLine / kWidth; ++v)
        write(to_line + v * kToWidth, Op::of(read<From>(from_line + v * sizeof(From))));
    }
    from += Op::widens ? from_step : 2 * from_step;
    to += Op::widens ? 2 * to_step : to_step;
  } while (--units != 0);
  return at + 1;
}

#include "engine/interpreter/structure.inl"

constexpr Handler kHandlers[] = {
#define MC_COLUMN(name) map<name>,
#define MC_CONVERSION(op, T, widens, expression) convert<op##_##T>,
#define MC_STRUCTURE(name) name,
#include "engine/interpreter/columns.def"
};

}  // namespace
}  // namespace mc::interpreter
