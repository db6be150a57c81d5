// The place in the tokens, the tree under construction, and errors: see the header.
#include "frontend/language/parser_base.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/utf8.hpp"

namespace mc::language {
namespace {

constexpr bool begins_operand(TokenKind kind) {
  return kind == TokenKind::name || kind == TokenKind::number || kind == TokenKind::left_paren ||
         kind == TokenKind::left_bracket || kind == TokenKind::word_not;
}

constexpr std::string_view bracket(TokenKind closer) {
  return closer == TokenKind::right_paren ? ")" : closer == TokenKind::right_bracket ? "]" : "}";
}

}  // namespace

// clang-format off
Infix infix(TokenKind kind) {
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
// clang-format on

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 40;
  if (text.size() <= longest) return fmt::format("'{}'", text);
  std::size_t end = longest;
  while (end > 0 && is_continuation(text[end])) --end;
  return fmt::format("'{}…'", text.substr(0, end));
}

std::optional<QueryKind> query_kind(std::string_view word) {
  if (word == "E") return QueryKind::expectation;
  if (word == "P") return QueryKind::probability;
  if (word == "Var") return QueryKind::variance;
  if (word == "Std") return QueryKind::standard_deviation;
  if (word == "Cov") return QueryKind::covariance;
  if (word == "Corr") return QueryKind::correlation;
  return {};
}

ParserBase::ParserBase(Program& program, Diagnostics& diagnostics, const Limits& limits,
                       std::vector<Token> tokens)
    : program_(program), diagnostics_(diagnostics), limits_(limits), tokens_(std::move(tokens)) {
  program_.nodes.reserve(tokens_.size());
  program_.children.reserve(tokens_.size());
}

bool ParserBase::begins_query() const {
  return token().kind == TokenKind::name && token_after().kind == TokenKind::left_bracket &&
         !token_after().starts_line && query_kind(text(token().span));
}

// Lists and brackets.

/// After an item of a list: passes a comma. False at the closer, and where one is missing.
bool ParserBase::more(TokenKind closer, bool list) {
  const bool condition = kind() == TokenKind::bar && closer == TokenKind::right_bracket;
  if (kind() != TokenKind::comma && !condition && !at_boundary()) {
    cannot_stand_here(fmt::format("an operator{} or '{}'", list ? ", ','" : "", bracket(closer)));
    skip_damage();
  }
  if (kind() != TokenKind::comma) return false;
  advance();
  return true;
}

void ParserBase::open() {
  ++brackets_;
  if (brackets_ > limits_.depth) {
    return stop(token().span, fmt::format("the program nests more than {} brackets", limits_.depth),
                "name a part of it in a definition, or raise Limits::depth (--limit depth=N)");
  }
  advance();
}

void ParserBase::close(TokenKind closer, Span opened) {
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
bool ParserBase::at_boundary() const {
  return is_closer(kind()) || kind() == TokenKind::end || kind() == TokenKind::semicolon ||
         begins_statement();
}

bool ParserBase::begins_statement() const {
  if (!token().starts_line || token().kind != TokenKind::name) return false;
  const TokenKind next = token_after().kind;
  return next == TokenKind::tilde || next == TokenKind::assign || begins_query();
}

// The tree.

NodeId ParserBase::leaf(NodeKind kind, Span span, double number) {
  if (program_.nodes.size() >= limits_.nodes) {
    stop(span, fmt::format("the program has more than {} nodes", limits_.nodes),
         "raise Limits::nodes (--limit nodes=N)");
  }
  program_.nodes.push_back({.kind = kind, .span = span, .focus = span, .number = number});
  return static_cast<NodeId>(program_.nodes.size() - 1);
}

NodeId ParserBase::make(NodeKind kind, Span span, Span focus, List children, std::size_t first_link) {
  std::uint32_t height = 1;
  for (const NodeId child : program_.list(children)) height = std::max(height, program_[child].height + 1);
  if (height > limits_.depth) {
    stop(focus, fmt::format("the expression nests more than {} deep", limits_.depth),
         "name a part of it in a definition, or raise Limits::depth (--limit depth=N)");
    return leaf(NodeKind::error, span);
  }
  const NodeId id = leaf(kind, span);
  Node& node = program_.nodes.back();
  node.height = height;
  node.focus = focus;
  node.children = children;
  node.first_link = static_cast<std::uint32_t>(first_link);
  return id;
}

List ParserBase::keep(std::size_t mark) {
  const auto first = static_cast<std::uint32_t>(program_.children.size());
  program_.children.insert(program_.children.end(), gathered_.begin() + static_cast<std::ptrdiff_t>(mark),
                           gathered_.end());
  const auto count = static_cast<std::uint32_t>(gathered_.size() - mark);
  gathered_.resize(mark);
  return {first, count};
}

// Errors.

bool ParserBase::error(Span span, std::string message, std::string hint, std::string_view meant) {
  const bool reported = quiet_at_ == at_ || token().kind == TokenKind::error;
  quiet_at_ = at_;
  if (reported) return false;
  diagnostics_.error(Category::syntax, span, std::move(message), std::move(hint), meant);
  return true;
}

/// Reports the token after an operand that neither goes on with the expression nor ends it.
void ParserBase::cannot_stand_here(std::string_view expected) {
  if (is_closer(kind())) {
    error(token().span, fmt::format("nothing opens this {}", found()), "remove it");
  } else if (begins_operand(kind())) {
    error(token().span, fmt::format("expected {} before {}", expected, found()), advice());
  } else {
    error(token().span, fmt::format("expected {}, found {}", expected, found()), advice());
  }
}

/// What to do about the token at which `cannot_stand_here` was called.
std::string ParserBase::advice() const {
  switch (kind()) {
    case TokenKind::assign:
      return "write == to compare";
    case TokenKind::tilde:
      return "a random variable has a statement of its own: x ~ normal(0, 1)";
    case TokenKind::bar:
      return "a condition stands in a query: E[x | x > 1]";
    case TokenKind::range:
      return "a range is an argument: sum(x_i, i = 2..4)";
    case TokenKind::left_brace:
      return "braces enclose nothing but subscripts: x_{i+1}";
    case TokenKind::comma:
      return "statements are separated by ; or a new line";
    case TokenKind::left_paren:
      if (at_ > 1 && tokens_[at_ - 2].kind == TokenKind::underscore) return "_ is never part of a name";
      return "write * between two factors";
    default:
      break;
  }
  if (text(token().span) == "where") return "a condition stands in a query: E[x | x > 1]";
  if (text(token_before().span) == "if") return "write if(condition, a, b)";
  return begins_operand(kind()) ? "write * between two factors" : "";
}

std::string ParserBase::found() const {
  if (kind() == TokenKind::newline) return "the end of the line";
  if (kind() == TokenKind::end) return "the end of the text";
  return quoted(text(token().span));
}

/// Passes what cannot be read, to the next place where reading can go on: the bracket or comma that ends the
/// damaged item (or the end of the statement), brackets opened on the way left as a whole. Nothing is
/// reported at that place unless it is a closing bracket.
void ParserBase::skip_damage(bool to_end_of_statement) {
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
void ParserBase::stop(Span span, std::string message, std::string hint) {
  error(span, std::move(message), std::move(hint));
  at_ = tokens_.size() - 1;
  quiet_at_ = at_;
}

}  // namespace mc::language
