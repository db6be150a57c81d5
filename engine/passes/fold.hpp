// One operation on bit patterns, exactly as operations.def says: for folding constants, and as the reference
// in tests.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/ir/types.hpp"

namespace mc::passes {

/// The bits of `op` applied to operands given as bits (the unused high ones zero); `type` is the type of the
/// last operand, which but for select's condition is that of all. Nothing for leaves, memory, structure and
/// functions, and for shifts by the width or more. Arithmetic that gives NaN gives the plain one, 0x7ff8… or
/// 0x7fc0….
std::optional<std::uint64_t> fold(ir::Op op, ir::Type type, std::span<const std::uint64_t> operands);

}  // namespace mc::passes
