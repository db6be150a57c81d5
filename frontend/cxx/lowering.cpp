// The function as the language sees it, and messages about its source.
#include "frontend/cxx/lowering.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "frontend/cxx/inlining.hpp"

namespace mc::cxx {
namespace {

/// Whether it is made of constants and lengths alone.
bool is_settled(const Unit& unit, const Definition& function, NodeId id) {
  const Node& node = unit[id];
  if (node.kind == Kind::variable) return function.variables[node.id].length_of != Variable::kNone;
  const bool is_plain = node.kind == Kind::number || node.kind == Kind::length || node.kind == Kind::unary ||
                        node.kind == Kind::binary || node.kind == Kind::convert;
  return is_plain && std::ranges::all_of(unit.children_of(node),
                                         [&](NodeId child) { return is_settled(unit, function, child); });
}

/// The loops that may come to the limit on passes.
void open_loops(const Unit& unit, const Definition& function, NodeId id, std::vector<std::uint32_t>& places) {
  if (id == NodeId::none) return;
  const Node& node = unit[id];
  const auto children = unit.children_of(node);
  const bool is_open =
      node.kind == Kind::repeat || (node.kind == Kind::counted && !(is_settled(unit, function, children[0]) &&
                                                                    is_settled(unit, function, children[1])));
  if (is_open) places.push_back(node.place);
  for (NodeId child : children) open_loops(unit, function, child, places);
}

/// What a sample without a value may come from; nothing where all loops end.
std::string trouble_of(const Unit& unit, std::size_t passes) {
  std::vector<std::uint32_t> places;
  for (const Definition& function : unit.functions) open_loops(unit, function, function.body, places);
  if (places.empty()) return {};
  constexpr std::size_t kMost = 3;
  std::string loops;
  for (std::size_t k = 0; k < std::min(places.size(), kMost); ++k) {
    const Place& place = unit.places[places[k]];
    loops += fmt::format("{}{}:{}:{}", k == 0 ? "" : ", ", place.file, place.line, place.column);
  }
  if (places.size() > kMost) loops += ", …";
  return fmt::format("a sample that is not done after {} rounds of {} is not a number (--limit passes=N): {}",
                     passes, places.size() == 1 ? "the loop" : "a loop", loops);
}

class CxxFunction final : public language::External {
 public:
  CxxFunction(Unit unit, std::size_t passes) : unit_(std::move(unit)) {
    const Definition& function = unit_.functions[0];
    name = function.name;
    gives_truth = function.result == Type::boolean;
    trouble = trouble_of(unit_, passes);
    single = function.result == Type::f32;
    for (std::uint32_t id : function.parameters) {
      const Variable& variable = function.variables[id];
      parameters.push_back({.name = variable.name,
                            .is_vector = variable.is_array,
                            .length = static_cast<std::int64_t>(variable.extent)});
    }
  }

  X emit(std::span<const language::ExternalArgument> arguments,
         const language::ExternalSurroundings& around) const override {
    return Inlining(unit_, around).run(arguments, gives_truth && !trouble.empty());
  }

 private:
  Unit unit_;
};

}  // namespace

std::shared_ptr<const language::External> external(Unit unit, std::size_t passes) {
  return std::make_shared<const CxxFunction>(std::move(unit), passes);
}

std::string rendered(const Place& place, std::string_view message) {
  const std::string blank(place.column > 0 ? place.column - 1 : 0, ' ');
  const std::string waves(place.length > 1 ? place.length - 1 : 0, '~');
  return fmt::format("{}:{}:{}: error: {}\n{:>5} | {}\n      | {}^{}\n", place.file, place.line, place.column,
                     message, place.line, place.line_text ? *place.line_text : "", blank, waves);
}

}  // namespace mc::cxx
