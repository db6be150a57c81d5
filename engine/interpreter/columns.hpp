// Operations on columns: what the translator and the loops over columns agree on. A column holds one value in
// all lanes; a line, as long as 16 of its lanes, stands for a column whose lanes are all equal.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/host.hpp"
#include "engine/kernels/executable.hpp"

// Nothing here may be an inline function: the loops are compiled for several instruction sets, and the linker
// would keep whichever copy it likes.
namespace mc::interpreter {

enum class ColumnOp : std::uint16_t {
#define MC_COLUMN(name) name,
#include "engine/interpreter/columns.def"
};

inline constexpr unsigned kUnit = 16;              ///< lanes computed at once: the granule
inline constexpr std::uint32_t kLine = 8 * kUnit;  ///< bytes of a value that is the same in every lane
inline constexpr std::uint32_t kColumn = 8 * kernels::kLanes;  ///< bytes of a value that varies
inline constexpr unsigned kMaxOperands = 7;

/// Where a value stands: its byte offset in the frame, a multiple of kLine, plus kVaries for a column.
using Place = std::uint32_t;
inline constexpr Place kVaries = 1;

/// One call's memory and arguments.
struct Frame {
  std::byte* base;
  const kernels::Arguments* arguments;
  double* out;          ///< of the first lane computed
  std::uint32_t lanes;  ///< to compute, a multiple of kUnit
  std::uint32_t first;  ///< number of the first lane
  std::uint32_t steps;
  std::uint32_t whole;  ///< steps before the one through data that only the first `part` lanes take
  std::uint32_t part;   ///< and which alone have a result then; else all lanes
};

struct Instruction;

/// Carries an instruction out; gives the one to go on with, null at the end and where a loop was asked to
/// stop.
using Handler = const Instruction* (*)(const Instruction*, const Frame*);

struct Instruction {
  Handler handler;
  Place to;
  std::uint32_t from[kMaxOperands];  ///< operands' offsets; memory and control also keep plain numbers here
};

/// The handlers of all operations, compiled for one instruction set.
const Handler* baseline_handlers();
const Handler* avx2_handlers();
const Handler* avx512_handlers();

}  // namespace mc::interpreter
