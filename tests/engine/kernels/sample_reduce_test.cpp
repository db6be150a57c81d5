// The whole kernel on every back end, against the same samples drawn and added up in plain C++.
#include "engine/kernels/sample_reduce.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "engine/ir/verify.hpp"
#include "engine/passes/passes.hpp"
#include "tests/engine/kernels/back_ends.hpp"
#include "tests/engine/kernels/lanes.hpp"
#include "tests/engine/random/reference.hpp"

namespace mc::testing {
namespace {

using ir::Builder;
using ir::X;
using kernels::kLanes;
using kernels::kTileSamples;
using random::Generator;

/// u and w being a sample's two draws: {u + offset, u·w}; {w − 1/2} with its higher moments; both of these
/// again with higher moments; and u + offset with the weight w − 1/2 where that is positive, else 0.
const std::vector<Group> kGroups{{2, 2}, {1, 4}, {2, 4}, {1, 4, true}};

std::vector<X> sample(Builder& b, random::Stream& stream) {
  stream.align();
  const X u = random::uniform(stream.draw(b));
  const X w = random::uniform(stream.draw(b));
  const X first = u + X(b, b.scalar(0)), second = u * w, third = w - 0.5;
  return {first, second, third, first, third, max(third, third.like(0.0)), first};
}

/// The same, as a group's inputs.
Values inputs(std::size_t group, double u, double w, double offset) {
  switch (group) {
    case 0:
      return {u + offset, u * w};
    case 1:
      return {w - 0.5};
    case 2:
      return {u + offset, w - 0.5};
    default:
      return {std::max(w - 0.5, 0.0), u + offset};
  }
}

/// Where u < threshold the first group's first value is infinite, where w < threshold its second value is
/// NaN; the weighted group's value is NaN where its weight is 0, and where u < threshold.
std::vector<X> broken_sample(Builder& b, random::Stream& stream) {
  std::vector<X> values = sample(b, stream);
  const X threshold(b, b.scalar(1));
  values[0] =
      select(values[0] - X(b, b.scalar(0)) < threshold, std::numeric_limits<double>::infinity(), values[0]);
  values[1] = select(values[2] + 0.5 < threshold, std::numeric_limits<double>::quiet_NaN(), values[1]);
  const X u = values[6] - X(b, b.scalar(0));
  values[6] =
      select((values[5] == 0.0) | (u < threshold), std::numeric_limits<double>::quiet_NaN(), values[6]);
  return values;
}

struct Drawn {
  double u, w;
};

Drawn draw(Generator generator, std::uint64_t seed, std::uint64_t tile, unsigned lane, unsigned step) {
  LaneWords words(generator, seed, tile, lane);
  for (unsigned k = 0; k < step; ++k) {
    for (int draw = 0; draw < 2; ++draw) words.next();
    words.next_sample();
  }
  const double u = uniform(words.next());
  return {u, uniform(words.next())};
}

/// The samples of a tile in the order of their numbers.
std::vector<Drawn> draw_all(Generator generator, std::uint64_t seed, std::uint64_t tile,
                            std::uint64_t samples) {
  std::vector<Drawn> all;
  for (unsigned s = 0; s < samples; ++s) all.push_back(draw(generator, seed, tile, s % kLanes, s / kLanes));
  return all;
}

std::unique_ptr<kernels::Executable> make(const BackEnd& back_end, Generator generator, bool screened,
                                          const kernels::Sample& body) {
  const ir::Kernel kernel = kernels::sample_reduce({generator, kGroups, screened}, body, 2);
  EXPECT_TRUE(ir::verify(kernel, ir::Level::functions).empty());
  return back_end.make(passes::lower(kernel));
}

struct Parameters {
  double offset = 0, threshold = 0;
};

std::vector<double> tile_record(const kernels::Executable& executable, const Layout& layout,
                                std::uint64_t tile, std::uint64_t samples, const Parameters& parameters) {
  const double scalars[] = {parameters.offset, parameters.threshold};
  kernels::TileWorkspace workspace;
  workspace.reserve(layout, executable);
  std::vector<double> record(layout.size);
  kernels::compute_tile(layout, executable, {.seed = 3, .tile = tile, .scalars = scalars}, samples, workspace,
                        record.data());
  return record;
}

void expect_group(const GroupLayout& at, const std::vector<double>& record, std::span<const Values> samples,
                  double tolerance) {
  std::vector<double> expected(at.start + at.kernel_size());
  two_pass(at, samples, expected.data() + at.start, 1);
  const double scale = std::max<double>(1, static_cast<double>(samples.size()));
  for (std::size_t k = at.mean(0); k < expected.size(); ++k)
    ASSERT_NEAR(record[k], expected[k], tolerance * scale) << "number " << k - at.start;
  ASSERT_EQ(record[at.count()], expected[at.count()]);
}

class OnBackEnd : public ::testing::TestWithParam<std::size_t> {
 protected:
  const BackEnd back_end = back_ends()[GetParam()];
  const Layout layout = layout_of(kGroups);
};

INSTANTIATE_TEST_SUITE_P(All, OnBackEnd, ::testing::Range(std::size_t{0}, back_ends().size()),
                         [](const auto& info) {
                           std::string name = back_ends()[info.param].name;
                           std::ranges::replace(name, ' ', '_');
                           return name;
                         });

/// Every sample of a partial tile is taken, none twice, none beyond.
TEST_P(OnBackEnd, TakesExactlyTheSamplesOfATile) {
  for (Generator generator : kGenerators) {
    const auto executable = make(back_end, generator, false, sample);
    for (std::uint64_t samples : {1, 2, 15, 31, 100, 255, 256, 257, 300, 511, 512, 1000, 5000, 8191, 8192}) {
      SCOPED_TRACE(std::string(random::name(generator)) + ", samples " + std::to_string(samples));
      const std::uint64_t tile = samples % 3 * 1000;
      const std::vector<double> record = tile_record(*executable, layout, tile, samples, {.offset = 2});
      for (std::size_t g = 0; g < kGroups.size(); ++g) {
        std::vector<Values> taken;
        for (const Drawn& d : draw_all(generator, 3, tile, samples)) taken.push_back(inputs(g, d.u, d.w, 2));
        expect_group(layout.groups[g], record, taken, 1e-14);
      }
      EXPECT_EQ(record[layout.groups[0].nonfinite()], 0);
      EXPECT_EQ(record[layout.groups[0].first()], std::numeric_limits<double>::infinity());
    }
  }
}

TEST_P(OnBackEnd, GivesTheBitsOfTheFirstBackEnd) {
  for (Generator generator : kGenerators)
    for (bool screened : {false, true}) {
      const auto first = make(back_ends()[0], generator, screened, broken_sample);
      const auto here = make(back_end, generator, screened, broken_sample);
      for (std::uint64_t samples : {77, 300, 8192}) {
        const Parameters parameters{.offset = 1e3, .threshold = screened ? 0.1 : -1};
        const auto a = tile_record(*first, layout, 5, samples, parameters);
        const auto b = tile_record(*here, layout, 5, samples, parameters);
        for (std::size_t k = 0; k < a.size(); ++k)
          ASSERT_EQ(std::bit_cast<std::uint64_t>(a[k]), std::bit_cast<std::uint64_t>(b[k])) << k;
      }
    }
}

TEST_P(OnBackEnd, ScreenedKernelAgreesWhereAllIsFinite) {
  const auto fast = make(back_end, Generator::xoshiro256pp, false, sample);
  const auto screened = make(back_end, Generator::xoshiro256pp, true, sample);
  for (std::uint64_t samples : {1, 100, 300, 8192})
    EXPECT_EQ(tile_record(*fast, layout, 1, samples, {}), tile_record(*screened, layout, 1, samples, {}));
}

TEST_P(OnBackEnd, ScreenedKernelLeavesOutAndCountsPerGroup) {
  constexpr std::uint64_t kTile = 12;
  constexpr double kThreshold = 0.05;
  const auto executable = make(back_end, Generator::xoshiro256pp, true, broken_sample);
  for (std::uint64_t samples : {1, 300, 1000, 8192}) {
    std::vector<Values> first, second, weighted;
    double dropped = 0, first_dropped = std::numeric_limits<double>::infinity();
    std::uint64_t number = kTile * kTileSamples;
    for (const Drawn& d : draw_all(Generator::xoshiro256pp, 3, kTile, samples)) {
      second.push_back({d.w - 0.5});
      if (d.w <= 0.5 || d.u >= kThreshold) weighted.push_back(inputs(3, d.u, d.w, 0));
      if (d.u < kThreshold || d.w < kThreshold) {
        if (dropped++ == 0) first_dropped = static_cast<double>(number);
      } else {
        first.push_back({d.u, d.u * d.w});
      }
      ++number;
    }
    const auto record = tile_record(*executable, layout, kTile, samples, {.threshold = kThreshold});
    expect_group(layout.groups[0], record, first, 1e-14);
    expect_group(layout.groups[1], record, second, 1e-14);
    expect_group(layout.groups[3], record, weighted, 1e-14);
    EXPECT_EQ(record[layout.groups[0].nonfinite()], dropped);
    EXPECT_EQ(record[layout.groups[0].first()], first_dropped);
    EXPECT_EQ(record[layout.groups[1].nonfinite()], 0);
  }
}

TEST_P(OnBackEnd, ScreenedKernelMayBeLeftWithNothing) {
  const auto executable = make(back_end, Generator::xoshiro256pp, true, broken_sample);
  const auto record = tile_record(*executable, layout, 0, 1000, {.threshold = 2});
  const GroupLayout& at = layout.groups[0];
  EXPECT_EQ(record[at.count()], 0);
  EXPECT_EQ(record[at.nonfinite()], 1000);
  EXPECT_EQ(record[at.first()], 0);
  EXPECT_EQ(record[at.mean(0)], 0);
  EXPECT_EQ(record[at.comoment(0, 1)], 0);
  EXPECT_EQ(record[layout.groups[1].count()], 1000);
}

TEST_P(OnBackEnd, FastKernelShowsThatSomethingWasNotFinite) {
  const auto executable = make(back_end, Generator::xoshiro256pp, false, broken_sample);
  EXPECT_FALSE(
      kernels::is_finite(layout, tile_record(*executable, layout, 0, 8192, {.threshold = 1e-3}).data()));
  EXPECT_TRUE(
      kernels::is_finite(layout, tile_record(*executable, layout, 0, 8192, {.threshold = -1}).data()));
}

TEST_P(OnBackEnd, KeepsAVarianceFarFromZero) {
  const auto executable = make(back_end, Generator::xoshiro256pp, false, sample);
  const auto record = tile_record(*executable, layout, 0, 8192, {.offset = 1e9});
  std::vector<Values> exact;
  for (const Drawn& d : draw_all(Generator::xoshiro256pp, 3, 0, 8192)) exact.push_back({d.u + 1e9, 0});
  std::vector<double> expected(layout.size);
  two_pass(layout.groups[0], exact, expected.data(), 1);
  const std::size_t at = layout.groups[0].comoment(0, 0);
  EXPECT_NEAR(record[at] / expected[at], 1, 1e-7);
}

TEST(SampleReduce, WantsAsManyValuesAsTheGroupsHave) {
  const auto build = [](std::size_t values) {
    const kernels::Sample body = [values](Builder& b, random::Stream& stream) {
      return std::vector<X>(values, random::uniform(stream.draw(b)));
    };
    return kernels::sample_reduce({.groups = kGroups}, body, 0);
  };
  EXPECT_NO_THROW(build(7));
  EXPECT_THROW(build(6), std::invalid_argument);
  EXPECT_THROW(build(8), std::invalid_argument);
}

}  // namespace
}  // namespace mc::testing
