// The passes in their order, which is part of the reproducibility contract: a rewrite that makes or unmakes
// products before contraction changes what becomes an fma, and with it results. Contraction sees the program
// but not the expansions of functions, whose error-free transformations it would break; the second
// simplification folds what expansion made of constants.
#include <stdexcept>
#include <string>

#include "engine/ir/bounds.hpp"
#include "engine/ir/verify.hpp"
#include "engine/passes/passes.hpp"
#include "engine/passes/simplifier.hpp"

namespace mc::passes {
namespace {

/// In debug builds, what a pass has made is verified: a fault is the pass's, never that of a user's program.
void check([[maybe_unused]] std::string_view pass, [[maybe_unused]] const ir::Kernel& kernel,
           [[maybe_unused]] ir::Level level) {
#ifndef NDEBUG
  std::string faults;
  for (const std::string& line : ir::verify(kernel, level)) faults += "\n  " + line;
  if (!faults.empty()) throw std::logic_error("passes: malformed after " + std::string(pass) + faults);
#endif
}

/// In release builds too, for it costs next to nothing: no back end gets a kernel that could touch memory
/// that is not its own.
ir::Kernel in_bounds(ir::Kernel kernel) {
  if (const std::string fault = ir::Bounds(kernel).first_fault(); !fault.empty())
    throw std::logic_error("passes: out of bounds: " + fault);
  return kernel;
}

}  // namespace

ir::Kernel lower(const ir::Kernel& kernel, Stages& stages, const Seen& seen, std::size_t most) {
  using enum ir::Level;
  const auto look = [&](const char* pass, const ir::Kernel& made, ir::Level level) {
    check(pass, made, level);
    if (seen) seen(made);
  };
  const auto checked = [&](const char* pass, ir::Kernel made, ir::Level level) {
    stages.mark(pass);
    look(pass, made, level);
    return made;
  };
  look("building", kernel, functions);
  const auto simple = checked("simplify", simplify_once(kernel), functions);
  const auto contracted = checked("contract", contract(simple), functions);
  const auto expanded = checked("expand", expand(contracted, most), primitives);
  auto finished = in_bounds(checked("simplify", delay_loads(simplify(expanded)), primitives));
  stages.mark("bounds");
  return finished;
}

ir::Kernel lower(const ir::Kernel& kernel) {
  Stages stages;
  return lower(kernel, stages);
}

}  // namespace mc::passes
