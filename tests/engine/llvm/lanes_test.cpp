// How many lanes a vector gets: by what most of the work is done on.
#include "engine/llvm/lanes.hpp"

#include <gtest/gtest.h>

#include <string>

#include "engine/llvm/compiler.hpp"
#include "tests/support/kernel_text.hpp"

namespace mc::jit {
namespace {

struct Case {
  const char* what;
  const char* kernel;
  unsigned lane_bits;
};

constexpr Case kCases[] = {
    {"doubles alone", R"(kernel scalars 0 arrays 0 outputs 1
%l = lane u64
%x = to_f64 f64 %l
%y = mul f64 %x, %x
output 0, %y)",
     64},
    {"mostly floats", R"(kernel scalars 0 arrays 0 outputs 1
%l = lane u64
%n = narrow u32 %l
%x = from_bits f32 %n
%y = mul f32 %x, %x
%t = lt i1 %x, %y
%z = to_f64 f64 %y
output 0, %z)",
     32},
    {"doubles in the loop, floats around it", R"(kernel scalars 0 arrays 0 outputs 1
%l = lane u64
%n = narrow u32 %l
%s = from_bits f32 %n
%t = mul f32 %s, %s
%u = mul f32 %t, %t
%v = mul f32 %u, %u
%x = to_f64 f64 %v
%k = steps u32
%r = loop %k (%x) { %i, %c ->
  %y = mul f64 %c, %x
  %z = add f64 %y, %x
  next %z
}
output 0, %r)",
     64},
    {"many rounds of floats behind a few of doubles", R"(kernel scalars 0 arrays 0 outputs 1
%l = lane u64
%x = to_f64 f64 %l
%f = constant u32 4
%r = loop %f (%x) { %i, %c ->
  %y = mul f64 %c, %x
  %z = add f64 %y, %c
  %w = add f64 %z, %x
  next %w
}
%s = to_f32 f32 %r
%k = steps u32
%q = loop %k (%s) { %j, %d ->
  %t = mul f32 %d, %s
  next %t
}
%o = to_f64 f64 %q
output 0, %o)",
     32},
};

TEST(Lanes, are_as_wide_as_most_of_the_work) {
  for (const Case& c : kCases) {
    const ir::Kernel kernel = testing::kernel_of(c.kernel);
    EXPECT_EQ(choose_lane_bits(kernel, Placement(kernel)), c.lane_bits) << c.what;
    Options options;
    options.interleave = 1;
    EXPECT_EQ(compile(kernel, options)->granule(), options.vector_bits / c.lane_bits) << c.what;
  }
}

TEST(Lanes, of_other_widths_are_refused) {
  Options options;
  options.lane_bits = 16;
  try {
    compile(testing::kernel_of(kCases[0].kernel), options);
    FAIL() << "compiled";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "a lane has 32 or 64 bits of a vector, not 16");
  }
}

}  // namespace
}  // namespace mc::jit
