// Kernel to kernel. Each pass copies the live part of a kernel through a Builder, so each also shares common
// subexpressions, moves loop invariants out and drops what nothing uses.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <stdexcept>

#include "engine/ir/kernel.hpp"
#include "engine/stages.hpp"

namespace mc::passes {

/// The exact rewrites of docs/contract.md, "Operations": constant folding, identities, strength reductions
/// that keep every bit.
ir::Kernel simplify(const ir::Kernel& kernel);

/// Turns a*b + c into fma(a, b, c): the one place where that is done. Before `expand`, whose error-free
/// transformations must not be touched.
ir::Kernel contract(const ir::Kernel& kernel);

/// A kernel that is no longer worth the memory.
class TooManyOperations : public std::length_error {
  using std::length_error::length_error;
};

/// Writes the mathematical functions out as primitives (engine/passes/functions). Throws TooManyOperations as
/// soon as there are more than `most`.
ir::Kernel expand(const ir::Kernel& kernel, std::size_t most = std::numeric_limits<std::size_t>::max());

/// Loads data just before what uses it first, and before anything is put.
ir::Kernel delay_loads(ir::Kernel kernel);

/// Is shown the kernel as it was built, and as each pass leaves it: simplified, contracted, expanded, and
/// simplified again.
using Seen = std::function<void(const ir::Kernel& kernel)>;

/// All of them in their order: what every back end gets. Marks each of them in `stages`.
/// Throws TooManyOperations where functions written out are more than `most`.
ir::Kernel lower(const ir::Kernel& kernel, Stages& stages, const Seen& seen = {},
                 std::size_t most = std::numeric_limits<std::size_t>::max());
ir::Kernel lower(const ir::Kernel& kernel);

}  // namespace mc::passes
