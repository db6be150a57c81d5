// The tables behind operations.hpp, worked out from columns.def while compiling.
#include "engine/interpreter/operations.hpp"

#include <iterator>
#include <string_view>

namespace mc::interpreter {
namespace {

enum class Kind { primitive, variant, conversion, fused, structure };

/// A row of columns.def; which fields mean something depends on its kind.
struct Row {
  Kind kind;
  ColumnOp op;
  std::string_view name;
  ir::Type type = ir::Type::none;
  unsigned arity = 0;
  unsigned fixed = 0;
  ColumnOp general = op;  ///< of fused pairs: inner
  ColumnOp outer = op;
  decltype(Fusion::wires) wires{};
};

constexpr std::int8_t R = Fusion::kResult, N = Fusion::kNew;

constexpr Row kRows[] = {
#define MC_PRIMITIVE(op, T, arity, expression) Row{Kind::primitive, ColumnOp::op##_##T, #op, ir::Type::T, arity},
#define MC_VARIANT(name, general, fixed) \
  Row{Kind::variant, ColumnOp::name, #name, ir::Type::none, 0, fixed, ColumnOp::general},
#define MC_SHIFT_VARIANT(name, general, T, expression) \
  Row{Kind::variant, ColumnOp::name, #name, ir::Type::none, 0, 0b10, ColumnOp::general},
#define MC_CONVERSION(op, T, widens, expression) Row{Kind::conversion, ColumnOp::op##_##T, #op, ir::Type::T, 1, widens},
#define MC_FUSED(name, inner, outer, fixed, ...) \
  Row{Kind::fused, ColumnOp::name, #name, ir::Type::none, 0, fixed, ColumnOp::inner, ColumnOp::outer, {__VA_ARGS__}},
#define MC_STRUCTURE(name) Row{Kind::structure, ColumnOp::name, #name},
#include "engine/interpreter/columns.def"
};
constexpr std::size_t kCount = std::size(kRows);

constexpr std::string_view kCommutative[] = {"add", "mul", "fma",  "eq",      "iadd",
                                             "imul", "ieq", "bit_and", "bit_or", "bit_xor"};
// Gathering lanes of 64 bits by an index of 32 would overwrite indices still to come.
constexpr ColumnOp kGathers[] = {ColumnOp::gather_element, ColumnOp::gather_load};

constexpr bool is_one_of(const auto& list, const auto& wanted) {
  for (const auto& each : list)
    if (each == wanted) return true;
  return false;
}

constexpr Description fuse(const Row& row, const Description& inner, const Description& outer) {
  Description d{.general = row.op, .arity = inner.arity, .fixed = static_cast<std::uint8_t>(row.fixed)};
  for (unsigned k = 0; k < outer.arity; ++k) d.arity = static_cast<std::uint8_t>(d.arity + (row.wires[k] == N));
  return d;
}

constexpr auto kDescriptions = [] {
  std::array<Description, kCount> all{};
  const auto of = [&](ColumnOp op) -> Description& { return all[static_cast<std::size_t>(op)]; };
  for (const Row& row : kRows) {
    Description& d = of(row.op);
    const auto fixed = static_cast<std::uint8_t>(row.fixed);
    const auto arity = static_cast<std::uint8_t>(row.arity);
    switch (row.kind) {
      case Kind::primitive: d = {row.op, arity, 0, is_one_of(kCommutative, row.name)}; break;
      case Kind::variant: d = {row.general, of(row.general).arity, fixed, of(row.general).commutes}; break;
      case Kind::conversion: d = {row.op, 1, 0, false, fixed == 0}; break;
      case Kind::fused: d = fuse(row, of(row.general), of(row.outer)); break;
      case Kind::structure: d = {.general = row.op, .may_overwrite = !is_one_of(kGathers, row.op)}; break;
    }
  }
  return all;
}();

constexpr std::string_view kOpNames[] = {
#define MC_OPERATION(name, arity, rule, meaning) #name,
#include "engine/ir/operations.def"
#undef MC_OPERATION
};
constexpr std::size_t kTypes = static_cast<std::size_t>(ir::Type::f64) + 1;

constexpr auto kTranslations = [] {
  std::array<std::array<std::optional<ColumnOp>, kTypes>, std::size(kOpNames)> all{};
  for (const Row& row : kRows)
    for (std::size_t op = 0; op < std::size(kOpNames); ++op)
      if (row.type != ir::Type::none && row.name == kOpNames[op]) all[op][static_cast<std::size_t>(row.type)] = row.op;
  return all;
}();

// The rows of one kind alone: the others are made to say nothing.
#define MC_PRIMITIVE(op, T, arity, expression)
#define MC_VARIANT(name, general, fixed) {ColumnOp::name, ColumnOp::general, fixed},
#define MC_SHIFT_VARIANT(name, general, T, expression) {ColumnOp::name, ColumnOp::general, 0b10},
#define MC_CONVERSION(op, T, widens, expression)
#define MC_FUSED(name, inner, outer, fixed, ...)
#define MC_STRUCTURE(name)
struct Variant {
  ColumnOp op, general;
  unsigned fixed;
};
constexpr Variant kVariants[] = {
#include "engine/interpreter/columns.def"
};

#define MC_PRIMITIVE(op, T, arity, expression)
#define MC_VARIANT(name, general, fixed)
#define MC_SHIFT_VARIANT(name, general, T, expression)
#define MC_CONVERSION(op, T, widens, expression)
#define MC_FUSED(name, inner, outer, fixed, ...) {ColumnOp::name, ColumnOp::inner, ColumnOp::outer, {__VA_ARGS__}},
#define MC_STRUCTURE(name)
constexpr Fusion kFusions[] = {
#include "engine/interpreter/columns.def"
};

}  // namespace

const Description& describe(ColumnOp op) { return kDescriptions[static_cast<std::size_t>(op)]; }

std::optional<ColumnOp> column_op(ir::Op op, ir::Type operand) {
  const auto at = static_cast<std::size_t>(op);
  if (at >= kTranslations.size()) return std::nullopt;
  return kTranslations[at][static_cast<std::size_t>(operand)];
}

std::optional<ColumnOp> variant(ColumnOp op, unsigned fixed) {
  if (describe(op).fixed == fixed) return op;
  for (const Variant& v : kVariants)
    if (v.general == op && v.fixed == fixed) return v.op;
  return std::nullopt;
}

std::span<const Fusion> fusions() { return kFusions; }

}  // namespace mc::interpreter
