// Factors of covariances: multiplied again they give what they were made of; and what is no covariance is
// told.
#include "frontend/language/covariance.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mc::language {
namespace {

using Matrix = std::vector<double>;

Matrix factor(FactorKind kind, const Matrix& covariance, std::size_t n) {
  Matrix made(n * n, -1);
  EXPECT_EQ(factorize(kind, covariance, n, "S", made), "");
  return made;
}

/// A Aᵀ.
Matrix square(const Matrix& a, std::size_t n) {
  Matrix product(n * n, 0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k) product[i * n + j] += a[i * n + k] * a[j * n + k];
  return product;
}

Matrix times(const Matrix& a, const Matrix& b, std::size_t n) {
  Matrix product(n * n, 0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k) product[i * n + j] += a[i * n + k] * b[k * n + j];
  return product;
}

/// Nothing special about its entries: those of B are fractions of a golden rotation, S = B Bᵀ + I.
Matrix some_covariance(std::size_t n) {
  Matrix b(n * n);
  for (std::size_t k = 0; k < b.size(); ++k) {
    const double turn = 0.6180339887498949 * static_cast<double>(k + 1);
    b[k] = turn - std::floor(turn) - 0.5;
  }
  Matrix s = square(b, n);
  for (std::size_t i = 0; i < n; ++i) s[i * n + i] += 1;
  return s;
}

TEST(Covariance, IsItsFactorTimesItsTranspose) {
  for (const std::size_t n : {1u, 2u, 3u, 7u, 40u}) {
    const Matrix s = some_covariance(n), lower = factor(FactorKind::lower, s, n), again = square(lower, n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        EXPECT_NEAR(again[i * n + j], s[i * n + j], 1e-14 * static_cast<double>(n)) << i << ", " << j;
        EXPECT_TRUE(j <= i || lower[i * n + j] == 0);
      }
  }
  EXPECT_EQ(factor(FactorKind::lower, {4, 2, 2, 5}, 2), (Matrix{2, 0, 1, 2}));
}

TEST(Covariance, HasAnInverseFactor) {
  for (const std::size_t n : {1u, 2u, 3u, 7u, 40u}) {
    const Matrix s = some_covariance(n);
    const Matrix one = times(factor(FactorKind::inverse, s, n), factor(FactorKind::lower, s, n), n);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        EXPECT_NEAR(one[i * n + j], i == j ? 1 : 0, 1e-14 * static_cast<double>(n)) << i << ", " << j;
  }
  EXPECT_EQ(factor(FactorKind::inverse, {4, 2, 2, 5}, 2), (Matrix{0.5, 0, -0.25, 0.5}));
}

TEST(Covariance, TellsWhyAMatrixIsNone) {
  struct Refusal {
    Matrix matrix;
    std::string why;
  };
  const std::string minor = "S must be positive definite: its leading minor of order ";
  const Refusal refusals[] = {
      {{1, 0.5, 0.4, 1}, "S must be symmetric: S_{1,2} is 0.5, and S_{2,1} is 0.4"},
      {{1, 0, 0, 0, 1, 2, 0, 3, 1}, "S must be symmetric: S_{2,3} is 2, and S_{3,2} is 3"},
      {{1, NAN, NAN, 1}, "S must be finite: S_{2,1} is nan"},
      {{INFINITY}, "S must be finite: S_{1,1} is inf"},
      {{0}, minor + "1 is not positive"},
      {{-1, 0, 0, 1}, minor + "1 is not positive"},
      {{1, 2, 2, 1}, minor + "2 is not positive"},
      {{1, 1, 1, 1}, minor + "2 is not positive"},
      {{1, 0, 0, 0, 1, 1, 0, 1, 0.5}, minor + "3 is not positive"},
  };
  for (const Refusal& refusal : refusals) {
    Matrix made(refusal.matrix.size());
    const auto n = static_cast<std::size_t>(std::lround(std::sqrt(refusal.matrix.size())));
    EXPECT_EQ(factorize(FactorKind::lower, refusal.matrix, n, "S", made), refusal.why);
    EXPECT_EQ(factorize(FactorKind::inverse, refusal.matrix, n, "S", made), refusal.why);
  }
}

/// Of thousands of rows it takes seconds.
TEST(Covariance, IsLeftAtAStop) {
  std::stop_source stop;
  stop.request_stop();
  for (const FactorKind kind : {FactorKind::lower, FactorKind::inverse}) {
    Matrix made(4, 7.0);
    EXPECT_EQ(factorize(kind, Matrix{2, 1, 1, 3}, 2, "S", made, stop.get_token()), "");
    EXPECT_EQ(made, Matrix(4));
  }
}

/// What a sum in another order leaves is no slip.
TEST(Covariance, ForgivesRounding) {
  Matrix made(4);
  EXPECT_EQ(factorize(FactorKind::lower, Matrix{1, 0.1 + 0.2, 0.3, 1}, 2, "S", made), "");
  EXPECT_EQ(factorize(FactorKind::lower, Matrix{1e-200, 0, 0, 1e200}, 2, "S", made), "");
  EXPECT_NE(factorize(FactorKind::lower, Matrix{1, 0.3 + 1e-11, 0.3, 1}, 2, "S", made), "");
}

}  // namespace
}  // namespace mc::language
