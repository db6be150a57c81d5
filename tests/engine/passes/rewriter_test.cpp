// The engine of the passes with the rule that changes nothing: what is dead goes, what is live stays as it
// was.
#include "engine/passes/rewriter.hpp"

#include <gtest/gtest.h>

#include "engine/ir/verify.hpp"
#include "tests/support/kernel_text.hpp"

namespace mc::passes {
namespace {

/// After copying, as text.
std::string copied(std::string_view before) {
  const ir::Kernel after = rewrite(testing::kernel_of(before), keep);
  for (const auto& line : ir::verify(after, ir::Level::functions)) ADD_FAILURE() << line;
  return print(after);
}

/// `text` in the order and numbering of print().
std::string canonical(std::string_view text) { return print(testing::kernel_of(text)); }

struct Case {
  std::string_view name, before, after;
};

constexpr Case kCases[] = {
    {"values nobody needs go, shared ones are one",
     R"(kernel scalars 2 arrays 0 outputs 1
%x = scalar f64 0
%y = scalar f64 1
%dead = mul f64 %y, %y
%a = sqrt f64 %x
%b = sqrt f64 %x
%s = add f64 %a, %b
output 0, %s)",
     R"(kernel scalars 2 arrays 0 outputs 1
%x = scalar f64 0
%a = sqrt f64 %x
%s = add f64 %a, %a
output 0, %s)"},

    {"invariants move out",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%r = loop %n (%x) { %i, %c ->
  %a = sqrt f64 %x
  %s = add f64 %c, %a
  next %s
}
output 0, %r)",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%a = sqrt f64 %x
%r = loop %n (%x) { %i, %c ->
  %s = add f64 %c, %a
  next %s
}
output 0, %r)"},

    {"a carried value that only feeds itself goes",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%r, %q = loop %n (%x, %x) { %i, %c, %d ->
  %s = add f64 %c, %x
  %t = mul f64 %d, %x
  next %s, %t
}
output 0, %r)",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%r = loop %n (%x) { %i, %c ->
  %s = add f64 %c, %x
  next %s
}
output 0, %r)"},

    {"one that another needs stays",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%r, %q = loop %n (%x, %x) { %i, %c, %d ->
  %s = add f64 %c, %d
  %t = mul f64 %d, %x
  next %s, %t
}
output 0, %r)",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%r, %q = loop %n (%x, %x) { %i, %c, %d ->
  %s = add f64 %c, %d
  %t = mul f64 %d, %x
  next %s, %t
}
output 0, %r)"},

    {"a loop nobody needs goes with all its count is made of",
     R"(kernel scalars 1 arrays 0 outputs 1
%l = tile u64
%n = narrow u32 %l
%x = scalar f64 0
%r = loop %n (%x) { %i, %c ->
  %s = add f64 %c, %x
  next %s
}
output 0, %x)",
     R"(kernel scalars 1 arrays 0 outputs 1
%x = scalar f64 0
output 0, %x)"},

    {"what a loop settles by stays, by its new number",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%f = constant i1 false
%q, %r, %s = loop %n (%x, %x, %f) { %i, %c, %d, %e until %e ->
  %a = mul f64 %c, %x
  %b = add f64 %d, %x
  %t = lt i1 %x, %b
  next %a, %b, %t
}
output 0, %r)",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%f = constant i1 false
%r, %s = loop %n (%x, %f) { %i, %d, %e until %e ->
  %b = add f64 %d, %x
  %t = lt i1 %x, %b
  next %b, %t
}
output 0, %r)"},

    {"a loop that never settles is one that does not",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%f = constant i1 false
%r, %s = loop %n (%x, %f) { %i, %d, %e until %e ->
  %b = add f64 %d, %x
  next %b, %e
}
output 0, %r)",
     R"(kernel scalars 1 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%f = constant i1 false
%r = loop %n (%x) { %i, %d ->
  %b = add f64 %d, %x
  next %b
}
output 0, %r)"},

    {"a value carried round unchanged is no longer carried",
     R"(kernel scalars 1 arrays 0 outputs 2
%n = steps u32
%x = scalar f64 0
%r, %q = loop %n (%x, %x) { %i, %c, %d ->
  %s = mul f64 %c, %d
  next %s, %d
}
output 0, %r
output 1, %q)",
     R"(kernel scalars 1 arrays 0 outputs 2
%n = steps u32
%x = scalar f64 0
%r = loop %n (%x) { %i, %c ->
  %s = mul f64 %c, %x
  next %s
}
output 0, %r
output 1, %x)"},

    {"two carried values that change places stay",
     R"(kernel scalars 2 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%y = scalar f64 1
%r, %q = loop %n (%x, %y) { %i, %c, %d ->
  next %d, %c
}
output 0, %r)",
     R"(kernel scalars 2 arrays 0 outputs 1
%n = steps u32
%x = scalar f64 0
%y = scalar f64 1
%r, %q = loop %n (%x, %y) { %i, %c, %d ->
  next %d, %c
}
output 0, %r)"},

    {"a loop that never runs gives what it starts with, and stores nothing",
     R"(kernel scalars 1 arrays 0 outputs 2 rows 4
%0 = constant u32 0
%x = scalar f64 0
%r = loop %0 (%x) { %i, %c ->
  store 0, %0, %c
  %s = sqrt f64 %c
  next %s
}
%v = load f64 0, %0
output 0, %r
output 1, %v)",
     R"(kernel scalars 1 arrays 0 outputs 2 rows 4
%0 = constant u32 0
%x = scalar f64 0
%v = load f64 0, %0
output 0, %x
output 1, %v)"},

    {"a loop that runs once is its body, index 0",
     R"(kernel scalars 1 arrays 1 (1) outputs 2 rows 4
%1 = constant u32 1
%x = scalar f64 0
%r, %q = loop %1 (%x, %x) { %i, %c, %d ->
  %e = element f64 0, %i
  store 0, %i, %c
  %s = add f64 %c, %e
  next %s, %c
}
%v = load f64 0, %1
output 0, %r
output 1, %v)",
     R"(kernel scalars 1 arrays 1 (1) outputs 2 rows 4
%1 = constant u32 1
%x = scalar f64 0
%i = constant u32 0
%e = element f64 0, %i
store 0, %i, %x
%s = add f64 %x, %e
%v = load f64 0, %1
output 0, %s
output 1, %v)"},

    {"a row nobody reads goes, the others close up",
     R"(kernel scalars 1 arrays 0 outputs 1 rows 4 8
%0 = constant u32 0
%x = scalar f64 0
store 0, %0, %x
store 1, %0, %x
%v = load f64 1, %0
output 0, %v)",
     R"(kernel scalars 1 arrays 0 outputs 1 rows 8
%0 = constant u32 0
%x = scalar f64 0
store 0, %0, %x
%v = load f64 0, %0
output 0, %v)"},

    {"a row read only to fill another that nobody reads goes too",
     R"(kernel scalars 1 arrays 0 outputs 1 rows 4 8
%0 = constant u32 0
%x = scalar f64 0
store 0, %0, %x
%v = load f64 0, %0
store 1, %0, %v
output 0, %x)",
     R"(kernel scalars 1 arrays 0 outputs 1
%x = scalar f64 0
output 0, %x)"},

    {"memory keeps its order, and loops with it their places",
     R"(kernel scalars 1 arrays 0 outputs 1 rows 33
%n = constant u32 4
%x = scalar f64 0
loop %n () { %i ->
  loop %n () { %j ->
    store 0, %j, %x
  }
  %v = load f64 0, %i
  store 0, %n, %v
}
%1 = steps u32
%w = load f64 0, %1
output 0, %w)",
     R"(kernel scalars 1 arrays 0 outputs 1 rows 33
%n = constant u32 4
%x = scalar f64 0
loop %n () { %i ->
  loop %n () { %j ->
    store 0, %j, %x
  }
  %v = load f64 0, %i
  store 0, %n, %v
}
%1 = steps u32
%w = load f64 0, %1
output 0, %w)"},
};

TEST(Rewriter, copies_what_is_live) {
  for (const Case& c : kCases) EXPECT_EQ(copied(c.before), canonical(c.after)) << c.name;
}

TEST(Rewriter, keeps_the_parameters_nobody_uses) {
  const ir::Kernel kernel = rewrite(testing::kernel_of("kernel scalars 5 arrays 3 (1 2 3) outputs 0"), keep);
  EXPECT_EQ(kernel.scalars, 5);
  EXPECT_EQ(kernel.arrays, (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST(Rewriter, offers_each_live_operation_once_with_its_operands_in_the_new_kernel) {
  const auto kernel = testing::kernel_of(R"(kernel scalars 1 arrays 0 outputs 1
%x = scalar f64 0
%dead = exp f64 %x
%a = sqrt f64 %x
%b = mul f64 %a, %a
output 0, %b)");
  std::vector<ir::Op> offered;
  const auto after =
      rewrite(kernel, [&](ir::Builder& b, const ir::Node& node, std::span<const ir::Value> operands) {
        offered.push_back(node.op);
        for (ir::Value v : operands) EXPECT_LT(position(v), b.kernel().nodes.size());
        return node.op == ir::Op::sqrt ? operands[0] : keep(b, node, operands);
      });
  EXPECT_EQ(offered, (std::vector{ir::Op::sqrt, ir::Op::mul}));
  EXPECT_EQ(print(after), canonical("kernel scalars 1 arrays 0 outputs 1\n%x = scalar f64 0\n"
                                    "%b = mul f64 %x, %x\noutput 0, %b"));
}

}  // namespace
}  // namespace mc::passes
