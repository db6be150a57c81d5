// Model → kernel IR. The kernel still holds mathematical functions: passes::lower comes next.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kernels/sample_reduce.hpp"
#include "frontend/language/limits.hpp"
#include "frontend/language/model.hpp"

namespace mc::language {

/// A program whose kernel would be larger than a named limit; what() says which.
class TooLarge : public std::runtime_error {
 public:
  TooLarge(const std::string& what, std::string_view limit, std::optional<Span> place = {})
      : std::runtime_error(what), limit(limit), place(place) {}

  std::string_view limit;     ///< its name; empty for what cannot be raised
  std::optional<Span> place;  ///< what takes it past the limit, where that stands in the text
};

/// The values that an estimator is made of, with a weight or without. Throws std::invalid_argument where the
/// estimator has no such.
kernels::Group group_of(Estimator estimator, bool weighted);

/// A density's: its weight, whether that is negative.
inline constexpr kernels::Group kDensityGroup{.values = 2};

/// The groups of values that the model's kernel accumulates: one a query, then one a density.
std::vector<kernels::Group> groups(const Model& model);

/// The terms that the queries and densities ask for.
std::vector<TermId> roots_of(const Model& model);

/// The sample-and-reduce kernel of all queries. Throws TooLarge.
ir::Kernel lower(const Model& model, random::Generator generator, bool screened, const Limits& limits = {});

/// The kernel that gives samples themselves: the query's value and, where it has one, its weight. Throws
/// TooLarge.
ir::Kernel lower_samples(const Model& model, const Query& query, random::Generator generator,
                         const Limits& limits = {});

/// The kernel itself if it is no larger than Limits::operations, which counts what functions were expanded
/// to; else throws TooLarge.
ir::Kernel bounded(ir::Kernel kernel, const Limits& limits = {});

/// A kernel without randomness: output k is value k of the queries, for lane 0. For models without variables.
ir::Kernel lower_point(const Model& model, const Limits& limits = {});

/// The elements of a factor's covariance, row by row.
ir::Kernel lower_factor(const Model& model, const Factor& factor, const Limits& limits = {});

/// Output k tells whether requirement k holds (1 or 0); after them, in order, the values each one shows.
ir::Kernel lower_requirements(const Model& model, const Limits& limits = {});

}  // namespace mc::language
