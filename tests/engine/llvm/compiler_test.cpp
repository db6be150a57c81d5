// The compiler as its callers see it: options, timing, texts, errors, and what is left when code is
// destroyed.
#include "engine/llvm/compiler.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "tests/engine/llvm/running.hpp"
#include "tests/support/kernel_text.hpp"
#include "tests/support/random_kernel.hpp"
#include "tests/support/sanitized.hpp"

namespace mc::testing {
namespace {

TEST(Compiler, is_an_executable_like_any_other) {
  const ir::Kernel kernel = kernel_of(
      "kernel scalars 0 arrays 0 outputs 2 rows 5 3\n"
      "%0 = lane u64\n%1 = to_f64 f64 %0\noutput 0, %1\noutput 1, %1\n");
  const auto compiled = jit::compile(kernel, shape(512, 2));
  EXPECT_EQ(compiled->granule(), 16u);
  EXPECT_EQ(compiled->outputs(), 2u);
  EXPECT_EQ(compiled->scratch_bytes(), 8u * 16u * sizeof(double));
}

TEST(Compiler, chooses_the_width_in_force) {
  const ir::Kernel kernel = random_kernel(1);
  limit_vector_bits(128);
  const jit::Options options;
  limit_vector_bits(0);
  EXPECT_EQ(options.vector_bits, 128u);
  EXPECT_EQ(jit::compile(kernel, options)->granule() % 2, 0u);
  EXPECT_EQ(jit::Options{}.vector_bits, vector_bits());
}

TEST(Compiler, tells_the_time_of_each_stage) {
  const auto begin = std::chrono::steady_clock::now();
  const jit::Timing timing = jit::compile(random_kernel(1))->timing();
  const std::chrono::duration<double, std::milli> whole = std::chrono::steady_clock::now() - begin;
  for (double ms : {timing.emit_ms, timing.codegen_ms, timing.link_ms}) EXPECT_GT(ms, 0);
  EXPECT_LE(timing.total_ms(), whole.count());
}

TEST(Compiler, shows_llvm_ir_and_assembly) {
  const auto compiled = jit::compile(random_kernel(1), shape(256, 2));
  EXPECT_NE(compiled->llvm_text().find("define zeroext i1 @mc_kernel("), std::string::npos);
  EXPECT_NE(compiled->llvm_text().find("<4 x double>"), std::string::npos);
  EXPECT_NE(compiled->assembly_text().find("mc_kernel:"), std::string::npos);
  EXPECT_EQ(compiled->assembly_text(), compiled->assembly_text());
}

TEST(Compiler, refuses_shapes_that_are_none) {
  const ir::Kernel kernel = random_kernel(1);
  for (unsigned bits : {0u, 64u, 100u, 1024u}) EXPECT_THROW(jit::compile(kernel, shape(bits, 1)), jit::Error);
  for (unsigned interleave : {3u, 5u, 16u})
    EXPECT_THROW(jit::compile(kernel, shape(256, interleave)), jit::Error);
}

TEST(Compiler, refuses_an_unknown_processor_without_a_word) {
  ::testing::internal::CaptureStderr();
  EXPECT_THROW(jit::compile(random_kernel(1), shape(256, 1, "pentium-17")), jit::Error);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Compiler, goes_on_after_an_error) {
  ir::Builder b;
  b.output(0, b.emit(ir::Op::log_function, {b.scalar(0)}));
  EXPECT_THROW(jit::compile(b.finish(1)), jit::Error);
  const double scalars[] = {1.0, 2.0};
  const double numbers[kRandomArrayLength] = {};
  const double* arrays[] = {numbers};
  expect_kernel(random_kernel(3), {.seed = 1, .tile = 1, .scalars = scalars, .arrays = arrays}, {});
}

std::vector<std::string> lines_of(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(Compiler, pages_are_never_both_writable_and_executable) {
  const auto compiled = jit::compile(random_kernel(1));
  std::size_t executable = 0;
  for (const std::string& line : lines_of("/proc/self/maps")) {
    EXPECT_EQ(line.find(" rwx"), std::string::npos) << line;
    executable += line.find(" r-x") != std::string::npos;
  }
  EXPECT_GT(executable, 1u) << "nobody tells what is mapped";
}

std::size_t mappings() { return lines_of("/proc/self/maps").size(); }

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST(Compiler, destroyed_code_gives_its_memory_back) {
  if (kIsSanitized) GTEST_SKIP() << "a sanitizer keeps memory for itself";
  const ir::Kernel kernel = random_kernel(1);
  for (int k = 0; k < 20; ++k) jit::compile(kernel);
  const std::size_t mappings_before = mappings(), bytes_before = resident_bytes();
  for (int k = 0; k < 200; ++k) jit::compile(kernel);
  EXPECT_LE(mappings(), mappings_before + 4);
  EXPECT_LE(resident_bytes(), bytes_before + (4u << 20));
}

TEST(Compiler, code_outlives_what_came_after_it) {
  const ir::Kernel kernel = random_kernel(7);
  const double scalars[] = {1.0, 2.0};
  const double numbers[kRandomArrayLength] = {1, 2, 3};
  const double* arrays[] = {numbers};
  const kernels::Arguments arguments{.seed = 1, .tile = 1, .scalars = scalars, .arrays = arrays};
  const auto first = jit::compile(kernel);
  const auto expected = run(*first, arguments);
  for (int k = 0; k < 10; ++k) jit::compile(random_kernel(static_cast<std::uint64_t>(k)));
  expect_same(run(*first, arguments), expected);
}

}  // namespace
}  // namespace mc::testing
