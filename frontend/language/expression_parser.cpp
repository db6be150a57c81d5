// Expressions by operator precedence, without recursion: operators wait on one stack until one comes that
// binds less tightly, open brackets on another. So no text, however deep, needs more of the machine's stack
// than `x`.
#include "frontend/language/expression_parser.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/utf8.hpp"

namespace mc::language {
namespace {

/// After these an operand has to come.
bool wants_operand(TokenKind kind) {
  return infix(kind).level != Level::none || is_opener(kind) || kind == TokenKind::word_not ||
         kind == TokenKind::comma || kind == TokenKind::tilde || kind == TokenKind::assign ||
         kind == TokenKind::bar || kind == TokenKind::range;
}

}  // namespace

NodeId ExpressionParser::expression() {
  const std::size_t outside = frames_.size();
  enter(Inside::whole, TokenKind::end, {});
  for (Next next = Next::operand; frames_.size() > outside;) {
    next = next == Next::operand ? read_operand() : read_operation();
  }
  return take_operand();
}

// Operands.

ExpressionParser::Next ExpressionParser::read_operand() {
  prefixes();
  const Token here = token();
  switch (kind()) {
    case TokenKind::name:
      return name();
    case TokenKind::left_paren:
      return enter_bracket(Inside::plain, TokenKind::right_paren, here.span);
    case TokenKind::left_bracket:
      return enter_bracket(Inside::array, TokenKind::right_bracket, here.span);
    case TokenKind::number:
      advance();
      return operand(leaf(NodeKind::number, here.span, here.number));
    default:
      return no_operand();
  }
}

ExpressionParser::Next ExpressionParser::operand(NodeId id) {
  operands_.push_back(id);
  return Next::operation;
}

NodeId ExpressionParser::take_operand() {
  const NodeId id = operands_.back();
  operands_.pop_back();
  return id;
}

ExpressionParser::Next ExpressionParser::name() {
  const Span word = token().span;
  advance();
  if (kind() == TokenKind::left_paren) return enter_bracket(Inside::call, TokenKind::right_paren, word);
  if (kind() == TokenKind::left_bracket) {
    refuse_index(word);
    return enter_bracket(Inside::indexed, TokenKind::right_bracket, word);
  }
  if (text(word).contains('.')) {
    diagnostics_.error(Category::syntax, word, fmt::format("{} is a function", quoted(text(word))),
                       "give it its arguments, as in normal.pdf(x, 0, 1)");
  }
  return operand(leaf(NodeKind::name, word));
}

/// A name and '[' inside an expression: an error whose brackets are read all the same.
void ExpressionParser::refuse_index(Span word) {
  if (query_kind(text(word))) {
    error(word, "a query cannot stand inside an expression", "a query stands alone: E[x], Var[y]");
  } else {
    error(join(word, token().span), "square brackets are no subscript", "write x_1, x_i or x_{i+1}");
  }
}

ExpressionParser::Next ExpressionParser::subscript() {
  const Span sign = token().span;
  const bool again =
      program_[operands_.back()].kind == NodeKind::subscript && token_before().kind != TokenKind::right_paren;
  if (again) error(sign, "a subscript cannot have a subscript", "two subscripts are written A_{i,j}");
  const std::size_t mark = gathered_.size();
  gathered_.push_back(take_operand());
  advance();
  if (kind() == TokenKind::left_brace) {
    enter_bracket(Inside::subscript, TokenKind::right_brace, sign);
    frames_.back().mark = mark;
    return Next::operand;
  }
  gathered_.push_back(one_subscript());
  return operand(bracketed({Inside::subscript, TokenKind::end, sign, sign, mark, 0}));
}

NodeId ExpressionParser::one_subscript() {
  const Token here = token();
  const bool whole = kind() == TokenKind::number && std::ranges::all_of(text(here.span), is_digit);
  const bool index = kind() == TokenKind::name && !text(here.span).contains('.');
  if (!whole && !index) {
    error(here.span, fmt::format("expected a subscript after '_', found {}", found()),
          "a subscript is a name, a whole number or {…}; _ is never part of a name");
  }
  if (kind() == TokenKind::number || kind() == TokenKind::name) advance();
  return leaf(whole ? NodeKind::number : index ? NodeKind::name : NodeKind::error, here.span, here.number);
}

ExpressionParser::Next ExpressionParser::no_operand() {
  const Span span = token().span;
  if (kind() == TokenKind::left_brace) {
    error(span, "braces enclose nothing but subscripts", "use (…) for grouping, [a, b] for a list");
  } else if (kind() == TokenKind::underscore) {
    error(span, "a subscript needs something before it", "write x_1");
  } else if (kind() == TokenKind::bar) {
    error(span, "expected an expression, found '|'", "an absolute value is abs(x), a length norm(x)");
  } else if (is_closer(kind()) && !in_brackets()) {
    error(span, fmt::format("nothing opens this {}", found()), "remove it");
  } else if (wants_operand(token_before().kind)) {
    error(span, fmt::format("expected an expression after {}, found {}", quoted(text(token_before().span)),
                            found()));
  } else {
    error(span, fmt::format("expected an expression, found {}", found()));
  }
  const bool goes_on = at_infix() || kind() == TokenKind::underscore;
  if (!goes_on) skip_damage();
  return operand(leaf(NodeKind::error, span));
}

// Operators.

/// After an operand: a subscript, an operator, or the end of what is being read.
ExpressionParser::Next ExpressionParser::read_operation() {
  if (kind() == TokenKind::underscore) return subscript();
  const Infix next = infix(kind());
  reduce(next.level);
  if (next.level == Level::none) return end_item();
  pending_.push_back({next.level, next.op, token().span});
  advance();
  continue_line();
  return Next::operand;
}

void ExpressionParser::prefixes() {
  for (;; advance(), continue_line()) {
    const Span span = token().span;
    if (kind() == TokenKind::minus) {
      pending_.push_back({Level::negation, {}, span});
    } else if (kind() == TokenKind::word_not) {
      const bool inside = pending_.size() > frames_.back().base && pending_.back().level > Level::inverse;
      if (inside)
        error(span, "'not' binds less tightly than what stands before it", "put it in brackets: (not …)");
      pending_.push_back({Level::inverse, {}, span});
    } else if (kind() == TokenKind::plus) {
      error(span, "a + in front of an expression says nothing", "leave it out");
      while (token_after().kind == TokenKind::plus) advance();
    } else {
      return;
    }
  }
}

/// Applies the pending operators of this frame that bind more tightly than `level`.
void ExpressionParser::reduce(Level level) {
  while (pending_.size() > frames_.back().base && pending_.back().level > level) {
    switch (pending_.back().level) {
      case Level::negation:
      case Level::inverse:
        reduce_prefix();
        break;
      case Level::power:
        reduce_power();
        break;
      default:
        reduce_run();
        break;
    }
  }
}

void ExpressionParser::reduce_prefix() {
  const Pending prefix = pending_.back();
  pending_.pop_back();
  const std::size_t mark = gathered_.size();
  gathered_.push_back(operands_.back());
  const Span span = join(prefix.span, program_[operands_.back()].span);
  const NodeKind kind = prefix.level == Level::negation ? NodeKind::negate : NodeKind::logical_not;
  operands_.back() = make(kind, span, prefix.span, keep(mark));
}

void ExpressionParser::reduce_power() {
  const Span sign = pending_.back().span;
  pending_.pop_back();
  const std::size_t mark = gathered_.size();
  const NodeId exponent = take_operand();
  const NodeId base = take_operand();
  gathered_.push_back(base);
  gathered_.push_back(exponent);
  operand(make(NodeKind::power, join(program_[base].span, program_[exponent].span), sign, keep(mark)));
}

/// Makes one node of the operators of one level on top of the stack: a + b - c.
void ExpressionParser::reduce_run() {
  const Level level = pending_.back().level;
  std::size_t first = pending_.size();
  while (first > frames_.back().base && pending_[first - 1].level == level) --first;
  const std::size_t first_link = program_.links.size();
  for (std::size_t k = first; k < pending_.size(); ++k) {
    program_.links.push_back({pending_[k].op, pending_[k].span});
  }
  const std::size_t mark = gathered_.size();
  const std::size_t operands = pending_.size() - first + 1;
  gathered_.insert(gathered_.end(), operands_.end() - static_cast<std::ptrdiff_t>(operands), operands_.end());
  operands_.resize(operands_.size() - operands);
  const Span span = join(program_[gathered_[mark]].span, program_[gathered_.back()].span);
  const NodeKind kind = level == Level::comparison ? NodeKind::comparison : NodeKind::fold;
  const Span sign = pending_[first].span;
  pending_.resize(first);
  operand(make(kind, span, sign, keep(mark), first_link));
}

// Frames: what an expression stands in.

void ExpressionParser::enter(Inside inside, TokenKind closer, Span word) {
  frames_.push_back({inside, closer, word, token().span, gathered_.size(), pending_.size()});
}

ExpressionParser::Next ExpressionParser::enter_bracket(Inside inside, TokenKind closer, Span word) {
  enter(inside, closer, word);
  open();
  const bool no_arguments = inside == Inside::call && kind() == closer;
  return no_arguments ? leave() : begin_item();
}

/// An argument may say the range of an index, i = 2..4, and in iterate where something starts, x = 1.
ExpressionParser::Next ExpressionParser::begin_item() {
  const bool binds = frames_.back().inside == Inside::call && kind() == TokenKind::name &&
                     token_after().kind == TokenKind::assign;
  if (binds) {
    const bool iterates = text(frames_.back().word) == "iterate";
    const Span name = token().span;
    advance();
    enter(iterates ? Inside::start_value : Inside::range_first, TokenKind::range, name);
    advance();
  }
  return Next::operand;
}

ExpressionParser::Next ExpressionParser::end_item() {
  Frame& frame = frames_.back();
  if (frame.inside == Inside::whole) {
    frames_.pop_back();
    return Next::operand;  // nobody asks
  }
  gathered_.push_back(take_operand());
  if (frame.inside == Inside::range_last) return end_binding(NodeKind::range_binding);
  if (frame.inside == Inside::start_value) return end_binding(NodeKind::value_binding);
  if (frame.inside != Inside::range_first) return after_item();
  if (kind() == TokenKind::range) {
    frame.inside = Inside::range_last;
    advance();
    return Next::operand;
  }
  error(frame.opened, fmt::format("expected '..' before {}", found()),
        "a range is i = 1..4; write == to compare");
  gathered_.push_back(leaf(NodeKind::error, token().span));
  return end_binding(NodeKind::range_binding);
}

ExpressionParser::Next ExpressionParser::end_binding(NodeKind kind) {
  const Frame frame = frames_.back();
  frames_.pop_back();
  const Span span = join(frame.word, token_before().span);
  gathered_.push_back(make(kind, span, frame.word, keep(frame.mark)));
  return after_item();
}

ExpressionParser::Next ExpressionParser::after_item() {
  const Frame& frame = frames_.back();
  const bool plain = frame.inside == Inside::plain;
  if (plain && kind() == TokenKind::comma) {
    error(token().span, "a comma cannot stand between plain brackets", "a list is written [a, b]");
  }
  if (more(frame.closer, !plain)) return begin_item();
  if (frame.inside != Inside::indexed || kind() != TokenKind::bar) return leave();
  advance();  // a query's condition, where no query may stand
  return Next::operand;
}

ExpressionParser::Next ExpressionParser::leave() {
  const Frame frame = frames_.back();
  frames_.pop_back();
  close(frame.closer, frame.opened);
  return operand(bracketed(frame));
}

/// The node that a frame's gathered items make.
NodeId ExpressionParser::bracketed(const Frame& frame) {
  const Span span = join(frame.word, token_before().span);
  switch (frame.inside) {
    case Inside::call:
      return make(NodeKind::call, span, frame.word, keep(frame.mark));
    case Inside::array:
      return make(NodeKind::array, span, span, keep(frame.mark));
    case Inside::subscript: {
      const Span base = program_[gathered_[frame.mark]].span;
      return make(NodeKind::subscript, join(base, span), span, keep(frame.mark));
    }
    default:
      break;
  }
  const NodeId first = gathered_[frame.mark];
  gathered_.resize(frame.mark);
  if (frame.inside == Inside::indexed) return leaf(NodeKind::error, span);
  program_.nodes[static_cast<std::uint32_t>(first)].span = span;
  return first;
}

}  // namespace mc::language
