// The test table: programs of the language.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace mc::testing {

/// Programs with exact values, and some for the corners: settling loops, rows, conditions, densities, samples
/// that are not finite, more groups than shared memory holds.
inline std::vector<std::string> program_table() {
  std::vector<std::string> programs{
      "x ~ normal(0, 1)^3; Var[max(x)*exp(x_1)]",
      "x ~ exponential(1)^7; E[sum(x_{i+1}/x_i)]",
      "x ~ uniform(0, 1)^6; f(k) = max(cumsum(x - 0.1*k)); E[sum(f(i)*x_i)]",
      "x ~ normal(0, 1)^7; Var[sum(x_i*max(cumsum(x - x_i)_{j + 1}))]",
      "x ~ uniform(-1, 1); E[log(x)]",
      "x ~ uniform(-1, 1); E[log(x) | x > 0.9]",
      "x ~ normal(0, 1)^2; Corr[x_1, x_1*x_2 | x_1 > 1]",
      "x ~ normal(0, 1)^2; Cov[x_1, x_2], Corr[x_1, x_1*x_2], P[x_1 < x_2]",
      "x ~ unnormalized(exp(-x^4), -4, inf); Std[x | x > -1]",
      "x ~ gamma(0.4, 2)^6; k ~ poisson(sum(x)); y ~ beta(2, k + 1); E[y*k]",
      "m ~ gamma(2, 1); x ~ binomial(20, 1/(1 + m))^3; Var[max(x) + m]",
      "a = [1, 2, 3, 4, 5, 6]; x ~ beta(a, 0.7); E[prod(x)]",
      "x ~ normal(0, 1e6)^2; E[sin(x_1)*tan(x_2)]",
      "x ~ normal(0, 1)^252; s = cumsum(x); E[max(exp(0.01*max(s)) - 1, 0)]",
      "x ~ normal(1e200, 1e200); Var[x]",
      "x ~ uniform(0, 1)^5; E[x_1], E[x_2], E[x_3], E[x_4], E[x_5], E[x_1*x_2], Var[x_1], Var[x_2]",
      "x ~ data([1, 2, 5, 7]); E[x], Var[x^2]",
      "x ~ data([[1, 2], [3, 4], [5, 7]]); y ~ rows([3, 1, 2]); E[x_1*exp(x_2/y)]",
      "E[2]",
  };
  for (const char* table : {"moments", "integrals"}) {
    const std::string path = "tests/conformance/" + std::string(table) + ".tsv";
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path + " is not there: run it in the repository's root");
    std::string line, id, text;
    std::getline(file, line);  // the columns' names
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::getline(fields, id, '\t');
      std::getline(fields, text, '\t');
      programs.push_back(text);
    }
  }
  return programs;
}

}  // namespace mc::testing
