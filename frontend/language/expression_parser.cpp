// Expressions by operator precedence. Operators wait on a stack until one that binds less tightly comes, so that only
// brackets recurse: the depth of the machine's stack is the depth of brackets, which is limited.
#include "frontend/language/expression_parser.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/utf8.hpp"

namespace mc::language {
namespace {

struct Infix {
  Level level = Level::none;
  Operator op = Operator::add;
};

constexpr Infix infix(TokenKind kind) {
  switch (kind) {
    case TokenKind::word_or: return {Level::either, Operator::logical_or};
    case TokenKind::word_and: return {Level::both, Operator::logical_and};
    case TokenKind::less: return {Level::comparison, Operator::less};
    case TokenKind::less_equal: return {Level::comparison, Operator::less_equal};
    case TokenKind::greater: return {Level::comparison, Operator::greater};
    case TokenKind::greater_equal: return {Level::comparison, Operator::greater_equal};
    case TokenKind::equal: return {Level::comparison, Operator::equal};
    case TokenKind::not_equal: return {Level::comparison, Operator::not_equal};
    case TokenKind::plus: return {Level::sum, Operator::add};
    case TokenKind::minus: return {Level::sum, Operator::subtract};
    case TokenKind::star: return {Level::product, Operator::multiply};
    case TokenKind::slash: return {Level::product, Operator::divide};
    case TokenKind::caret: return {Level::power};
    default: return {};
  }
}

constexpr bool is_opener(TokenKind kind) {
  return kind == TokenKind::left_paren || kind == TokenKind::left_bracket || kind == TokenKind::left_brace;
}

constexpr bool is_closer(TokenKind kind) {
  return kind == TokenKind::right_paren || kind == TokenKind::right_bracket || kind == TokenKind::right_brace;
}

constexpr bool begins_operand(TokenKind kind) {
  return kind == TokenKind::name || kind == TokenKind::number || kind == TokenKind::left_paren ||
         kind == TokenKind::left_bracket || kind == TokenKind::word_not;
}

/// After these an operand has to come.
constexpr bool wants_operand(TokenKind kind) {
  return infix(kind).level != Level::none || is_opener(kind) || kind == TokenKind::word_not ||
         kind == TokenKind::comma || kind == TokenKind::tilde || kind == TokenKind::assign ||
         kind == TokenKind::bar || kind == TokenKind::range;
}

constexpr std::string_view bracket(TokenKind closer) {
  return closer == TokenKind::right_paren ? ")" : closer == TokenKind::right_bracket ? "]" : "}";
}

/// A piece of the program in quotes, cut if it is long.
std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 40;
  if (text.size() <= longest) return fmt::format("'{}'", text);
  std::size_t end = longest;
  while (end > 0 && is_continuation(text[end])) --end;
  return fmt::format("'{}…'", text.substr(0, end));
}

}  // namespace

std::optional<QueryKind> query_kind(std::string_view word) {
  if (word == "E") return QueryKind::expectation;
  if (word == "P") return QueryKind::probability;
  if (word == "Var") return QueryKind::variance;
  if (word == "Std") return QueryKind::standard_deviation;
  if (word == "Cov") return QueryKind::covariance;
  if (word == "Corr") return QueryKind::correlation;
  return {};
}

ExpressionParser::ExpressionParser(Program& program, Diagnostics& diagnostics, const Limits& limits,
                                   std::vector<Token> tokens)
    : program_(program), diagnostics_(diagnostics), limits_(limits), tokens_(std::move(tokens)) {
  program_.nodes.reserve(tokens_.size());
  program_.children.reserve(tokens_.size());
}

bool ExpressionParser::at_infix() const { return infix(kind()).level != Level::none; }

bool ExpressionParser::begins_query() const {
  return token().kind == TokenKind::name && token_after().kind == TokenKind::left_bracket &&
         !token_after().starts_line && query_kind(text(token().span));
}

// Operators.

NodeId ExpressionParser::expression() {
  const std::size_t base = pending_.size();
  for (;;) {
    prefixes(base);
    operands_.push_back(operand());
    const Infix next = infix(kind());
    reduce(base, next.level);
    if (next.level == Level::none) break;
    pending_.push_back({next.level, next.op, token().span});
    advance();
    continue_line();
  }
  const NodeId whole = operands_.back();
  operands_.pop_back();
  return whole;
}

void ExpressionParser::prefixes(std::size_t base) {
  for (;; advance(), continue_line()) {
    const Span span = token().span;
    if (kind() == TokenKind::minus) {
      pending_.push_back({Level::negation, {}, span});
    } else if (kind() == TokenKind::word_not) {
      const bool inside = pending_.size() > base && pending_.back().level > Level::inverse;
      if (inside) error(span, "'not' binds less tightly than what stands before it", "put it in brackets: (not …)");
      pending_.push_back({Level::inverse, {}, span});
    } else if (kind() == TokenKind::plus) {
      error(span, "a + in front of an expression says nothing", "leave it out");
      while (token_after().kind == TokenKind::plus) advance();
    } else {
      return;
    }
  }
}

/// Applies the operators above `base` that bind more tightly than `level`.
void ExpressionParser::reduce(std::size_t base, Level level) {
  while (pending_.size() > base && pending_.back().level > level) {
    switch (pending_.back().level) {
      case Level::negation:
      case Level::inverse: reduce_prefix(); break;
      case Level::power: reduce_power(); break;
      default: reduce_run(base); break;
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
  const NodeId exponent = operands_.back();
  operands_.pop_back();
  const NodeId base = operands_.back();
  gathered_.push_back(base);
  gathered_.push_back(exponent);
  operands_.back() = make(NodeKind::power, join(program_[base].span, program_[exponent].span), sign, keep(mark));
}

/// Makes one node of the operators of one level on top of the stack: a + b - c.
void ExpressionParser::reduce_run(std::size_t base) {
  const Level level = pending_.back().level;
  std::size_t first = pending_.size();
  while (first > base && pending_[first - 1].level == level) --first;
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
  operands_.push_back(make(kind, span, sign, keep(mark), first_link));
}

// Operands.

NodeId ExpressionParser::operand() {
  const NodeId base = primary();
  return kind() == TokenKind::underscore ? subscript(base) : base;
}

NodeId ExpressionParser::primary() {
  switch (kind()) {
    case TokenKind::name: return name();
    case TokenKind::left_paren: return parenthesised();
    case TokenKind::left_bracket: return array();
    case TokenKind::number: {
      const Token number = token();
      advance();
      return leaf(NodeKind::number, number.span, number.number);
    }
    default: return no_operand();
  }
}

NodeId ExpressionParser::name() {
  const Span word = token().span;
  advance();
  if (kind() == TokenKind::left_paren) return call(word);
  if (kind() == TokenKind::left_bracket) return indexed(word);
  if (text(word).contains('.')) {
    diagnostics_.error(Category::syntax, word, fmt::format("{} is a function", quoted(text(word))),
                       "give it its arguments, as in normal.pdf(x, 0, 1)");
  }
  return leaf(NodeKind::name, word);
}

NodeId ExpressionParser::call(Span callee) {
  const std::size_t mark = gathered_.size();
  const Span opened = token().span;
  open();
  if (kind() != TokenKind::right_paren) {
    do argument(true);
    while (more(TokenKind::right_paren));
  }
  close(TokenKind::right_paren, opened);
  return make(NodeKind::call, join(callee, token_before().span), callee, keep(mark));
}

NodeId ExpressionParser::parenthesised() {
  const Span opened = token().span;
  open();
  const NodeId inside = expression();
  while (kind() == TokenKind::comma) {
    error(token().span, "a comma cannot stand between plain brackets", "a list is written [a, b]");
    advance();
    expression();
  }
  close(TokenKind::right_paren, opened);
  program_.nodes[static_cast<std::uint32_t>(inside)].span = join(opened, token_before().span);
  return inside;
}

NodeId ExpressionParser::array() {
  const std::size_t mark = gathered_.size();
  const Span opened = token().span;
  open();
  do argument(false);
  while (more(TokenKind::right_bracket));
  close(TokenKind::right_bracket, opened);
  const Span span = join(opened, token_before().span);
  return make(NodeKind::array, span, span, keep(mark));
}

/// A name and '[' inside an expression: an error whose brackets are read all the same.
NodeId ExpressionParser::indexed(Span word) {
  if (query_kind(text(word))) {
    error(word, "a query cannot stand inside an expression", "a query stands alone: E[x], Var[y]");
  } else {
    error(join(word, token().span), "square brackets are no subscript", "write x_1, x_i or x_{i+1}");
  }
  const std::size_t mark = gathered_.size();
  const Span opened = token().span;
  open();
  do argument(false);
  while (more(TokenKind::right_bracket));
  if (kind() == TokenKind::bar) {
    advance();
    expression();
  }
  close(TokenKind::right_bracket, opened);
  gathered_.resize(mark);
  return leaf(NodeKind::error, join(word, token_before().span));
}

void ExpressionParser::argument(bool ranges) {
  const bool range = ranges && kind() == TokenKind::name && token_after().kind == TokenKind::assign;
  if (range) return range_binding();
  gathered_.push_back(expression());
}

void ExpressionParser::range_binding() {
  const Span index = token().span;
  const Span sign = token_after().span;
  const std::size_t mark = gathered_.size();
  advance();
  advance();
  gathered_.push_back(expression());
  if (kind() == TokenKind::range) {
    advance();
    gathered_.push_back(expression());
  } else {
    error(sign, fmt::format("expected '..' before {}", found()), "a range is i = 1..4; write == to compare");
    gathered_.push_back(leaf(NodeKind::error, token().span));
  }
  const Span span = join(index, token_before().span);
  gathered_.push_back(make(NodeKind::range_binding, span, index, keep(mark)));
}

NodeId ExpressionParser::subscript(NodeId base) {
  const std::size_t mark = gathered_.size();
  const Span sign = token().span;
  gathered_.push_back(base);
  advance();
  subscripts();
  while (kind() == TokenKind::underscore) {
    error(token().span, "a subscript cannot have a subscript", "two subscripts are written A_{i,j}");
    advance();
    subscripts();
  }
  const Span focus = join(sign, token_before().span);
  return make(NodeKind::subscript, join(program_[base].span, focus), focus, keep(mark));
}

void ExpressionParser::subscripts() {
  const Span span = token().span;
  if (kind() == TokenKind::left_brace) {
    open();
    do argument(false);
    while (more(TokenKind::right_brace));
    return close(TokenKind::right_brace, span);
  }
  const bool whole = kind() == TokenKind::number && std::ranges::all_of(text(span), is_digit);
  if (kind() == TokenKind::name && !text(span).contains('.')) {
    gathered_.push_back(leaf(NodeKind::name, span));
  } else if (whole) {
    gathered_.push_back(leaf(NodeKind::number, span, token().number));
  } else {
    error(span, fmt::format("expected a subscript after '_', found {}", found()),
          "a subscript is a name, a whole number or {…}; _ is never part of a name");
    gathered_.push_back(leaf(NodeKind::error, span));
    if (kind() != TokenKind::number && kind() != TokenKind::name) return;
  }
  advance();
}

NodeId ExpressionParser::no_operand() {
  const Span span = token().span;
  if (kind() == TokenKind::left_brace) {
    error(span, "braces enclose nothing but subscripts", "use (…) for grouping, [a, b] for a list");
  } else if (kind() == TokenKind::underscore) {
    error(span, "a subscript needs something before it", "write x_1");
  } else if (kind() == TokenKind::bar) {
    error(span, "expected an expression, found '|'", "an absolute value is abs(x), a length norm(x)");
  } else if (is_closer(kind()) && brackets_ == 0) {
    error(span, fmt::format("nothing opens this {}", found()), "remove it");
  } else if (at_ > 0 && wants_operand(token_before().kind)) {
    error(span, fmt::format("expected an expression after {}, found {}", quoted(text(token_before().span)), found()));
  } else {
    error(span, fmt::format("expected an expression, found {}", found()));
  }
  const bool goes_on = at_infix() || kind() == TokenKind::underscore;
  if (!goes_on) skip_damage();
  return leaf(NodeKind::error, span);
}

// Lists and brackets.

/// After an item of a list: passes a comma. False at the closer, and where one is missing.
bool ExpressionParser::more(TokenKind closer) {
  const bool condition = kind() == TokenKind::bar && closer == TokenKind::right_bracket;
  if (kind() != TokenKind::comma && !condition && !at_boundary()) {
    cannot_stand_here(fmt::format("an operator, ',' or '{}'", bracket(closer)));
    skip_damage();
  }
  if (kind() != TokenKind::comma) return false;
  advance();
  return true;
}

void ExpressionParser::open() {
  ++brackets_;
  if (brackets_ > limits_.depth) {
    return stop(token().span, fmt::format("the program nests more than {} brackets", limits_.depth),
                "name a part of it in a definition, or raise Limits::depth");
  }
  advance();
}

void ExpressionParser::close(TokenKind closer, Span opened) {
  if (kind() != closer && !at_boundary()) {
    cannot_stand_here(fmt::format("an operator or '{}'", bracket(closer)));
    for (skip_damage(); kind() == TokenKind::comma; skip_damage()) advance();
  }
  if (kind() == closer) {
    advance();
  } else {
    const Span before = token_before().span;
    const std::string hint = token().starts_line ? "add it here" : fmt::format("add it before {}", found());
    if (error({before.end, before.end}, fmt::format("missing '{}'", bracket(closer)), hint)) {
      diagnostics_.note(opened, fmt::format("this {} is not closed", quoted(text(opened))));
    }
  }
  --brackets_;
}

/// Where a closing bracket that has not come yet is missing.
bool ExpressionParser::at_boundary() const {
  return is_closer(kind()) || kind() == TokenKind::end || kind() == TokenKind::semicolon || begins_statement();
}

bool ExpressionParser::begins_statement() const {
  if (!token().starts_line || token().kind != TokenKind::name) return false;
  const TokenKind next = token_after().kind;
  return next == TokenKind::tilde || next == TokenKind::assign || begins_query();
}

// The tree.

NodeId ExpressionParser::leaf(NodeKind kind, Span span, double number) {
  if (program_.nodes.size() >= limits_.nodes) {
    stop(span, fmt::format("the program has more than {} nodes", limits_.nodes), "raise Limits::nodes to allow more");
  }
  program_.nodes.push_back({.kind = kind, .span = span, .focus = span, .number = number});
  return static_cast<NodeId>(program_.nodes.size() - 1);
}

NodeId ExpressionParser::make(NodeKind kind, Span span, Span focus, List children, std::size_t first_link) {
  std::uint32_t height = 0;
  for (const NodeId child : program_.list(children)) height = std::max(height, program_[child].height);
  if (height >= limits_.depth) {
    stop(focus, fmt::format("the expression nests more than {} deep", limits_.depth),
         "name a part of it in a definition, or raise Limits::depth");
    return leaf(NodeKind::error, span);
  }
  const NodeId id = leaf(kind, span);
  Node& node = program_.nodes.back();
  node.height = height + 1;
  node.focus = focus;
  node.children = children;
  node.first_link = static_cast<std::uint32_t>(first_link);
  return id;
}

List ExpressionParser::keep(std::size_t mark) {
  const auto first = static_cast<std::uint32_t>(program_.children.size());
  program_.children.insert(program_.children.end(), gathered_.begin() + static_cast<std::ptrdiff_t>(mark),
                           gathered_.end());
  const auto count = static_cast<std::uint32_t>(gathered_.size() - mark);
  gathered_.resize(mark);
  return {first, count};
}

// Errors.

bool ExpressionParser::error(Span span, std::string message, std::string hint) {
  const bool reported = quiet_at_ == at_ || token().kind == TokenKind::error;
  quiet_at_ = at_;
  if (reported) return false;
  diagnostics_.error(Category::syntax, span, std::move(message), std::move(hint));
  return true;
}

/// Reports the token after an operand that neither goes on with the expression nor ends it.
void ExpressionParser::cannot_stand_here(std::string_view expected) {
  if (is_closer(kind())) {
    error(token().span, fmt::format("nothing opens this {}", found()), "remove it");
  } else if (begins_operand(kind())) {
    error(token().span, fmt::format("expected {} before {}", expected, found()), advice());
  } else {
    error(token().span, fmt::format("expected {}, found {}", expected, found()), advice());
  }
}

/// What to do about the token at which `cannot_stand_here` was called.
std::string ExpressionParser::advice() const {
  switch (kind()) {
    case TokenKind::assign: return "write == to compare";
    case TokenKind::tilde: return "a random variable has a statement of its own: x ~ normal(0, 1)";
    case TokenKind::bar: return "a condition stands in a query: E[x | x > 1]";
    case TokenKind::range: return "a range is an argument: sum(x_i, i = 2..4)";
    case TokenKind::left_brace: return "braces enclose nothing but subscripts: x_{i+1}";
    case TokenKind::comma: return "statements are separated by ; or a new line";
    case TokenKind::left_paren:
      if (at_ > 1 && tokens_[at_ - 2].kind == TokenKind::underscore) return "_ is never part of a name";
      return "write * between two factors";
    default: break;
  }
  if (text(token().span) == "where") return "a condition stands in a query: E[x | x > 1]";
  if (text(token_before().span) == "if") return "write if(condition, a, b)";
  return begins_operand(kind()) ? "write * between two factors" : "";
}

std::string ExpressionParser::found() const {
  if (kind() == TokenKind::newline) return "the end of the line";
  if (kind() == TokenKind::end) return "the end of the text";
  return quoted(text(token().span));
}

/// Passes what cannot be read, to the next place where reading can go on: the bracket or comma that ends the damaged
/// item (or the end of the statement), brackets opened on the way left as a whole. Nothing is reported at that place
/// unless it is a closing bracket.
void ExpressionParser::skip_damage(bool to_end_of_statement) {
  for (std::size_t opened = 0;; advance()) {
    const TokenKind next = kind();
    const bool ends_item = is_closer(next) || next == TokenKind::comma;
    if (opened == 0 && ends_item && !to_end_of_statement) break;
    if (opened == 0 && next == TokenKind::newline) break;
    if (next == TokenKind::end || next == TokenKind::semicolon || begins_statement()) {
      quiet_at_ = at_;
      break;
    }
    if (is_opener(next)) ++opened;
    if (is_closer(next) && opened > 0) --opened;
  }
}

/// Reports a limit; reading ends here.
void ExpressionParser::stop(Span span, std::string message, std::string hint) {
  error(span, std::move(message), std::move(hint));
  at_ = tokens_.size() - 1;
  quiet_at_ = at_;
}

}  // namespace mc::language
