// Arrays: a caller's vector, a row of scratch, or values of their own.
#include <limits>

#include <fmt/format.h>

#include "frontend/cxx/inlining.hpp"
#include "frontend/language/schedule.hpp"

namespace mc::cxx {

/// A number, perhaps converted.
bool Inlining::is_number(NodeId id) const {
  const Node& node = unit_[id];
  return node.kind == Kind::number || (node.kind == Kind::convert && is_number(unit_.children_of(node)[0]));
}

/// By variable, whether it is an array of which an element is used whose number is not known, or that is
/// given to a function.
const std::vector<bool>& Inlining::rows_of(const Definition& function) {
  const auto [known, is_new] = rows_.try_emplace(&function, function.variables.size(), false);
  std::vector<bool>& rows = known->second;
  const auto look = [&](const auto& self, NodeId at) -> void {
    const Node& node = unit_[at];
    const auto children = unit_.children_of(node);
    const bool is_access = node.kind == Kind::element || node.kind == Kind::assign_element;
    if (is_access && !is_number(children[0])) rows[node.id] = true;
    if (node.kind == Kind::call)
      for (NodeId argument : children)
        if (const Node& given = unit_[argument]; given.kind == Kind::variable && given.type == Type::nothing)
          rows[given.id] = true;
    for (NodeId child : children) self(self, child);
  };
  if (is_new) look(look, function.body);
  return rows;
}

/// Elements that are known by number wherever they are used are values of their own; others lie in a row.
void Inlining::make_array(Frame& frame, std::uint32_t id) {
  const Variable& variable = frame.function->variables[id];
  Array array{.type = variable.type, .length = static_cast<std::int64_t>(variable.extent)};
  if (!variable.table.empty()) array.table = &variable.table;
  if (rows_of(*frame.function)[id]) {
    array.row = around_.row(array.length);
    fill(array);
  } else if (array.table == nullptr) {
    for (std::int64_t k = 0; k < array.length; ++k) {
      const std::size_t at = slot();
      types_[at] = variable.type;
      if (k == 0) array.first_slot = at;
    }
  }
  frame.arrays[id] = arrays_.size();
  arrays_.push_back(array);
}

/// A row begins with its table, or with zeros: what is read before it was written is then always the same.
void Inlining::fill(const Array& array) {
  const auto put = [&](ir::Value at, std::uint64_t bits) {
    b_.store(array.row, at, kept(array, numbers_.constant(array.type, bits)));
  };
  const auto length = static_cast<std::uint32_t>(array.length);
  if (array.table != nullptr || length <= language::kUnrolled) {
    for (std::uint32_t k = 0; k < length; ++k)
      put(b_.constant_u32(k), array.table != nullptr ? (*array.table)[k] : 0);
    return;
  }
  b_.loop(b_.constant_u32(length), {}, [&](ir::Value at, std::span<const ir::Value>) {
    put(at, 0);
    return std::vector<ir::Value>();
  });
}

Inlining::Index Inlining::index(const Array& array, const Value& value, const Node& node) {
  if (value.known) {
    if (value.whole() < 0 || value.whole() >= array.length)
      refuse(unit_[unit_.children_of(node)[0]],
             fmt::format("index {} is outside '{}', which has {} element{}", value.whole(), name_of(node),
                         array.length, array.length == 1 ? "" : "s"));
    return {.known = value.whole(), .at = {}, .inside = numbers_.truth(true)};
  }
  const X low = numbers_.low_word(value);
  if (value.low >= 0 && value.high < array.length)
    return {.known = {}, .at = low, .inside = numbers_.truth(true)};
  if (value.low >= array.length || value.high < 0)
    refuse(unit_[unit_.children_of(node)[0]],
           fmt::format("index {}..{} is outside '{}', which has {} elements", value.low, value.high,
                       name_of(node), array.length));
  const auto length = static_cast<std::uint64_t>(array.length);
  const X below = low < length;
  const X safe = select(below, low, low.like(std::uint64_t{0}));  // which bounds.hpp sees
  const X inside = value.is_narrow() ? below : numbers_.word(value) < length;
  return {.known = {}, .at = safe, .inside = numbers_.of(Type::boolean, inside)};
}

Value Inlining::element(const Node& node) {
  const Value which = value(unit_.children_of(node)[0]);
  Array& array = array_of(node);
  return read(array, index(array, which, node));
}

/// What lies outside is not a number: to read it has no meaning in C++.
Value Inlining::read(Array& array, const Index& index) {
  if (index.known) return at_known(array, *index.known);
  return numbers_.choose(index.inside, loaded(array, *index.at), numbers_.lost(array.type));
}

Value Inlining::at_known(Array& array, std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  if (array.table != nullptr) return numbers_.constant(array.type, (*array.table)[at]);
  if (!array.first_slot) return loaded(array, X(b_, b_.constant_u32(static_cast<std::uint32_t>(index))));
  const Value& found = state_[*array.first_slot + at];
  if (found.type != Type::nothing) return found;
  return numbers_.constant(array.type, 0);
}

/// Rows hold doubles: floats exactly, and integers by their bits.
X Inlining::kept(const Array& array, const Value& value) {
  const X word = numbers_.word(value);
  if (array.type == Type::f64) return word;
  if (array.type == Type::f32) return to_f64(word);
  if (array.type == Type::boolean) return select(word, X(b_, b_.constant(1.0)), 0.0);
  return from_bits(width(array.type) == 32 ? widen(word) : word);
}

Value Inlining::loaded(Array& array, X index) {
  if (array.given != nullptr) {
    const X x = array.given->element(index);
    return numbers_.converted(numbers_.of(x.type() == ir::Type::f32 ? Type::f32 : Type::f64, x), array.type);
  }
  const X x(b_, b_.load(array.row, index));
  if (is_float(array.type)) return numbers_.converted(numbers_.of(Type::f64, x), array.type);
  const X bits = to_bits(x);
  if (array.type == Type::boolean) return numbers_.of(array.type, !(bits == std::uint64_t{0}));
  return numbers_.of(array.type, width(array.type) == 32 ? narrow(bits) : bits);
}

void Inlining::write(Array& array, const Index& index, const Value& value) {
  if (array.first_slot) return assign(*array.first_slot + static_cast<std::size_t>(*index.known), value);
  const X at = index.known ? X(b_, b_.constant_u32(static_cast<std::uint32_t>(*index.known))) : *index.at;
  X next = kept(array, value);
  const Value counts = numbers_.both(path_, index.inside);
  if (!counts.is(1)) next = select(numbers_.word(counts), next, X(b_, b_.load(array.row, at)));
  b_.store(array.row, at, next);
}

/// C++ computes the right side first.
void Inlining::assign_element(const Node& node) {
  const auto children = unit_.children_of(node);
  const Value what = value(children[1]), which = value(children[0]);
  Array& array = array_of(node);
  write(array, index(array, which, node), what);
}

void Inlining::assign_array(const Node& node) {
  const Node& from = unit_[unit_.children_of(node)[0]];
  copy(frame_->arrays[from.id], frame_->arrays[node.id]);
}

/// Element by element where they are values of their own, or few.
void Inlining::copy(std::size_t from, std::size_t to) {
  Array &source = arrays_[from], &target = arrays_[to];
  const auto known = [&](std::int64_t k) {
    return Index{.known = k, .at = {}, .inside = numbers_.truth(true)};
  };
  const bool has_numbers = source.first_slot || source.table != nullptr;
  if (has_numbers || target.first_slot || target.length <= language::kUnrolled) {
    std::vector<Value> values;  // all first: an array may be given to itself
    for (std::int64_t k = 0; k < target.length; ++k) values.push_back(at_known(source, k));
    for (std::int64_t k = 0; k < target.length; ++k)
      write(target, known(k), values[static_cast<std::size_t>(k)]);
    return;
  }
  b_.loop(b_.constant_u32(static_cast<std::uint32_t>(target.length)), {},
          [&](ir::Value at, std::span<const ir::Value>) {
            const Index here{.known = {}, .at = X(b_, at), .inside = numbers_.truth(true)};
            write(target, here, loaded(source, X(b_, at)));
            return std::vector<ir::Value>();
          });
}

}  // namespace mc::cxx
