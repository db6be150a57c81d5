// What NVRTC made of a source must be: exact operations only, and within the bounds that docs/gpu.md writes
// down.
#pragma once

#include <algorithm>
#include <regex>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/cuda/nvrtc.hpp"

namespace mc::testing {

inline constexpr cuda::Architecture kArchitectures[] = {75, 80, 90, 100, 120};

/// Of a thread. The source asks for two blocks on a multiprocessor side by side, and so for 128 registers at
/// most; what that makes spill, and arrays in merges of power sums, must stay little.
inline constexpr unsigned kMostRegisters = 128, kMostSpilledBytes = 512, kMostStackBytes = 400;

/// Why there is no NVRTC here; empty where there is.
inline std::string no_nvrtc() {
  try {
    cuda::Nvrtc::get();
    return "";
  } catch (const cuda::Error& error) {
    return error.what();
  }
}

/// Every operation on floats whose result PTX leaves open, or to the assembler: approximate, flushing, or
/// without a rounding of its own, which may be contracted; and minima and maxima, which are not the
/// contract's where zeros differ in sign.
inline std::string inexact_operations(const std::string& ptx) {
  static const std::regex operation(
      R"(^\s+(?:@!?%p\d+\s+)?((?:add|sub|mul|fma|mad|div|sqrt|rcp|rsqrt|sin|cos|tanh|ex2|lg2|min|max)\.\S*f(?:32|64)))",
      std::regex::multiline);
  static const std::regex exact(R"((?:add|sub|mul|fma|div|sqrt|rcp)\.rn\.f(?:32|64))");
  std::string found;
  for (std::sregex_iterator at(ptx.begin(), ptx.end(), operation), end; at != end; ++at)
    if (const std::string name = (*at)[1]; !std::regex_match(name, exact)) found += name + " ";
  for (const char* flag : {".ftz", ".approx"})
    if (ptx.find(flag) != ptx.npos) found += flag;
  return found;
}

inline std::size_t count(std::string_view text, std::string_view word) {
  std::size_t n = 0;
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++n;
  return n;
}

/// The source with every fma of the kernel's own as a product and a sum: what fma is left would be the
/// compiler's.
inline std::string without_fma(std::string text) {
  const std::string call = " fma(", apart = " apart(";
  for (const std::string& from : {call, std::string("(fma(")})
    for (std::size_t at = 0; (at = text.find(from, at)) != text.npos;) text.replace(at + 1, 3, "apart");
  const std::string prelude = "template <class T> __device__ T apart(T a, T b, T c) { return a * b + c; }\n";
  return prelude + text;
}

/// Why nothing can be compiled for it here; empty where that can be done.
inline std::string cannot_compile_for(cuda::Architecture architecture) {
  if (std::string why = no_nvrtc(); !why.empty()) return why;
  const cuda::Nvrtc& nvrtc = cuda::Nvrtc::get();
  if (std::ranges::binary_search(nvrtc.architectures(), architecture)) return "";
  return fmt::format("NVRTC {}.{} does not know sm_{}", nvrtc.major(), nvrtc.minor(), architecture);
}

/// Compiles it for an architecture that NVRTC knows.
inline cuda::Assembled expect_exact_and_bounded(const cuda::Source& source, cuda::Architecture architecture,
                                                const std::string& program) {
  SCOPED_TRACE(program + ", sm_" + std::to_string(architecture));
  const cuda::Assembled made = cuda::Nvrtc::get().compile(source.text, architecture);
  EXPECT_EQ(made.architecture, architecture);
  EXPECT_TRUE(
      made.cubin.starts_with("\x7f"
                             "ELF"));
  EXPECT_EQ(inexact_operations(made.ptx), "");
  EXPECT_GT(made.registers, 0U);
  EXPECT_LE(made.registers, kMostRegisters);
  EXPECT_LE(made.spill_bytes, kMostSpilledBytes);
  EXPECT_LE(made.stack_bytes, kMostStackBytes);
  return made;
}

}  // namespace mc::testing
