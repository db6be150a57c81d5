// The table that the accuracy tests run over: every mathematical function with its goal, its exact
// counterpart in MPFR and the domains from which arguments are drawn.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <ostream>
#include <random>
#include <type_traits>
#include <vector>

#include "engine/ir/expression.hpp"
#include "tests/engine/passes/reference.hpp"

namespace mc::testing {

// ---- where arguments come from

enum class Draw {
  uniform,    ///< in [a, b]
  scale,      ///< +-2^e, e in [a, b], any mantissa
  magnitude,  ///< 2^e, e in [a, b], any mantissa
  bits,       ///< any bit pattern
  near,       ///< a few ulps, or a few powers of two of a relative step, from a or from b
  multiples,  ///< a few ulps from a multiple of pi/2 up to 2^b
  quotient,   ///< (second argument) in [a, b] over the logarithm of the first
  partner,    ///< (second argument) the first times +-2^e, e in [a, b]
};

struct Source {
  Draw draw;
  double a = 0, b = 0;
};

struct Domain {
  Source x, y{};
};

template <class Float>
class Arguments {
 public:
  Float draw(const Source& from, Float first = 0) { return static_cast<Float>(drawn(from, first)); }

 private:
  using Word = std::conditional_t<sizeof(Float) == 8, std::uint64_t, std::uint32_t>;

  double drawn(const Source& from, double first) {
    switch (from.draw) {
      case Draw::uniform:
        return between(from.a, from.b);
      case Draw::scale:
        return sign() * std::ldexp(between(1, 2), std::lrint(between(from.a, from.b)));
      case Draw::magnitude:
        return std::ldexp(between(1, 2), std::lrint(between(from.a, from.b)));
      case Draw::bits:
        return std::bit_cast<Float>(static_cast<Word>(words_()));
      case Draw::near:
        return near(sign() < 0 ? from.a : from.b);
      case Draw::multiples:
        return near(std::floor(std::exp2(between(from.a, from.b))) * 1.5707963267948966);
      case Draw::quotient:
        return between(from.a, from.b) / std::log(std::abs(first));
      case Draw::partner:
        return first * sign() * std::exp2(between(from.a, from.b));
    }
    return 0;
  }

  double between(double a, double b) { return a + (b - a) * (static_cast<double>(words_() >> 11) * 0x1p-53); }
  double sign() { return words_() >> 63 != 0 ? -1 : 1; }

  double near(double centre) {
    constexpr int kBits = std::numeric_limits<Float>::digits - 1;
    if (words_() % 2 == 0)
      return centre * (1 + sign() * std::ldexp(between(1, 2), -1 - static_cast<int>(words_() % kBits)));
    const auto bits = std::bit_cast<Word>(static_cast<Float>(centre));
    return std::bit_cast<Float>(static_cast<Word>(bits + words_() % 33 - 16));
  }

  std::mt19937_64 words_{20240917};
};

inline Domain in(double a, double b) { return {{Draw::uniform, a, b}}; }
inline Domain powers(double a, double b) { return {{Draw::scale, a, b}}; }
inline Domain at(double a, double b) { return {{Draw::near, a, b}}; }
inline Domain multiples(double b) { return {{Draw::multiples, 0, b}}; }
inline Domain positive(double a, double b) { return {{Draw::magnitude, a, b}}; }
inline const Domain kAll{{Draw::bits}, {Draw::bits}};

// ---- the table of functions

using Plain = double (*)(double, double);
using Recorded = ir::X (*)(ir::X, ir::X);
using Reference = void (*)(mpfr_ptr, double, double);

struct Function {
  const char* name;
  int arity;
  double goal;  ///< in ulps
  Plain plain;
  Recorded recorded;
  Reference exact;
  std::vector<Domain> domains;
  double absolute = 0;   ///< an error below this is forgiven, however many ulps it is
  Plain libm = nullptr;  ///< what C's library has, to compare with
};

inline void PrintTo(const Function& f, std::ostream* out) { *out << f.name; }

/// Two of them in single precision.
using PlainSingle = float (*)(float, float);

struct SingleFunction {
  const char* name;
  int arity;
  const char *way, *reason;  ///< as single/functions.def has them
  double goal;
  PlainSingle plain;
  Recorded recorded;
  Recorded trusted;  ///< the f64 function, where it is another formula and can tell how far this one is off
  Reference exact;
  std::vector<Domain> domains;
  float from, to;  ///< what it promises something for
  PlainSingle libm;
  const char* cuda;  ///< published maxima, in ulps; see the table in docs
  const char* sleef;
};

inline void PrintTo(const SingleFunction& f, std::ostream* out) { *out << f.name; }

/// Every function of a kernel, and lgamma's negative half on its own.
std::vector<Function> all_functions();
/// The cheap cores, on the domains they promise.
std::vector<Function> all_cores();
/// Both in single precision.
std::vector<SingleFunction> all_single_functions();
std::vector<SingleFunction> all_single_cores();

}  // namespace mc::testing
