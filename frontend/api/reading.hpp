// What a program's records mean: as much of the program as its results need. Where records came from another
// process, the program itself, its parameters and its data need not be there.
#pragma once

#include <string>
#include <vector>

#include <mc/mc.hpp>

#include "engine/kernels/statistics.hpp"
#include "frontend/language/model.hpp"
#include "runtime/estimate/estimate.hpp"

namespace mc {

class Reading {
 public:
  struct Query {
    std::string text;  ///< canonical: E[sum(x_i^2)]
    language::Estimator estimator = language::Estimator::mean;
    bool weighted = false;
    bool varies = false;     ///< what is asked for depends on a random variable
    bool is_single = false;  ///< a value of it is a float
    bool operator==(const Query&) const = default;
  };
  struct Density {
    std::string name;  ///< its variable's; empty for the density beside a moment
    bool normalized = true;
    bool operator==(const Density&) const = default;
  };

  explicit Reading(const language::Model& model);
  /// Throws std::invalid_argument where a query's estimator and its having weights do not go together.
  Reading(std::vector<Query> queries, std::vector<Density> densities);
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  const std::vector<Query>& queries() const { return queries_; }
  const std::vector<Density>& densities() const { return densities_; }
  const kernels::Layout& layout() const { return layout_; }
  bool operator==(const Reading& other) const {
    return queries_ == other.queries_ && densities_ == other.densities_;
  }

  Estimate estimate(std::size_t query, const double* record, Nonfinite policy) const;

  /// What of a report a record tells: results, integrals, and warnings about the densities.
  void report(const double* record, std::uint64_t samples, Nonfinite policy, Report& to) const;

  /// The integral is 1, unless the density says that it is not or is none; and no density is negative.
  void judge_densities(const double* record, std::uint64_t samples, std::vector<std::string>& warnings) const;

 private:
  runtime::Seen seen(std::size_t group, const double* record) const {
    return {layout_.groups[group], record};
  }
  Estimate integral(std::size_t density, const double* record, Nonfinite policy) const;
  bool has_heavy_weights(const double* record, runtime::Nonfinite policy) const;

  std::vector<Query> queries_;
  std::vector<Density> densities_;
  std::vector<std::string> troubles_;  ///< what samples that are not finite may come from
  kernels::Layout layout_;
};

}  // namespace mc
