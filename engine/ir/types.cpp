// Names of operations and types, and the type rules.
#include "engine/ir/types.hpp"

#include <algorithm>
#include <array>

namespace mc::ir {
namespace {

constexpr std::array<std::string_view, 6> kTypeNames = {"none", "i1", "u32", "u64", "f32", "f64"};

bool all_are(std::span<const Type> types, bool (*accepts)(Type)) {
  return std::ranges::all_of(types, [&](Type t) { return accepts(t) && t == types.front(); });
}

bool is_bits(Type t) { return is_integer(t) || t == Type::i1; }

std::optional<Type> when(bool fits, Type type) { return fits ? std::optional(type) : std::nullopt; }

}  // namespace

std::optional<Op> op_named(std::string_view wanted) {
  const auto* found = std::ranges::find(kOperations, wanted, &OpInfo::name);
  if (found == std::end(kOperations)) return std::nullopt;
  return static_cast<Op>(found - kOperations);
}

std::string_view name(Type type) { return kTypeNames[static_cast<std::size_t>(type)]; }

std::optional<Type> type_named(std::string_view wanted) {
  const auto* found = std::ranges::find(kTypeNames, wanted);
  if (found == kTypeNames.end()) return std::nullopt;
  return static_cast<Type>(found - kTypeNames.begin());
}

std::optional<Type> result_type(Rule rule, std::span<const Type> t) {
  switch (rule) {
    case Rule::leaf:
      return Type::none;
    case Rule::leaf_u64:
      return Type::u64;
    case Rule::leaf_u32:
      return Type::u32;
    case Rule::floats:
      return when(all_are(t, is_float), t[0]);
    case Rule::compare_floats:
      return when(all_are(t, is_float), Type::i1);
    case Rule::integers:
      return when(all_are(t, is_integer), t[0]);
    case Rule::compare_integers:
      return when(all_are(t, is_integer), Type::i1);
    case Rule::bits:
      return when(all_are(t, is_bits), t[0]);
    case Rule::select:
      return when(t[0] == Type::i1 && t[1] == t[2] && t[1] != Type::none, t[1]);
    case Rule::to_bits:
      return when(is_float(t[0]), t[0] == Type::f64 ? Type::u64 : Type::u32);
    case Rule::from_bits:
      return when(is_integer(t[0]), t[0] == Type::u64 ? Type::f64 : Type::f32);
    case Rule::to_f64:
      return when(is_integer(t[0]) || t[0] == Type::f32, Type::f64);
    case Rule::to_f32:
      return when(t[0] == Type::f64, Type::f32);
    case Rule::widen:
      return when(t[0] == Type::u32, Type::u64);
    case Rule::narrow:
      return when(t[0] == Type::u64, Type::u32);
    case Rule::element:
    case Rule::load:
      return when(t[0] == Type::u32, Type::f64);
    case Rule::store:
      return when(t[0] == Type::u32 && t[1] == Type::f64, Type::none);
    case Rule::datum_f64:
      return when(t[0] == Type::u32, Type::f64);
    case Rule::datum_f32:
      return when(t[0] == Type::u32, Type::f32);
    case Rule::put:
      return when(t[0] == Type::u32 && is_float(t[1]), Type::none);
    case Rule::cell_f64:
      return when(t[0] == Type::u64 && t[1] == Type::u32, Type::f64);
    case Rule::cell_f32:
      return when(t[0] == Type::u64 && t[1] == Type::u32, Type::f32);
    case Rule::output:
      return when(t[0] == Type::f64, Type::none);
    case Rule::loop:
      return when(t[0] == Type::u32, Type::none);
  }
  return std::nullopt;
}

}  // namespace mc::ir
