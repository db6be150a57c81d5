// Cholesky's factorization, row by row (Golub and Van Loan, "Matrix Computations", section 4.2), and the
// inverse of a triangular matrix by forward substitution.
#include "frontend/language/covariance.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace mc::language {
namespace {

/// A square matrix in rows.
template <class T>
struct Square {
  std::span<T> elements;
  std::size_t rows;
  T& operator()(std::size_t i, std::size_t j) const { return elements[i * rows + j]; }
};

std::string entry(std::string_view name, std::size_t i, std::size_t j, double value) {
  return fmt::format("{}_{{{},{}}} is {}", name, i + 1, j + 1, value);
}

std::string asymmetry(Square<const double> a, std::string_view name) {
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      if (!std::isfinite(a(i, j)))
        return fmt::format("{} must be finite: {}", name, entry(name, i, j, a(i, j)));
      const double most = kAsymmetry * std::sqrt(std::abs(a(i, i)) * std::abs(a(j, j)));
      if (std::abs(a(i, j) - a(j, i)) <= most || a(i, j) == a(j, i)) continue;
      return fmt::format("{} must be symmetric: {}, and {}", name, entry(name, j, i, a(j, i)),
                         entry(name, i, j, a(i, j)));
    }
  return {};
}

/// L from the lower triangle. Row k ends with the root of the quotient of two leading minors.
std::string cholesky(Square<const double> a, std::string_view name, Square<double> l,
                     const std::stop_token& stop) {
  for (std::size_t i = 0; i < a.rows && !stop.stop_requested(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = a(i, j);
      for (std::size_t k = 0; k < j; ++k) rest -= l(i, k) * l(j, k);
      if (i != j) {
        l(i, j) = rest / l(j, j);
        continue;
      }
      if (!(rest > 0))
        return fmt::format("{} must be positive definite: its leading minor of order {} is not positive",
                           name, i + 1);
      l(i, i) = std::sqrt(rest);
    }
  }
  return {};
}

/// In place, row by row: row i of the inverse needs row i of L, and the rows of the inverse above it, which
/// are gone through as they lie in memory.
void invert(Square<double> l, const std::stop_token& stop) {
  std::vector<double> sums(l.rows);
  for (std::size_t i = 0; i < l.rows && !stop.stop_requested(); ++i) {
    const double diagonal = l(i, i);
    std::fill_n(sums.begin(), i, 0.0);
    for (std::size_t k = 0; k < i; ++k)
      for (std::size_t j = 0; j <= k; ++j) sums[j] += l(i, k) * l(k, j);
    for (std::size_t j = 0; j < i; ++j) l(i, j) = -sums[j] / diagonal;
    l(i, i) = 1 / diagonal;
  }
}

}  // namespace

std::string factorize(FactorKind kind, std::span<const double> covariance, std::size_t rows,
                      std::string_view name, std::span<double> factor, const std::stop_token& stop) {
  const Square<const double> given{covariance, rows};
  const Square<double> made{factor, rows};
  std::ranges::fill(factor, 0.0);
  std::string refusal = asymmetry(given, name);
  if (refusal.empty()) refusal = cholesky(given, name, made, stop);
  if (refusal.empty() && kind == FactorKind::inverse) invert(made, stop);
  return refusal;
}

}  // namespace mc::language
