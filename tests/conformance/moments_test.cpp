// Every program of moments.tsv, and every integral of integrals.tsv that others are measured on and that
// needs no adaptation, through the C++ API: within five standard errors of its exact value, the same bits
// from every back end. MC_CONFORMANCE_TABLE=docs/conformance.md writes the page.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mc/mc.hpp>

namespace {

struct Row {
  std::string id, program;
  double exact = 0;
  std::uint64_t samples = 1'000'000;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.id; }

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  for (std::size_t tab; (tab = line.find('\t', begin)) != line.npos; begin = tab + 1) {
    fields.push_back(line.substr(begin, tab - begin));
  }
  fields.push_back(line.substr(begin));
  return fields;
}

/// The columns id, program, exact, note and, if there is one, samples. Tests run in the repository's root.
std::vector<Row> read_table(const std::string& path) {
  std::vector<Row> rows;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);  // the columns' names
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = split(line);
    if (fields.size() < 3) continue;
    rows.push_back({fields[0], fields[1], std::strtod(fields[2].c_str(), nullptr)});
    if (fields.size() > 4)
      rows.back().samples = static_cast<std::uint64_t>(std::strtod(fields[4].c_str(), nullptr));
  }
  return rows;
}

std::vector<Row> moments() { return read_table("tests/conformance/moments.tsv"); }
std::vector<Row> integrals() { return read_table("tests/conformance/integrals.tsv"); }

std::string test_name(const testing::TestParamInfo<Row>& info) {
  std::string name = info.param.id;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

mc::Estimate estimate(const Row& row, mc::Backend backend, mc::Precision precision = mc::Precision::f64) {
  return mc::compile(row.program)
      .estimate({.samples = row.samples, .seed = 1, .backend = backend, .precision = precision});
}

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

TEST(Table, IsThere) {
  EXPECT_EQ(moments().size(), 68U);
  EXPECT_EQ(integrals().size(), 15U);
}

/// A line of the page, if one is asked for.
void report(const Row& row, const mc::Estimate& e) {
  const char* path = std::getenv("MC_CONFORMANCE_TABLE");
  if (path == nullptr) return;
  static std::ofstream page = [path] {
    std::ofstream file(path);
    file << "# Programs with exact values\n\n"
            "Seed 1. Interpreter and LLVM gave the same bits of value and error in every row; sigma is "
            "(value - exact)/error.\n"
            "Programs: tests/conformance/*.tsv. This page is written by\n\n"
            "    MC_CONFORMANCE_TABLE=docs/conformance.md build/release/tests/moments\n\n"
            "| program | samples | value | error | sigma | bits |\n| --- | --- | --- | --- | --- | --- |\n";
    return file;
  }();
  page << fmt::format("| {} | {:.0e} | {:.10g} | {:.2g} | {:+.2f} | {:a} |\n", row.id,
                      static_cast<double>(row.samples), e.value, e.standard_error,
                      (e.value - row.exact) / e.standard_error, e.value)
       << std::flush;
}

class Moments : public testing::TestWithParam<Row> {};

TEST_P(Moments, AreWithinFiveStandardErrorsWithTheSameBitsFromEveryBackEnd) {
  const Row& row = GetParam();
  const mc::Estimate e = estimate(row, mc::Backend::interpreter);
  EXPECT_TRUE(std::isfinite(e.value));
  EXPECT_GT(e.standard_error, 0);
  EXPECT_LT(std::fabs(e.value - row.exact), 5 * e.standard_error) << e.value << " ± " << e.standard_error;
  const bool is_conditional = row.program.find('|') != std::string::npos;
  EXPECT_EQ(e.samples == row.samples, !is_conditional);
  EXPECT_EQ(e.nonfinite, 0U);
  for (const mc::Backend backend : {mc::Backend::llvm, mc::Backend::automatic}) {
    const mc::Estimate other = estimate(row, backend);
    EXPECT_EQ(bits(other.value), bits(e.value)) << other.value << " and " << e.value;
    EXPECT_EQ(bits(other.standard_error), bits(e.standard_error));
    EXPECT_EQ(bits(other.variance), bits(e.variance));
  }
  report(row, e);
}

INSTANTIATE_TEST_SUITE_P(Table, Moments, testing::ValuesIn(moments()), test_name);
INSTANTIATE_TEST_SUITE_P(Integrals, Moments, testing::ValuesIn(integrals()), test_name);

class SingleMoments : public testing::TestWithParam<Row> {};

/// A sample of floats is off by some units of their last place, 2^-24 of it, and a sum of up to 128 of them
/// by a few more: with errors of that kind which do not cancel.
constexpr double kRoundings = 2e-6;

TEST_P(SingleMoments, AreWithinFiveStandardErrorsAndRoundingsWithTheSameBitsFromEveryBackEnd) {
  const Row& row = GetParam();
  const mc::Estimate e = estimate(row, mc::Backend::interpreter, mc::Precision::f32);
  EXPECT_GT(e.standard_error, 0);
  EXPECT_LT(std::fabs(e.value - row.exact), 5 * e.standard_error + kRoundings * std::fabs(row.exact))
      << e.value << " ± " << e.standard_error;
  EXPECT_EQ(e.nonfinite, 0U);
  const mc::Estimate other = estimate(row, mc::Backend::llvm, mc::Precision::f32);
  EXPECT_EQ(bits(other.value), bits(e.value)) << other.value << " and " << e.value;
  EXPECT_EQ(bits(other.standard_error), bits(e.standard_error));
}

INSTANTIATE_TEST_SUITE_P(Table, SingleMoments, testing::ValuesIn(moments()), test_name);
INSTANTIATE_TEST_SUITE_P(Integrals, SingleMoments, testing::ValuesIn(integrals()), test_name);

class Bars : public testing::TestWithParam<Row> {};

/// An error bar that is too wide passes the five-sigma test with ease. So: the mean of z² over 32 independent
/// runs is 1 with a deviation of about ¼.
TEST_P(Bars, HaveTheRightWidth) {
  const mc::Moment moment = mc::compile(GetParam().program);
  constexpr int runs = 32;
  double squares = 0;
  for (int seed = 1; seed <= runs; ++seed) {
    const mc::Estimate e = moment.estimate({.samples = 65'536, .seed = static_cast<std::uint64_t>(seed)});
    const double z = (e.value - GetParam().exact) / e.standard_error;
    squares += z * z;
  }
  EXPECT_GT(squares / runs, 0.25);
  EXPECT_LT(squares / runs, 2.5);
}

INSTANTIATE_TEST_SUITE_P(Table, Bars, testing::ValuesIn(moments()), test_name);

/// Peaks that plain sampling all but misses, and a variance that is infinite: whatever comes out, it says so.
TEST(Integrals, ThatNeedAdaptationWarn) {
  for (const char* program : {
           "x ~ uniform(0, 1); E[log(x)/sqrt(x)]",
           "x ~ uniform(0, 1)^6; E[prod(1/(50^-2 + (x_i - 1/2)^2))]",
           "x ~ uniform(0, 1)^5; E[exp(-625*sum((x_i - 1/2)^2))]",
           "x ~ uniform(0, 1)^8; E[exp(-625*sum((x_i - 1/2)^2))]",
           "x ~ uniform(0, 1)^20; c = [0.23, 0.39, 0.74]; E[356047712484621.56*sum(exp(-100*("
           "sum((x_i - c_k)^2, i = 1..5) + sum((x_i - 0.45)^2, i = 6..20))), k = 1..3)]",
       })
    for (std::uint64_t seed : {1, 2, 3}) {
      const mc::Estimate e = mc::compile(program).estimate({.samples = 10'000'000, .seed = seed});
      EXPECT_FALSE(e.warnings.empty()) << program << ", seed " << seed;
    }
}

}  // namespace
