// What the builder promises: sharing, placement in the outermost region, whole loops moved out, memory left
// in place.
#include "engine/ir/builder.hpp"

#include <gtest/gtest.h>

#include "engine/ir/text.hpp"
#include "engine/ir/verify.hpp"

namespace mc::ir {
namespace {

using Values = std::vector<Value>;
using Carried = std::span<const Value>;

/// The kernel as text, after checking it.
std::string text_of(Builder& b, std::uint32_t scalars = 1) {
  const Kernel kernel = b.finish(scalars, {32});
  for (const auto& line : verify(kernel, Level::functions)) ADD_FAILURE() << line;
  return print(kernel);
}

// ---- sharing

TEST(Builder, equal_operations_are_one) {
  Builder b;
  const Value x = b.scalar(0), y = b.constant(2.0);
  EXPECT_EQ(b.emit(Op::add, {x, y}), b.emit(Op::add, {b.scalar(0), b.constant(2.0)}));
  EXPECT_NE(b.emit(Op::add, {x, y}), b.emit(Op::add, {y, x}));
  EXPECT_NE(b.emit(Op::add, {x, y}), b.emit(Op::sub, {x, y}));
  EXPECT_EQ(b.element(0, b.constant_u32(1)), b.element(0, b.constant_u32(1)));
  EXPECT_NE(b.element(0, b.constant_u32(1)), b.element(1, b.constant_u32(1)));
}

TEST(Builder, constants_differ_by_type_and_by_every_bit) {
  Builder b;
  EXPECT_NE(b.constant(0.0), b.constant(-0.0));
  EXPECT_NE(b.constant_u64(0), b.constant(0.0));
  EXPECT_NE(b.constant_u64(1), b.constant_u32(1));
  EXPECT_NE(b.constant_u32(1), b.constant_i1(true));
  EXPECT_NE(b.constant_f32(0), b.constant_u32(0));
  EXPECT_EQ(b.constant(1.0), b.constant_bits(Type::f64, 0x3FF0000000000000));
}

TEST(Builder, sharing_survives_growth) {
  Builder b;
  Values values;
  for (std::uint64_t k = 0; k < 5000; ++k) values.push_back(b.constant_u64(k * 0x10001));
  for (std::uint64_t k = 0; k < 5000; ++k) EXPECT_EQ(b.constant_u64(k * 0x10001), values[k]);
  EXPECT_EQ(b.kernel().nodes.size(), 5000);
}

TEST(Builder, loads_are_not_shared) {
  Builder b;
  const auto row = b.row(4);
  EXPECT_NE(b.load(row, b.constant_u32(0)), b.load(row, b.constant_u32(0)));
}

TEST(Builder, is_empty_after_finish) {
  Builder b;
  b.output(0, b.scalar(0));
  EXPECT_EQ(b.finish(1).nodes.size(), 2);
  b.output(0, b.scalar(1));
  EXPECT_EQ(text_of(b, 2), "kernel scalars 2 arrays 1 (32) outputs 1\n%0 = scalar f64 1\noutput 0, %0\n");
}

// ---- invariants

TEST(Builder, invariant_operations_move_out_as_far_as_they_can) {
  Builder b;
  const Value n = b.leaf(Op::steps), x = b.scalar(0);
  const auto r = b.loop(n, Values{x}, [&](Value, Carried outer) {
    return b.loop(n, Values{outer[0]}, [&](Value, Carried inner) {
      const Value invariant = b.emit(Op::sqrt, {x});
      const Value outer_only = b.emit(Op::mul, {outer[0], invariant});
      return Values{b.emit(Op::add, {inner[0], outer_only})};
    });
  });
  b.output(0, r[0]);
  EXPECT_EQ(text_of(b), R"(kernel scalars 1 arrays 1 (32) outputs 1
%0 = steps u32
%1 = scalar f64 0
%2 = sqrt f64 %1
%3 = loop %0 (%1) { %4, %5 ->
  %6 = mul f64 %5, %2
  %7 = loop %0 (%5) { %8, %9 ->
    %10 = add f64 %9, %6
    next %10
  }
  next %7
}
output 0, %3
)");
}

TEST(Builder, a_loop_that_needs_nothing_around_it_moves_out) {
  Builder b;
  const Value n = b.leaf(Op::steps), x = b.scalar(0);
  const auto r = b.loop(n, Values{x}, [&](Value, Carried outer) {
    const auto inner = b.loop(n, Values{x}, [&](Value index, Carried c) {
      return Values{b.emit(Op::add, {c[0], b.element(0, index)})};
    });
    return Values{b.emit(Op::mul, {outer[0], inner[0]})};
  });
  b.output(0, r[0]);
  EXPECT_EQ(text_of(b), R"(kernel scalars 1 arrays 1 (32) outputs 1
%0 = steps u32
%1 = scalar f64 0
%2 = loop %0 (%1) { %3, %4 ->
  %5 = element f64 0, %3
  %6 = add f64 %4, %5
  next %6
}
%7 = loop %0 (%1) { %8, %9 ->
  %10 = mul f64 %9, %2
  next %10
}
output 0, %7
)");
}

/// Three loops; the innermost uses of the others what the case says. How deep its and the middle one's bodies
/// lie.
struct Depths {
  std::uint32_t middle, inner;
  bool operator==(const Depths&) const = default;
};

enum class Use { nothing, outer, middle, both };

Depths depths_when_inner_uses(Use as_initial, Use in_body) {
  Builder b;
  const Value n = b.leaf(Op::steps), x = b.scalar(0);
  const auto pick = [&](Use use, Value outer, Value middle) {
    switch (use) {
      case Use::nothing:
        return x;
      case Use::outer:
        return outer;
      case Use::middle:
        return middle;
      case Use::both:
        break;
    }
    return b.emit(Op::sub, {outer, middle});
  };
  const auto r = b.loop(n, Values{x}, [&](Value, Carried outer) {
    const auto m = b.loop(n, Values{x}, [&](Value, Carried middle) {
      return b.loop(n, Values{pick(as_initial, outer[0], middle[0])}, [&](Value, Carried inner) {
        return Values{b.emit(Op::add, {inner[0], pick(in_body, outer[0], middle[0])})};
      });
    });
    return Values{b.emit(Op::mul, {outer[0], m[0]})};
  });
  b.output(0, r[0]);
  const Kernel kernel = b.finish(1);
  for (const auto& line : verify(kernel, Level::functions)) ADD_FAILURE() << line;
  return {kernel[kernel.loops[1].body].depth, kernel[kernel.loops[2].body].depth};
}

TEST(Builder, nested_loops_stay_as_near_as_what_they_use) {
  using enum Use;
  EXPECT_EQ(depths_when_inner_uses(nothing, nothing), (Depths{1, 1}));
  EXPECT_EQ(depths_when_inner_uses(nothing, outer), (Depths{2, 2}));
  EXPECT_EQ(depths_when_inner_uses(outer, nothing), (Depths{2, 2}));
  EXPECT_EQ(depths_when_inner_uses(nothing, middle), (Depths{1, 2}));
  EXPECT_EQ(depths_when_inner_uses(middle, nothing), (Depths{1, 2}));
  EXPECT_EQ(depths_when_inner_uses(nothing, both), (Depths{2, 3}));
  // The middle loop uses the outer one only through where the inner one starts, and must not move away from
  // it.
  EXPECT_EQ(depths_when_inner_uses(outer, middle), (Depths{2, 3}));
  EXPECT_EQ(depths_when_inner_uses(middle, outer), (Depths{2, 3}));
}

TEST(Builder, a_loop_within_a_loop_that_moves_out_goes_along) {
  Builder b;
  const Value n = b.leaf(Op::steps), x = b.scalar(0);
  const auto r = b.loop(n, Values{x}, [&](Value, Carried outer) {
    const auto middle = b.loop(n, Values{x}, [&](Value i, Carried m) {
      return b.loop(n, Values{m[0]}, [&](Value j, Carried c) {
        return Values{b.emit(Op::add, {c[0], b.element(0, b.emit(Op::iadd, {i, j}))})};
      });
    });
    return Values{b.emit(Op::mul, {outer[0], middle[0]})};
  });
  b.output(0, r[0]);
  const Kernel kernel = b.finish(1, {63});
  EXPECT_TRUE(verify(kernel, Level::primitives).empty());
  EXPECT_EQ(kernel[kernel.loops[1].body].depth, 1);
  EXPECT_EQ(kernel[kernel.loops[2].body].depth, 2);
}

// ---- memory

TEST(Builder, memory_keeps_its_place_and_so_do_the_loops_around_it) {
  Builder b;
  const Value n = b.leaf(Op::steps), x = b.scalar(0);
  const auto row = b.row(40);
  b.loop(n, {}, [&](Value, Carried) {
    b.loop(n, {}, [&](Value j, Carried) {
      b.store(row, j, b.emit(Op::sqrt, {x}));
      return Values{};
    });
    const Value loaded = b.load(row, b.constant_u32(1));
    b.store(row, b.constant_u32(0), loaded);
    return Values{};
  });
  b.output(0, b.load(row, b.constant_u32(0)));
  EXPECT_EQ(text_of(b), R"(kernel scalars 1 arrays 1 (32) outputs 1 rows 40
%0 = steps u32
%1 = scalar f64 0
%2 = sqrt f64 %1
%3 = constant u32 1
%4 = constant u32 0
loop %0 () { %5 ->
  loop %0 () { %6 ->
    store 0, %6, %2
  }
  %7 = load f64 0, %3
  store 0, %4, %7
}
%8 = load f64 0, %4
output 0, %8
)");
}

TEST(Builder, what_depends_on_a_load_stays_by_it) {
  Builder b;
  const Value n = b.leaf(Op::steps);
  const auto row = b.row(40);
  const auto r = b.loop(n, Values{b.scalar(0)}, [&](Value i, Carried c) {
    const Value loaded = b.load(row, i);
    const auto inner =
        b.loop(n, Values{loaded}, [&](Value, Carried k) { return Values{b.emit(Op::mul, {k[0], k[0]})}; });
    return Values{b.emit(Op::add, {c[0], inner[0]})};
  });
  b.output(0, r[0]);
  const Kernel kernel = b.finish(1);
  EXPECT_TRUE(verify(kernel, Level::primitives).empty());
  EXPECT_EQ(kernel[kernel.loops[1].body].depth, 2);
}

// ---- misuse

TEST(Builder, misuse_throws) {
  Builder b;
  const Value x = b.scalar(0), n = b.leaf(Op::steps);
  EXPECT_THROW(b.emit(Op::add, {x}), std::logic_error);
  EXPECT_THROW(b.emit(Op::add, {x, n}), std::logic_error);
  EXPECT_THROW(b.emit(Op::load, {n}), std::logic_error);
  EXPECT_THROW(b.emit(Op::constant, {}), std::logic_error);
  EXPECT_THROW(b.leaf(Op::index), std::logic_error);
  EXPECT_THROW(b.output(0, n), std::logic_error);
  EXPECT_THROW(b.store(b.row(4), x, x), std::logic_error);
  EXPECT_THROW(b.begin_loop(x, {}), std::logic_error);
}

TEST(Builder, loops_close_in_order_with_what_they_carry) {
  Builder b;
  const Value x = b.scalar(0), n = b.leaf(Op::steps);
  const auto outer = b.begin_loop(n, Values{x});
  const auto inner = b.begin_loop(n, {});
  EXPECT_THROW(b.end_loop(outer, Values{x}), std::logic_error);
  b.end_loop(inner, {});
  EXPECT_THROW(b.end_loop(outer, {}), std::logic_error);
  EXPECT_THROW(b.end_loop(outer, Values{n}), std::logic_error);
  EXPECT_THROW(b.finish(1), std::logic_error);
  b.end_loop(outer, Values{x});
  EXPECT_NO_THROW(b.finish(1));
}

TEST(Builder, loops_settle_by_a_truth_value_that_they_carry) {
  Builder b;
  const Value n = b.leaf(Op::steps), no = b.constant_i1(false);
  const auto open = b.begin_loop(n, Values{n, no});
  EXPECT_THROW(b.end_loop(open, open.carried, 0), std::logic_error);
  EXPECT_THROW(b.end_loop(open, open.carried, 2), std::logic_error);
  b.end_loop(open, open.carried, 1);
  EXPECT_EQ(b.kernel().loops[0].settled, 1);
  b.loop(n, Values{no}, [](Value, auto carried) { return std::vector(carried.begin(), carried.end()); });
  EXPECT_FALSE(b.kernel().loops[1].settles());
}

TEST(Builder, loops_nest_up_to_the_limit) {
  Builder b;
  const Value n = b.leaf(Op::steps);
  for (unsigned k = 0; k < kMaxLoopDepth; ++k) b.begin_loop(n, {});
  EXPECT_THROW(b.begin_loop(n, {}), std::logic_error);
}

}  // namespace
}  // namespace mc::ir
