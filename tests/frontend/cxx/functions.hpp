// What functions.cpp holds, as a table: the name, how it takes its arguments (numbers, a pointer with a
// length, a span, an array), how many, and in how many units of the last place it may differ from native
// code, measured at the size of the arguments' ordinary results; 0 for the same bits.
#pragma once

#include <vector>

struct Native {
  const char* name;
  int dimension;
  double ulps;
  double (*at)(const double* x);
  bool takes_vector = false;
};

extern "C" [[gnu::visibility("default")]] const std::vector<Native>* native_functions();

// clang-format off
#define MC_CXX_FUNCTIONS(number1, number2, pointer, span, array3)                                                  \
  pointer(sum_of_squares, 8, 0) pointer(rosenbrock, 8, 0) number1(horner, 1, 0) pointer(weighted, 8, 0)            \
  span(product_peak, 8, 0) span(variance, 8, 0) pointer(spread, 8, 0) number1(piecewise, 1, 0)                     \
  pointer(pairs, 8, 0) pointer(neighbours, 8, 0) pointer(until_negative, 8, 0) pointer(of_positive, 8, 0)          \
  pointer(first_large, 3, 0) number1(bisection, 1, 0) number1(newton, 1, 0) number1(collatz, 1, 0)                 \
  number2(quotients, 2, 0) number1(scrambled, 1, 0) number2(wide, 2, 0) number2(in_floats, 2, 0)                   \
  number1(scaled, 1, 0) number1(scaled_double, 1, 0) array3(triple, 3, 0) number2(squared_distance, 2, 0)          \
  pointer(largest_partial_sum, 8, 0) pointer(median, 8, 0) pointer(determinant, 4, 0) number2(rotated, 2, 0)       \
  pointer(through_helpers, 8, 0) span(kahan, 8, 0) number2(inside, 2, 0) number1(special, 1, 0)                    \
  number2(fused, 2, 0) number1(iterated_map, 1, 0) span(with_offsets, 8, 0) number1(by_case, 1, 0) number2(by_name, 2, 0)\
  number1(endless, 1, 0) number2(rests, 2, 0) number1(copied, 1, 0) span(copied_row, 8, 0) number1(renamed, 1, 0)  \
  pointer(of_records, 8, 0) number1(one_thing_twice, 1, 0) span(signs, 8, 0) number1(far_enough, 1, 0)             \
  number1(right_side_first, 1, 0) pointer(steps_inside, 8, 0) pointer(first_to_last, 8, 0) span(sorted, 8, 0)      \
  number2(closures, 2, 0) number1(limits_of_numbers, 1, 0) number2(tables, 2, 0) number1(not_computed, 1, 0)       \
  span(of_arrays, 8, 0)                                                                                             \
  number2(black_scholes, 2, 64) pointer(asian, 52, 128) span(oscillatory, 8, 8) span(gaussian, 8, 8)               \
  span(corner, 8, 8) number2(polar, 2, 16) pointer(ackley, 8, 64)
// clang-format on
