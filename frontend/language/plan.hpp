// A model's schedule in the program's own words, for people who ask what is fused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/language/model.hpp"

namespace mc::language {

/// What is computed in one go for each of so many rounds.
struct PlannedLoop {
  std::uint64_t rounds = 1;
  std::vector<std::string> draws;  ///< random variables
  std::vector<std::string> folds;  ///< sum(x_i^2), as it stands in the text
  bool random = true;              ///< false: it is the same for all samples, so it is run once a tile
};

struct Plan {
  std::vector<PlannedLoop> loops;  ///< in the order in which they are run; variables without one have 1 round
  std::uint64_t draws = 0;         ///< uniform variates and rows' numbers of a sample
  bool rejects = false;            ///< and more, where draws are rejected
  std::uint64_t stored = 0;        ///< numbers of a sample that are kept for a later loop
};

/// `text` is the program's.
Plan planned(const Model& model, std::string_view text);

}  // namespace mc::language
