// Programs of every kind of record, and all that a report says of them: for tests of runs that are put
// together.
#pragma once

#include <gtest/gtest.h>
#include <bit>
#include <cstdint>
#include <functional>
#include <string>

#include <mc/mc.hpp>

namespace mc::testing {

constexpr std::uint64_t kTile = 8192;

inline std::string bits(double x) { return std::to_string(std::bit_cast<std::uint64_t>(x)); }

/// All numbers and words of a report that are the program's.
inline std::string found(const mc::Report& report) {
  std::string all = std::to_string(report.samples) + "\n";
  const auto add = [&](const mc::Estimate& e) {
    all += bits(e.value) + " " + bits(e.standard_error) + " " + std::to_string(e.samples) + " " +
           std::to_string(e.nonfinite);
    for (const std::string& warning : e.warnings) all += " " + warning;
    all += "\n";
  };
  for (const auto& result : report.results) add(result.estimate);
  for (const auto& integral : report.integrals) add(integral.estimate);
  for (const std::string& warning : report.warnings) all += warning + "\n";
  return all;
}

/// An ArgumentError that says so.
inline void expect_refusal(const std::function<void()>& call, const std::string& says) {
  try {
    call();
    ADD_FAILURE() << "nothing was said, instead of: " << says;
  } catch (const ArgumentError& error) {
    EXPECT_NE(std::string(error.what()).find(says), std::string::npos)
        << error.what() << "instead of " << says;
  }
}

struct Case {
  const char* name;
  const char* program;
  mc::Parameters parameters = {};
};

inline const Case kCases[] = {
    {"mean", "x ~ uniform(0, 1)^10; E[sum(x_i^2)]"},
    {"several", "x ~ normal(0, 1)^2; E[max(x)], Var[x_1], Std[x_2], P[x_1 < x_2], Corr[x_1, x_1 + x_2]"},
    {"condition", "x ~ uniform(0, 1)^2; E[x_1 | x_2 > 0.7], P[x_1 < 0.1 | x_2 > 0.9]"},
    {"weights", "x ~ density(x/2, 0, 2); E[x], Var[x], Cov[x, x^2]"},
    {"two_values", "x ~ normal(0, 1)^2; Cov[x_1, x_2], Cov[x_1, x_2 | x_1 > 0], Std[x_1 | x_2 > 0]"},
    {"unnormalized", "x ~ unnormalized(exp(-x), 0, 5); E[x], P[x > 1], E[x | x < 1]"},
    {"rejection", "x ~ gamma(0.7, 2); E[x]"},
    {"not_finite", "x ~ normal(0, 1); E[if(x > 3.5, 1/0, x)]"},
    {"parameters", "x ~ normal(m, 1)^2; E[sum(a_i*x_i)]", {{"m", 3}, {"a", {1.0, 2.0}}}},
    {"rows_drawn", "x ~ data(A); E[x]", {{"A", {1.0, 5.0, 2.0}}}},
};

}  // namespace mc::testing
