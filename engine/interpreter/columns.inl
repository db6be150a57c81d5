// The loops over columns, compiled once for each instruction set by columns_*.cpp. Everything is local to its
// file, and nothing of the standard library is instantiated: see columns.hpp.
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12 warns of its own header's _mm512_undefined_epi32
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#endif

#include <cstddef>
#include <cstdint>
#include <utility>  // index_sequence, a type alone

#include "engine/interpreter/columns.hpp"

namespace mc::interpreter {
namespace {

#include "engine/interpreter/vectors.inl"

MC_INLINE std::byte* target(const Instruction* at, const Frame* frame) {
  return frame->base + (at->to & ~kVaries);
}

MC_INLINE bool varies(const Instruction* at) { return (at->to & kVaries) != 0; }

/// Bytes of the result, in lanes of this many. A line is always filled: its lanes have any width.
MC_INLINE std::size_t extent(const Instruction* at, const Frame* frame, unsigned lane_bytes) {
  return varies(at) ? std::size_t{frame->lanes} * lane_bytes : kLine;
}

// ---- operations: how one vector of the result follows from one of each operand

constexpr unsigned kBytes_f64 = 8, kBytes_u64 = 8, kBytes_f32 = 4, kBytes_u32 = 4;

// What is converted takes the width of a vector in the wider of its types.
using Operand_u64 = u64;
using Operand_f64 = f64;
using Operand_u32 = half_u32;
using Operand_f32 = half_f32;

#define MC_PRIMITIVE(op, T, count, expression)               \
  struct op##_##T {                                          \
    static constexpr unsigned arity = count, fixed = 0;      \
    static constexpr unsigned bytes = kBytes_##T;            \
    MC_INLINE Bits of(const Bits* in) {                      \
      [[maybe_unused]] const T a = (T)in[0];                 \
      [[maybe_unused]] const T b = (T)in[count > 1 ? 1 : 0]; \
      [[maybe_unused]] const T c = (T)in[count > 2 ? 2 : 0]; \
      return (Bits)(expression);                             \
    }                                                        \
  };
#define MC_VARIANT(name, general, bits)     \
  struct name : general {                   \
    static constexpr unsigned fixed = bits; \
  };
#define MC_SHIFT_VARIANT(name, general, T, expression) \
  struct name : general {                              \
    static constexpr unsigned fixed = 0b10;            \
    MC_INLINE Bits of(const Bits* in) {                \
      const T a = (T)in[0], b = (T)in[1];              \
      return (Bits)(expression);                       \
    }                                                  \
  };
#define MC_FUSED(name, inner, outer, bits, ...)    \
  struct name : Fused<inner, outer, __VA_ARGS__> { \
    static constexpr unsigned fixed = bits;        \
  };
#define MC_CONVERSION(op, T, widening, expression)   \
  struct op##_##T {                                  \
    static constexpr bool widens = widening;         \
    using From = Operand_##T;                        \
    MC_INLINE auto of(From a) { return expression; } \
  };
#define MC_STRUCTURE(name)

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
  static constexpr unsigned arity = place(Outer::arity), bytes = Inner::bytes;
  static_assert(sizeof...(wires) == Outer::arity && Outer::bytes == bytes && arity <= kMaxOperands);

  template <unsigned k>
  MC_INLINE Bits operand(const Bits* in, Bits result) {
    if constexpr (wire[k] == R)
      return result;
    else
      return in[wire[k] == N ? place(k) : static_cast<unsigned>(wire[k])];
  }

  template <std::size_t... k>
  MC_INLINE Bits of(const Bits* in, std::index_sequence<k...>) {
    const Bits result = Inner::of(in);
    const Bits operands[] = {operand<k>(in, result)...};
    return Outer::of(operands);
  }

  MC_INLINE Bits of(const Bits* in) { return of(in, std::make_index_sequence<sizeof...(wires)>()); }
};

#include "engine/interpreter/columns.def"

// ---- loops

template <class Op>
const Instruction* map(const Instruction* at, const Frame* frame) {
  std::byte* const to = target(at, frame);
  const std::byte* from[Op::arity];
  Bits in[Op::arity];
  for (unsigned k = 0; k < Op::arity; ++k) {
    from[k] = frame->base + at->from[k];
    if (Op::fixed >> k & 1) in[k] = read<Bits>(from[k]);
  }
  const std::size_t end = extent(at, frame, Op::bytes);
  for (std::size_t line = 0; line < end; line += kUnit * Op::bytes)
    for (std::size_t i = line; i < line + kUnit * Op::bytes; i += kWidth) {
      for (unsigned k = 0; k < Op::arity; ++k)
        if (!(Op::fixed >> k & 1)) in[k] = read<Bits>(from[k] + i);
      write(to + i, Op::of(in));
    }
  return at + 1;
}

/// From lanes of 32 bits to lanes of 64, or the other way.
template <class Op>
const Instruction* convert(const Instruction* at, const Frame* frame) {
  using From = typename Op::From;
  constexpr std::size_t kToWidth = Op::widens ? kWidth : kWidth / 2;
  std::byte* const to = target(at, frame);
  const std::byte* const from = frame->base + at->from[0];
  const std::size_t end = extent(at, frame, 8) / kWidth;
  for (std::size_t line = 0; line < end; line += kLine / kWidth)
    for (std::size_t v = line; v < line + kLine / kWidth; ++v)
      write(to + v * kToWidth, Op::of(read<From>(from + v * sizeof(From))));
  if (!Op::widens && !varies(at))
    for (unsigned i = 0; i < kLine / 2; i += kWidth) write(to + kLine / 2 + i, read<Bits>(to + i));
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
