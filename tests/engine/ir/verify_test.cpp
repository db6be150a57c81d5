// Every invariant, broken once: a good kernel, a blow, and what the verifier says.
#include "engine/ir/verify.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/kernel_text.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc::ir {
namespace {

/// Nodes 0 to 16, loops 0 and 1, regions 0 to 2.
constexpr std::string_view kGood = R"(kernel scalars 1 arrays 1 (4) outputs 1 rows 4
%0 = scalar f64 0                          # node 0
%1 = steps u32                             # 1
%2 = constant u32 3                        # 2
%3 = element f64 0, %2                     # 3
%r = loop %1 (%0) { %i, %c ->              # 4: loop, 5: result, 6: index, 7: carried
  store 0, %2, %c                          # 8
  %s = loop %2 (%c) { %j, %d ->            # 9: loop, 10: result, 11: index, 12: carried
    %m = mul f64 %d, %3                    # 13
    next %m
  }
  %e = exp f64 %s                          # 14
  next %e
}
%q = shl u32 %1, %2                        # 15
output 0, %r                               # 16
)";

constexpr Value kFar{1000};

struct Blow {
  void (*strike)(Kernel&);
  std::string_view line;  ///< the first that the verifier gives
};

Node& node(Kernel& k, std::uint32_t v) { return k.nodes[v]; }

const Blow kBlows[] = {
    // numbers
    {[](Kernel& k) { node(k, 13).op = Op{250}; },
     "node 13: ?: there is such an operation and type: number 250"},
    {[](Kernel& k) { node(k, 13).type = Type{9}; },
     "node 13: mul: there is such an operation and type: type number 9"},
    {[](Kernel& k) { node(k, 13).region = RegionId{7}; }, "node 13: mul: there is such a region: region 7"},
    {[](Kernel& k) { node(k, 13).operands[1] = kFar; },
     "node 13: mul: there are such operands, as many as the operation takes: operand 2"},
    {[](Kernel& k) { node(k, 13).operands[1] = kNoValue; },
     "node 13: mul: there are such operands, as many as the operation takes: operand 2"},
    {[](Kernel& k) { node(k, 13).operands[2] = Value{0}; },
     "node 13: mul: there are such operands, as many as the operation takes: operand 3"},
    {[](Kernel& k) { node(k, 9).immediate = 9; },
     "node 9: loop: there is such a loop and such a carried value: loop 9"},
    {[](Kernel& k) { node(k, 7).immediate = slot(LoopId{5}, 0); },
     "node 7: carried: there is such a loop and such a carried value: loop 5"},
    {[](Kernel& k) { node(k, 7).immediate = slot(LoopId{0}, 3); },
     "node 7: carried: there is such a loop and such a carried value: position 3"},
    {[](Kernel& k) { k.regions.clear(); }, "there is no entry region"},
    {[](Kernel& k) { k.regions[1].parent = RegionId{9}; }, "region 1: there is such a parent"},
    {[](Kernel& k) { k.regions[0].loop = LoopId{0}; }, "region 0: a loop owns all but the entry"},
    {[](Kernel& k) { k.regions[1].loop = LoopId{9}; }, "region 1: there is such a loop"},
    {[](Kernel& k) { k.regions[1].body.push_back(kFar); }, "region 1: there are such nodes"},
    {[](Kernel& k) { k.loops[0].body = RegionId{9}; }, "loop 0: there is such a body, node and index"},
    {[](Kernel& k) { k.loops[0].node = kNoValue; }, "loop 0: there is such a body, node and index"},
    {[](Kernel& k) { k.loops[0].next[0] = kFar; }, "loop 0: there are such values"},
    {[](Kernel& k) { k.loops[0].settled = 1; }, "loop 0: it carries the value that it settles by"},
    {[](Kernel& k) { k.loops[1].settled = 0; }, "node 9: loop: a loop settles by a truth value: it is f64"},
    {[](Kernel& k) { k.loops[0].next.clear(); },
     "loop 0: initial, carried, next and results are equally many"},
    {[](Kernel& k) { k.loops[0].initial.push_back(Value{0}); },
     "loop 0: initial, carried, next and results are equally many"},

    // places
    {[](Kernel& k) { k.regions[0].body.push_back(Value{3}); },
     "node 3: element: a node stands in one region: it stands in 2"},
    {[](Kernel& k) { k.regions[0].body.pop_back(); },
     "node 16: output: a node stands in one region: it stands in 0"},
    {[](Kernel& k) { node(k, 13).region = kEntry; },
     "node 13: mul: a node says which region it stands in: it says another"},
    {[](Kernel& k) { k.regions[0].depth = 1; }, "region 0: the entry lies outside all loops"},
    {[](Kernel& k) { k.regions[2].depth = 1; },
     "node 9: loop: a body is one deeper than its loop: 1 within 1"},
    {[](Kernel& k) { k.regions[2].parent = kEntry; },
     "node 9: loop: a loop, its node and its body name each other: the body's parent is another"},
    {[](Kernel& k) { std::swap(k.loops[0].body, k.loops[1].body); }, "region 1: it is the body of its loop"},
    {[](Kernel& k) { k.loops[1].node = Value{4}; }, "loop 1: its node is a loop and names it"},
    {[](Kernel& k) { node(k, 9).immediate = 0; }, "loop 1: its node is a loop and names it"},

    // sense
    {[](Kernel& k) { std::swap(k.regions[0].body[2], k.regions[0].body[3]); },
     "node 3: element: operands are defined before, in this or an enclosing region: node 2 is not"},
    {[](Kernel& k) { node(k, 16).operands[0] = Value{14}; },
     "node 16: output: operands are defined before, in this or an enclosing region: node 14 is not"},
    {[](Kernel& k) { node(k, 13).operands[0] = Value{13}; },
     "node 13: mul: operands are defined before, in this or an enclosing region: node 13 is not"},
    {[](Kernel& k) { node(k, 16).operands[0] = Value{4}; },
     "node 16: output: operands have values: node 4 has no value"},
    {[](Kernel& k) { node(k, 13).type = Type::f32; },
     "node 13: mul: the type is what the rule says: it says f32, not f64"},
    {[](Kernel& k) { node(k, 16).operands[0] = Value{15}; },
     "node 16: output: the type is what the rule says: its operands do not fit"},
    {[](Kernel& k) { node(k, 2).type = Type::none; },
     "node 2: constant: the type is what the rule says: it has none"},
    {[](Kernel& k) { node(k, 4).operands[0] = Value{0}; },
     "node 4: loop: the type is what the rule says: its operands do not fit"},
    {[](Kernel& k) { node(k, 2).immediate = std::uint64_t{1} << 32; },
     "node 2: constant: a constant fits its type: 0x100000000"},
    {[](Kernel& k) { node(k, 2).immediate = 32; },
     "node 8: store: an index is proven to lie within its row, array or table: 32 of row 0 of 4 elements"},
    {[](Kernel& k) { node(k, 2).immediate = 32, k.rows[0] = 40, k.arrays[0] = 40; },
     "node 15: shl: a constant shift is less than the width: 32 of 32 bits"},
    {[](Kernel& k) { k.rows[0] = 0; },
     "node 8: store: an index is proven to lie within its row, array or table: 3 of row 0 of 0 elements"},
    {[](Kernel& k) { node(k, 0).immediate = 1; },
     "node 0: scalar: the kernel has such a scalar, array, row, table or column: scalar 1 of 1"},
    {[](Kernel& k) { k.arrays.clear(); },
     "node 3: element: the kernel has such a scalar, array, row, table or column: array 0 of 0"},
    {[](Kernel& k) { k.rows.clear(); },
     "node 8: store: the kernel has such a scalar, array, row, table or column: row 0 of 0"},
    {[](Kernel& k) { k.outputs = 0; },
     "node 16: output: the kernel has such a scalar, array, row, table or column: column 0 of 0"},
    {[](Kernel& k) { node(k, 13).immediate = 1; },
     "node 13: mul: the kernel has such a scalar, array, row, table or column: an immediate of 1"},
    {[](Kernel& k) { node(k, 0).type = Type::f32; }, "node 0: scalar: scalar parameters are f64: f32"},
    {[](Kernel& k) { k.outputs = 2; }, "each column is written once: column 1 is not"},
    {[](Kernel& k) { node(k, 8) = {Op::output, Type::none, RegionId{1}, {Value{7}, kNoValue, kNoValue}, 0}; },
     "node 8: output: each column is written once, outside loops: it stands in a loop"},
    {[](Kernel& k) { k.nodes.push_back(node(k, 16)), k.regions[0].body.push_back(Value{17}); },
     "node 16: output: each column is written once, outside loops: column 0 has 2"},
    {[](Kernel& k) { k.loops[1].index = Value{6}; },
     "node 9: loop: a loop's lists hold its own parts: its index is not"},
    {[](Kernel& k) { k.loops[1].results[0] = Value{12}; },
     "node 9: loop: a loop's lists hold its own parts: number 0 is not"},
    {[](Kernel& k) { node(k, 7).immediate = slot(LoopId{1}, 0); },
     "node 4: loop: a loop's lists hold its own parts: number 0 is not"},
    {[](Kernel& k) { k.loops[0].next[0] = Value{1}; },
     "node 4: loop: carried values keep their types and are there when needed: number 0 is f64 and u32"},
    {[](Kernel& k) { k.loops[0].next[0] = Value{13}; },
     "node 4: loop: carried values keep their types and are there when needed: number 0 has no next value"},
    {[](Kernel& k) { k.loops[0].initial[0] = Value{14}; },
     "node 4: loop: carried values keep their types and are there when needed: number 0 has no initial "
     "value"},
    {[](Kernel& k) {
       node(k, 0) = {.op = Op::lane, .type = Type::u64, .region = kEntry};
       node(k, 1) = {
           .op = Op::narrow, .type = Type::u32, .region = kEntry, .operands = {Value{0}, kNoValue, kNoValue}};
     },
     "node 4: loop: a loop runs equally often in every lane: it varies"},
};

TEST(Verify, the_good_kernel_is_good) {
  EXPECT_TRUE(verify(testing::kernel_of(kGood), Level::functions).empty());
  EXPECT_TRUE(verify(Kernel{}, Level::primitives).empty());
}

TEST(Verify, every_blow_is_noticed) {
  for (const Blow& blow : kBlows) {
    Kernel kernel = testing::kernel_of(kGood);
    blow.strike(kernel);
    const auto lines = verify(kernel, Level::functions);
    ASSERT_FALSE(lines.empty()) << blow.line;
    EXPECT_NE(std::ranges::find(lines, blow.line), lines.end())
        << "wanted " << blow.line << "\ngot    " << lines.front();
  }
}

TEST(Verify, functions_are_for_the_level_of_functions) {
  const auto lines = verify(testing::kernel_of(kGood), Level::primitives);
  ASSERT_EQ(lines.size(), 1);
  EXPECT_EQ(lines[0], "node 14: exp: only primitives are left at this level: it is a function");
}

TEST(Verify, a_result_stands_after_its_loop) {
  Kernel kernel = testing::kernel_of(kGood);
  std::swap(kernel.regions[0].body[4], kernel.regions[0].body[5]);
  const auto lines = verify(kernel, Level::functions);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0],
            "node 5: result: an index, carried value or result is where its loop has it: it is not");
}

TEST(Verify, loops_are_not_nested_too_deeply) {
  Kernel kernel;
  RegionId outer = kEntry;
  const auto add = [&](Node node) {
    kernel.nodes.push_back(node);
    kernel.regions[position(node.region)].body.push_back(static_cast<Value>(kernel.nodes.size() - 1));
    return static_cast<Value>(kernel.nodes.size() - 1);
  };
  const Value n = add({.op = Op::steps, .type = Type::u32, .region = kEntry});
  for (std::uint32_t d = 0; d <= kMaxLoopDepth; ++d) {
    const auto body = static_cast<RegionId>(kernel.regions.size());
    kernel.regions.push_back({.parent = outer, .loop = LoopId{d}, .depth = d + 1});
    Loop loop{.body = body};
    loop.node = add({.op = Op::loop,
                     .type = Type::none,
                     .region = outer,
                     .operands = {n, kNoValue, kNoValue},
                     .immediate = d});
    loop.index = add({.op = Op::index, .type = Type::u32, .region = body, .immediate = slot(LoopId{d}, 0)});
    kernel.loops.push_back(loop);
    outer = body;
  }
  const auto lines = verify(kernel, Level::primitives);
  ASSERT_EQ(lines.size(), 1);
  EXPECT_EQ(lines[0], "node 121: loop: a body is one deeper than its loop: 61 is too deep");
}

// ---- bounds

/// An index of a loop of 10 rounds made into another, and what it can be; none: it is inside all of 10.
struct Access {
  const char* index;  ///< makes %k of %i (0..9), %n (0..32), %l (any lane), %t (any number)
  const char* outside = nullptr;
};

constexpr Access kAccesses[] = {
    {"%k = iadd u32 %i, %zero"},
    {"%k = iadd u32 %i, %one", "1..10"},
    {"%k = iadd u32 %i, %minus_one", "4294967295..4294967304"},
    {"%k = isub u32 %i, %one", "4294967295..4294967304"},
    // counting down, with the factor and the shift as the lowering writes them: modulo 2^32
    {"%a = imul u32 %i, %minus_one\n%k = iadd u32 %a, %nine"},
    {"%a = imul u32 %minus_one, %i\n%k = iadd u32 %a, %eight", "4294967295..4294967304"},
    {"%k = isub u32 %nine, %i"},
    {"%a = iadd u32 %i, %one\n%k = iadd u32 %a, %minus_one"},
    {"%a = iadd u32 %i, %minus_one\n%k = isub u32 %a, %minus_one"},
    // a product that wraps, and one whose ends do but not by the same multiple of 2^32
    {"%a = imul u32 %i, %half\n%k = iadd u32 %a, %zero", "0..4294967295"},
    {"%k = imul u32 %i, %eight", "0..72"},
    {"%k = imul u32 %i, %i", "0..81"},
    {"%k = imul u32 %t, %zero", "0..4294967295"},  // the simplifier's affair
    // shifts
    {"%k = shl u32 %i, %zero"},
    {"%k = shl u32 %i, %one", "0..18"},
    {"%k = shr u32 %i, %one"},
    {"%a = shl u32 %i, %one\n%k = shr u32 %a, %one"},
    {"%a = iadd u32 %i, %minus_one\n%k = shr u32 %a, %one", "0..2147483647"},
    {"%k = shr u32 %t, %i", "0..4294967295"},
    // bits: no more than either has
    {"%k = bit_and u32 %t, %nine"},
    {"%k = bit_and u32 %eight, %t"},
    {"%k = bit_and u32 %i, %t"},
    {"%k = bit_and u32 %t, %t", "0..4294967295"},
    {"%k = bit_or u32 %i, %one", "0..4294967295"},
    // choices
    {"%k = select u32 %c, %i, %nine"},
    {"%k = select u32 %c, %i, %n", "0..32"},
    {"%k = select u32 %c, %i, %minus_one", "4294967295..4294967305"},
    {"%a = isub u32 %zero, %i\n%b = select u32 %c, %a, %zero\n%k = iadd u32 %b, %nine"},
    // other loops: %j counts to %n, so to 31; %m counts to %i, so to 8 at most
    {"loop %n () { %k ->", "0..31"},
    {"loop %i () { %k ->"},
    {"loop %i () { %m ->\n%k = iadd u32 %m, %one"},
    {"loop %i () { %m ->\n%k = iadd u32 %m, %eight", "8..16"},
    {"loop %t () { %k ->", "0..4294967294"},
    {"loop %zero () { %k ->"},
    // values that a loop carries, and lanes, may be anything, up to what lanes there are
    {"%r = loop %one (%zero) { %j, %k ->", "0..4294967295"},
    {"%k = narrow u32 %l", "0..255"},
    {"%a = narrow u32 %l\n%k = bit_and u32 %a, %eight"},
    {"%a = iadd u64 %l, %l\n%k = narrow u32 %a", "0..4294967295"},
    {"%k = iadd u32 %t, %i", "0..4294967295"},
};

/// A kernel that touches a row and an array, each of 10 elements, at the index; inside the loops that are
/// opened to make it.
std::string accessing(std::string_view index) {
  std::string text = R"(kernel scalars 1 arrays 2 (1 10) outputs 0 rows 1 10
%n = steps u32
%l = lane u64
%w = tile u64
%t = narrow u32 %w
%x = scalar f64 0
%c = lt i1 %x, %x
%zero = constant u32 0
%one = constant u32 1
%eight = constant u32 8
%nine = constant u32 9
%minus_one = constant u32 0xffffffff
%half = constant u32 0x80000000
%ten = constant u32 10
loop %ten () { %i ->
)";
  const bool opens = index.find('{') != std::string_view::npos;
  const bool carries = index.find("%r") != std::string_view::npos;
  text += index;
  text += "\n%v = load f64 1, %k\n%e = element f64 1, %k\nstore 1, %k, %x\n";
  if (opens) text += carries ? "next %k\n}\n" : "}\n";
  return text + "}\n";
}

TEST(Verify, an_index_is_proven_to_stay_inside_or_refused) {
  for (const Access& access : kAccesses) {
    const auto kernel = parse(accessing(access.index));
    if (access.outside == nullptr) {
      EXPECT_TRUE(kernel) << access.index << ": " << kernel.error();
      continue;
    }
    ASSERT_FALSE(kernel) << access.index;
    const std::string wanted =
        std::string("load: an index is proven to lie within its row, array or table: ") + access.outside +
        " of row 1 of 10 elements";
    EXPECT_EQ(kernel.error().substr(kernel.error().find("load")), wanted) << access.index;
  }
}

TEST(Verify, each_access_is_looked_at) {
  const auto refusal = [](const char* access) {
    const auto kernel =
        parse(std::string("kernel scalars 1 arrays 1 (3) outputs 0 rows 3\n%x = scalar f64 0\n"
                          "%k = constant u32 3\n%j = constant u32 2\n") +
              access);
    return kernel ? std::string("accepted") : kernel.error();
  };
  EXPECT_EQ(refusal("store 0, %j, %x\n%a = load f64 0, %j\n%b = element f64 0, %j"), "accepted");
  EXPECT_EQ(
      refusal("store 0, %k, %x"),
      "line 5: store: an index is proven to lie within its row, array or table: 3 of row 0 of 3 elements");
  EXPECT_EQ(
      refusal("%a = load f64 0, %k"),
      "line 5: load: an index is proven to lie within its row, array or table: 3 of row 0 of 3 elements");
  EXPECT_EQ(refusal("%a = element f64 0, %k"),
            "line 5: element: an index is proven to lie within its row, array or table: 3 of array 0 of 3 "
            "elements");
}

TEST(Verify, nothing_is_stored_in_a_loop_that_settles_nor_in_one_within_it) {
  const auto refusal = [](const std::string& outer, const std::string& inner) {
    const auto kernel = parse(R"(kernel scalars 0 arrays 0 outputs 0 rows 9
%k = constant u32 3
%x = constant f64 1
%f = constant i1 false
%r = loop %k (%f) { %i, %c)" + outer +
                              R"( ->
  %s = loop %k (%f) { %j, %d)" +
                              inner + R"( ->
    store 0, %k, %x
    next %d
  }
  next %c
})");
    return kernel ? std::string("accepted") : kernel.error();
  };
  const std::string wrong =
      "line 7: store: what is stored is stored in every round: it stands in a loop that settles";
  EXPECT_EQ(refusal("", ""), "accepted");
  EXPECT_EQ(refusal("", " until %d"), wrong);
  EXPECT_EQ(refusal(" until %c", ""), wrong);
}

TEST(Verify, random_kernels_are_good) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto lines = verify(testing::random_kernel(seed, {.max_depth = 3}), Level::primitives);
    EXPECT_TRUE(lines.empty()) << seed << ": " << lines.front();
  }
}

/// One field of one node, region or loop becomes some number.
void scramble(Kernel& kernel, std::mt19937_64& random) {
  const auto number = [&] {
    return static_cast<std::uint32_t>(random() % 3 == 0 ? random() : random() % 20);
  };
  Node& n = kernel.nodes[random() % kernel.nodes.size()];
  Region& r = kernel.regions[random() % kernel.regions.size()];
  switch (random() % 10) {
    case 0:
      n.op = static_cast<Op>(number());
      break;
    case 1:
      n.type = static_cast<Type>(number());
      break;
    case 2:
      n.region = static_cast<RegionId>(number());
      break;
    case 3:
      n.operands[random() % 3] = static_cast<Value>(number());
      break;
    case 4:
      n.immediate = std::uint64_t{number()} << 32 | number();
      break;
    case 5:
      r.depth = number();
      break;
    case 6:
      r.parent = static_cast<RegionId>(number());
      break;
    case 7:
      r.loop = static_cast<LoopId>(number());
      break;
    case 8:
      if (!r.body.empty()) r.body[random() % r.body.size()] = static_cast<Value>(number());
      break;
    default: {
      if (kernel.loops.empty()) return;
      Loop& loop = kernel.loops[random() % kernel.loops.size()];
      Value* fields[] = {&loop.node, &loop.index};
      *fields[random() % 2] = static_cast<Value>(number());
      loop.body = static_cast<RegionId>(number() % 4);
      loop.settled = number() % 3 == 0 ? number() : kNoSlot;
      if (!loop.next.empty()) loop.next[0] = static_cast<Value>(number());
    }
  }
}

TEST(Verify, garbage_does_no_harm) {
  std::mt19937_64 random(7);
  for (std::uint64_t round = 0; round < 4000; ++round) {
    Kernel kernel = testing::random_kernel(round % 50, {.operations = 12});
    for (std::uint64_t k = random() % 3 + 1; k > 0; --k) scramble(kernel, random);
    const bool is_good = verify(kernel, Level::functions).empty();
    EXPECT_TRUE(!is_good || parse(print(kernel)));
  }
}

}  // namespace
}  // namespace mc::ir
