// Factors of covariance matrices on the host, in a fixed order of plain additions, multiplications, divisions
// and square roots: the same bits wherever it runs.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "frontend/language/model.hpp"

namespace mc::language {

/// How far two entries that should be equal may lie apart, beside their deviations' product: what sums in
/// another order leave, but no slip of a person.
inline constexpr double kAsymmetry = 1e-12;

/// Writes the factor of a rows by rows matrix to `factor`, with zeros above the diagonal. Returns why the
/// matrix is no covariance, in words that call it `name`; nothing where it is one. After a stop the factor is
/// unfinished.
std::string factorize(FactorKind kind, std::span<const double> covariance, std::size_t rows,
                      std::string_view name, std::span<double> factor, const std::stop_token& stop = {});

}  // namespace mc::language
