// x ~ data(A) and x ~ rows(A) through the API: which rows, of which types, and the same bits every way.
#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "engine/host.hpp"
#include "tests/engine/random/reference.hpp"
#include "tests/support/cpu_back_ends.hpp"

namespace mc {
namespace {

using testing::Xoshiro256pp;

std::vector<double> counted(std::size_t count) {
  std::vector<double> all(count);
  std::iota(all.begin(), all.end(), 1.0);
  return all;
}

/// Every back end, width and number of threads.
void in_every_way(Options options, const std::function<void(const Options&)>& body) {
  for (Backend backend : mc::testing::cpu_back_ends())
    for (unsigned bits : {128u, 256u, 512u})
      for (unsigned threads : {1u, 3u}) {
        SCOPED_TRACE("back end " + std::to_string(static_cast<int>(backend)) + ", " + std::to_string(bits) +
                     " bits, " + std::to_string(threads) + " threads");
        limit_vector_bits(bits);
        options.backend = backend;
        options.threads = threads;
        body(options);
      }
  limit_vector_bits(0);
}

/// The row is the high half of the word times the number of rows, whatever the precision.
TEST(Data, DrawsTheRowsThatTheContractSays) {
  constexpr std::size_t kRows = 1000, kSamples = 10'000;
  const std::vector<double> rows = counted(kRows);
  double sum = 0;
  std::vector<Xoshiro256pp> lanes;
  for (std::uint64_t s = 0; s < kSamples; ++s) {
    if (s % 8192 == 0) {
      lanes.clear();
      for (std::uint64_t lane = 0; lane < 256; ++lane)
        lanes.push_back(Xoshiro256pp::of_lane(7, s / 8192, lane));
    }
    __extension__ using Wide = unsigned __int128;
    sum += rows[static_cast<std::size_t>(static_cast<Wide>(lanes[s % 256].next()) * kRows >> 64)];
  }
  const Moment mean = compile("x ~ data(A); E[x]");
  for (Precision precision : {Precision::f64, Precision::f32}) {
    const Estimate e = mean.estimate({.samples = kSamples,
                                      .seed = 7,
                                      .parameters = {{"A", Parameter::view(rows)}},
                                      .precision = precision});
    EXPECT_NEAR(e.value, sum / kSamples, 1e-9);
  }
}

struct Program {
  std::string_view text;
  std::size_t columns;  ///< of A; 0 for a vector
};

constexpr Program kPrograms[] = {
    {"x ~ data(A); E[x], Var[x], P[x > 20]", 0},
    {"x ~ rows(A); E[x], Std[x], E[x | x > 20]", 0},
    {"x ~ data(A); y ~ normal(0, 1); z ~ data(A); E[x*y], Cov[x, z]", 0},
    {"x ~ rows(A); y ~ data(A); u ~ uniform(0, 1)^3; E[x*y], E[sum(u)*x]", 0},
    {"x ~ data(A); E[sum(x^2)], Corr[x_1, x_3], E[max(x)]", 3},
    {"x ~ rows(A); E[sum(x^2)], Corr[x_1, x_3], E[sum(x_{i+1} - x_i)]", 7},
    {"x ~ data(A)^5; E[max(x)], Var[mean(x)]", 0},
    {"x ~ data(A)^3; E[sum(x_{i+1}*x_i)]", 0},
    {"x ~ data(A)^40; E[sum((x - mean(x))^2)]", 0},
    {"x ~ data(A)^20; a = mean(x_{i,1}); E[sum((x_{i,1} - a)*x_{i,2})], E[x_{2,3}]", 3},
    {"x ~ data(A)^6; y ~ gamma(2, 1)^3; E[sum(x_{i,j}*y_j)]", 3},
};

TEST(Data, GivesTheSameBitsEveryWay) {
  for (const auto& [text, columns] : kPrograms) {
    SCOPED_TRACE(text);
    const std::vector<double> numbers = counted(42);
    const Parameter a = columns == 0 ? Parameter::view(numbers) : Parameter::view(numbers, columns);
    for (Precision precision : {Precision::f64, Precision::f32})
      for (const auto& [name, generator] : generators()) {
        std::vector<Estimate> wanted;
        const Moment moment = compile(text);
        in_every_way(
            {.samples = 20'001, .parameters = {{"A", a}}, .generator = generator, .precision = precision},
            [&](const Options& options) {
              const Report report = moment.run(options);
              if (wanted.empty())
                for (const Report::Result& each : report.results) wanted.push_back(each.estimate);
              for (std::size_t k = 0; k < wanted.size(); ++k) {
                EXPECT_EQ(report.results[k].estimate.value, wanted[k].value) << k;
                EXPECT_EQ(report.results[k].estimate.variance, wanted[k].variance) << k;
              }
            });
      }
  }
}

/// Draws behind a table's are those without it, as an index takes one word.
TEST(Data, TakesOneWordARow) {
  const Options options{.samples = 5000, .parameters = {{"A", counted(9)}}};
  const auto value = [&](std::string_view text) {
    return compile(text).run(options).results[0].estimate.value;
  };
  EXPECT_EQ(value("x ~ data(A); u ~ uniform(0, 1); E[u]"),
            compile("x ~ uniform(0, 1); u ~ uniform(0, 1); E[u]").estimate({.samples = 5000}).value);
  EXPECT_EQ(value("x ~ rows(A); u ~ uniform(0, 1); E[u + 0*x]"),
            compile("u ~ uniform(0, 1); E[u]").estimate({.samples = 9}).value);
}

/// Every row once: the moments of so many whole numbers, exactly.
TEST(Rows, TakesEachRowOnce) {
  const Moment moment = compile("x ~ rows(A); E[x], E[x^2], P[x > 3]");
  for (std::size_t count : {1, 2, 255, 256, 257, 8191, 8192, 8193, 20'000}) {
    SCOPED_TRACE(count);
    const Parameter a(counted(count));
    const auto n = static_cast<double>(count);
    in_every_way({.samples = 3, .parameters = {{"A", a}}}, [&](const Options& options) {
      const Report report = moment.run(options);
      EXPECT_EQ(report.samples, count);
      EXPECT_EQ(report.planned, count);
      EXPECT_NEAR(report.results[0].estimate.value, (n + 1) / 2, 1e-12 * n);
      EXPECT_NEAR(report.results[1].estimate.value, (n + 1) * (2 * n + 1) / 6, 1e-12 * n * n);
      EXPECT_NEAR(report.results[2].estimate.value, std::max(n - 3, 0.0) / n, 1e-15);
    });
  }
}

template <class T>
double mean_of(const std::vector<T>& numbers, std::string_view law, Precision precision = Precision::f64) {
  return compile("x ~ " + std::string(law) + "(A); E[x]")
      .estimate({.samples = 1000, .parameters = {{"A", Parameter::view(numbers)}}, .precision = precision})
      .value;
}

/// Numbers of every type that are whole give what they give as doubles.
template <class T>
void is_as_doubles() {
  std::vector<T> numbers;
  for (int k = 0; k < 100; ++k) numbers.push_back(static_cast<T>(k * k % 251));
  const std::vector<double> doubles(numbers.begin(), numbers.end());
  for (std::string_view law : {"data", "rows"})
    for (Precision precision : {Precision::f64, Precision::f32})
      EXPECT_EQ(mean_of(numbers, law, precision), mean_of(doubles, law, precision)) << law;
}

TEST(Rows, MayBeOfEveryType) {
  is_as_doubles<double>();
  is_as_doubles<float>();
  is_as_doubles<std::int64_t>();
  is_as_doubles<std::int32_t>();
  is_as_doubles<std::uint8_t>();
  const std::vector<std::int32_t> negative{-3, -5};
  EXPECT_EQ(mean_of(negative, "rows"), -4);
}

/// How many rows there are is no part of a signature; their type and number of columns are.
TEST(Rows, AreNoPartOfTheSignature) {
  const Moment moment = compile("x ~ data(A); E[x]");
  for (std::size_t count : {1, 5, 1000})
    moment.estimate({.samples = 10, .parameters = {{"A", counted(count)}}});
  ASSERT_EQ(moment.signatures().size(), 1u);
  EXPECT_NE(moment.signatures()[0].text.find("rows of 1 f64 in A"), std::string::npos)
      << moment.signatures()[0].text;
  const std::vector<float> floats(10, 1.5F);
  moment.estimate({.samples = 10, .parameters = {{"A", Parameter::view(floats)}}});
  EXPECT_EQ(moment.signatures().size(), 2u);
}

TEST(Rows, MayLieApart) {
  const std::vector<double> numbers = counted(30);
  const Parameter thirds = Parameter::view(Input(numbers.data() + 2, 10, 3));
  EXPECT_DOUBLE_EQ(compile("x ~ rows(A); E[x]").estimate({.parameters = {{"A", thirds}}}).value, 16.5);
  const Parameter back = Parameter::view(Input(numbers.data() + 29, 30, -1));
  EXPECT_DOUBLE_EQ(compile("x ~ rows(A); y ~ rows(B); E[x*y]")
                       .estimate({.parameters = {{"A", numbers}, {"B", back}}})
                       .value,
                   4960.0 / 30);
}

TEST(Rows, MayBeWrittenInTheProgram) {
  EXPECT_DOUBLE_EQ(compile("x ~ rows([[1, 2], [3, 5]]); E[x_1*x_2]").estimate().value, 8.5);
  EXPECT_DOUBLE_EQ(compile("A = [1, 2, 6]; x ~ rows(A); E[x]").estimate().value, 3);
}

/// NaN is counted as everywhere else.
TEST(Rows, MayBeNotNumbers) {
  const std::vector<double> numbers{1, NAN, 3, INFINITY};
  const Moment moment = compile("x ~ rows(A); E[x]");
  const Options options{.parameters = {{"A", numbers}}};
  in_every_way(options, [&](Options way) {
    const Estimate nan = moment.estimate(way);
    EXPECT_TRUE(std::isnan(nan.value));
    EXPECT_EQ(nan.nonfinite, 2u);
    way.nonfinite = Nonfinite::drop;
    EXPECT_EQ(moment.estimate(way).value, 2);
  });
}

TEST(Rows, KeepTheirOwner) {
  auto numbers = std::make_shared<const std::vector<double>>(counted(3));
  const std::weak_ptr<const std::vector<double>> seen = numbers;
  {
    const Parameter a = Parameter::view(*numbers, numbers);
    numbers.reset();
    EXPECT_EQ(compile("x ~ rows(A); E[x]").estimate({.parameters = {{"A", a}}}).value, 2);
  }
  EXPECT_TRUE(seen.expired());
}

/// A view is a parameter like any other: floats and those apart are made doubles.
TEST(View, StandsForAnyArray) {
  const std::vector<float> floats{1, 2, 3, 4};
  const std::vector<double> doubles{1, 2, 3, 4};
  const Moment moment = compile("u ~ uniform(0, 1); E[sum(a_i) + 0*u], E[a_2 + 0*u]");
  for (const Parameter& a :
       {Parameter::view(floats), Parameter::view(doubles), Parameter::view(Input(doubles.data(), 4))}) {
    const Report report = moment.run({.samples = 100, .parameters = {{"a", a}}});
    EXPECT_EQ(report.results[0].estimate.value, 10);
    EXPECT_EQ(report.results[1].estimate.value, 2);
  }
  EXPECT_EQ(Parameter::view(doubles).values().data(), doubles.data());
  EXPECT_TRUE(Parameter::view(floats).values().empty());
  const Parameter view = Parameter::view(floats);
  EXPECT_EQ(view.numbers().data(), floats.data());
}

TEST(View, IsRefused) {
  const std::vector<double> numbers(6);
  EXPECT_THROW(Parameter::view(Input(2.0)), ArgumentError);
  EXPECT_THROW(Parameter::view(numbers, 4), ArgumentError);
  EXPECT_THROW(Parameter::view(numbers, 0), ArgumentError);
  EXPECT_THROW(Parameter::view(Input(numbers.data(), 3, 2), 3), ArgumentError);
}

std::string refusal(std::string_view program, const Options& options) {
  try {
    compile(program).run(options);
  } catch (const ArgumentError& error) {
    return std::string(error.what()) + '\n';
  }
  return {};
}

TEST(Rows, AreRefused) {
  const std::vector<double> none;
  EXPECT_EQ(refusal("x ~ rows(A); E[x]", {.parameters = {{"A", none}}}),
            "error: the parameter A has no elements\n");
  EXPECT_EQ(refusal("x ~ rows(A); y ~ rows(B); E[x]", {.parameters = {{"A", {1, 2}}, {"B", {1, 2, 3}}}}),
            "error: x goes through 2 rows, and y through 3\n"
            "  rows(A) and rows(B) of one program go together, row by row\n");
  EXPECT_EQ(refusal("x ~ rows(A); E[x]", {.target_error = 0.1, .parameters = {{"A", {1, 2}}}}),
            "error: a target is set, and the program takes every row once\n"
            "  leave the target out, or draw from the rows: x ~ data(A)\n");
}

}  // namespace
}  // namespace mc
