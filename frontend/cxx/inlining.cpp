// Functions, statements, expressions and arrays.
#include "frontend/cxx/inlining.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "frontend/api/errors.hpp"
#include "frontend/cxx/lowering.hpp"

namespace mc::cxx {

Inlining::Inlining(const Unit& unit, const language::ExternalSurroundings& around)
    : unit_(unit),
      around_(around),
      b_(around.builder),
      numbers_(around.builder),
      path_(numbers_.truth(true)) {}

X Inlining::run(std::span<const language::ExternalArgument> arguments, bool as_number) {
  overrun_ = slot(numbers_.truth(false));
  Frame asked = frame(unit_.functions[0]);
  bind(asked, arguments);
  Value result = finish(asked);
  if (result.type == Type::boolean && !as_number) return numbers_.word(result);
  if (as_number) result = numbers_.converted(result, Type::f64);
  return numbers_.word(numbers_.choose(state_[overrun_], numbers_.lost(result.type), result));
}

void Inlining::refuse(const Place& place, const std::string& message) const {
  throw ArgumentError({Diagnostic{
      .kind = ErrorKind::argument, .message = message, .hint = {}, .rendered = rendered(place, message)}});
}

// ---------------------------------------------------------------- functions

namespace {
/// Whether a number is surely the same in all lanes: made of parameters and constants, and of not too many.
bool is_uniform(const ir::Builder& b, ir::Value value) {
  constexpr std::size_t kMost = 64;
  std::vector<ir::Value> pending{value};
  for (std::size_t k = 0; k < pending.size(); ++k) {
    const ir::Node& node = b[pending[k]];
    const bool is_leaf = node.op == ir::Op::constant || node.op == ir::Op::scalar;
    if (k > kMost || (!is_leaf && node.inputs().empty()) || ir::is_read(node.op)) return false;
    pending.insert(pending.end(), node.inputs().begin(), node.inputs().end());
  }
  return true;
}
}  // namespace

std::size_t Inlining::slot(Value value) {
  types_.push_back(value.type);
  state_.resize(types_.size());
  state_.back() = std::move(value);
  return types_.size() - 1;
}

Inlining::Frame Inlining::frame(const Definition& function) {
  Frame made{.function = &function, .slots = {}, .arrays = {}};
  made.returned = slot(numbers_.truth(false));
  made.result = slot();
  types_[made.result] = function.result;
  for (const Variable& variable : function.variables) {
    made.slots.push_back(variable.is_array ? 0 : slot());
    made.arrays.push_back(0);
    if (!variable.is_array) types_.back() = variable.type;
  }
  for (std::uint32_t k = 0; k < function.variables.size(); ++k)
    if (function.variables[k].is_array && !function.variables[k].by_reference) make_array(made, k);
  return made;
}

void Inlining::bind(Frame& frame, std::span<const language::ExternalArgument> arguments) {
  const Definition& function = *frame.function;
  for (std::size_t k = 0; k < arguments.size(); ++k) {
    const std::uint32_t id = function.parameters[k];
    const language::ExternalArgument& given = arguments[k];
    if (function.variables[id].is_array) {
      frame.arrays[id] = arrays_.size();
      arrays_.push_back({.type = function.variables[id].type, .length = given.length, .given = &given});
      continue;
    }
    const Type type = given.number->type() == ir::Type::f32 ? Type::f32 : Type::f64;
    assign(frame.slots[id],
           numbers_.converted(numbers_.of(type, *given.number, is_uniform(b_, *given.number)),
                              function.variables[id].type));
  }
  for (std::size_t id = 0; id < function.variables.size(); ++id) {
    const Variable& variable = function.variables[id];
    if (variable.length_of == Variable::kNone) continue;
    const Variable& other = function.variables[variable.length_of];
    const std::int64_t length = arrays_[frame.arrays[variable.length_of]].length;
    if (!variable.is_array)
      assign(frame.slots[id], numbers_.whole(length, variable.type));
    else if (const std::int64_t own = arrays_[frame.arrays[id]].length; own != length)
      refuse(unit_.places[variable.place],
             fmt::format("'{}' has {} elements and '{}' has {}, and one length is given for both", other.name,
                         length, variable.name, own));
  }
}

Value Inlining::call(const Node& node) {
  const Definition& function = unit_.functions[node.id];
  if (depth_ >= around_.limits.calls)
    refuse(node, fmt::format("functions that call each other are written out at most {} deep here "
                             "(Limits::calls; --limit calls=N)",
                             around_.limits.calls));
  Frame called = frame(function);
  const auto arguments = unit_.children_of(node);
  for (std::size_t k = 0; k < arguments.size(); ++k) {
    const std::uint32_t id = function.parameters[k];
    const Node& given = unit_[arguments[k]];
    const Variable& variable = function.variables[id];
    if (variable.is_array && variable.is_copy)
      copy(frame_->arrays[given.id], called.arrays[id]);
    else if (variable.is_array)
      called.arrays[id] = frame_->arrays[given.id];
    else if (variable.by_reference && given.bits == kByReference &&
             (given.kind == Kind::variable || given.kind == Kind::element))
      bind(called, id, given);
    else
      assign(called.slots[id], value(arguments[k]));
  }
  ++depth_;
  Value result = finish(called);
  --depth_;
  return result;
}

/// Where the element is, is settled here: the index may change afterwards.
void Inlining::bind(Frame& to, std::uint32_t id, const Node& given) {
  to.elements.erase(id);
  if (given.kind == Kind::element) {
    const Value which = value(unit_.children_of(given)[0]);
    to.elements.emplace(id, Element{frame_->arrays[given.id], index(array_of(given), which, given)});
  } else if (const auto found = frame_->elements.find(given.id); found != frame_->elements.end()) {
    const Element element = found->second;
    to.elements.emplace(id, element);
  } else {
    to.slots[id] = frame_->slots[given.id];
  }
}

/// Writes the body out. What does not return gives nothing a meaning: it is not a number.
Value Inlining::finish(Frame& frame) {
  Frame* const caller = std::exchange(frame_, &frame);
  const Around* const loop = std::exchange(loop_, nullptr);
  run(frame.function->body);
  frame_ = caller;
  loop_ = loop;
  Value result = state_[frame.result];
  const Type type = frame.function->result;
  if (type == Type::nothing) return {};
  return numbers_.choose(state_[frame.returned], result.type == Type::nothing ? numbers_.lost(type) : result,
                         numbers_.lost(type));
}

// ---------------------------------------------------------------- statements

void Inlining::run(NodeId id) {
  const Node& node = unit_[id];
  const auto children = unit_.children_of(node);
  count(node);
  switch (node.kind) {
    case Kind::block:
      return sequence(children);
    case Kind::assign:
      return assign(node);
    case Kind::assign_element:
      return assign_element(node);
    case Kind::assign_array:
      return assign_array(node);
    case Kind::bind:
      return bind(*frame_, node.id, unit_[children[0]]);
    case Kind::branch:
      return branch(node);
    case Kind::once:
      return once(node);
    case Kind::counted:
      return counted(node);
    case Kind::repeat:
      return repeat(node);
    case Kind::leave:
      return leave(node);
    case Kind::stop:
      return assign(loop_->stopped, numbers_.truth(true));
    case Kind::skip:
      return assign(loop_->skipped, numbers_.truth(true));
    default:
      value(id);  // a call for what it does
  }
}

/// What is written out is bounded: functions that call functions twice each would else grow as 2^n.
void Inlining::count(const Node& node) {
  constexpr std::size_t kOften = 256;
  if (++visited_ > around_.limits.expansion)
    refuse(node, fmt::format("calls and loops, written out, are more than {} expressions and statements here "
                             "(Limits::expansion; --limit expansion=N)",
                             around_.limits.expansion));
  if (visited_ % kOften == 0) around_.repeated(1, [] {});  // looks at the operations, too
}

void Inlining::assign(const Node& node) {
  const Value what = value(unit_.children_of(node)[0]);
  const auto element = frame_->elements.find(node.id);
  if (element == frame_->elements.end()) return assign(frame_->slots[node.id], what);
  write(arrays_[element->second.array], element->second.index, what);
}

Value Inlining::gone() {
  if (loop_ == nullptr) return state_[frame_->returned];
  return numbers_.either(ended(), state_[loop_->skipped]);
}

/// What follows a return, a break or a continue is done where there was none.
void Inlining::sequence(std::span<const NodeId> statements) {
  for (std::size_t k = 0; k < statements.size(); ++k) {
    const Value before = gone();
    run(statements[k]);
    const Value here = gone();
    if (here.is(0) || k + 1 == statements.size()) continue;
    if (here.made && before.made && here.made->value() == before.made->value()) continue;
    return where(numbers_.opposite(here), [&] { sequence(statements.subspan(k + 1)); });
  }
}

void Inlining::where(const Value& condition, const Work& work) {
  if (condition.is(0)) return;
  if (condition.known) return work();
  const State before = state_;
  const Value path = path_;
  path_ = numbers_.both(path_, condition);
  work();
  path_ = path;
  state_ = merged(condition, state_, before);
}

/// Slots that came into being on one way are that way's.
Inlining::State Inlining::merged(const Value& condition, const State& yes, const State& no) {
  State all = yes.size() > no.size() ? yes : no;
  for (std::size_t k = 0; k < std::min(yes.size(), no.size()); ++k)
    all[k] = numbers_.choose(condition, yes[k], no[k]);
  return all;
}

void Inlining::branch(const Node& node) {
  const auto children = unit_.children_of(node);
  const Value condition = value(children[0]);
  if (condition.known) {
    if (!condition.is(0)) return run(children[1]);
    if (children.size() > 2) run(children[2]);
    return;
  }
  const State before = state_;
  const Value path = path_;
  path_ = numbers_.both(path, condition);
  run(children[1]);
  State yes = std::exchange(state_, before);
  state_.resize(std::max(yes.size(), state_.size()));  // slots are numbered on
  if (children.size() > 2) {
    path_ = numbers_.both(path, numbers_.opposite(condition));
    run(children[2]);
  }
  path_ = path;
  state_ = merged(condition, yes, state_);
}

/// `continue` goes on to the loop around; where there is none it cannot stand.
void Inlining::once(const Node& node) {
  const Around around{slot(numbers_.truth(false)),
                      loop_ != nullptr ? loop_->skipped : slot(numbers_.truth(false))};
  const Around* const outer = std::exchange(loop_, &around);
  run(unit_.children_of(node)[0]);
  loop_ = outer;
}

void Inlining::leave(const Node& node) {
  const auto children = unit_.children_of(node);
  if (!children.empty()) assign(frame_->result, value(children[0]));
  assign(frame_->returned, numbers_.truth(true));
}

// ---------------------------------------------------------------- expressions

Value Inlining::value(NodeId id) {
  const Node& node = unit_[id];
  count(node);
  switch (node.kind) {
    case Kind::number:
      return numbers_.constant(node.type, node.bits);
    case Kind::variable:
      return variable(node);
    case Kind::element:
      return element(node);
    case Kind::length:
      return numbers_.whole(array_of(node).length);
    case Kind::choose:
      return choice(node);
    case Kind::call:
      return call(node);
    case Kind::before:
      run(unit_.children_of(node)[0]);
      return value(unit_.children_of(node)[1]);
    case Kind::after: {
      const Value result = value(unit_.children_of(node)[0]);
      run(unit_.children_of(node)[1]);
      return result;
    }
    default:
      break;
  }
  try {
    return operation(node);
  } catch (const Undefined& undefined) {
    refuse(node, undefined.what());
  }
}

Value Inlining::variable(const Node& node) {
  if (const auto element = frame_->elements.find(node.id); element != frame_->elements.end())
    return read(arrays_[element->second.array], element->second.index);
  const Value& found = state_[frame_->slots[node.id]];
  return found.type != Type::nothing ? found : numbers_.lost(node.type);
}

Value Inlining::operation(const Node& node) {
  const auto children = unit_.children_of(node);
  std::vector<Value> operands(children.size());
  if (node.kind == Kind::binary && (node.bits & kRightFirst) != 0) {
    operands[1] = value(children[1]);
    operands[0] = value(children[0]);
  } else {
    std::ranges::transform(children, operands.begin(), [&](NodeId child) { return value(child); });
  }
  switch (node.kind) {
    case Kind::unary:
      return numbers_.unary(node.op, operands[0]);
    case Kind::binary:
      return numbers_.binary(node.op, operands[0], operands[1], (node.bits & kContracts) != 0);
    case Kind::convert:
      return numbers_.converted(operands[0], node.type);
    case Kind::math:
      return numbers_.math(node.math, operands);
    default:
      throw std::logic_error("cxx: unknown kind of node");
  }
}

/// Both sides are computed, and neither can do harm.
Value Inlining::choice(const Node& node) {
  const auto children = unit_.children_of(node);
  const Value condition = value(children[0]);
  if (condition.known) return value(children[condition.is(0) ? 2 : 1]);
  Value yes, no;
  where(condition, [&] { yes = value(children[1]); });
  where(numbers_.opposite(condition), [&] { no = value(children[2]); });
  return numbers_.choose(condition, yes, no);
}

}  // namespace mc::cxx
