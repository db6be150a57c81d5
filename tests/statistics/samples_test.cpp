// What every distribution of the library draws against its own distribution function: Kolmogorov and
// Smirnov's test of continuous ones, Pearson's of discrete ones. Where the library has no .cdf, Boost.Math's
// stands in. The seeds are fixed; for one choice of them in 10 000 any of these tests would fail by chance.
#include <cmath>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/math/distributions.hpp>
#include <mc/mc.hpp>

#include "engine/kernels/sample_reduce.hpp"
#include "engine/llvm/compiler.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/language/checker.hpp"
#include "frontend/language/lowering.hpp"
#include "frontend/language/prelude.hpp"
#include "tests/statistics/goodness.hpp"

namespace mc::testing {
namespace {

namespace bm = boost::math;

constexpr std::size_t kSamples = std::size_t{1} << 18;
constexpr double kFalseAlarms = 1e-4;  // of all tests together

struct Law {
  std::string name, arguments;
  bool discrete = false;
  std::function<double(double)> cdf = {};       ///< Boost's, where the library may have none
  std::function<double(double)> quantile = {};  ///< of discrete ones

  std::string call(const std::string& of) const { return fmt::format("{}.{}(x, {})", name, of, arguments); }
  bool has_cdf() const { return language::prelude().function(name + ".cdf").has_value(); }
};

void PrintTo(const Law& law, std::ostream* out) { *out << law.name << '(' << law.arguments << ')'; }

Law own(std::string name, std::string arguments) { return {std::move(name), std::move(arguments)}; }

template <class D>
Law boosts(std::string name, std::string arguments, D d) {
  return {std::move(name), std::move(arguments), false, [d](double x) { return bm::cdf(d, x); }};
}

/// `first`: what is added to Boost's values to get ours.
template <class D>
Law counting(std::string name, std::string arguments, D d, double first = 0) {
  return {std::move(name), std::move(arguments), true,
          [=](double x) { return x < first ? 0 : bm::cdf(d, std::floor(x) - first); },
          [=](double p) { return bm::quantile(d, p) + first; }};
}

Law gamma(double shape, double rate) {
  return boosts("gamma", fmt::format("{}, {}", shape, rate), bm::gamma_distribution<double>(shape, 1 / rate));
}
Law beta(double a, double b) {
  return boosts("beta", fmt::format("{}, {}", a, b), bm::beta_distribution<double>(a, b));
}
Law chisquare(double k) {
  return boosts("chisquare", fmt::format("{}", k), bm::chi_squared_distribution<double>(k));
}
Law studentt(double nu) {
  return boosts("studentt", fmt::format("{}", nu), bm::students_t_distribution<double>(nu));
}
Law poisson(double rate) {
  return counting("poisson", fmt::format("{}", rate), bm::poisson_distribution<double>(rate));
}
Law binomial(double n, double p) {
  return counting("binomial", fmt::format("{}, {}", n, p), bm::binomial_distribution<double>(n, p));
}
Law geometric(double p) {
  return counting("geometric", fmt::format("{}", p), bm::geometric_distribution<double>(p), 1);
}

/// Every way a sampler has of drawing: shapes on both sides of where it changes its method, small and large.
std::vector<Law> all_laws() {
  return {own("uniform", "-1, 3"),
          own("uniform", "1e6, 1000001"),
          own("normal", "0, 1"),
          own("normal", "-2, 0.5"),
          own("lognormal", "0.2, 0.5"),
          own("lognormal", "0, 3"),
          own("exponential", "3"),
          own("exponential", "1e-9"),
          own("laplace", "1, 2"),
          own("logistic", "1, 0.5"),
          own("gumbel", "1, 0.5"),
          own("weibull", "2, 3"),
          own("weibull", "0.2, 1"),
          own("cauchy", "0, 1"),
          own("cauchy", "-1, 2"),
          own("pareto", "2, 5"),
          own("pareto", "1, 0.3"),
          own("triangular", "0, 2, 0.5"),
          own("triangular", "0, 1, 0"),
          own("triangular", "-1, 1, 1"),
          gamma(0.05, 1),
          gamma(0.5, 2),
          gamma(0.99, 1),
          gamma(1, 3),
          gamma(2.5, 2),
          gamma(300, 0.25),
          gamma(1e4, 1),
          chisquare(0.3),
          chisquare(1),
          chisquare(2),
          chisquare(7),
          chisquare(1e4),
          beta(0.05, 3),
          beta(0.2, 0.5),
          beta(0.7, 1.5),
          beta(1, 1),
          beta(2, 5),
          beta(400, 0.5),
          beta(3e4, 5e4),
          studentt(0.7),
          studentt(1),
          studentt(2),
          studentt(5),
          studentt(200),
          studentt(1e9),
          counting("bernoulli", "0.3", bm::bernoulli_distribution<double>(0.3)),
          counting("bernoulli", "0.001", bm::bernoulli_distribution<double>(0.001)),
          geometric(0.3),
          geometric(0.9),
          geometric(1e-3),
          geometric(1e-9),
          poisson(0.01),
          poisson(0.1),
          poisson(1),
          poisson(4.5),
          poisson(9.99),
          poisson(10),
          poisson(30),
          poisson(1e3),
          poisson(1e5),
          poisson(1e9),
          binomial(1, 0.5),
          binomial(10, 0.3),
          binomial(20, 0.001),
          binomial(1000, 0.99),
          binomial(1000, 0.01),
          binomial(1e6, 0.25),
          binomial(1e9, 1e-8),
          binomial(1e12, 0.5)};
}

double false_alarms_a_test() { return kFalseAlarms / static_cast<double>(all_laws().size() + 8); }

// ---- drawing

/// What a kernel makes of the first sample of every lane: with one sample a lane, its mean is the value.
class Sampler {
 public:
  /// `expression` is of x, a vector of the law's.
  Sampler(const Law& law, const std::string& expression, bool single = false)
      : Sampler(fmt::format("x ~ {}({})^{}; v = {}; ", law.name, law.arguments, kCoordinates, expression),
                kCoordinates, single) {}

  /// The text makes v, a vector of so many independent coordinates.
  Sampler(std::string program, unsigned coordinates, bool single = false)
      : groups_(coordinates, kernels::Group{}), layout_(groups_) {
    for (unsigned i = 1; i <= coordinates; ++i) program += fmt::format("{}E[v_{}]", i == 1 ? "" : ", ", i);
    const language::Parsed parsed = language::parse(program);
    EXPECT_TRUE(parsed.ok()) << program;
    language::Setting setting;
    setting.single = single;
    const language::Checked checked = language::check({parsed.program, {}}, setting);
    EXPECT_TRUE(checked.ok()) << language::render(checked.diagnostics, program);
    kernel_ =
        jit::compile(passes::lower(language::lower(checked.model, random::Generator::xoshiro256pp, false)));
    written_ = checked.model.arrays;
  }

  std::vector<double> draw(std::size_t count) const {
    std::vector<double> values;
    kernels::Buffer columns, scratch;
    columns.reserve(std::size_t{kernel_->outputs()} * kernels::kLanes * sizeof(double));
    scratch.reserve(kernel_->scratch_bytes());
    auto* out = reinterpret_cast<double*>(columns.data());
    std::vector<const double*> arrays;
    for (const language::Array& array : written_) arrays.push_back(array.values.data());
    for (kernels::Arguments at{.seed = 1, .arrays = arrays.data()}; values.size() < count; ++at.tile) {
      kernel_->run(at, 0, kernels::kLanes, 1, out, scratch.data());
      for (const kernels::GroupLayout& group : layout_.kernel) {
        const double* column = out + group.mean(0) * kernels::kLanes;
        values.insert(values.end(), column, column + kernels::kLanes);
      }
    }
    return values;
  }

 private:
  static constexpr unsigned kCoordinates = 16;
  std::vector<kernels::Group> groups_;
  kernels::Layout layout_;
  std::unique_ptr<jit::Compiled> kernel_;
  std::vector<language::Array> written_;  ///< in the program or the library, such as the nodes of an integral
};

// ---- the tests

/// A discrete law's cells: from one quantile to the next, both tails to a ten-thousandth.
struct Cells {
  std::vector<double> last, expected, observed;
};

std::function<double(double)> own_or_boosts_cdf(const Law& law) {
  if (!law.has_cdf()) return law.cdf;
  return [moment = compile(law.call("cdf"))](double x) { return moment(std::span(&x, 1)); };
}

Cells cells_of(const Law& law, const std::function<double(double)>& cdf) {
  std::vector<double> shares{1e-4, 1e-3};
  for (int k = 1; k < 100; ++k) shares.push_back(k / 100.0);
  shares.insert(shares.end(), {1 - 1e-3, 1 - 1e-4});
  std::set<double> ends;
  for (const double share : shares) ends.insert(law.quantile(share));
  Cells cells;
  double below = 0;
  for (const double end : ends) {
    const double share = cdf(end) - below, rest = 1 - cdf(end);
    if (share * kSamples < 10 || (rest > 0 && rest * kSamples < 10)) continue;  // goes to the next
    cells.last.push_back(end);
    cells.expected.push_back(share * kSamples);
    below += share;
  }
  if (below < 1 - 1e-9) {
    cells.last.push_back(std::numeric_limits<double>::infinity());
    cells.expected.push_back((1 - below) * kSamples);
  }
  return cells;
}

double p_value_of_counts(const Law& law, const std::function<double(double)>& cdf, bool single = false) {
  Cells cells = cells_of(law, cdf);
  cells.observed.assign(cells.expected.size(), 0);
  for (const double x : Sampler(law, "x", single).draw(kSamples)) {
    EXPECT_EQ(x, std::floor(x));
    const auto cell = std::ranges::lower_bound(cells.last, x) - cells.last.begin();
    EXPECT_LT(cell, std::ssize(cells.last)) << x;
    ++cells.observed[static_cast<std::size_t>(std::min(cell, std::ssize(cells.last) - 1))];
  }
  EXPECT_GT(cells.expected.size(), 1U);
  return chi_square_p_value(cells.observed, cells.expected);
}

/// The law's distribution function, in the same kernel where it is the library's, makes its values uniform.
double p_value_of_distances(const Law& law) {
  if (law.has_cdf()) return uniform_p_value(Sampler(law, law.call("cdf")).draw(kSamples));
  std::vector<double> values = Sampler(law, "x").draw(kSamples);
  for (double& x : values) x = law.cdf(x);
  return uniform_p_value(std::move(values));
}

class SamplesOf : public ::testing::TestWithParam<Law> {};

TEST_P(SamplesOf, FollowTheirDistribution) {
  const Law& law = GetParam();
  const double p_value =
      law.discrete ? p_value_of_counts(law, own_or_boosts_cdf(law)) : p_value_of_distances(law);
  RecordProperty("p_value", fmt::format("{:.3g}", p_value));
  EXPECT_GT(p_value, false_alarms_a_test());
  EXPECT_LT(p_value, 1 - false_alarms_a_test()) << "too even to be random";
}

std::string test_name(const ::testing::TestParamInfo<Law>& info) {
  std::string name = info.param.name + "_" + info.param.arguments;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Library, SamplesOf, ::testing::ValuesIn(all_laws()), test_name);

// ---- in single precision

/// Those whose values floats tell apart: counts up to 2^24 and so many digits.
bool is_for_floats(const Law& law) {
  const auto is = [&](const char* name, const char* arguments) {
    return law.name == name && law.arguments == arguments;
  };
  return !is("uniform", "1e6, 1000001") && !is("poisson", "1000000000") &&
         !is("binomial", "1000000000000, 0.5");
}

std::vector<Law> laws_for_floats() {
  std::vector<Law> laws;
  std::ranges::copy_if(all_laws(), std::back_inserter(laws), is_for_floats);
  return laws;
}

/// A float stands for an interval of numbers, some units of its last place wide, and a uniform draw for one
/// of 2^-23: so many more or fewer of the samples may lie below it. `low` and `high` are the distribution
/// function at the intervals' ends.
double distance_of_floats(std::vector<double> low, std::vector<double> high) {
  constexpr double kDraw = 0x1p-22;
  std::ranges::sort(low);
  std::ranges::sort(high);
  const auto n = static_cast<double>(low.size());
  double distance = 0;
  for (std::size_t k = 0; k < low.size(); ++k) {
    const auto below = static_cast<double>(k);
    distance = std::max({distance, low[k] - below / n - kDraw, (below + 1) / n - high[k] - kDraw});
  }
  return distance;
}

/// The library's distribution function at one end of the floats' intervals. What lies below the normal floats
/// may have become 0.
std::vector<double> shares_of_floats(const Law& law, const char* end) {
  const std::string at = fmt::format("double(x) {} (abs(double(x))*2^-22 + 2^-126)", end);
  return Sampler(law, fmt::format("{}.cdf({}, {})", law.name, at, law.arguments), true).draw(kSamples);
}

double p_value_of_floats(const Law& law) {
  const double distance = distance_of_floats(shares_of_floats(law, "-"), shares_of_floats(law, "+"));
  return kolmogorov_p_value(distance, static_cast<double>(kSamples));
}

class SingleSamplesOf : public ::testing::TestWithParam<Law> {};

TEST_P(SingleSamplesOf, FollowTheirDistribution) {
  const Law& law = GetParam();
  const double p_value =
      law.discrete ? p_value_of_counts(law, own_or_boosts_cdf(law), true) : p_value_of_floats(law);
  RecordProperty("p_value", fmt::format("{:.3g}", p_value));
  EXPECT_GT(p_value, false_alarms_a_test());
}

INSTANTIATE_TEST_SUITE_P(Library, SingleSamplesOf, ::testing::ValuesIn(laws_for_floats()), test_name);

/// Of vectors: what their laws make uniform, of one coordinate, of the next given that, of a sum.
const char* const kVectors[] = {
    "x ~ dirichlet([2, 0.5, 3]); v = [beta.cdf(x_1, 2, 3.5)]; ",
    "x ~ dirichlet([2, 0.5, 3]); v = [beta.cdf(x_2, 0.5, 5)]; ",
    "x ~ dirichlet([2, 0.5, 3]); v = [beta.cdf(x_2/(1 - x_1), 0.5, 3)]; ",
    "x ~ dirichlet([0.1, 20, 300]); v = [beta.cdf(x_1 + x_2, 20.1, 300)]; ",
    "x ~ mvnormal([1, -3], [[4, 2], [2, 5]]); v = [normcdf((x_1 - 1)/2)]; ",
    "x ~ mvnormal([1, -3], [[4, 2], [2, 5]]); v = [normcdf((x_2 + 3 - (x_1 - 1)/2)/2)]; ",
    "x ~ mvnormal([1, -3], [[4, 2], [2, 5]]); v = [normal.cdf(x_1 - x_2, 4, sqrt(5))]; ",
    "s ~ uniform(1, 2); x ~ mvnormal(0, [[s^2, s], [s, 5]]); v = [normcdf((x_2 - x_1/s)/2)]; ",
};

TEST(Vectors, FollowTheirDistribution) {
  for (const char* text : kVectors) {
    const double p_value = uniform_p_value(Sampler(text, 1).draw(kSamples));
    EXPECT_GT(p_value, false_alarms_a_test()) << text;
    EXPECT_LT(p_value, 1 - false_alarms_a_test()) << text;
  }
}

/// A distribution of numbers that comes to the library comes to this test.
TEST(Laws, AreAllOfTheLibrary) {
  std::set<std::string_view> tested;
  const std::vector<Law> laws = all_laws();
  for (const Law& law : laws) tested.insert(law.name);
  for (std::string_view name : language::prelude().sampler_names()) {
    const bool is_part_of_another = name.find('.') != name.npos;
    EXPECT_TRUE(is_part_of_another || tested.contains(name)) << name << " is drawn by no test here";
  }
}

/// The tests see a normal law that is two per cent too wide, a mean of 30 that is 30.1.
TEST(Laws, ThatAreALittleOffAreSeen) {
  const Law normal{"normal", "0, 1.02"};
  std::vector<double> values = Sampler(normal, "x").draw(kSamples);
  const bm::normal_distribution<double> standard;
  for (double& x : values) x = bm::cdf(standard, x);
  EXPECT_LT(uniform_p_value(std::move(values)), false_alarms_a_test());
  Law counts = poisson(30);
  const auto cdf = counts.cdf;
  EXPECT_GT(p_value_of_counts(counts, cdf), false_alarms_a_test());
  counts.arguments = "30.1";
  EXPECT_LT(p_value_of_counts(counts, cdf), false_alarms_a_test());
}

}  // namespace
}  // namespace mc::testing
