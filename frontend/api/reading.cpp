// From a record to a report.
#include "frontend/api/reading.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "frontend/language/lowering.hpp"

namespace mc {
namespace {

using language::Estimator;

runtime::Nonfinite policy_of(Nonfinite policy) {
  return policy == Nonfinite::drop ? runtime::Nonfinite::drop : runtime::Nonfinite::nan;
}

runtime::Estimate estimated(const Reading::Query& query, const runtime::Seen& seen,
                            runtime::Nonfinite policy) {
  switch (query.estimator) {
    case Estimator::mean:
      return runtime::mean(seen, 0, policy);
    case Estimator::probability:
      return runtime::probability(seen, 0, policy);
    case Estimator::conditional_probability:
      return runtime::conditional_probability(seen, policy);
    case Estimator::weighted_mean:
      return runtime::weighted_mean(seen, policy);
    case Estimator::weighted_probability:
      return runtime::weighted_probability(seen, policy);
    case Estimator::variance:
      return query.weighted ? runtime::weighted_variance(seen, policy) : runtime::variance(seen, policy);
    case Estimator::deviation:
      return query.weighted ? runtime::weighted_deviation(seen, policy) : runtime::deviation(seen, policy);
    case Estimator::covariance:
      return runtime::covariance(seen, policy);
    case Estimator::correlation:
      return runtime::correlation(seen, policy);
  }
  throw std::logic_error("unknown estimator");
}

Estimate published(runtime::Estimate found) {
  Estimate estimate{.value = found.value,
                    .standard_error = found.standard_error,
                    .variance = found.variance,
                    .samples = found.samples - found.nonfinite,
                    .nonfinite = found.nonfinite,
                    .is_probability = found.is_probability,
                    .scale = static_cast<Scale>(found.scale),
                    .warnings = {}};
  for (runtime::Warning& warning : found.warnings) estimate.warnings.push_back(std::move(warning.text));
  return estimate;
}

/// What floats are good to, beside the error: of a mean the samples' last place, of squares what rounding
/// adds to a variance, and no event is told apart from one that is likelier by as much.
std::string beyond_single_precision(Estimator estimator, const Estimate& estimate,
                                    const runtime::Seen& seen) {
  constexpr double kUnit = 0x1p-24;
  const auto n = static_cast<double>(estimate.samples);
  const double error = estimate.standard_error;
  if (estimate.is_probability)
    return std::max(error, 3 / n) < kUnit
               ? "single precision tells probabilities apart by 6e-08 of 1, and the error is less: use f64"
               : "";
  if (!(error > 0)) return {};
  if (estimator == Estimator::mean || estimator == Estimator::weighted_mean)
    return error < kUnit * std::hypot(estimate.value, error * std::sqrt(n))
               ? "single precision tells samples apart by 6e-08 of themselves, and the error is less: use f64"
               : "";
  for (unsigned i = 0; i < seen.at.group.values; ++i) {
    const double last_place = 2 * kUnit * std::abs(seen.mean(i)), rounding = last_place * last_place / 12;
    if (rounding > runtime::error_of_variance(seen, i))
      return "single precision rounds samples so far from 0 that their variance may change by more than the "
             "error: use f64";
  }
  return {};
}

std::vector<Reading::Query> queries_of(const language::Model& model) {
  std::vector<Reading::Query> queries;
  for (const language::Query& asked : model.queries) {
    const bool is_single = std::ranges::any_of(asked.values, [&](language::TermId value) {
      return model.terms[value].exactness == language::Exactness::single;
    });
    queries.push_back({asked.text, asked.estimator, asked.weighted, asked.varies, is_single});
  }
  return queries;
}

std::vector<Reading::Density> densities_of(const language::Model& model) {
  std::vector<Reading::Density> densities;
  for (const language::Density& each : model.densities) densities.push_back({each.name, each.normalized});
  return densities;
}

kernels::Layout layout_of(const std::vector<Reading::Query>& queries, std::size_t densities) {
  std::vector<kernels::Group> groups;
  for (const Reading::Query& query : queries)
    groups.push_back(language::group_of(query.estimator, query.weighted));
  groups.resize(groups.size() + densities, language::kDensityGroup);
  return kernels::Layout(groups);
}

}  // namespace

Reading::Reading(const language::Model& model) : Reading(queries_of(model), densities_of(model)) {
  for (const auto& function : model.externals)
    if (!function->trouble.empty()) troubles_.push_back(function->trouble);
}

Reading::Reading(std::vector<Query> queries, std::vector<Density> densities)
    : queries_(std::move(queries)),
      densities_(std::move(densities)),
      layout_(layout_of(queries_, densities_.size())) {}

Estimate Reading::estimate(std::size_t query, const double* record, Nonfinite policy) const {
  const Query& asked = queries_[query];
  const runtime::Estimate found = estimated(asked, seen(query, record), policy_of(policy));
  Estimate estimate = published(found);
  if (estimate.nonfinite > 0)
    estimate.warnings.insert(estimate.warnings.end(), troubles_.begin(), troubles_.end());
  // Two values may go along exactly; anything else that varies and was not seen to is not known to be
  // constant.
  const bool may_be_exact = !asked.varies || asked.estimator == Estimator::correlation;
  if (estimate.standard_error == 0 && estimate.samples > 1 && !may_be_exact)
    estimate.warnings.push_back(fmt::format(
        "all {} samples gave the same: if that is by chance, the error is not 0", estimate.samples));
  if (asked.is_single && asked.varies)
    if (std::string why = beyond_single_precision(asked.estimator, estimate, seen(query, record));
        !why.empty())
      estimate.warnings.push_back(std::move(why));
  if (asked.weighted && has_heavy_weights(record, policy_of(policy)) &&
      !found.warns_of(runtime::WarningKind::heavy_tail))
    estimate.warnings.push_back(
        "a few samples carry most of the density's weight, so the error may be far too small; "
        "if it stays so with more samples, the weights' variance is infinite");
  return estimate;
}

/// Of any density: all that is weighted leans on them.
bool Reading::has_heavy_weights(const double* record, runtime::Nonfinite policy) const {
  for (std::size_t k = 0; k < densities_.size(); ++k)
    if (runtime::mean(seen(queries_.size() + k, record), 0, policy)
            .warns_of(runtime::WarningKind::heavy_tail))
      return true;
  return false;
}

/// A weight's mean is its density's integral.
Estimate Reading::integral(std::size_t density, const double* record, Nonfinite policy) const {
  return published(runtime::mean(seen(queries_.size() + density, record), 0, policy_of(policy)));
}

void Reading::report(const double* record, std::uint64_t samples, Nonfinite policy, Report& to) const {
  for (std::size_t k = 0; k < queries_.size(); ++k)
    to.results.push_back({queries_[k].text, estimate(k, record, policy)});
  for (std::size_t k = 0; k < densities_.size(); ++k)
    to.integrals.push_back({densities_[k].name, densities_[k].normalized, integral(k, record, policy)});
  judge_densities(record, samples, to.warnings);
}

void Reading::judge_densities(const double* record, std::uint64_t samples,
                              std::vector<std::string>& warnings) const {
  if (samples == 0) return;
  for (std::size_t k = 0; k < densities_.size(); ++k) {
    const Density& density = densities_[k];
    const std::string about = density.name.empty() ? "" : " of " + density.name;
    const double negative = seen(queries_.size() + k, record).mean(1);
    if (negative > 0)
      warnings.push_back(
          fmt::format("the density{} is negative for {:.3g}% of the samples", about, 100 * negative));
    const runtime::Estimate integral =
        runtime::mean(seen(queries_.size() + k, record), 0, runtime::Nonfinite::drop);
    if (!density.normalized || std::abs(integral.value - 1) <= 5 * integral.standard_error + 1e-12) continue;
    // What heavy tails lack is large, so that an integral comes out too small.
    if (integral.value < 1 && integral.warns_of(runtime::WarningKind::heavy_tail)) continue;
    warnings.push_back(
        fmt::format("the density{} integrates to {}, not to 1", about, to_string(published(integral))));
  }
}

}  // namespace mc
