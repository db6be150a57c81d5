// The ends of the lowering: from a model and its schedule to the kernels made of it.
#include "frontend/language/lowering.hpp"

#include <fmt/format.h>

#include "engine/kernels/sample_map.hpp"
#include "frontend/language/emission.hpp"

namespace mc::language {
namespace {

/// Where what is stored most of was written: with a number past the limit, that is what to look at.
std::optional<Span> most_stored(const Model& model, const Schedule& plan) {
  std::optional<Span> place;
  std::int64_t most = 0;
  const auto see = [&](std::int64_t stored, std::optional<Span> at) {
    if (stored > most) most = stored, place = at;
  };
  for (std::size_t k = 0; k < plan.stored_variables.size(); ++k)
    if (plan.stored_variables[k]) see(model.variables[k].extent, model.variables[k].span);
  for (std::size_t k = 0; k < plan.stored_scans.size(); ++k)
    if (plan.stored_scans[k])
      see(model.terms.scans()[k].range.last, place_in(model.places.scans, static_cast<std::uint32_t>(k)));
  return place;
}

Schedule bounded_schedule(const Model& model, const std::vector<TermId>& roots, bool samples,
                          const Limits& limits) {
  Schedule plan = schedule(model, roots, samples);
  check_stored(plan.stored(model), limits, most_stored(model, plan));
  return plan;
}

/// Elements of the arrays as the kernel knows them: its indices are 32 bits wide.
std::vector<std::uint32_t> array_lengths(const Model& model) {
  constexpr std::int64_t kMost = UINT32_MAX;
  std::vector<std::uint32_t> lengths;
  for (const Array& array : model.arrays) {
    if (array.shape.size() > kMost)
      throw TooLarge(
          fmt::format("{} has {} elements; an array has at most {}", array.name, array.shape.size(), kMost),
          {});
    lengths.push_back(static_cast<std::uint32_t>(array.shape.size()));
  }
  return lengths;
}

/// A kernel whose outputs are the roots' values, with no sampling around it.
ir::Kernel lower_values(const Model& model, const std::vector<TermId>& roots, const Limits& limits) {
  const Schedule plan = bounded_schedule(model, roots, false, limits);
  ir::Builder builder;
  Lowering lowering(model, plan, limits, builder, nullptr);
  lowering.run();
  for (std::uint32_t k = 0; k < roots.size(); ++k) builder.output(k, lowering.value(roots[k]));
  return builder.finish(static_cast<std::uint32_t>(model.scalars.size()), array_lengths(model));
}

}  // namespace

kernels::Group group_of(Estimator estimator, bool weighted) {
  enum Weight { none, needed, either };
  struct Kind {
    unsigned values;
    Weight weight;
  };
  constexpr Kind kKinds[] = {{1, none},   {1, none},   {2, none},   {1, needed}, {1, needed},
                             {1, either}, {1, either}, {2, either}, {2, either}};
  const auto [values, weight] = kKinds[static_cast<std::size_t>(estimator)];
  if (weight != either && weighted != (weight == needed))
    throw std::invalid_argument("lowering: no such estimator");
  return {.values = values, .order = estimator >= Estimator::variance ? 4u : 2u, .weighted = weighted};
}

std::vector<TermId> roots_of(const Model& model) {
  std::vector<TermId> roots;
  for (const Query& query : model.queries)
    roots.insert(roots.end(), query.values.begin(), query.values.end());
  for (const Density& density : model.densities)
    roots.insert(roots.end(), {density.weight, density.negative});
  return roots;
}

std::optional<Span> place_in(const std::unordered_map<std::uint32_t, Span>& places, std::uint32_t number) {
  const auto found = places.find(number);
  return found == places.end() ? std::nullopt : std::optional(found->second);
}

void check_stored(std::int64_t stored, const Limits& limits, std::optional<Span> place) {
  if (stored <= static_cast<std::int64_t>(limits.stored)) return;
  throw TooLarge(fmt::format("a sample of this program has to store {} numbers; at most {} (Limits::stored)",
                             stored, limits.stored),
                 "stored", place);
}

std::vector<kernels::Group> groups(const Model& model) {
  std::vector<kernels::Group> groups;
  for (const Query& query : model.queries) groups.push_back(group_of(query.estimator, query.weighted));
  groups.resize(groups.size() + model.densities.size(), kDensityGroup);
  return groups;
}

namespace {

/// One sample: the roots' values. What it is given has to outlive it.
kernels::Sample sample_of(const Model& model, const std::vector<TermId>& roots, const Schedule& plan,
                          const Limits& limits) {
  return [&](ir::Builder& builder, random::Stream& stream) {
    Lowering lowering(model, plan, limits, builder, &stream);
    lowering.run();
    std::vector<X> values;
    for (TermId root : roots) values.push_back(lowering.value(root));
    stream.align();
    return values;
  };
}

}  // namespace

ir::Kernel lower(const Model& model, random::Generator generator, bool screened, const Limits& limits) {
  const std::vector<TermId> roots = roots_of(model);
  const Schedule plan = bounded_schedule(model, roots, true, limits);
  return kernels::sample_reduce({.generator = generator, .groups = groups(model), .screened = screened},
                                sample_of(model, roots, plan, limits),
                                static_cast<std::uint32_t>(model.scalars.size()), array_lengths(model));
}

ir::Kernel lower_samples(const Model& model, const Query& query, random::Generator generator,
                         const Limits& limits) {
  std::vector<TermId> roots{query.value};
  if (query.weight != TermId::none) roots.push_back(query.weight);
  const Schedule plan = bounded_schedule(model, roots, true, limits);
  return kernels::sample_map(generator, roots.size(), sample_of(model, roots, plan, limits),
                             static_cast<std::uint32_t>(model.scalars.size()), array_lengths(model));
}

ir::Kernel bounded(ir::Kernel kernel, const Limits& limits) {
  if (kernel.nodes.size() <= limits.operations) return kernel;
  throw TooLarge(fmt::format("the program needs a kernel of {} operations; at most {} (Limits::operations)",
                             kernel.nodes.size(), limits.operations),
                 "operations");
}

ir::Kernel lower_point(const Model& model, const Limits& limits) {
  return lower_values(model, roots_of(model), limits);
}

ir::Kernel lower_factor(const Model& model, const Factor& factor, const Limits& limits) {
  return lower_values(model, factor.elements, limits);
}

ir::Kernel lower_requirements(const Model& model, const Limits& limits) {
  std::vector<TermId> roots;
  for (const Requirement& requirement : model.requirements) roots.push_back(requirement.holds);
  for (const Requirement& requirement : model.requirements)
    for (const auto& shown : requirement.shown) roots.push_back(shown.second);
  return lower_values(model, roots, limits);
}

}  // namespace mc::language
