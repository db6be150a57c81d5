// Types of the kernel IR, the operations as an enumeration, and what the table in operations.def says of
// each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

namespace mc::ir {

/// A lane's view of a value; back ends widen it to columns, vectors or threads. `none`: the operation gives
/// no value.
enum class Type : std::uint8_t { none, i1, u32, u64, f32, f64 };

/// How an operation's result type follows from its operands' types.
enum class Rule : std::uint8_t {
  leaf,  ///< no operand; the type is stated
  leaf_u64,
  leaf_u32,
  floats,            ///< all operands one float type, which is the result's
  compare_floats,    ///< two of one float type give i1
  integers,          ///< all operands one of u32, u64, which is the result's
  compare_integers,  ///< two of one integer type give i1
  bits,              ///< all operands one of i1, u32, u64, which is the result's
  select,            ///< i1, T, T give T
  to_bits,           ///< f64 → u64, f32 → u32
  from_bits,         ///< u64 → f64, u32 → f32
  to_f64,            ///< u64, u32, f32 → f64
  to_f32,            ///< f64 → f32
  widen,             ///< u32 → u64
  narrow,            ///< u64 → u32
  element,           ///< u32 → f64
  load,              ///< u32 → f64
  store,             ///< u32, f64 → none
  datum_f64,         ///< u32 → f64
  datum_f32,         ///< u32 → f32
  put,               ///< u32, f64 or f32 → none
  cell_f64,          ///< u64, u32 → f64
  cell_f32,          ///< u64, u32 → f32
  output,            ///< f64 → none
  loop,              ///< u32 → none
};

enum class Op : std::uint8_t {
#define MC_OPERATION(name, arity, rule, meaning) name,
#include "engine/ir/operations.def"
#undef MC_OPERATION
// Mathematical functions: part of the language of kernels until passes/expand writes them out as primitives.
#define MC_FUNCTION(name, arity) name##_function,
#include "engine/ir/functions.def"
#undef MC_FUNCTION
};

struct OpInfo {
  std::string_view name;
  std::uint8_t arity;
  Rule rule;
  bool is_function;  ///< a mathematical function, not a primitive
  std::string_view meaning;
};

inline constexpr OpInfo kOperations[] = {
#define MC_OPERATION(name, arity, rule, meaning) {#name, arity, Rule::rule, false, meaning},
#include "engine/ir/operations.def"
#undef MC_OPERATION
#define MC_FUNCTION(name, arity) \
  {#name, arity, Rule::floats, true, "mathematical function, see passes/functions"},
#include "engine/ir/functions.def"
#undef MC_FUNCTION
};

/// How many operations there are, functions included.
constexpr std::size_t op_count() { return std::size(kOperations); }

/// The table's line for an operation.
constexpr const OpInfo& info(Op op) { return kOperations[static_cast<std::size_t>(op)]; }

/// Keeps its place and its order: memory and structure. All others may be shared, moved out of loops and
/// dropped, also `element`, whose index must therefore be right wherever the operation stands, `select` or
/// not.
constexpr bool is_pinned(Op op) {
  return op == Op::load || op == Op::store || op == Op::put || op == Op::output || op == Op::loop;
}

/// Reads a data array.
constexpr bool is_datum(Op op) { return op == Op::datum_f64 || op == Op::datum_f32; }

/// Reads a table.
constexpr bool is_cell(Op op) { return op == Op::cell_f64 || op == Op::cell_f32; }

/// Its immediate is the number of a scalar, array, row, data array, table or column.
constexpr bool has_number(Op op) {
  return op == Op::scalar || op == Op::element || op == Op::load || op == Op::store || is_datum(op) ||
         is_cell(op) || op == Op::table_rows || op == Op::put || op == Op::output;
}

/// Writes memory, and gives no value.
constexpr bool is_write(Op op) { return op == Op::store || op == Op::put || op == Op::output; }

/// Reads memory, so that its value is not its operands' alone.
constexpr bool is_read(Op op) {
  return op == Op::element || op == Op::load || is_datum(op) || is_cell(op) || op == Op::table_rows;
}

/// Names a part of a loop; only loops make these.
constexpr bool is_loop_part(Op op) { return op == Op::index || op == Op::carried || op == Op::result; }

/// The operation of that name, if there is one.
std::optional<Op> op_named(std::string_view name);

std::string_view name(Type type);
std::optional<Type> type_named(std::string_view name);

constexpr bool is_float(Type t) { return t == Type::f64 || t == Type::f32; }
constexpr bool is_integer(Type t) { return t == Type::u64 || t == Type::u32; }
constexpr unsigned bit_width(Type t) {
  return t == Type::f64 || t == Type::u64   ? 64
         : t == Type::f32 || t == Type::u32 ? 32
         : t == Type::i1                    ? 1
                                            : 0;
}

/// The result type that `rule` gives for these operand types, or nothing where they do not fit. For leaves
/// whose type is stated rather than derived the answer is `none`.
std::optional<Type> result_type(Rule rule, std::span<const Type> operands);

}  // namespace mc::ir
