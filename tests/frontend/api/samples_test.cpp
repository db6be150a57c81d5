// Moment::sample: the very numbers that an estimate is made of. Taken as the rows of a program of their own,
// they give its bits.
#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/host.hpp"
#include "tests/support/cpu_back_ends.hpp"

namespace mc {
namespace {

/// A program, and what the same query is of its samples and weights: r_1 and r_2.
struct Sampled {
  const char *name, *program, *of_rows;
  Options options = {};
};

const Sampled kSampled[] = {
    {"sums", "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", "E[r_1]"},
    {"normal", "x ~ normal(0, 1)^3; E[max(x)]", "E[r_1]"},
    {"rejection", "x ~ gamma(0.7, 2); E[x]", "E[r_1]"},
    {"stored", "x ~ uniform(0, 1)^5; E[sum((x_i - mean(x))^2)]", "E[r_1]"},
    {"covariance", "x ~ mvnormal([1, 2], [[2, 1], [1, 3]]); E[x_1*x_2]", "E[r_1]"},
    {"integers", "x ~ poisson(4); E[x]", "E[r_1]"},
    {"probability", "x ~ normal(0, 1)^2; P[x_1 > x_2]", "P[r_1 > 0]"},
    {"variance", "x ~ uniform(0, 1); Var[x^2]", "Var[r_1]"},
    {"deviation", "x ~ exponential(2); Std[x]", "Std[r_1]"},
    {"condition", "x ~ normal(0, 1); E[x | x > 0.3]", "E[r_1 | r_2 > 0]"},
    {"conditional_probability", "x ~ normal(0, 1)^2; P[x_1 > 0 | x_2 > 0.5]", "P[r_1 > 0 | r_2 > 0]"},
    {"conditional_variance", "x ~ normal(0, 1); Var[x | x > 0]", "Var[r_1 | r_2 > 0]"},
    {"density", "x ~ density(2*x, 0, 1); E[x]", "E[r_1*r_2]"},
    {"parameter", "x ~ normal(m, s); E[exp(x)]", "E[r_1]", {.parameters = {{"m", 0.5}, {"s", 2}}}},
    {"philox", "x ~ gamma(3, 1); E[x^2]", "E[r_1]", {.generator = Generator::philox4x32}},
    {"floats", "x ~ normal(0, 1)^4; E[sum(x_i^2)]", "E[r_1]", {.precision = Precision::f32}},
    {"constant", "E[3]", "E[r_1]"},
};

std::ostream& operator<<(std::ostream& out, const Sampled& sampled) { return out << sampled.program; }

class SamplesOf : public ::testing::TestWithParam<Sampled> {};

/// Samples and weights, side by side.
std::vector<double> drawn(const Moment& moment, std::size_t count, const Options& options) {
  std::vector<double> values(count, NAN), weights(count, NAN), rows;
  moment.sample({.values = values, .weights = weights}, options);
  for (std::size_t k = 0; k < count; ++k) rows.insert(rows.end(), {values[k], weights[k]});
  return rows;
}

TEST_P(SamplesOf, AreWhatTheEstimateIsMadeOf) {
  const Moment moment = compile(GetParam().program);
  const Moment of_rows = compile(std::string("r ~ rows(A); ") + GetParam().of_rows);
  for (const std::size_t count : {1u, 255u, 257u, 8192u, 8193u, 30000u})
    for (const Backend backend : mc::testing::cpu_back_ends()) {
      SCOPED_TRACE(std::to_string(count) + " samples, back end " + std::to_string(static_cast<int>(backend)));
      Options options = GetParam().options;
      options.samples = count;
      options.backend = backend;
      options.seed = 5;
      const std::vector<double> rows = drawn(moment, count, options);
      const Estimate direct = moment.estimate(options);
      const Estimate again =
          of_rows.estimate({.samples = count, .parameters = {{"A", Parameter(count, 2, rows)}}});
      EXPECT_EQ(std::bit_cast<std::uint64_t>(direct.value), std::bit_cast<std::uint64_t>(again.value))
          << direct.value << " " << again.value;
      EXPECT_EQ(direct.standard_error, again.standard_error);
      EXPECT_EQ(direct.samples, again.samples);
    }
}
INSTANTIATE_TEST_SUITE_P(Programs, SamplesOf, ::testing::ValuesIn(kSampled),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Samples, AreTheSameByAnyVectorsAndThreads) {
  const Moment moment = compile("x ~ gamma(0.7, 2)^3; E[max(x)]");
  std::vector<double> wanted(20001);
  moment.sample({wanted}, {.backend = Backend::interpreter, .threads = 1});
  for (const unsigned bits : {128u, 256u, 512u})
    for (const unsigned threads : {1u, 3u}) {
      limit_vector_bits(bits);
      std::vector<double> values(wanted.size());
      moment.sample({values}, {.backend = Backend::llvm, .threads = threads});
      EXPECT_EQ(values, wanted) << bits << " bits, " << threads << " threads";
    }
  limit_vector_bits(0);
}

TEST(Samples, AreOfTheBoxThatIsGiven) {
  const Moment moment = compile("sum(x_i)");
  std::vector<double> values(1000), weights(1000);
  moment.sample({values, weights}, {.box = box(2, 3.0, 4.0)});
  EXPECT_GT(std::ranges::min(values), 6);
  EXPECT_LT(std::ranges::max(values), 8);
  EXPECT_EQ(std::ranges::count(weights, 1.0), 1000);
}

/// Of a density without a norm the weights tell how much a sample counts, under a condition which.
TEST(Samples, HaveWeights) {
  std::vector<double> values(10000), weights(10000);
  compile("x ~ unnormalized(x, 0, 1); E[x]").sample({values, weights});
  double sum = 0, all = 0;
  for (std::size_t k = 0; k < values.size(); ++k) sum += weights[k] * values[k], all += weights[k];
  EXPECT_NEAR(sum / all, 2.0 / 3, 0.01);
  compile("x ~ uniform(0, 1); E[x | x > 0.25]").sample({values, weights});
  for (std::size_t k = 0; k < values.size(); ++k) ASSERT_EQ(weights[k], values[k] > 0.25 ? 1 : 0);
}

TEST(Samples, MayBeNotFinite) {
  std::vector<double> values(1000);
  compile("x ~ uniform(-1, 1); E[sqrt(x)]").sample({values});
  EXPECT_GT(std::ranges::count_if(values, [](double v) { return std::isnan(v); }), 300);
}

TEST(Samples, StopAmidATile) {
  std::stop_source stop;
  stop.request_stop();
  std::vector<double> values(10000);
  const Moment moment = compile("x ~ uniform(0, 1)^1000000; E[sum(x_i^2)]");
  EXPECT_THROW(moment.sample({values}, {.stop = stop.get_token()}), Stopped);
}

struct Refused {
  const char *name, *program;
  std::size_t values, weights;
  Options options;
  const char* message;
};

const Refused kRefused[] = {
    {"no_room", "x ~ uniform(0,1); E[x]", 0, 0, {}, "there is no room for a sample"},
    {"too_little_room", "x ~ uniform(0,1); E[x]", 5, 4, {}, "room for 5 samples and 4 weights"},
    {"condition", "x ~ uniform(0,1); E[x | x > 0.5]", 5, 0, {}, "samples of E[x | x > 0.5] have weights"},
    {"density", "x ~ density(2*x, 0, 1); E[x]", 5, 0, {}, "samples of E[x] have weights"},
    {"two_values", "x ~ uniform(0,1)^2; Cov[x_1, x_2]", 5, 0, {}, "a sample of Cov[x_1, x_2] has two values"},
    {"two_queries", "x ~ uniform(0,1); E[x], Var[x]", 5, 0, {}, "the program has 2 queries"},
    {"rows",
     "r ~ rows(A); E[r]",
     5,
     0,
     {.parameters = {{"A", {1.0, 2.0}}}},
     "room for 5 samples, and the program takes 2 rows"},
    {"requirement", "x ~ normal(0, s); E[x]", 5, 0, {.parameters = {{"s", -1}}}, "must be positive"},
    {"cuda", "x ~ uniform(0,1); E[x]", 5, 0, {.backend = Backend::cuda}, "CUDA"},
};

TEST(Samples, AreRefused) {
  for (const Refused& each : kRefused) {
    SCOPED_TRACE(each.name);
    std::vector<double> values(each.values), weights(each.weights);
    try {
      compile(each.program).sample({values, weights}, each.options);
      ADD_FAILURE() << "not refused";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(each.message), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace mc
