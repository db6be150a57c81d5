// How operations of kernel IR are written in CUDA C++, one line each: the text, a to c being the operands,
// and how strongly it binds.
//
// Everything is IEEE's own: the source is compiled with contraction off, and fma is written where the kernel
// says so.
#pragma once

#include <string_view>

namespace mc::cuda {

/// C++'s precedence, the loosest first.
enum class Binding {
  choice,
  disjunction,
  difference,
  conjunction,
  equality,
  comparison,
  shift,
  sum,
  product,
  prefix,
  whole
};

struct Form {
  std::string_view text;  ///< empty: Writer has a function of its name
  Binding binding = Binding::whole;
};

struct Notation {
  // ---- leaves and structure
  static constexpr Form constant{}, scalar{}, index{}, carried{}, result{};
  static constexpr Form element{}, load{}, store{}, datum_f64{}, datum_f32{}, put{}, output{}, loop{};
  static constexpr Form table_rows{}, cell_f64{}, cell_f32{};
  static constexpr Form tile{"tile"}, lane{"lane"}, seed{"seed"}, steps{"steps"};

  // ---- floating point
  static constexpr Form add{"a + b", Binding::sum}, sub{"a - b", Binding::sum};
  static constexpr Form mul{"a * b", Binding::product}, div{"a / b", Binding::product};
  static constexpr Form fma{"fma(a, b, c)"}, sqrt{"sqrt(a)"}, neg{"-a", Binding::prefix}, abs{"fabs(a)"};
  static constexpr Form min{"smaller(a, b)"}, max{"larger(a, b)"};
  static constexpr Form floor{"floor(a)"}, ceil{"ceil(a)"}, trunc{"trunc(a)"}, rint{"rint(a)"};
  static constexpr Form lt{"a < b", Binding::comparison}, le{"a <= b", Binding::comparison};
  static constexpr Form eq{"a == b", Binding::equality};

  // ---- integers and truth values
  static constexpr Form iadd = add, isub = sub, imul = mul;
  static constexpr Form shl{"a << b", Binding::shift}, shr{"a >> b", Binding::shift}, rotl{"rotl(a, b)"};
  static constexpr Form ult = lt, ule = le, ieq = eq;
  static constexpr Form bit_and{"a & b", Binding::conjunction}, bit_or{"a | b", Binding::disjunction};
  static constexpr Form bit_xor{"a ^ b", Binding::difference}, bit_not{"~a", Binding::prefix};

  // ---- choice and conversion
  static constexpr Form select{"a ? b : c", Binding::choice};
  static constexpr Form to_bits{"to_bits(a)"}, from_bits{"from_bits(a)"};
  static constexpr Form to_f64{"(f64)a", Binding::prefix}, to_f32{"(f32)a", Binding::prefix};
  static constexpr Form widen{"(u64)a", Binding::prefix}, narrow{"(u32)a", Binding::prefix};
};

}  // namespace mc::cuda
