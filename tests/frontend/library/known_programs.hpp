// Programs whose queries have exact values: within 5 standard errors, and the same bits from every back end.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

/// A program, the exact values of its queries, and what it is given.
struct Known {
  std::string program;
  std::vector<double> exact;
  mc::Parameters parameters = {};
};

inline void PrintTo(const Known& known, std::ostream* out) { *out << known.program; }

inline std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

/// Floats are off by some units of their last place, which shows where the error is small.
inline double roundings(mc::Precision precision, double exact) {
  return precision == mc::Precision::f64 ? 0 : 4e-6 * std::abs(exact);
}

inline void expect_known(const Known& known, mc::Precision precision) {
  const mc::Moment moment = mc::compile(known.program);
  const auto run = [&](mc::Backend backend) {
    return moment.run({.samples = 200'000,
                       .seed = 3,
                       .parameters = known.parameters,
                       .backend = backend,
                       .precision = precision});
  };
  const mc::Report one = run(mc::Backend::interpreter), other = run(mc::Backend::llvm);
  ASSERT_EQ(one.results.size(), known.exact.size());
  for (std::size_t k = 0; k < known.exact.size(); ++k) {
    const mc::Estimate &e = one.results[k].estimate, &same = other.results[k].estimate;
    EXPECT_GT(e.standard_error, 0) << one.results[k].query;
    EXPECT_NEAR(e.value, known.exact[k], 5 * e.standard_error + roundings(precision, known.exact[k]))
        << one.results[k].query;
    EXPECT_EQ(e.nonfinite, 0U);
    EXPECT_EQ(bits(e.value), bits(same.value)) << one.results[k].query;
    EXPECT_EQ(bits(e.standard_error), bits(same.standard_error)) << one.results[k].query;
  }
}

inline void expect_known(const Known& known) {
  for (const mc::Precision precision : {mc::Precision::f64, mc::Precision::f32}) {
    SCOPED_TRACE(precision == mc::Precision::f64 ? "f64" : "f32");
    expect_known(known, precision);
  }
}
