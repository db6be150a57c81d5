// Bare expressions over arrays: maps and reductions through the API, against loops in C++.
#include <gtest/gtest.h>
#include <malloc.h>
#include <mc/mc.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/host.hpp"
#include "tests/support/cpu_back_ends.hpp"

namespace mc {
namespace {

template <class T>
std::vector<T> numbers(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> in(0, 100);
  std::vector<T> all(count);
  for (T& each : all) each = static_cast<T>(in(random));
  return all;
}

constexpr std::size_t kLengths[] = {0, 1, 2, 63, 64, 65, 1000, 8191, 8192, 8193, 100'003};

/// The contract's order for data, written down once more: 64 lanes, halves, the tree of tiles of 8192.
double in_order(std::size_t count, double start, const std::function<double(double, std::size_t)>& add,
                const std::function<double(double, double)>& merge) {
  std::vector<double> tiles;
  for (std::size_t first = 0; first < count; first += 8192) {
    std::vector<double> lanes(64, start);
    for (std::size_t k = first; k < std::min(count, first + 8192); ++k)
      lanes[(k - first) % 64] = add(lanes[(k - first) % 64], k);
    for (std::size_t half = 32; half > 0; half /= 2)
      for (std::size_t l = 0; l < half; ++l) lanes[l] = merge(lanes[l], lanes[l + half]);
    tiles.push_back(lanes[0]);
  }
  if (tiles.empty()) return start;
  const std::function<double(std::size_t, std::size_t)> run = [&](std::size_t at, std::size_t size) {
    return size == 1 ? tiles[at] : merge(run(at, size / 2), run(at + size / 2, size / 2));
  };
  double folded = 0;
  for (std::size_t at = 0; at < tiles.size();) {
    const std::size_t size = std::bit_floor(tiles.size() - at);
    folded = at == 0 ? run(at, size) : merge(folded, run(at, size));
    at += size;
  }
  return folded;
}

struct Way {
  Backend backend;
  unsigned bits, threads;
};

std::vector<Way> ways() {
  std::vector<Way> all;
  for (Backend backend : mc::testing::cpu_back_ends())
    for (unsigned bits : {128u, 256u, 512u})
      for (unsigned threads : {1u, 3u}) all.push_back({backend, bits, threads});
  return all;
}

void in_every_way(const std::function<void(const DataOptions&)>& body) {
  for (const Way& way : ways()) {
    SCOPED_TRACE("back end " + std::to_string(static_cast<int>(way.backend)) + ", " +
                 std::to_string(way.bits) + " bits, " + std::to_string(way.threads) + " threads");
    limit_vector_bits(way.bits);
    body({.backend = way.backend, .threads = way.threads});
  }
  limit_vector_bits(0);
}

TEST(DataReduce, AddsInTheOrderOfTheContract) {
  const Moment sum = compile("sum(x_i)"), squares = compile("sum(x_i^2)"), most = compile("max(abs(x - 50))");
  for (std::size_t count : kLengths) {
    SCOPED_TRACE(count);
    const auto x = numbers<double>(count, 1);
    const auto plus = [](double a, double b) { return a + b; };
    const double wanted = in_order(count, 0, [&](double s, std::size_t k) { return s + x[k]; }, plus);
    const double wanted_squares =
        in_order(count, 0, [&](double s, std::size_t k) { return std::fma(x[k], x[k], s); }, plus);
    double wanted_most = -INFINITY;
    for (double each : x) wanted_most = std::max(wanted_most, std::abs(each - 50));
    in_every_way([&](const DataOptions& options) {
      EXPECT_EQ(sum({{"x", x}}, options), wanted);
      EXPECT_EQ(squares({{"x", x}}, options), wanted_squares);
      EXPECT_EQ(most({{"x", x}}, options), wanted_most);
    });
  }
}

/// Of what no order matters to at this size, for whole numbers are exact.
struct Row {
  std::string_view program;
  std::function<double(const std::vector<double>& x, const std::vector<double>& y)> value;
};

double sum_of(std::size_t n, const std::function<double(std::size_t)>& f) {
  double sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += f(k);
  return sum;
}

const Row kRows[] = {
    {"sum(x_i*y_i)", [](auto& x, auto& y) { return sum_of(x.size(), [&](auto k) { return x[k] * y[k]; }); }},
    {"dot(x, y)", [](auto& x, auto& y) { return sum_of(x.size(), [&](auto k) { return x[k] * y[k]; }); }},
    {"mean(x)", [](auto& x, auto&) { return sum_of(x.size(), [&](auto k) { return x[k]; }) / x.size(); }},
    {"norm(x)^2",
     [](auto& x, auto&) {
       const double root = std::sqrt(sum_of(x.size(), [&](auto k) { return x[k] * x[k]; }));
       return root * root;
     }},
    {"sum((x_{i+1} - x_i)^2)",
     [](auto& x, auto&) {
       return sum_of(x.size() - 1, [&](auto k) { return (x[k + 1] - x[k]) * (x[k + 1] - x[k]); });
     }},
    {"sum(i*x_i)", [](auto& x, auto&) { return sum_of(x.size(), [&](auto k) { return (k + 1.0) * x[k]; }); }},
    {"dim(x) + x_1 - y_2", [](auto& x, auto& y) { return x.size() + x[0] - y[1]; }},
    {"min(x) + max(y)",
     [](auto& x, auto& y) { return *std::ranges::min_element(x) + *std::ranges::max_element(y); }},
    {"sum(x > 50) + sum(y_i*(x_i < 10))",
     [](auto& x, auto& y) {
       return sum_of(x.size(), [&](auto k) { return (x[k] > 50) + y[k] * (x[k] < 10); });
     }},
    {"if(any(x > 1000), 1, 0) + if(all(x >= 0), 10, 0)", [](auto&, auto&) { return 10.0; }},
    {"max(x - min(x))",
     [](auto& x, auto&) { return *std::ranges::max_element(x) - *std::ranges::min_element(x); }},
    {"sum(x_i*[1, 2, 3]_2)",
     [](auto& x, auto&) { return 2 * sum_of(x.size(), [&](auto k) { return x[k]; }); }},
    {"w = [1, 10, 100]; sum(sum(w_j*x_i, j = 1..3), i = 1..dim(x))",
     [](auto& x, auto&) { return 111 * sum_of(x.size(), [&](auto k) { return x[k]; }); }},
    {"sum(i + 0*x_1, i = 1..dim(x) + 2)",
     [](auto& x, auto&) { return sum_of(x.size() + 2, [&](auto k) { return k + 1.0; }); }},
    {"sum(i + 0*x_1, i = -3..dim(x) - 1)",
     [](auto& x, auto&) { return sum_of(x.size() + 3, [&](auto k) { return k - 3.0; }); }},
    {"sum(i, i = 1..dim(x)) + sum(1, i = 2..dim(x))",
     [](auto& x, auto&) { return sum_of(x.size(), [&](auto k) { return k + 2.0; }) - 1; }},
    {"w = [1, 10, 100]; m = sum(x_i); sum(w_i*m)",
     [](auto& x, auto&) { return 111 * sum_of(x.size(), [&](auto k) { return x[k]; }); }},
    {"sum(x_{i-2}*i)",
     [](auto& x, auto&) { return sum_of(x.size(), [&](auto k) { return x[k] * (k + 3); }); }},
    {"mean(x_{i+1} - x_i, i = 1..dim(x) - 1)*(dim(x) - 1)",
     [](auto& x, auto&) {
       return sum_of(x.size() - 1, [&](auto k) { return x[k + 1] - x[k]; }) / (x.size() - 1) * (x.size() - 1);
     }},
    {"sum(x_i, i = 2..min(dim(x), dim(x) - 1))",
     [](auto& x, auto&) { return sum_of(x.size() - 2, [&](auto k) { return x[k + 1]; }); }},
    {"sum(if(i > dim(x) - 3, x_i, 0))",
     [](auto& x, auto&) { return sum_of(3, [&](auto k) { return x[x.size() - 3 + k]; }); }},
};

TEST(DataReduce, GivesWhatTheExpressionSays) {
  auto x = numbers<double>(20'011, 2), y = numbers<double>(20'011, 3);
  for (double& each : x) each = std::floor(each);
  for (double& each : y) each = std::floor(each);
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.program);
    const Moment moment = compile(row.program);
    const double wanted = row.value(x, y);
    in_every_way([&](const DataOptions& options) {
      const bool has_y = row.program.find("y_") != std::string_view::npos ||
                         row.program.find("y)") != std::string_view::npos;
      EXPECT_EQ(has_y ? moment({{"x", x}, {"y", y}}, options) : moment({{"x", x}}, options), wanted);
    });
  }
}

TEST(DataReduce, GivesSeveralValuesAtOnce) {
  const auto x = numbers<double>(5000, 4);
  const Moment moment = compile("mean(x), mean(x^2) - mean(x)^2, max(x)");
  const auto values = moment.reduce({{"x", x}});
  ASSERT_EQ(values.size(), 3u);
  EXPECT_NEAR(values[0], 50, 2);
  EXPECT_NEAR(values[1], 1e4 / 12, 50);
  EXPECT_EQ(values[2], *std::ranges::max_element(x));
}

TEST(DataReduce, ReadsEveryTypeAndStride) {
  const auto f32 = numbers<float>(10'001, 5);
  const auto i64 = numbers<std::int64_t>(10'001, 6);
  const auto i32 = numbers<std::int32_t>(10'001, 7);
  const auto u8 = numbers<std::uint8_t>(10'001, 8);
  const Moment sum = compile("sum(x)");
  const auto check = [&](const auto& x) {
    double wanted = 0, every_third = 0;
    for (std::size_t k = 0; k < x.size(); ++k) wanted += std::floor(x[k]);
    for (std::size_t k = 0; k < x.size(); k += 3) every_third += std::floor(x[k]);
    const Moment floors = compile("sum(floor(x))");
    in_every_way([&](const DataOptions& options) {
      EXPECT_EQ(floors({{"x", x}}, options), wanted);
      EXPECT_EQ(floors({{"x", Input(x.data(), (x.size() + 2) / 3, 3)}}, options), every_third);
      EXPECT_EQ(floors({{"x", Input(x.data() + x.size() - 1, x.size(), -1)}}, options), wanted);
    });
  };
  check(f32), check(i64), check(i32), check(u8);
}

TEST(DataReduce, TakesNumbersForNames) {
  const std::vector<double> x{1, 2, 3};
  EXPECT_EQ(compile("sum((x_i - c)^2)")({{"x", x}, {"c", 2}}), 2);
}

TEST(DataReduce, BoundCallsGiveTheSame) {
  const auto x = numbers<double>(1000, 9);
  const auto y = numbers<float>(1000, 10);
  const Moment moment = compile("sum(x_i*y_i) + c");
  const Reduction bound = moment.bind({{"x", NumberType::f64}, {"y", NumberType::f32}}, {{"c", 3}});
  EXPECT_EQ(bound({x, y}), moment({{"x", x}, {"y", y}, {"c", 3}}));
  EXPECT_THROW(bound({x, x}), ArgumentError);
  EXPECT_THROW(bound({x}), ArgumentError);
  EXPECT_THROW(bound({x, std::span(y).first(3)}), ArgumentError);
}

TEST(DataReduce, LosesNoNaN) {
  for (std::size_t at : {0u, 3u, 500u, 999u}) {
    auto x = numbers<double>(1000, 11);
    x[at] = NAN;
    in_every_way([&](const DataOptions& options) {
      for (std::string_view program : {"sum(x)", "max(x)", "min(x)", "norm(x)", "prod(x)"})
        EXPECT_TRUE(std::isnan(compile(program)({{"x", x}}, options))) << program << " " << at;
      EXPECT_EQ(compile("sum(x != x)")({{"x", x}}, options), 1);
    });
  }
}

TEST(DataReduce, OfNothingIsWhatFoldsBeginWith) {
  const std::vector<double> none;
  EXPECT_EQ(compile("sum(x)")({{"x", none}}), 0);
  EXPECT_EQ(compile("prod(x)")({{"x", none}}), 1);
  EXPECT_EQ(compile("max(x)")({{"x", none}}), -INFINITY);
  EXPECT_EQ(compile("min(x)")({{"x", none}}), INFINITY);
  EXPECT_EQ(compile("norm(x)")({{"x", none}}), 0);
  EXPECT_EQ(compile("if(any(x > 0), 1, 2)")({{"x", none}}), 2);
  EXPECT_EQ(compile("if(all(x > 0), 1, 2)")({{"x", none}}), 1);
  for (std::string_view program : {"mean(x)", "Var(x)", "Std(x)", "Cov(x, x)", "Corr(x, x)"})
    EXPECT_TRUE(std::isnan(compile(program)({{"x", none}}))) << program;
}

/// No fewer than none.
TEST(DataReduce, OfRangesPastTheDataIsOfNothing) {
  for (std::size_t count : {0u, 5u, 8u, 9u}) {
    const std::vector<double> x(count, 7);
    const auto value = [&](std::string_view program) { return compile(program)({{"x", x}}); };
    EXPECT_EQ(value("sum(x_i, i = 9..dim(x))"), count == 9 ? 7 : 0);
    EXPECT_EQ(value("sum(x_{i+8})"), count == 9 ? 7 : 0);
    for (std::string_view program : {"mean(x_i, i = 9..dim(x))", "mean(x_{i+8})"})
      if (count == 9)
        EXPECT_EQ(value(program), 7) << program;
      else
        EXPECT_TRUE(std::isnan(value(program))) << program << " of " << count;
  }
}

// ---------------------------------------------------------------- maps

TEST(DataMap, GivesEachDatumItsValue) {
  const Moment moment = compile("a*b + sin(c)/sqrt(a*a + 1), a < b");
  for (std::size_t count : kLengths) {
    SCOPED_TRACE(count);
    const auto a = numbers<double>(count, 1), b = numbers<double>(count, 2);
    const auto c = numbers<float>(count, 3);
    std::vector<double> first;
    in_every_way([&](const DataOptions& options) {
      std::vector<double> out(count + 2, -1);
      std::vector<float> less(count + 1, -1);
      moment.map({Output(out.data() + 1, count), Output(less.data(), count)}, {{"a", a}, {"b", b}, {"c", c}},
                 options);
      EXPECT_EQ(out.front(), -1);
      EXPECT_EQ(out.back(), -1);
      EXPECT_EQ(less.back(), -1);
      for (std::size_t k = 0; k < count; ++k) {
        ASSERT_NEAR(out[k + 1],
                    a[k] * b[k] + std::sin(static_cast<double>(c[k])) / std::sqrt(a[k] * a[k] + 1), 1e-11);
        ASSERT_EQ(less[k], a[k] < b[k] ? 1.0F : 0.0F);
      }
      if (first.empty()) first = out;
      EXPECT_EQ(out, first);
    });
  }
}

TEST(DataMap, MultipliesFloatsExactlyAsFloats) {
  const auto a = numbers<float>(300'000, 4), b = numbers<float>(300'000, 5);
  const Moment product = compile("a*b");
  in_every_way([&](const DataOptions& options) {
    std::vector<float> out(a.size());
    product.map(out, {{"a", a}, {"b", b}}, options);
    for (std::size_t k = 0; k < a.size(); ++k) ASSERT_EQ(out[k], a[k] * b[k]);
  });
}

// ---------------------------------------------------------------- single precision

struct OfFloats {
  std::string_view program;
  std::function<double(float a, float b)> value;  ///< c is 0.1
};

const OfFloats kOfFloats[] = {
    {"a/b", [](float a, float b) { return a / b; }},
    {"a*b + a", [](float a, float b) { return std::fma(a, b, a); }},
    {"a*c", [](float a, float) { return a * 0.1F; }},
    {"a*0.1", [](float a, float) { return a * 0.1F; }},
    {"a*(c*c - 0.01)", [](float a, float) { return a * static_cast<float>(std::fma(0.1, 0.1, -0.01)); }},
    {"sqrt(a + b)", [](float a, float b) { return std::sqrt(a + b); }},
    {"double(a)*b", [](float a, float b) { return static_cast<double>(a) * b; }},
    {"if(a < b, a, 0.1)", [](float a, float b) { return a < b ? a : 0.1F; }},
};

/// As NumPy and Numba do: what the inputs are decides, and numbers beside them do not widen.
TEST(DataMap, ComputesWithFloatsWhereAllArraysAreOfFloats) {
  const auto a = numbers<float>(1000, 1), b = numbers<float>(1000, 2);
  for (const OfFloats& row : kOfFloats) {
    SCOPED_TRACE(row.program);
    const Moment moment = compile(row.program);
    std::vector<NamedInput> inputs{{"a", a}};
    if (row.program.find('b') != std::string_view::npos) inputs.push_back({"b", b});
    if (row.program.find('c') != std::string_view::npos) inputs.push_back({"c", 0.1});
    in_every_way([&](const DataOptions& options) {
      std::vector<double> out(a.size());
      const Output to(out);
      moment.map(std::span(&to, 1), inputs, options);
      for (std::size_t k = 0; k < a.size(); ++k) ASSERT_EQ(out[k], row.value(a[k], b[k])) << k;
    });
  }
}

TEST(DataMap, ComputesWithDoublesWhereOneArrayIsOfAnything) {
  const auto a = numbers<float>(1000, 1);
  const auto b = numbers<std::uint8_t>(1000, 2);
  std::vector<double> out(a.size());
  compile("a/3 + b").map(out, {{"a", a}, {"b", b}});
  for (std::size_t k = 0; k < a.size(); ++k) ASSERT_EQ(out[k], static_cast<double>(a[k]) / 3 + b[k]);
}

TEST(DataReduce, FoldsFloatsInDoubles) {
  const auto x = numbers<float>(20'001, 3);
  const auto plus = [](double s, double y) { return s + y; };
  const double squares = in_order(
      x.size(), 0, [&](double s, std::size_t k) { return s + static_cast<double>(x[k] * x[k]); }, plus);
  const double sum = in_order(x.size(), 0, [&](double s, std::size_t k) { return s + x[k]; }, plus);
  const double mean = sum / static_cast<double>(x.size());
  const double about = in_order(
      x.size(), 0,
      [&](double s, std::size_t k) {
        const float off = x[k] - static_cast<float>(mean);
        return s + static_cast<double>(off * off);
      },
      plus);
  in_every_way([&](const DataOptions& options) {
    EXPECT_EQ(compile("sum(x_i^2)")({{"x", x}}, options), squares);
    EXPECT_EQ(compile("mean(x)")({{"x", x}}, options), mean);
    EXPECT_EQ(compile("m = mean(x); sum((x - m)^2)")({{"x", x}}, options), about);
    EXPECT_EQ(compile("x_7 + max(x)")({{"x", x}}, options),
              static_cast<double>(x[6]) + *std::ranges::max_element(x));
  });
}

// ---------------------------------------------------------------- past the caches, in place, in strides

TEST(DataMap, WritesPastTheCachesTheSame) {
  const std::size_t count = 12'000'000;  // 288 MB in all, more than a cache
  std::vector<double> a(count), b(count), out(count + 3), wanted(count);
  for (std::size_t k = 0; k < count; ++k) a[k] = static_cast<double>(k), b[k] = 3;
  // With `automatic` the first call asks for machine code, and the next one for such that writes past caches.
  const Moment compiled = compile("a*b + 1"), automatic = compile("a*b + 1");
  const std::tuple<Moment, Backend, std::size_t> calls[] = {
      {compiled, Backend::llvm, 0},       {compiled, Backend::llvm, 3},
      {automatic, Backend::automatic, 0}, {automatic, Backend::automatic, 0},
      {automatic, Backend::automatic, 0}, {automatic, Backend::automatic, 3}};
  for (const auto& [moment, backend, shift] : calls) {
    std::ranges::fill(out, 0);
    moment.map(Output(out.data() + shift, count), {{"a", a}, {"b", b}}, {.backend = backend});
    for (std::size_t k = 0; k < count; ++k) ASSERT_EQ(out[k + shift], 3.0 * static_cast<double>(k) + 1) << k;
  }
}

TEST(DataMap, WritesOneNumberAtAnyStride) {
  double one = 0;
  const std::vector<double> four{4};
  compile("2*a").map(Output(&one, 1, 0), {{"a", four}});
  EXPECT_EQ(one, 8);
}

TEST(DataMap, MayWriteWhereItReads) {
  const Moment swap = compile("b, a");
  in_every_way([&](const DataOptions& options) {
    auto a = numbers<double>(10'000, 6), b = numbers<double>(10'000, 7);
    const auto a0 = a, b0 = b;
    swap.map({a, b}, {{"a", a}, {"b", b}}, options);
    EXPECT_EQ(a, b0);
    EXPECT_EQ(b, a0);
  });
}

TEST(DataMap, WritesColumnsBesideThoseItReads) {
  for (const auto& [from, to] : {std::pair(2, 0), std::pair(0, 2), std::pair(1, 0)}) {
    auto table = numbers<double>(3000, 12);
    const auto before = table;
    compile("2*x").map(Output(table.data() + to, 1000, 3), {{"x", Input(table.data() + from, 1000, 3)}});
    for (std::size_t k = 0; k < 1000; ++k) ASSERT_EQ(table[3 * k + to], 2 * before[3 * k + from]);
  }
}

TEST(DataMap, ReadsAndWritesStrides) {
  auto table = numbers<double>(3000, 8);
  const auto before = table;
  compile("2*x + c").map(Output(table.data() + 1, 1000, 3), {{"x", Input(table.data(), 1000, 3)}, {"c", 1}});
  for (std::size_t k = 0; k < table.size(); ++k)
    ASSERT_EQ(table[k], k % 3 == 1 ? 2 * before[k - 1] + 1 : before[k]);
}

/// The second pass is shorter than the first by one.
TEST(DataReduce, TellsHowFarAllPassesAre) {
  const std::vector<double> x = numbers<double>(std::size_t{1} << 20, 3);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> told;
  DataOptions options{.backend = Backend::interpreter, .threads = 1};
  options.progress = [&](std::uint64_t done, std::uint64_t all) { told.emplace_back(done, all); };
  compile("m = mean(x); sum((x_i - m)*(x_{i+1} - m))")({{"x", x}}, options);
  ASSERT_FALSE(told.empty());
  for (const auto& [done, all] : told) EXPECT_EQ(all, 2 * x.size() - 1);
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back().first, 2 * x.size() - 1);
}

/// Bytes that the process has taken from its heap; nothing where the C library does not tell.
std::optional<double> bytes_in_use() {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  if (const std::size_t bytes = mallinfo2().uordblks; bytes > 0) return static_cast<double>(bytes);
#endif
  return std::nullopt;  // a sanitizer's allocator says 0
}

/// Each name is an array or a number, and each way a kernel of its own.
TEST(Data, AMomentKeepsABoundedNumberOfKernels) {
  const auto start = bytes_in_use();
  if (!start) GTEST_SKIP() << "nobody tells what the heap holds";
  std::string text = "a + b + c + d + p + q + r";
  for (int k = 1; k < 300; ++k) text += " + exp(a*" + std::to_string(k) + ")";
  const Moment map = compile(text), reduction = compile("sum(" + text + ")");
  const std::vector<double> three{1, 2, 3};
  std::vector<double> out(3);
  constexpr const char* kNames[] = {"a", "b", "c", "d", "p", "q", "r"};
  const auto call_ways = [&](unsigned first, unsigned last) {
    for (unsigned way = first; way < last; ++way) {
      std::vector<NamedInput> inputs;
      for (unsigned k = 0; k < 7; ++k)
        inputs.push_back({kNames[k], k == 0 || (way >> (k - 1) & 1) != 0 ? Input(three) : Input(1.0)});
      const Output output(out);
      map.map(std::span(&output, 1), inputs, {.backend = Backend::interpreter});
      reduction.reduce(inputs, {.backend = Backend::interpreter});
    }
    return *bytes_in_use();
  };
  const double of_one = call_ways(0, 1) - *start;
  const double half = call_ways(1, 45), all = call_ways(45, 64);
  EXPECT_GT(half - *start, 10 * of_one) << "some are kept";
  EXPECT_LT(all - half, 3 * of_one) << "and no more than that";
}

}  // namespace
}  // namespace mc
