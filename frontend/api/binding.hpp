// A call's numbers as a kernel's arguments.
#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include <mc/mc.hpp>

#include "engine/kernels/executable.hpp"
#include "frontend/language/model.hpp"

namespace mc {

/// Kept and used again by one thread, so that a warm call allocates nothing. Borrows the call's arrays.
class Binding {
 public:
  void bind(const language::Model& model, const Parameters& parameters, const Box* box);
  kernels::Arguments arguments(std::uint64_t seed) const {
    return {.seed = seed,
            .tile = 0,
            .scalars = scalars_.data(),
            .arrays = arrays_.data(),
            .tables = tables_.data()};
  }
  std::span<const double> scalars() const { return scalars_; }
  const kernels::Table& table(std::size_t number) const { return tables_[number]; }
  std::span<const double> array(std::size_t number, std::size_t size) const {
    return {arrays_[number], size};
  }

  /// Memory of its own, the kth of such, for an array whose values the call makes.
  std::span<double> own(std::size_t k, std::size_t array, std::size_t size);

 private:
  std::span<const double> values_of(std::string_view name, const Parameters& parameters, const Box* box);

  std::vector<double> scalars_;
  std::vector<const double*> arrays_;
  std::vector<kernels::Table> tables_;
  std::vector<std::vector<double>> own_, converted_;
};

/// Runs a kernel without sampling, such as a model's requirements, for one lane; its outputs.
std::vector<double> evaluate(const kernels::Executable& executable, const kernels::Arguments& arguments);

/// Throws ArgumentError for requirements that do not hold, at their places in the text. `kernel` is what
/// language::lower_requirements gives. Stopped, it leaves them unchecked. `density` is the text beside a
/// moment, if there is one.
void check_requirements(const language::Model& model, const kernels::Executable& kernel,
                        kernels::Arguments arguments, const std::stop_token& stop, std::string_view source,
                        std::string_view density = {});

}  // namespace mc
