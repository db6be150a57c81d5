// Maps and reductions over data on every back end, bit for bit what a loop in C++ gives.
#include "engine/kernels/data.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "engine/ir/text.hpp"
#include "engine/ir/verify.hpp"
#include "engine/passes/passes.hpp"
#include "tests/engine/kernels/back_ends.hpp"
#include "tests/support/evaluate.hpp"

namespace mc::testing {
namespace {

using ir::Builder;
using ir::Type;
using ir::X;
using kernels::Fold;

template <class T>
std::vector<T> numbers(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> in(-2, 3);
  std::vector<T> all(count);
  for (T& each : all) each = static_cast<T>(in(random));
  return all;
}

/// a·b + exp(c), and whether a < b, of two arrays of doubles and one of floats.
std::vector<X> two_values(Builder&, std::span<const X> data, X) {
  const X c = to_f64(data[2]);
  return {data[0] * data[1] + apply(ir::Op::exp_function, c), data[0] < data[1]};
}

ir::Kernel two_maps() {
  return passes::lower(kernels::map(std::array{Type::f64, Type::f64, Type::f32},
                                    std::array{Type::f64, Type::f32}, two_values, 0));
}

TEST(Map, GivesTheReferencesBitsOnEveryBackEnd) {
  constexpr std::uint32_t kSteps = 5;
  const ir::Kernel kernel = two_maps();
  ASSERT_EQ(ir::verify(kernel, ir::Level::primitives), std::vector<std::string>{});
  struct Way {
    std::uint64_t lanes, rest;
  };
  for (const auto& [lanes, rest] : {Way{256, 0}, Way{128, 0}, Way{256, 1}, Way{256, 255}, Way{128, 40}}) {
    SCOPED_TRACE(std::to_string(lanes) + " lanes, rest " + std::to_string(rest));
    const std::size_t count = lanes * kSteps + rest;
    auto a = numbers<double>(count, 1), b = numbers<double>(count, 2);
    auto c = numbers<float>(count, 3);
    std::vector<double> wanted(count), sums(count);
    std::vector<float> wanted_less(count), less(count);
    void* reference[] = {a.data(), b.data(), c.data(), wanted.data(), wanted_less.data()};
    for (std::uint64_t lane = 0; lane < lanes; ++lane)
      evaluate(kernel, {.data = reference, .lanes = lanes}, lane, kSteps + (lane < rest ? 1 : 0));
    EXPECT_EQ(wanted_less[7], a[7] < b[7] ? 1.0F : 0.0F);
    for (const BackEnd& back_end : back_ends()) {
      SCOPED_TRACE(back_end.name);
      const auto executable = back_end.make(kernel);
      void* data[] = {a.data(), b.data(), c.data(), sums.data(), less.data()};
      std::ranges::fill(sums, 0);
      std::ranges::fill(less, 0);
      kernels::Buffer scratch;
      scratch.reserve(executable->scratch_bytes());
      ASSERT_TRUE(executable->run({.data = data, .lanes = lanes, .rest = rest}, 0,
                                  static_cast<unsigned>(lanes), kSteps, nullptr, scratch.data()));
      EXPECT_EQ(sums, wanted);
      EXPECT_EQ(less, wanted_less);
    }
  }
}

TEST(Map, MayWriteWhereItReads) {
  const ir::Kernel kernel = passes::lower(kernels::map(
      std::array{Type::f64, Type::f64}, std::array{Type::f64, Type::f64},
      [](Builder&, std::span<const X> data, X) {
        return std::vector<X>{data[0] + data[1], data[0] - data[1]};
      },
      0));
  for (const BackEnd& back_end : back_ends()) {
    SCOPED_TRACE(back_end.name);
    auto a = numbers<double>(512, 4), b = numbers<double>(512, 5);
    const auto a0 = a, b0 = b;
    void* data[] = {a.data(), b.data(), b.data(), a.data()};  // crosswise
    const auto executable = back_end.make(kernel);
    kernels::Buffer scratch;
    scratch.reserve(executable->scratch_bytes());
    executable->run({.data = data, .lanes = 256}, 0, 256, 2, nullptr, scratch.data());
    for (std::size_t k = 0; k < a.size(); ++k) {
      ASSERT_EQ(b[k], a0[k] + b0[k]);
      ASSERT_EQ(a[k], a0[k] - b0[k]);
    }
  }
}

TEST(Reduce, GivesTheBitsOfItsOrderOnEveryBackEnd) {
  constexpr Fold kFolds[] = {Fold::sum, Fold::product, Fold::minimum, Fold::maximum};
  const ir::Kernel kernel = passes::lower(kernels::reduce(
      std::array{Type::f64, Type::f32}, kFolds,
      [](Builder&, std::span<const X> data, X) {
        return std::vector<X>{data[0] * data[0], data[0], to_f64(data[1]), data[1]};
      },
      0));
  ASSERT_EQ(ir::verify(kernel, ir::Level::primitives), std::vector<std::string>{});
  struct Length {
    std::uint32_t steps, rest;
  };
  for (const auto& [steps, rest] : {Length{9, 0}, Length{9, 40}, Length{2, 63}, Length{2, 1}, Length{0, 17}})
    for (const BackEnd& back_end : back_ends()) {
      SCOPED_TRACE(back_end.name + ", " + std::to_string(steps) + " steps and " + std::to_string(rest));
      // On the heap and no longer than this: a read beyond the end is a sanitizer's to find.
      auto a = numbers<double>(kernels::kReduceLanes * steps + rest, 6);
      auto b = numbers<float>(kernels::kReduceLanes * steps + rest, 7);
      const std::size_t odd = std::min<std::size_t>(70, b.size() - 1);
      b[odd] = NAN;
      const auto executable = back_end.make(kernel);
      ASSERT_EQ(kernels::kReduceLanes % executable->granule(), 0u);
      kernels::Buffer scratch;
      scratch.reserve(executable->scratch_bytes());
      std::vector<double> out(std::size(kFolds) * kernels::kLanes);
      void* data[] = {a.data(), b.data()};
      executable->run({.data = data, .lanes = kernels::kReduceLanes, .rest = rest}, 0, kernels::kReduceLanes,
                      steps, out.data(), scratch.data());
      for (unsigned lane = 0; lane < kernels::kReduceLanes; ++lane) {
        double folded[] = {0, 1, INFINITY, -INFINITY};
        for (std::uint32_t s = 0; s < steps + (lane < rest ? 1 : 0); ++s) {
          const std::size_t at = s * kernels::kReduceLanes + lane;
          const double values[] = {a[at] * a[at], a[at], b[at], b[at]};
          folded[0] = std::fma(a[at], a[at], folded[0]);  // as a product that a sum takes is contracted
          for (unsigned k = 1; k < 4; ++k) folded[k] = kernels::step(kFolds[k], folded[k], values[k]);
        }
        for (unsigned k = 0; k < 4; ++k)
          ASSERT_TRUE(same_number(folded[k], out[k * kernels::kLanes + lane])) << k << " " << lane;
        EXPECT_EQ(std::isnan(folded[2]), lane == odd % kernels::kReduceLanes);
      }
    }
}

TEST(Reduce, FoldsLanesByHalvesOnEveryInstructionSet) {
  for (const unsigned bits : {128u, 256u, 512u}) {
    limit_vector_bits(bits);
    for (const Fold fold : {Fold::sum, Fold::product, Fold::minimum, Fold::maximum})
      for (const std::size_t odd : {0u, 1u, 37u, 63u, 64u}) {  // 64: none
        auto lanes = numbers<double>(kernels::kReduceLanes + 1, 9);
        lanes[odd] = NAN;
        auto by_halves = lanes;
        for (unsigned half = kernels::kReduceLanes / 2; half > 0; half /= 2)
          for (unsigned l = 0; l < half; ++l)
            by_halves[l] = kernels::step(fold, by_halves[l], by_halves[l + half]);
        EXPECT_TRUE(same_number(kernels::fold_lanes(fold, lanes.data()), by_halves[0])) << bits << " " << odd;
        EXPECT_EQ(std::isnan(by_halves[0]), odd < kernels::kReduceLanes);
      }
  }
  limit_vector_bits(0);
}

TEST(Reduce, FoldsTilesOverTheTreeOfAlignedRuns) {
  const auto records = numbers<double>(13, 8);
  const auto& r = records;
  const double eight = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  const double four = (r[8] + r[9]) + (r[10] + r[11]);
  auto scratch = records;
  EXPECT_EQ(kernels::fold_tiles(Fold::sum, scratch.data(), 13, 1), (eight + four) + r[12]);
  EXPECT_EQ(kernels::fold_tiles(Fold::sum, scratch.data(), 0, 1), 0);
}

TEST(DataText, SurvivesPrintingAndParsing) {
  const std::string text = ir::print(two_maps());
  EXPECT_NE(text.find("outputs 0 data 5 (f64 f64 f32 f64:put f32:put)"), std::string::npos) << text;
  const auto parsed = ir::parse(text);
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(ir::print(*parsed), text);
}

struct Refused {
  std::string_view body, message;
};

TEST(DataText, RefusesWhatWouldReachOutside) {
  constexpr std::string_view kHeader = "kernel scalars 0 arrays 0 outputs 0 data 2 (f64 f32:put)\n";
  const Refused rows[] = {
      {"%0 = constant u32 5\n%1 = datum_f64 f64 0, %0", "its step is not a loop's counter"},
      {"%0 = constant u32 5\n%1 = loop %0 () { %2 ->\n%3 = datum_f64 f64 0, %2\n}", ""},
      {"%0 = steps u32\nloop %0 () { %2 ->\n%3 = datum_f64 f64 2, %2\n}", "data array 2 of 2"},
      {"%0 = steps u32\nloop %0 () { %2 ->\n%3 = datum_f32 f32 0, %2\n}", "f32 in an array of f64"},
      {"%0 = steps u32\nloop %0 () { %2 ->\n%3 = datum_f32 f32 1, %2\n}", "the array is there for the other"},
      {"%0 = steps u32\nloop %0 () { %2 ->\n%3 = datum_f64 f64 0, %2\nput 1, %2, %3\n}",
       "f64 in an array of f32"},
      {"%0 = constant u32 5\nloop %0 () { %2 ->\n%3 = datum_f64 f64 0, %2\n}",
       "its step counts another loop"},
  };
  for (const Refused& row : rows) {
    const auto parsed = ir::parse(std::string(kHeader) + std::string(row.body));
    ASSERT_FALSE(parsed) << row.body;
    EXPECT_NE(parsed.error().find(row.message), std::string::npos) << parsed.error();
  }
}

}  // namespace
}  // namespace mc::testing
