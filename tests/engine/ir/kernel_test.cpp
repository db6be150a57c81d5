// Facts about whole kernels.
#include "engine/ir/kernel.hpp"

#include <gtest/gtest.h>

#include "tests/support/kernel_text.hpp"

namespace mc::ir {
namespace {

using testing::kernel_of;

TEST(Kernel, scratch_is_the_sum_of_the_rows) {
  EXPECT_EQ(scratch_elements(kernel_of("kernel scalars 0 arrays 0 outputs 0")), 0);
  EXPECT_EQ(scratch_elements(kernel_of("kernel scalars 0 arrays 0 outputs 0 rows 3 4000000000 4000000000")),
            8000000003);
}

/// Whether the value written to column 0 is the same in all lanes.
bool is_uniform(std::string_view body) {
  const Kernel kernel = kernel_of("kernel scalars 1 arrays 1 (33) outputs 1 rows 33\n" + std::string(body));
  const auto uniform = uniform_values(kernel);
  for (const Node& node : kernel.nodes)
    if (node.op == Op::output) return uniform[position(node.operands[0])];
  throw std::logic_error("no output");
}

TEST(Kernel, uniform_is_what_depends_on_no_lane_and_no_row) {
  EXPECT_TRUE(is_uniform("%s = scalar f64 0\n%a = sqrt f64 %s\noutput 0, %a"));
  EXPECT_TRUE(is_uniform("%t = tile u64\n%a = to_f64 f64 %t\noutput 0, %a"));
  EXPECT_TRUE(is_uniform("%n = steps u32\n%a = element f64 0, %n\noutput 0, %a"));
  EXPECT_FALSE(is_uniform("%l = lane u64\n%a = to_f64 f64 %l\noutput 0, %a"));
  EXPECT_FALSE(is_uniform("%n = steps u32\n%a = load f64 0, %n\noutput 0, %a"));
}

TEST(Kernel, a_carried_value_varies_if_anything_it_carries_does) {
  constexpr std::string_view kHead = "%n = steps u32\n%s = scalar f64 0\n%l = lane u64\n%v = to_f64 f64 %l\n";
  const auto carries = [&](std::string_view initial, std::string_view next) {
    return is_uniform(std::string(kHead) + "%r = loop %n (" + std::string(initial) + ") { %i, %c ->\nnext " +
                      std::string(next) + "\n}\noutput 0, %r");
  };
  EXPECT_TRUE(carries("%s", "%s"));
  EXPECT_TRUE(carries("%s", "%c"));
  EXPECT_FALSE(carries("%v", "%s"));
  EXPECT_FALSE(carries("%s", "%v"));
}

TEST(Kernel, variation_travels_along_chained_carries) {
  EXPECT_FALSE(is_uniform(R"(%n = steps u32
%s = scalar f64 0
%l = lane u64
%v = to_f64 f64 %l
%r1, %r2, %r3 = loop %n (%s, %s, %s) { %i, %a, %b, %c ->
  next %v, %a, %b
}
output 0, %r3)"));
}

TEST(Kernel, and_out_of_inner_loops) {
  EXPECT_FALSE(is_uniform(R"(%n = steps u32
%s = scalar f64 0
%l = lane u64
%v = to_f64 f64 %l
%r = loop %n (%s) { %i, %a ->
  %q = loop %n (%a) { %j, %b ->
    next %v
  }
  next %q
}
output 0, %r)"));
}

}  // namespace
}  // namespace mc::ir
