// Parameters by name into the kernel's order; requirements on their values.
#include "frontend/api/binding.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "frontend/api/data.hpp"
#include "frontend/api/errors.hpp"

namespace mc {
namespace {

const Parameter& parameter_of(std::string_view name, const Parameters& parameters) {
  const auto found =
      std::ranges::find(parameters, name, [](const auto& p) -> const std::string& { return p.first; });
  if (found == parameters.end()) throw std::logic_error("a parameter of the signature has no value");
  return found->second;
}

/// As they lie: the columns of a row side by side.
kernels::Table table_of(const Parameter& parameter) {
  const Input numbers = parameter.numbers();
  return {static_cast<const std::byte*>(numbers.data()), parameter.rows(),
          static_cast<std::int64_t>(parameter.columns()) * numbers.stride()};
}

/// The kernel reads as far as the signature says, so that is how long the array has to be.
const double* of_length(const language::Array& array, std::span<const double> values) {
  if (std::cmp_not_equal(values.size(), array.shape.size()))
    throw std::logic_error("an array has not the extents of the signature");
  return values.data();
}

/// Whether two are about the same arguments of the same call: that a shape is not positive says it all, and
/// not that it is below 1e-100 too.
bool are_alike(const language::Requirement& a, const language::Requirement& b) {
  const bool share =
      (a.shown.empty() && b.shown.empty()) || std::ranges::find_first_of(a.shown, b.shown) != a.shown.end();
  return share && a.span == b.span && a.in_density == b.in_density;
}

}  // namespace

/// Those that are not doubles side by side are made so.
std::span<const double> Binding::values_of(std::string_view name, const Parameters& parameters,
                                           const Box* box) {
  if (box != nullptr && name == "box.lo") return box->lo();
  if (box != nullptr && name == "box.hi") return box->hi();
  const Parameter& parameter = parameter_of(name, parameters);
  if (const auto values = parameter.values(); !values.empty()) return values;
  const Input numbers = parameter.numbers();
  std::vector<double>& converted = converted_.emplace_back(numbers.size());
  runtime::pack(array_of(numbers), 0, numbers.size(), ir::Type::f64,
                reinterpret_cast<std::byte*>(converted.data()));
  return converted;
}

void Binding::bind(const language::Model& model, const Parameters& parameters, const Box* box) {
  scalars_.clear();
  arrays_.clear();
  tables_.clear();
  converted_.clear();
  for (const std::string& name : model.scalars) scalars_.push_back(values_of(name, parameters, box)[0]);
  for (const language::Array& array : model.arrays) {
    const std::span<const double> values =
        array.name.empty() ? std::span(array.values) : values_of(array.name, parameters, box);
    arrays_.push_back(of_length(array, values));
  }
  for (const language::Table& table : model.tables) {
    if (!table.name.empty()) {
      tables_.push_back(table_of(parameter_of(table.name, parameters)));
      continue;
    }
    const language::Array& literal = model.arrays[table.array];
    tables_.push_back({reinterpret_cast<const std::byte*>(literal.values.data()),
                       static_cast<std::uint64_t>(literal.shape.rows),
                       static_cast<std::int64_t>(table.columns * sizeof(double))});
  }
}

std::span<double> Binding::own(std::size_t k, std::size_t array, std::size_t size) {
  if (own_.size() <= k) own_.resize(k + 1);
  own_[k].resize(size);
  arrays_[array] = own_[k].data();
  return own_[k];
}

std::vector<double> evaluate(const kernels::Executable& executable, const kernels::Arguments& arguments) {
  std::vector<double> columns(std::size_t{executable.outputs()} * kernels::kLanes);
  std::vector<std::byte> scratch(executable.scratch_bytes() + 64);
  void* start = scratch.data();
  std::size_t space = scratch.size();
  std::align(64, executable.scratch_bytes(), start, space);
  executable.run(arguments, 0, executable.granule(), 1, columns.data(), static_cast<std::byte*>(start));
  std::vector<double> outputs;
  for (unsigned k = 0; k < executable.outputs(); ++k)
    outputs.push_back(columns[std::size_t{k} * kernels::kLanes]);
  return outputs;
}

void check_requirements(const language::Model& model, const kernels::Executable& kernel,
                        kernels::Arguments arguments, const std::stop_token& stop, std::string_view source,
                        std::string_view density) {
  kernels::StopFlag stopped{false};
  const std::stop_callback stopping(stop, [&]() noexcept { stopped = true; });
  arguments.stop = &stopped;
  const std::vector<double> values = evaluate(kernel, arguments);
  if (stopped) return;  // amid them, perhaps; and no sample will be drawn
  std::span<const double> shown = std::span(values).subspan(model.requirements.size());
  language::Diagnostics diagnostics, density_diagnostics;
  std::vector<const language::Requirement*> broken;
  for (std::size_t k = 0; k < model.requirements.size(); ++k) {
    const language::Requirement& requirement = model.requirements[k];
    const auto own = shown.first(requirement.shown.size());
    shown = shown.subspan(own.size());
    if (values[k] != 0 ||
        std::ranges::any_of(broken, [&](const auto* other) { return are_alike(*other, requirement); }))
      continue;
    broken.push_back(&requirement);
    (requirement.in_density ? density_diagnostics : diagnostics)
        .error(language::Category::argument, requirement.span,
               language::violation(requirement.message, requirement.shown, own));
  }
  throw_if_wrong(diagnostics, source);
  throw_if_wrong(density_diagnostics, density, "density");
}

}  // namespace mc
