// Straight-line IR as a formula, both ways, for tables of small cases: add(x, mul(y, -0)).
//   x y z  scalars        s t  x and y as f32     p q  truth values (v < w, w < v)
//   a b    u64 (tile, seed)    n m  u32 (steps, low half of the tile)
// Constants are 2.5 for f64, 2.5f for f32, 7ul for u64, 7u for u32, true and false.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/ir/builder.hpp"

namespace mc::testing {

inline constexpr std::uint32_t kFormulaScalars = 5;

// ---- showing

inline std::string shown_constant(ir::Type type, std::uint64_t bits) {
  switch (type) {
    case ir::Type::f64:
      return fmt::format("{}", std::bit_cast<double>(bits));
    case ir::Type::f32:
      return fmt::format("{}f", std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    case ir::Type::u64:
      return fmt::format("{}ul", bits);
    case ir::Type::u32:
      return fmt::format("{}u", bits);
    default:
      return bits != 0 ? "true" : "false";
  }
}

/// A value as a formula; of what formulas cannot say (loops, memory) only the operation's name.
inline std::string shown(const ir::Kernel& kernel, ir::Value v) {
  constexpr std::pair<std::string_view, std::string_view> kShort[] = {
      {"tile", "a"},      {"seed", "b"},     {"steps", "n"},    {"to_f32(x)", "s"},
      {"to_f32(y)", "t"}, {"lt(v, w)", "p"}, {"lt(w, v)", "q"}, {"narrow(a)", "m"}};
  const ir::Node& node = kernel[v];
  if (node.op == ir::Op::constant) return shown_constant(node.type, node.immediate);
  if (node.op == ir::Op::scalar) return std::string(1, "xyzvw"[node.immediate]);
  std::string text(info(node.op).name);
  for (std::size_t k = 0; k < node.inputs().size(); ++k)
    text += (k == 0 ? "(" : ", ") + shown(kernel, node.operands[k]);
  if (!node.inputs().empty()) text += ")";
  const auto* found = std::ranges::find(kShort, text, [](const auto& pair) { return pair.first; });
  return found == std::end(kShort) ? text : std::string(found->second);
}

/// What flows into column 0.
inline std::string shown_output(const ir::Kernel& kernel) {
  for (const ir::Node& node : kernel.nodes)
    if (node.op == ir::Op::output && node.immediate == 0) return shown(kernel, node.operands[0]);
  return "";
}

// ---- reading

class Formulas {
 public:
  using Emit = std::function<ir::Value(ir::Op, std::span<const ir::Value>)>;

  /// Operations are made by `emit`, or by the builder as they are.
  explicit Formulas(ir::Builder& builder, Emit emit = {}) : builder_(builder), emit_(std::move(emit)) {
    using ir::Op;
    const auto scalar = [&](std::uint32_t k) { return builder.scalar(k); };
    names_ = {{"x", scalar(0)},
              {"y", scalar(1)},
              {"z", scalar(2)},
              {"s", builder.emit(Op::to_f32, {scalar(0)})},
              {"t", builder.emit(Op::to_f32, {scalar(1)})},
              {"p", builder.emit(Op::lt, {scalar(3), scalar(4)})},
              {"q", builder.emit(Op::lt, {scalar(4), scalar(3)})},
              {"a", builder.leaf(Op::tile)},
              {"b", builder.leaf(Op::seed)},
              {"n", builder.leaf(Op::steps)},
              {"m", builder.emit(Op::narrow, {builder.leaf(Op::tile)})}};
  }

  ir::Value read(std::string_view text) {
    rest_ = text;
    const ir::Value value = formula();
    if (!rest_.empty()) throw std::invalid_argument("formula: too much in " + std::string(text));
    return value;
  }

 private:
  using Name = std::pair<std::string_view, ir::Value>;

  ir::Value formula() {
    const std::string_view word = take_word();
    if (!rest_.starts_with("(")) return leaf(word);
    const auto op = ir::op_named(word);
    if (!op) throw std::invalid_argument("formula: no operation " + std::string(word));
    std::vector<ir::Value> operands;
    do {
      rest_.remove_prefix(1);
      while (rest_.starts_with(" ")) rest_.remove_prefix(1);
      operands.push_back(formula());
    } while (rest_.starts_with(","));
    if (!rest_.starts_with(")"))
      throw std::invalid_argument("formula: missing ) before " + std::string(rest_));
    rest_.remove_prefix(1);
    return emit_ ? emit_(*op, operands) : builder_.emit(*op, operands);
  }

  std::string_view take_word() {
    const std::string_view word = rest_.substr(0, rest_.find_first_of("(,) "));
    rest_.remove_prefix(word.size());
    return word;
  }

  ir::Value leaf(std::string_view word) {
    const auto named = std::ranges::find(names_, word, &Name::first);
    if (named != names_.end()) return named->second;
    if (word == "true" || word == "false") return builder_.constant_i1(word == "true");
    const std::string text(word);
    char* end = nullptr;
    if (word.ends_with("ul")) return builder_.constant_u64(std::strtoull(text.c_str(), nullptr, 0));
    if (word.ends_with("u"))
      return builder_.constant_u32(static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 0)));
    const double number = std::strtod(text.c_str(), &end);
    const std::string_view suffix(end);
    if (end == text.c_str() || (!suffix.empty() && suffix != "f"))
      throw std::invalid_argument("formula: what is " + text);
    return suffix == "f" ? builder_.constant_f32(std::strtof(text.c_str(), nullptr))
                         : builder_.constant(number);
  }

  ir::Builder& builder_;
  Emit emit_;
  std::vector<Name> names_;
  std::string_view rest_;
};

}  // namespace mc::testing
