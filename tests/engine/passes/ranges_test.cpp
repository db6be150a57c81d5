// Ranges hold for every value a kernel computes, are as narrow as the samplers need, and choose function
// cores that give the bits of the whole functions.
#include "engine/passes/ranges.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "engine/passes/passes.hpp"
#include "engine/random/stream.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc::passes {
namespace {

using ir::Builder;
using ir::Op;
using ir::Value;
using ir::X;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool holds(const Range& range, double value) {
  if (std::isnan(value)) return range.may_be_nan;
  if (range.unit > 0 && std::isfinite(value) && std::fmod(value, range.unit) != 0) return false;
  return range.low <= value && value <= range.high;
}

/// x where that is first..last, else the nearer end; an end where x is not a number.
X bounded(X x, double first, double last) { return max(min(x, x.like(last)), x.like(first)); }

// ---- sound

/// Checks the nodes of a region that ran, in the regions below it too.
void expect_held(const ir::Kernel& kernel, const Ranges& ranges, const testing::Evaluator& run,
                 ir::RegionId id) {
  for (Value v : kernel[id].body) {
    const ir::Node& node = kernel[v];
    if (node.op == Op::loop && run.bits(node.operands[0]) > 0)
      expect_held(kernel, ranges, run, kernel[static_cast<ir::LoopId>(node.immediate)].body);
    if (!is_float(node.type)) continue;
    const double value = node.type == ir::Type::f64
                             ? std::bit_cast<double>(run.bits(v))
                             : std::bit_cast<float>(static_cast<std::uint32_t>(run.bits(v)));
    ASSERT_TRUE(holds(ranges[v], value))
        << "node " << position(v) << " " << ir::info(node.op).name << " is " << value << ", not in "
        << ranges[v].low << ".." << ranges[v].high << " by " << ranges[v].unit;
  }
}

constexpr double kScalars[] = {1.25, -3.0};
constexpr double kArray[testing::kRandomArrayLength] = {0.5, -0.0, 2.0, 1e-3, -7.0, 1e10, 3.0, 0.1};
constexpr const double* kArrays[] = {kArray};

TEST(Ranges, hold_for_every_value_of_random_kernels) {
  constexpr testing::RandomKernelKnobs kKnobs[] = {
      {},
      {.operations = 120, .loops = 8, .max_depth = 3, .rows = 2},
      {.operations = 60, .loops = 4, .rows = 0, .scalars = 0, .arrays = 0, .f32 = false, .integers = false},
  };
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const ir::Kernel kernel = testing::random_kernel(seed, kKnobs[seed % std::size(kKnobs)]);
    const Ranges ranges(kernel);
    for (std::uint32_t steps : {1U, 3U}) {
      const kernels::Arguments arguments{.seed = 77, .tile = 5, .scalars = kScalars, .arrays = kArrays};
      testing::Evaluator run(kernel, arguments, 9, steps);
      run.run();
      expect_held(kernel, ranges, run, ir::kEntry);
      if (HasFatalFailure()) FAIL() << "seed " << seed;
    }
  }
}

// ---- narrow

/// A uniform variate and what is made of it; the range of that, to four digits.
struct Row {
  const char* what;
  X (*of)(X u);
  double low, high;
};

const Row kRows[] = {
    {"a uniform variate", [](X u) { return u; }, 0x1p-53, 1 - 0x1p-53},
    {"its complement", [](X u) { return 1.0 - u; }, 0x1p-53, 1 - 0x1p-53},
    {"odds", [](X u) { return u / (1.0 - u); }, 1.11e-16, 9.007e15},
    {"distance from the middle", [](X u) { return abs(u - 0.5); }, 0, 0.5},
    {"square", [](X u) { return (u - 0.5) * (u - 0.5); }, 0, 0.25},
    {"root", [](X u) { return sqrt(u); }, 1.054e-8, 1},
    {"logarithm", [](X u) { return apply(Op::log_function, u); }, -36.74, -1.11e-16},
    {"normal variate", [](X u) { return apply(Op::normicdf_function, u); }, -8.21, 8.21},
    {"lognormal", [](X u) { return apply(Op::exp_function, 0.2 * apply(Op::normicdf_function, u)); }, 0.1936,
     5.165},
    {"whole number", [](X u) { return floor(6.0 * u); }, 0, 5},
    {"smaller of it and anything", [](X u) { return min(X(u.builder(), u.builder().scalar(0)), u); },
     -kInfinity, 1},
    {"bounded anything", [](X u) { return bounded(X(u.builder(), u.builder().scalar(0)), -2.0, 3.0); }, -2,
     3},
    {"one of two", [](X u) { return select(u < 0.5, u + 1.0, u - 7.0); }, -7, 2},
};

TEST(Ranges, are_narrow_for_what_samplers_compute) {
  for (const Row& row : kRows) {
    Builder b;
    const X u = random::uniform(X(b, b.leaf(Op::seed)));
    const Value v = row.of(u).value();
    b.output(0, v);
    const ir::Kernel kernel = b.finish(1);
    const Range range = Ranges(kernel)[v];
    EXPECT_FALSE(range.may_be_nan) << row.what;
    const auto expect_near = [&](double end, double expected) {
      EXPECT_TRUE(end == expected || std::abs(end - expected) <= 1e-3 * std::abs(expected))
          << row.what << ": " << end << " for " << expected;
    };
    expect_near(range.low, row.low);
    expect_near(range.high, row.high);
  }
}

/// Nothing is known of parameters, nor of what divides by what may be 0, nor of infinity less itself.
TEST(Ranges, nothing_is_claimed_of_the_rest) {
  constexpr X (*kUnknown[])(X) = {
      [](X s) { return s; },
      [](X s) { return s + 1.0; },
      [](X s) { return 1.0 / bounded(s, -1.0, 1.0); },
      [](X s) { return max(s, s.like(0.0)) - max(s * s, s.like(0.0)); },
      [](X s) { return sqrt(bounded(s, -1.0, 1.0)); },
      [](X s) { return from_bits(to_bits(s) | std::uint64_t{1}); },
      [](X s) { return from_bits((to_bits(s) >> std::uint64_t{12}) | std::uint64_t{0x7ff0000000000000}); },
  };
  for (const auto& unknown : kUnknown) {
    Builder b;
    const Value v = unknown(X(b, b.scalar(0))).value();
    b.output(0, v);
    const ir::Kernel kernel = b.finish(1);
    EXPECT_TRUE(Ranges(kernel)[v].may_be_nan) << &unknown - kUnknown;
  }
}

/// x ← x + f (u - 0.25) so many times, in so many loops around each other, where f is 0 or 1 and depends on
/// all their counters; what x can be.
Range of_running_sum(std::uint32_t rounds, unsigned depth) {
  Builder b;
  const X u = random::uniform(X(b, b.leaf(Op::seed)));
  Value sum = ir::kNoValue;
  const std::function<Value(unsigned, X)> nest = [&](unsigned left, X factor) {
    const auto round = [&](Value index, std::span<const Value> x) {
      const X f = factor * min(to_f64(X(b, index)), u.like(1.0));
      if (left > 1) return std::vector{nest(left - 1, f)};
      sum = x[0];
      return std::vector{(X(b, x[0]) + f * (u - 0.25)).value()};
    };
    return b.loop(b.constant_u32(rounds), std::array{b.constant(1.0)}, round)[0];
  };
  b.output(0, nest(depth, u.like(1.0)));
  const ir::Kernel kernel = b.finish(0);
  return Ranges(kernel)[sum];
}

/// What is stored leans on nothing that is read; where it does, nothing is known.
TEST(Ranges, a_row_holds_what_is_stored_in_it) {
  Builder b;
  const X u = random::uniform(X(b, b.leaf(Op::seed)));
  const std::uint32_t drawn = b.row(4), doubled = b.row(4);
  const Value first = b.constant_u32(0), second = b.constant_u32(1);
  b.store(drawn, first, u.value());
  b.store(drawn, second, (u - 7.0).value());
  b.store(doubled, first, u.value());
  const Value of_drawn = b.load(drawn, second), of_doubled = b.load(doubled, first);
  b.store(doubled, second, (X(b, of_doubled) * 2.0).value());
  b.output(0, (X(b, of_drawn) + X(b, of_doubled)).value());
  const ir::Kernel kernel = b.finish(1);
  const Ranges ranges(kernel);
  EXPECT_TRUE(ranges[of_drawn].lies_in(-7, 1));
  EXPECT_TRUE(ranges[of_doubled].may_be_nan);
}

TEST(Ranges, a_sum_of_so_many_terms_is_bounded) {
  const Range range = of_running_sum(12, 1);
  EXPECT_FALSE(range.may_be_nan);
  EXPECT_NEAR(range.low, 1 - 12 * 0.25, 1e-9);
  EXPECT_NEAR(range.high, 1 + 12 * 0.75, 1e-9);
}

/// Every level around a sum doubles the walks over it, so there is an end to that.
TEST(Ranges, deep_sums_are_left_alone) {
  EXPECT_FALSE(of_running_sum(12, 3).may_be_nan);
  EXPECT_TRUE(of_running_sum(12, 4).may_be_nan);
  EXPECT_TRUE(of_running_sum(2, 50).may_be_nan);
}

/// What is added to multiples of a power of two, or subtracted, leaves multiples; what is multiplied by, does
/// not.
TEST(Ranges, know_of_what_uniform_variates_are_multiples) {
  const struct {
    X (*of)(X u);
    double unit;
  } rows[] = {
      {[](X u) { return u; }, 0x1p-53},
      {[](X u) { return 1.0 - u; }, 0x1p-53},
      {[](X u) { return -(u + 3.0); }, 0x1p-53},
      {[](X u) { return u + 0x1p-60; }, 0x1p-60},
      {[](X u) { return select(u < 0.5, u, u.like(0.75)); }, 0x1p-53},
      {[](X u) { return u.like(-12.0); }, 4},
      {[](X u) { return u * u; }, 0},
      {[](X u) { return u + X(u.builder(), u.builder().scalar(0)); }, 0},
  };
  for (const auto& row : rows) {
    Builder b;
    const Value v = row.of(random::uniform(X(b, b.leaf(Op::seed)))).value();
    b.output(0, v);
    const ir::Kernel kernel = b.finish(1);
    EXPECT_EQ(Ranges(kernel)[v].unit, row.unit) << &row - rows;
  }
}

// ---- cores

struct CoreRow {
  Op op;
  double first, last;  ///< where the core is enough
};

constexpr CoreRow kCores[] = {
    {Op::exp_function, -708.0, 709.4}, {Op::log_function, 0x1p-1022, 0x1.fffffffffffffp1023},
    {Op::sin_function, -1e8, 1e8},     {Op::cos_function, -1e8, 1e8},
    {Op::tan_function, -1e8, 1e8},     {Op::normicdf_function, 0x1p-54, 1.0 - 0x1p-53},
};

/// f(x), where x is bounded by `first` and `last` if they are given.
ir::Kernel kernel_of(Op op, const CoreRow* bounds) {
  Builder b;
  X x(b, b.scalar(0));
  if (bounds != nullptr) x = bounded(x, bounds->first, bounds->last);
  b.output(0, apply(op, x).value());
  return lower(b.finish(1));
}

double value_of(const ir::Kernel& kernel, double x) {
  return testing::evaluate(kernel, {.seed = 1, .scalars = &x}, 0, 1)[0];
}

/// An argument of the row, of any magnitude in it.
double argument(const CoreRow& row, std::mt19937_64& random) {
  for (;;) {
    const auto any = std::bit_cast<double>(random());
    if (row.first <= any && any <= row.last) return any;
    const double even = row.first + (row.last - row.first) * static_cast<double>(random() >> 11) * 0x1p-53;
    if (random() % 2 == 0 && row.first <= even && even <= row.last) return even;
  }
}

TEST(Cores, give_the_bits_of_the_whole_function_for_less) {
  std::mt19937_64 random(1);
  for (const CoreRow& row : kCores) {
    const ir::Kernel whole = kernel_of(row.op, nullptr), core = kernel_of(row.op, &row);
    EXPECT_LT(core.nodes.size(), whole.nodes.size()) << ir::info(row.op).name;
    for (int k = 0; k < 5000; ++k) {
      const double x = k == 0 ? row.first : k == 1 ? row.last : argument(row, random);
      ASSERT_TRUE(testing::same_number(value_of(whole, x), value_of(core, x)))
          << ir::info(row.op).name << " of " << x;
    }
  }
}

/// A normal of a uniform variate by the core for multiples, and of what no longer is one by the other core,
/// in both precisions: the same bits for less.
TEST(Cores, of_multiples_give_the_bits_of_the_others) {
  for (const bool is_single : {false, true}) {
    const auto kernel = [&](bool is_multiple) {
      Builder b;
      const Value word = b.leaf(Op::seed);
      X u = random::uniform(is_single ? narrow(X(b, word)) : X(b, word));
      if (!is_multiple) u = bounded(u, is_single ? 0x1p-24 : 0x1p-53, is_single ? 1 - 0x1p-24 : 1 - 0x1p-53);
      const X normal = apply(Op::normicdf_function, u);
      b.output(0, is_single ? to_f64(normal).value() : normal.value());
      return lower(b.finish(0));
    };
    const ir::Kernel of_multiple = kernel(true), of_any = kernel(false);
    EXPECT_LT(of_multiple.nodes.size() + 2, of_any.nodes.size());
    std::mt19937_64 random(1);
    for (int k = 0; k < 20000; ++k) {
      const std::uint64_t word = k == 0 ? 0 : k == 1 ? ~std::uint64_t{0} : random() >> random() % 60;
      const auto value = [&](const ir::Kernel& by) { return testing::evaluate(by, {.seed = word}, 0, 1)[0]; };
      ASSERT_EQ(std::bit_cast<std::uint64_t>(value(of_multiple)), std::bit_cast<std::uint64_t>(value(of_any)))
          << word;
    }
  }
}

/// One step outside the whole function comes back.
TEST(Cores, are_not_for_arguments_that_may_lie_outside) {
  for (const CoreRow& row : kCores) {
    if (row.op == Op::log_function) continue;  // no number is larger than its last
    CoreRow wider = row;
    wider.last = std::nextafter(row.op == Op::normicdf_function ? 1.0 : row.last * 1.06, 1e300);
    wider.first = row.first;
    EXPECT_GE(kernel_of(row.op, &wider).nodes.size(), kernel_of(row.op, nullptr).nodes.size())
        << ir::info(row.op).name;
  }
}

}  // namespace
}  // namespace mc::passes
