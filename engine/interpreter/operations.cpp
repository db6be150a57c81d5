// The tables behind operations.hpp, worked out from columns.def while compiling.
#include "engine/interpreter/operations.hpp"

#include <iterator>
#include <string_view>

namespace mc::interpreter {
namespace {

constexpr std::int8_t R = Fusion::kResult, N = Fusion::kNew;
constexpr std::size_t kRows = static_cast<std::size_t>(ColumnOp::finish) + 1;

/// Primitives and conversions: what carries out an operation of kernel IR, and one or two more.
struct Plain {
  ColumnOp op;
  std::string_view name;
  ir::Type type;
  std::uint8_t arity;
};
constexpr Plain kPlain[] = {
#define MC_PRIMITIVE(op, T, arity, expression) {ColumnOp::op##_##T, #op, ir::Type::T, arity},
#define MC_CONVERSION(op, T, widens, expression) {ColumnOp::op##_##T, #op, ir::Type::T, 1},
#include "engine/interpreter/columns.def"
};

struct Variant {
  ColumnOp op, general;
  std::uint8_t fixed;
};
constexpr Variant kVariants[] = {
#define MC_VARIANT(name, general, fixed) {ColumnOp::name, ColumnOp::general, fixed},
#define MC_SHIFT_VARIANT(name, general, T, expression) {ColumnOp::name, ColumnOp::general, 0b10},
#include "engine/interpreter/columns.def"
};

constexpr Fusion kFusions[] = {
#define MC_FUSED(name, inner, outer, fixed, ...) \
  {ColumnOp::name, ColumnOp::inner, ColumnOp::outer, fixed, {__VA_ARGS__}},
#include "engine/interpreter/columns.def"
};

constexpr ColumnOp kCommutative[] = {
#define MC_COMMUTES(name) ColumnOp::name,
#include "engine/interpreter/columns.def"
};

// Lanes of 64 bits in the place of lanes of 32 would overwrite what is still to be read.
constexpr ColumnOp kWidening[] = {
    ColumnOp::gather_element,
    ColumnOp::gather_load,
#define MC_CONVERSION(op, T, widens, expression) widens ? ColumnOp::op##_##T : ColumnOp::gather_load,
#include "engine/interpreter/columns.def"
};

constexpr bool is_one_of(const auto& list, const auto& wanted) {
  for (const auto& each : list)
    if (each == wanted) return true;
  return false;
}

constexpr auto kDescriptions = [] {
  std::array<Description, kRows> all{};
  const auto of = [&](ColumnOp op) -> Description& { return all[static_cast<std::size_t>(op)]; };
  for (std::size_t k = 0; k < kRows; ++k) all[k].general = static_cast<ColumnOp>(k);
  for (const Plain& row : kPlain) {
    of(row.op).arity = row.arity;
    of(row.op).commutes = is_one_of(kCommutative, row.op);
  }
  for (const Fusion& row : kFusions) {
    Description& d = of(row.fused);
    d.arity = of(row.inner).arity;
    d.fixed = row.fixed;
    for (unsigned k = 0; k < of(row.outer).arity; ++k)
      if (row.wires[k] == N) ++d.arity;
  }
  for (const Variant& row : kVariants) {
    of(row.op) = of(row.general);
    of(row.op).fixed = row.fixed;
  }
  for (ColumnOp op : kWidening) of(op).may_overwrite = false;
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
  for (const Plain& row : kPlain)
    for (std::size_t op = 0; op < std::size(kOpNames); ++op)
      if (row.name == kOpNames[op]) all[op][static_cast<std::size_t>(row.type)] = row.op;
  return all;
}();

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
