// Where a variable's draw was refused or a function refused its arguments, and what is made of it.
#pragma once

#include <vector>

#include "frontend/language/model.hpp"

namespace mc::language {

/// Truth values that hold in the samples where a term is made of no refused draw: of none at all, or of none
/// but those that make the term not a number anyway.
struct Sound {
  TermId full{}, lost{};
};
Sound soundness(Model& model, TermId term);

/// Whether some sample of a variable with that element may have been refused.
bool may_be_refused(const Model& model, TermId element);

/// Not a number where it does not hold; and, what a function gives, so that a truth value stays one.
TermId nan_unless(Terms& terms, TermId holds, TermId value);
TermId refused_unless(Terms& terms, TermId holds, TermId value);

/// A term and those it is made of, in the order that they were made.
std::vector<TermId> reachable(const Terms& terms, TermId root);

}  // namespace mc::language
