// What a kernel costs where no device can measure it: the instructions of its machine code's largest inner
// loop, by the units of a multiprocessor that they keep busy. For sm_90.
#pragma once

#include <string_view>

namespace mc::testing {

/// Of one round. NVIDIA names the instructions ("CUDA Binary Utilities", 2025) but not their bits; those are
/// from Jia et al., "Dissecting the NVIDIA Volta GPU architecture via microbenchmarking" (2018), and a test
/// holds them to sources of known counts.
struct Loop {
  unsigned instructions = 0;
  unsigned doubles = 0;    ///< add, multiply, fma, compare
  unsigned integers = 0;   ///< what the ALU does: add, logic, shifts, comparisons and choices, of floats too
  unsigned products = 0;   ///< integers multiplied: by half of the units that floats have
  unsigned floats = 0;     ///< add, multiply, fma
  unsigned specials = 0;   ///< first guesses of 1/x and the like
  unsigned rotations = 0;  ///< by 45: one for each word that xoshiro256++ draws

  /// Cycles that one multiprocessor takes for a round of one thread, where nothing is waited for: by the
  /// throughputs of compute capability 9.0 (CUDA C++ Programming Guide 13.0, "Throughput of Native Arithmetic
  /// Instructions").
  double cycles() const;
};

/// The largest loop without a loop inside, of the cubin's kernel whose name has this in it. Throws
/// std::invalid_argument where there is none.
Loop largest_inner_loop(std::string_view cubin, std::string_view kernel);

}  // namespace mc::testing
