// Print and parse: what is printed reads back the same, what is written by hand is understood, and every
// mistake is answered with its line.
#include "engine/ir/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/support/random_kernel.hpp"

namespace mc::ir {
namespace {

// ---- what print() makes comes back as it was

constexpr std::string_view kCanonical[] = {
    "kernel scalars 0 arrays 0 outputs 0\n",

    R"(kernel scalars 1 arrays 0 outputs 1 rows 32
%0 = constant f64 0x1.8p+1  # 3
%1 = steps u32
%2, %3 = loop %1 (%0, %0) { %4, %5, %6 ->
  %7 = fma f64 %5, %5, %6
  store 0, %4, %7
  next %5, %7
}
output 0, %3
)",

    R"(kernel scalars 2 arrays 2 (33 0) outputs 2 rows 32 32
%0 = tile u64
%1 = lane u64
%2 = seed u64
%3 = steps u32
%4 = scalar f64 1
%5 = element f64 0, %3
loop %3 () { %6 ->
  store 1, %6, %4
  %7 = loop %3 (%5) { %8, %9 ->
    %10 = load f64 1, %8
    %11 = mul f64 %9, %10
    next %11
  }
  store 0, %6, %7
}
%12 = constant u32 4
%13 = narrow u32 %0
%14 = bit_and u32 %13, %12
%15 = load f64 0, %14
output 1, %15
output 0, %5
)",

    R"(kernel scalars 0 arrays 0 outputs 1
%0 = constant u32 100
%1 = constant f64 0x1p+0  # 1
%2 = constant i1 false
%3 = lane u64
%4 = to_f64 f64 %3
%5, %6 = loop %0 (%1, %2) { %7, %8, %9 until %9 ->
  %10 = add f64 %8, %1
  %11 = select f64 %9, %8, %10
  %12 = le i1 %4, %8
  %13 = bit_or i1 %9, %12
  next %11, %13
}
output 0, %5
)",

    R"(kernel scalars 0 arrays 0 outputs 0
%0 = constant f64 0x0p+0  # 0
%1 = constant f64 -0x0p+0  # -0
%2 = constant f64 0x1.999999999999ap-4  # 0.1
%3 = constant f64 0x0.0000000000001p-1022  # 5e-324
%4 = constant f64 0x1.fffffffffffffp+1023  # 1.7976931348623157e+308
%5 = constant f64 inf
%6 = constant f64 -inf
%7 = constant f64 nan
%8 = constant f64 nan:0xfff8000000000000
%9 = constant f64 nan:0x7ff0000000000001
%10 = constant f32 -0x1.99999ap-4  # -0.1
%11 = constant f32 0x0.000002p-126  # 1e-45
%12 = constant f32 nan
%13 = constant f32 nan:0xffc00000
%14 = constant u64 9999
%15 = constant u64 0x2710
%16 = constant u64 0xffffffffffffffff
%17 = constant u32 0xffffffff
%18 = constant i1 true
%19 = constant i1 false
)",

    R"(kernel scalars 0 arrays 0 outputs 0
%0 = constant f64 0x1p+0  # 1
%1 = exp f64 %0
%2 = pow f64 %1, %0
%3 = lt i1 %1, %2
%4 = select f64 %3, %1, %2
%5 = to_bits u64 %4
%6 = to_f32 f32 %4
)",
};

TEST(Text, printed_kernels_come_back_as_they_were) {
  for (std::string_view text : kCanonical) {
    const auto kernel = parse(text);
    ASSERT_TRUE(kernel) << kernel.error() << "\n" << text;
    EXPECT_EQ(print(*kernel), text);
  }
}

TEST(Text, random_kernels_come_back_as_they_were) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::string text = print(testing::random_kernel(seed, {.max_depth = 3, .functions = true}));
    const auto kernel = parse(text);
    ASSERT_TRUE(kernel) << kernel.error() << "\n" << text;
    EXPECT_EQ(print(*kernel), text);
  }
}

// ---- what people write

TEST(Text, lines_of_values_are_those_of_the_whole) {
  const Kernel kernel = *parse(R"(kernel scalars 1 arrays 0 outputs 1
%0 = steps u32
%1 = scalar f64 0
%2 = loop %0 (%1) { %3, %4 ->
  %5 = mul f64 %4, %1
  next %5
}
output 0, %2
)");
  std::vector<std::string> lines;
  for (std::size_t k = 0; k < kernel.nodes.size(); ++k)
    if (kernel.nodes[k].type != Type::none) lines.push_back(line_of(kernel, static_cast<Value>(k)));
  std::ranges::sort(lines);
  const std::string loop = "%2 = loop %0 (%1) { %3, %4 ->";
  EXPECT_EQ(lines, (std::vector<std::string>{"%0 = steps u32", "%1 = scalar f64 0", loop, loop, loop,
                                             "%5 = mul f64 %4, %1"}));
}

TEST(Text, names_comments_spaces_and_decimal_numbers_are_free) {
  const auto kernel = parse(R"(
      # a comment, then the header
kernel   scalars 1  arrays 0 outputs 1    # another
%strike=scalar f64 0
   %x.1 = constant f64 0.1
%e = constant f64 -1e-3
%n = constant u32 0x0a
	%sum = loop %n(%e){%i,%s->
%s2=add f64 %s,%x.1
next %s2
}
output 0,%sum)");
  ASSERT_TRUE(kernel) << kernel.error();
  EXPECT_EQ(print(*kernel), R"(kernel scalars 1 arrays 0 outputs 1
%0 = scalar f64 0
%1 = constant f64 0x1.999999999999ap-4  # 0.1
%2 = constant f64 -0x1.0624dd2f1a9fcp-10  # -0.001
%3 = constant u32 10
%4 = loop %3 (%2) { %5, %6 ->
  %7 = add f64 %6, %1
  next %7
}
output 0, %4
)");
}

// ---- refusals

struct Refusal {
  std::string_view body;  ///< after a header on line 1
  std::string_view error;
};

constexpr Refusal kRefusals[] = {
    // the line as such
    {"foo", "line 2: there is no operation 'foo'"},
    {"%a", "line 2: expected '=' before 'the end of the line'"},
    {"%a = ", "line 2: expected an operation before 'the end of the line'"},
    {"%a, = steps u32", "line 2: expected a value before '= steps u32'"},
    {"%a = steps u32 u32", "line 2: 'u32' is too much"},
    {"%a = steps", "line 2: expected a type before 'the end of the line'"},
    {"%a = steps word", "line 2: there is no type 'word'"},
    {"%a = steps none", "line 2: there is no type 'none'"},
    {"% = steps u32", "line 2: expected a value's name before ' = steps u32'"},
    {"\x01\xff(", "line 2: expected an operation before '\x01\xff('"},
    {"kernel scalars 0 arrays 0 outputs 0", "line 2: there is no operation 'kernel'"},

    // names
    {"%a = sqrt f64 %b", "line 2: %b is not defined"},
    {"%a = steps u32\n%a = steps u32", "line 3: %a is defined twice"},
    {"%a, %b = steps u32", "line 2: steps gives one value"},
    {"steps u32", "line 2: steps gives one value"},
    {"%n = steps u32\n%a = store 0, %n, %n", "line 3: store gives no value"},

    // constants
    {"%a = constant f64", "line 2: expected a constant before 'the end of the line'"},
    {"%a = constant f64 x", "line 2: 'x' is no f64"},
    {"%a = constant f64 1e999", "line 2: '1e999' is no f64"},
    {"%a = constant f64 0x", "line 2: '0x' is no f64"},
    {"%a = constant f64 --1", "line 2: '--1' is no f64"},
    {"%a = constant f64 1.0.0", "line 2: '1.0.0' is no f64"},
    {"%a = constant f64 nan:0x1", "line 2: 'nan:0x1' is no f64"},
    {"%a = constant f32 nan:0x7ff8000000000000", "line 2: 'nan:0x7ff8000000000000' is no f32"},
    {"%a = constant f32 1e39", "line 2: '1e39' is no f32"},
    {"%a = constant u32 4294967296", "line 2: '4294967296' is no number below 2^32"},
    {"%a = constant u64 -1", "line 2: '-1' is no number below 2^64"},
    {"%a = constant u64 0x10000000000000000", "line 2: '0x10000000000000000' is no number below 2^64"},
    {"%a = constant i1 1", "line 2: '1' is neither true nor false"},

    // operands and numbers
    {"%n = steps u32\n%a = iadd u32 %n", "line 3: iadd takes 2 operands, not 1"},
    {"%n = steps u32\n%a = iadd u32 %n, %n, %n", "line 3: iadd takes 2 operands, not 3"},
    {"%n = steps u32\n%a = iadd u32 %n, 1", "line 3: expected a value before '1'"},
    {"%a = scalar f64", "line 2: expected a number before 'the end of the line'"},
    {"%a = scalar f64 4294967296", "line 2: '4294967296' is no number below 2^32"},
    {"%n = steps u32\n%a = load f64 0 %n", "line 3: expected ',' before '%n'"},
    {"%n = steps u32\n%a = load f64 %n", "line 3: expected a number before '%n'"},

    // loops
    {"%a = index u32", "line 2: only a loop makes its index"},
    {"%a = result u32", "line 2: only a loop makes its result"},
    {"}", "line 2: there is no loop to close"},
    {"next", "line 2: 'next' stands in a loop"},
    {"loop", "line 2: expected a value before 'the end of the line'"},
    {"%n = steps u32\nloop %n", "line 3: expected '(' before 'the end of the line'"},
    {"%n = steps u32\nloop %n (%n) { %i, %c ->", "line 3: a loop gives as many values as it carries"},
    {"%n = steps u32\n%r = loop %n (%n) { %i ->", "line 3: expected ',' before '->'"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c, %d ->", "line 3: expected '->' before ', %d ->'"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c", "line 3: expected '->' before 'the end of the line'"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %r ->", "line 3: %r is defined twice"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c until ->", "line 3: expected a value before '->'"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c until %d ->", "line 3: %d is not defined"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c until %i ->",
     "line 3: a loop settles by a value that it carries"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c until %c ->\nnext %c\n}",
     "line 3: loop: a loop settles by a truth value: it is u32"},
    {"%n = steps u32\nloop %n () { %i ->\n\n# end", "line 5: the loop of line 3 is not closed"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c ->\n}", "line 4: 'next' is missing before this"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c ->\nnext %c, %c\n}",
     "line 4: this loop carries 1 values, not 2"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c ->\nnext %c\nnext %c\n}",
     "line 5: after 'next' comes only a '}'"},
    {"%n = steps u32\n%r = loop %n (%n) { %i, %c ->\nnext %c\n} }", "line 5: '}' is too much"},

    // what only the verifier sees
    {"%n = steps u32\n%a = sqrt f64 %n",
     "line 3: sqrt: the type is what the rule says: its operands do not fit"},
    {"%a = steps u64", "line 2: steps: the type is what the rule says: it says u64, not u32"},
    {"%a = scalar f64 1",
     "line 2: scalar: the kernel has such a scalar, array, row, table or column: scalar 1 of 1"},
    {"%n = steps u32\nloop %n () { %i ->\n%a = iadd u32 %i, %i\n}\n%b = iadd u32 %a, %a",
     "line 6: iadd: operands are defined before, in this or an enclosing region: node 3 is not"},
    {"%n = lane u64\nloop %n () { %i ->\n}",
     "line 3: loop: the type is what the rule says: its operands do not fit"},
};

TEST(Text, mistakes_are_answered_with_their_line) {
  for (const Refusal& refusal : kRefusals) {
    const auto kernel = parse("kernel scalars 1 arrays 0 outputs 0\n" + std::string(refusal.body));
    ASSERT_FALSE(kernel) << refusal.body;
    EXPECT_EQ(kernel.error(), refusal.error) << refusal.body;
  }
}

constexpr Refusal kHeaderRefusals[] = {
    {"", "line 1: a kernel starts with 'kernel'"},
    {"\n\n", "line 2: a kernel starts with 'kernel'"},
    {"output 0, %0", "line 1: a kernel starts with 'kernel'"},
    {"kernel", "line 1: expected 'scalars' before 'the end of the line'"},
    {"kernel scalars", "line 1: expected a number before 'the end of the line'"},
    {"kernel scalars -1", "line 1: '-1' is no number below 2^32"},
    {"kernel scalars 0 arrays 1 outputs 0", "line 1: expected '(' before 'outputs 0'"},
    {"kernel scalars 0 arrays 0 (8) outputs 0", "line 1: these are the lengths of 1 arrays, not 0"},
    {"kernel scalars 0 arrays 2 (8) outputs 0", "line 1: these are the lengths of 1 arrays, not 2"},
    {"kernel scalars 0 arrays 4000000000 (8", "line 1: expected a number before 'the end of the line'"},
    {"kernel scalars 0 arrays 0", "line 1: expected 'outputs' before 'the end of the line'"},
    {"kernel scalars 0 arrays 0 outputs 0 rows", "line 1: expected a number before 'the end of the line'"},
    {"kernel scalars 0 arrays 0 outputs 0 x", "line 1: 'x' is too much"},
    {"\nkernel scalars 0 arrays 0 outputs 1", "line 2: each column is written once: column 0 is not"},
    {"kernel scalars 0 arrays 0 outputs 4000000000", "line 1: each column is written once: column 0 is not"},
};

TEST(Text, mistakes_in_the_header_too) {
  for (const Refusal& refusal : kHeaderRefusals) {
    const auto kernel = parse(refusal.body);
    ASSERT_FALSE(kernel) << refusal.body;
    EXPECT_EQ(kernel.error(), refusal.error) << refusal.body;
  }
}

std::string nested_loops(unsigned depth) {
  std::string text = "kernel scalars 0 arrays 0 outputs 0\n%n = steps u32\n";
  for (unsigned k = 0; k < depth; ++k) text += "loop %n () { %" + std::to_string(k) + " ->\n";
  for (unsigned k = 0; k < depth; ++k) text += "}\n";
  return text;
}

TEST(Text, loops_nest_up_to_the_limit) {
  EXPECT_TRUE(parse(nested_loops(kMaxLoopDepth)));
  const auto deeper = parse(nested_loops(kMaxLoopDepth + 1));
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error(), "line 63: loops are nested more than 60 deep");
}

// ---- garbage: an answer, never a crash (run under the sanitizers too)

TEST(Text, cut_and_mangled_text_is_answered) {
  std::mt19937_64 random(1);
  const std::string text(kCanonical[2]);
  for (std::size_t length = 0; length < text.size(); ++length)
    static_cast<void>(parse(text.substr(0, length)));
  for (int round = 0; round < 3000; ++round) {
    std::string mangled = text;
    for (std::uint64_t k = random() % 4 + 1; k > 0; --k) {
      const std::size_t at = random() % mangled.size();
      switch (random() % 4) {
        case 0:
          mangled[at] = static_cast<char>(random());
          break;
        case 1:
          mangled[at] = text[random() % text.size()];
          break;
        case 2:
          mangled.erase(at, random() % 8);
          break;
        default:
          mangled.insert(at, text.substr(random() % text.size(), random() % 12));
      }
      if (mangled.empty()) mangled = "k";
    }
    const auto kernel = parse(mangled);
    EXPECT_TRUE(!kernel || parse(print(*kernel))) << mangled;
  }
}

}  // namespace
}  // namespace mc::ir
