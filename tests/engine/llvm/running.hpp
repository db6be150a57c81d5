// Running kernels in tier 1 in all its shapes: every vector width, every interleave, and processors older
// than this one.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/host.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "engine/llvm/compiler.hpp"
#include "tests/support/evaluate.hpp"

namespace mc::testing {

/// What a shape is called, in letters, digits and underscores.
inline std::string text(const jit::Options& options) {
  std::string text = options.processor.empty() ? "host" : options.processor;
  std::ranges::replace(text, '-', '_');
  text += "_" + std::to_string(options.vector_bits) + "x" + std::to_string(options.interleave);
  return options.lane_bits == 0 ? text : text + "_" + std::to_string(options.lane_bits);
}

inline jit::Options shape(unsigned bits, unsigned interleave, std::string processor = "") {
  jit::Options options;
  options.vector_bits = bits;
  options.interleave = interleave;
  options.processor = std::move(processor);
  return options;
}

/// Without SSE4.1 and FMA, where LLVM calls libm; with AVX2; with AVX-512 but none of its extensions.
inline std::vector<jit::Options> older_processors() {
#if defined(__x86_64__)
  std::vector<jit::Options> all{shape(128, 2, "x86-64")};
  if (host_isa() >= Isa::avx2) all.push_back(shape(256, 2, "x86-64-v3"));
  if (host_isa() >= Isa::avx512) all.push_back(shape(512, 2, "x86-64-v4"));
  return all;
#else
  return {};
#endif
}

/// All widths on any machine: LLVM splits vectors that are too wide for it.
inline std::vector<jit::Options> all_shapes() {
  std::vector<jit::Options> all = older_processors();
  for (unsigned bits : {128u, 256u, 512u})
    for (unsigned interleave : {1u, 2u, 4u}) all.push_back(shape(bits, interleave));
  for (unsigned bits : {128u, 256u, 512u}) {  // twice the lanes, two registers for what has 64 bits
    all.push_back(shape(bits, 2));
    all.back().lane_bits = 32;
  }
  return all;
}

inline constexpr double kUntouched = -12345.678;

/// All columns of the result, kLanes numbers each; lanes not computed hold kUntouched.
inline std::vector<double> run(const kernels::Executable& executable,
                               const kernels::Arguments& arguments = {}, unsigned first = 0,
                               unsigned last = kernels::kLanes, std::uint32_t steps = kernels::kSteps) {
  std::vector<double> out(std::size_t{executable.outputs()} * kernels::kLanes, kUntouched);
  kernels::Buffer scratch;
  scratch.reserve(executable.scratch_bytes());
  if (scratch.size() > 0) std::memset(scratch.data(), 0xA5, scratch.size());
  executable.run(arguments, first, last, steps, out.data(), scratch.data());
  return out;
}

/// Columns as they should be, lane by lane from the reference.
inline std::vector<double> expected_columns(const ir::Kernel& kernel, const kernels::Arguments& arguments,
                                            std::uint32_t steps = kernels::kSteps) {
  std::vector<double> columns(std::size_t{kernel.outputs} * kernels::kLanes);
  for (unsigned lane = 0; lane < kernels::kLanes; ++lane) {
    const std::vector<double> values = evaluate(kernel, arguments, lane, steps);
    for (std::size_t k = 0; k < values.size(); ++k) columns[k * kernels::kLanes + lane] = values[k];
  }
  return columns;
}

/// Bit for bit, any NaN equal to any other.
inline void expect_same(const std::vector<double>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t k = 0; k < actual.size(); ++k)
    ASSERT_TRUE(same_number(actual[k], expected[k]))
        << "column " << k / kernels::kLanes << " lane " << k % kernels::kLanes << ": " << actual[k]
        << " instead of " << expected[k];
}

inline void expect_kernel(const ir::Kernel& kernel, const kernels::Arguments& arguments,
                          const jit::Options& options, std::uint32_t steps = kernels::kSteps) {
  SCOPED_TRACE(text(options));
  expect_same(run(*jit::compile(kernel, options), arguments, 0, kernels::kLanes, steps),
              expected_columns(kernel, arguments, steps));
}

}  // namespace mc::testing
