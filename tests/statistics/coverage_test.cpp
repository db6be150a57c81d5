// How often 95% intervals cover the truth, 2000 seeds for each program, and whether the distance from it is
// normal in units of the error. All checks together fail by chance for one choice of the seeds, which are
// fixed, in 10 000. MC_COVERAGE_TABLE=docs/coverage.md writes what was measured; without it the page is
// compared with that.
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "tests/statistics/coverage_rows.hpp"
#include "tests/statistics/goodness.hpp"

namespace mc::testing {

void PrintTo(const CoverageRow& row, std::ostream* out) { *out << row.program << ", n = " << row.samples; }

namespace {

namespace bm = boost::math;

constexpr unsigned kSeeds = 2000;
constexpr double kLevel = 0.95;
constexpr double kFalseAlarms = 1e-4;  // of all checks together

double false_alarms_a_check() { return kFalseAlarms / (2.0 * static_cast<double>(coverage_rows().size())); }

// ---- what is measured

struct Coverage {
  unsigned covered = 0, warned = 0, silent = 0;  ///< silent: missed without a warning
  double squares = 0;                            ///< of z
  double expected = 0;                           ///< share of intervals that should cover
  std::vector<double> evenly;                    ///< what z, or the hits, should make uniform
};

/// In standard errors from the truth, on the scale on which the interval is symmetric.
double z_score(const Estimate& e, double exact) {
  switch (e.scale) {
    case Scale::logarithm:
      return std::log(e.value / exact) * e.value / e.standard_error;
    case Scale::fisher:
      return (std::atanh(e.value) - std::atanh(exact)) * (1 - e.value * e.value) / e.standard_error;
    case Scale::plain:
      break;
  }
  return (e.value - exact) / e.standard_error;
}

double normal_or_student(double z, std::uint64_t samples) {
  if (samples >= 1000) return bm::cdf(bm::normal_distribution<double>(), z);
  return bm::cdf(bm::students_t_distribution<double>(static_cast<double>(samples) - 1), z);
}

bool covers(const Interval& interval, double exact) {
  return interval.lower <= exact && exact <= interval.upper;
}

/// How often the interval of so many trials covers p: over all numbers of hits.
double exact_coverage(std::uint64_t trials, double p) {
  static std::map<std::pair<std::uint64_t, double>, double> known;
  const auto [entry, is_new] = known.try_emplace({trials, p}, 0);
  if (!is_new) return entry->second;
  const auto n = static_cast<double>(trials);
  const bm::binomial_distribution<double> hits(n, p);
  const double reach = 12 * std::sqrt(n * p * (1 - p)) + 12;
  Estimate e{.standard_error = 1, .samples = trials, .is_probability = true};
  for (double k = std::max(0.0, std::floor(n * p - reach)); k <= std::min(n, n * p + reach); ++k) {
    e.value = k / n;
    if (covers(e.interval(kLevel), p)) entry->second += bm::pdf(hits, k);
  }
  return entry->second;
}

/// The distribution function of the number of hits, its steps filled evenly.
double randomised(const Estimate& e, double p, double uniform) {
  const auto n = static_cast<double>(e.samples);
  const bm::binomial_distribution<double> hits(n, p);
  const double k = std::round(e.value * n);
  const double below = k > 0 ? bm::cdf(hits, k - 1) : 0;
  return below + uniform * bm::pdf(hits, k);
}

Coverage measure(const CoverageRow& row) {
  Coverage seen;
  std::mt19937_64 random(row.samples);
  std::uniform_real_distribution<double> uniform;
  const Moment moment = compile(row.program);
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    const Estimate e = moment.estimate({.samples = row.samples,
                                        .seed = seed,
                                        .backend = Backend::llvm,
                                        .threads = 1,
                                        .generator = row.generator});
    const bool covered = covers(e.interval(kLevel), row.exact);
    seen.covered += covered;
    seen.warned += !e.warnings.empty();
    seen.silent += !covered && e.warnings.empty();
    const double z = z_score(e, row.exact);
    seen.squares += std::isfinite(z) ? z * z : 0;
    const bool is_proportion = row.kind == Kind::proportion;
    seen.expected += is_proportion ? exact_coverage(e.samples, row.exact) : kLevel;
    seen.evenly.push_back(is_proportion ? randomised(e, row.exact, uniform(random))
                                        : normal_or_student(z, e.samples));
  }
  seen.expected /= kSeeds;
  return seen;
}

// ---- what it is held to

struct Band {
  double low, high;
  bool has(double count) const { return low <= count && count <= high; }
};

/// Counts of kSeeds trials that a check may see.
Band band_of(double p) {
  const bm::binomial_distribution<
      double, bm::policies::policy<bm::policies::discrete_quantile<bm::policies::integer_round_outwards>>>
      counts(kSeeds, std::min(p, 1 - 1e-15));
  const double tail = false_alarms_a_check() / 2;
  return {bm::quantile(counts, tail), bm::quantile(bm::complement(counts, tail))};
}

double share(double count) { return count / kSeeds; }

// ---- the page

std::string escaped(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

/// The fields that name a row.
std::string head(const CoverageRow& row) {
  return fmt::format("| `{}`{} | {} |", escaped(row.program),
                     row.generator == Generator::philox4x32 ? " (philox4x32-10)" : "", row.samples);
}

std::string shown(const CoverageRow& row, const Coverage& seen, double p_value) {
  const Band band = band_of(seen.expected);
  const bool is_heavy = row.kind == Kind::heavy;
  const std::string held = is_heavy ? "" : fmt::format("{:.3f} to {:.3f}", share(band.low), share(band.high));
  const std::string fit = is_heavy ? "" : fmt::format("{:.2g}", p_value);
  return fmt::format("{} {:.4f} | {} | {} | {:.3f} | {:.4f} | {:.4f} |", head(row), share(seen.covered), held,
                     fit, std::sqrt(seen.squares / kSeeds), share(seen.warned), share(seen.silent));
}

std::string preamble() {
  return fmt::format(
      R"(# Coverage of the intervals

For each program {0} runs with the seeds 1 to {0}, and in how many of them the 95% interval covers the exact value. The *band*
is where that share has to lie: exact binomial quantiles, {1:.2g} of false alarms a check, {2} for all of this page together.
It lies about 95%; for a probability, whose hits are whole numbers, about what Wilson's interval covers by the sum over all
numbers of hits. *KS*: the p-value of Kolmogorov and Smirnov's test that the distances from the truth, in standard errors, are
normal (Student's below 1000 samples), and that hits are binomial. *rms z* is the root of their mean square, 1 if all is well.
*warned*: the share of runs with a warning. *silent*: the share of runs that missed without one, which no row may have more
of than the band of 5% allows, but for probabilities, whose band tells what to expect.

The last rows, without a band, have too few samples for their tails, some of them for any number of samples. Their intervals cover too
little, and no estimate of the samples' own could tell how little: what was not seen is what is missing. They have to warn.

This page is written by

    MC_COVERAGE_TABLE=docs/coverage.md build/release/tests/coverage_test

| program | samples | covered | band | KS | rms z | warned | silent |
| --- | --- | --- | --- | --- | --- | --- | --- |
)",
      kSeeds, false_alarms_a_check(), kFalseAlarms);
}

const char* page_to_write() { return std::getenv("MC_COVERAGE_TABLE"); }

void write(const std::string& row) {
  static std::ofstream page = [] {
    std::ofstream file(page_to_write());
    file << preamble();
    return file;
  }();
  page << row << std::endl;
}

std::vector<std::string> rows_of_page() {
  std::vector<std::string> rows;
  std::ifstream page("docs/coverage.md");
  for (std::string line; std::getline(page, line);)
    if (line.starts_with("| `")) rows.push_back(line);
  return rows;
}

/// The share covered that the page has for this row; none where it has no such row.
std::optional<double> covered_on_page(const CoverageRow& row) {
  for (const std::string& line : rows_of_page())
    if (line.starts_with(head(row))) return std::strtod(line.c_str() + head(row).size(), nullptr);
  return std::nullopt;
}

// ---- the tests

class IntervalOf : public ::testing::TestWithParam<CoverageRow> {};

TEST_P(IntervalOf, CoversAsItSays) {
  const CoverageRow& row = GetParam();
  const Coverage seen = measure(row);
  const double p_value = uniform_p_value(seen.evenly);
  const std::string line = shown(row, seen, p_value);
  if (row.kind != Kind::heavy) {
    EXPECT_TRUE(band_of(seen.expected).has(seen.covered)) << line;
    EXPECT_GT(p_value, false_alarms_a_check()) << line;
  }
  if (row.kind != Kind::proportion) {
    EXPECT_LE(seen.silent, band_of(1 - kLevel).high) << line;
  }
  if (row.kind == Kind::heavy) {
    EXPECT_GT(seen.warned, kSeeds / 2) << line;
  } else if (row.warned == Warned::never) {
    EXPECT_LE(share(seen.warned), 1e-3) << line;
  }

  if (page_to_write() != nullptr) return write(line);
  const auto on_page = covered_on_page(row);
  ASSERT_TRUE(on_page) << "docs/coverage.md lacks\n" << line;
  const Band band = band_of(share(seen.covered));
  EXPECT_TRUE(band.has(*on_page * kSeeds)) << "docs/coverage.md is stale: write it anew. Now\n" << line;
}

std::string name_of(const ::testing::TestParamInfo<CoverageRow>& info) {
  std::string name =
      fmt::format("{}_n{}", info.param.program.substr(info.param.program.find(';') + 2), info.param.samples);
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return fmt::format("{}_{}", info.index, name);
}

INSTANTIATE_TEST_SUITE_P(Programs, IntervalOf, ::testing::ValuesIn(coverage_rows()), name_of);

TEST(CoveragePage, HasTheRowsOfThisTest) {
  if (page_to_write() != nullptr) GTEST_SKIP() << "it is being written";
  EXPECT_EQ(rows_of_page().size(), coverage_rows().size());
}

/// A check that cannot fail would be none: bars a tenth too narrow or too wide are seen.
TEST(CoverageBand, TellsErrorsThatAreATenthOff) {
  const bm::normal_distribution<double> normal;
  for (const double factor : {0.88, 1.15}) {
    const double covered = 1 - 2 * bm::cdf(normal, -1.959964 * factor);
    EXPECT_FALSE(band_of(kLevel).has(std::round(covered * kSeeds))) << factor << ": " << covered;
  }
}

}  // namespace
}  // namespace mc::testing
