// The factors of a model's covariances, made anew for each call's parameters.
#pragma once

#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "engine/kernels/executable.hpp"
#include "frontend/api/binding.hpp"
#include "frontend/language/limits.hpp"
#include "frontend/language/model.hpp"

namespace mc {

class Factors {
 public:
  /// Throws language::TooLarge.
  Factors(const language::Model& model, const language::Limits& limits);

  /// Into the arrays of what is bound; after a stop they are unfinished. Throws ArgumentError where a
  /// covariance is none, at its place in the text.
  void make(const language::Model& model, Binding& binding, std::string_view source,
            const std::stop_token& stop) const;

 private:
  std::vector<std::unique_ptr<kernels::Executable>> elements_;  ///< of covariances that are computed
};

}  // namespace mc
