// Statements: an expression is read first, and what follows it ('~', '=', or nothing) says what it was. So
// there is no looking ahead, and a damaged left-hand side is reported like any other expression.
#include "frontend/language/parser.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/expression_parser.hpp"
#include "frontend/language/lexer.hpp"

namespace mc::language {
namespace {

class StatementParser : ExpressionParser {
 public:
  StatementParser(Program& program, Diagnostics& diagnostics, const Limits& limits, std::vector<Token> tokens)
      : ExpressionParser(program, diagnostics, limits, std::move(tokens)) {}

  void program();
  void single_expression();

 private:
  void statement();
  void end_of_statement();

  void items(NodeId first);
  void query();
  bool looks_like_query() const;
  void no_such_query();
  void condition(Statement& query);
  void check_count(const Statement& query);

  void binding(NodeId left);
  void named(NodeId left, Statement& statement, bool random);
  void check_parameters(List parameters);
  void until(Statement& statement);
  void where(Statement& statement);
  bool at_clause(std::string_view word) const;

  Statement& add(StatementKind kind, Span span);
};

void StatementParser::program() {
  while (token().kind != TokenKind::end) {
    if (token().kind == TokenKind::semicolon) {
      advance();
      continue;
    }
    continue_line();  // this token starts a statement, it does not end one
    statement();
    end_of_statement();
  }
  if (program_.statements.empty() && !diagnostics_.has_errors()) {
    diagnostics_.error(Category::syntax, {}, "the program is empty",
                       "write a moment, for example sum(x_i^2)");
  }
}

/// The whole text is one expression, over as many lines as it likes.
void StatementParser::single_expression() {
  if (token().kind == TokenKind::end) {
    if (diagnostics_.has_errors()) return;
    return diagnostics_.error(Category::syntax, {}, "the expression is empty",
                              "write one, for example exp(-x^2/2)");
  }
  ignore_lines();
  const NodeId body = expression();
  add(StatementKind::expression, program_[body].span).body = body;
  if (token().kind != TokenKind::end) cannot_stand_here("the end of the expression");
}

void StatementParser::statement() {
  if (looks_like_query()) return items(NodeId::none);
  const NodeId left = expression();
  if (kind() == TokenKind::tilde || kind() == TokenKind::assign) return binding(left);
  items(left);
}

void StatementParser::end_of_statement() {
  const bool ended =
      kind() == TokenKind::newline || kind() == TokenKind::semicolon || kind() == TokenKind::end;
  if (ended) return;
  const bool after_query =
      !program_.statements.empty() && program_.statements.back().kind == StatementKind::query;
  if (after_query && token_before().kind == TokenKind::right_bracket && at_infix()) {
    error(token().span, "a query stands alone", "do the arithmetic inside its brackets, or on the result");
  } else {
    cannot_stand_here("an operator or the end of the statement");
  }
  skip_damage(true);
}

// Queries and bare expressions, which may share a line: E[x], Var[x].

/// The first one is an expression that was read already, or none.
void StatementParser::items(NodeId first) {
  for (NodeId next = first;; next = NodeId::none) {
    if (next == NodeId::none && begins_query()) {
      query();
    } else if (next == NodeId::none && looks_like_query()) {
      no_such_query();
      skip_damage();
    } else {
      const NodeId body = next == NodeId::none ? expression() : next;
      add(StatementKind::expression, program_[body].span).body = body;
    }
    if (kind() != TokenKind::comma) return;
    advance();
    continue_line();
  }
}

void StatementParser::query() {
  const Span word = token().span;
  advance();
  const Span opened = token().span;
  const std::size_t mark = gathered_.size();
  const std::size_t errors = diagnostics_.error_count();
  Statement query{.kind = StatementKind::query, .query = *query_kind(text(word)), .name = word};
  open();
  do gathered_.push_back(expression());
  while (more(TokenKind::right_bracket));
  query.arguments = keep(mark);
  if (kind() == TokenKind::bar) condition(query);
  close(TokenKind::right_bracket, opened);
  query.span = join(word, token_before().span);
  if (diagnostics_.error_count() == errors) check_count(query);
  program_.statements.push_back(query);
}

void StatementParser::condition(Statement& query) {
  advance();
  query.condition = expression();
  while (kind() == TokenKind::comma || kind() == TokenKind::bar) {
    error(token().span, "a query has one condition", "join two with and");
    advance();
    expression();
  }
}

void StatementParser::check_count(const Statement& query) {
  const bool two = query.query == QueryKind::covariance || query.query == QueryKind::correlation;
  if (query.arguments.count == (two ? 2 : 1)) return;
  const std::string_view word = to_text(query.query);
  diagnostics_.error(
      Category::syntax, query.span,
      fmt::format("{} takes {}, not {}", word, two ? "two expressions" : "one expression",
                  query.arguments.count),
      two ? fmt::format("write {}[f, g]", word) : fmt::format("write {}[f], {}[g]", word, word));
}

bool StatementParser::looks_like_query() const {
  return token().kind == TokenKind::name && token_after().kind == TokenKind::left_bracket &&
         !token_after().starts_line;
}

/// Reports a statement such as `Q[x]` or `var[x]`.
void StatementParser::no_such_query() {
  constexpr std::string_view words[] = {"E", "Var", "Std", "P", "Cov", "Corr"};
  const std::string_view word = text(token().span);
  const std::string_view meant = nearest(word, words);
  error(token().span, fmt::format("there is no query {}[…]", word),
        meant.empty() ? "there are E, Var, Std, P, Cov and Corr; a subscript is written x_1"
                      : fmt::format("did you mean {}?", meant),
        meant);
}

// Definitions, functions, random variables and the library's samplers.

void StatementParser::binding(NodeId left) {
  const Token sign = token();
  advance();
  continue_line();
  Statement statement{.name = program_[left].focus};
  named(left, statement, sign.kind == TokenKind::tilde);
  statement.body = expression();
  if (at_clause("until")) until(statement);
  if (at_clause("where")) where(statement);
  statement.span = join(program_[left].span, token_before().span);
  program_.statements.push_back(statement);
}

/// What the left-hand side says that the statement is.
void StatementParser::named(NodeId left, Statement& statement, bool random) {
  const Node& node = program_[left];
  statement.kind = random ? StatementKind::sample : StatementKind::definition;
  if (node.kind == NodeKind::name || node.kind == NodeKind::error) return;
  if (node.kind == NodeKind::call) {
    statement.kind = random ? StatementKind::sampler : StatementKind::function;
    statement.parameters = node.children;
    return check_parameters(node.children);
  }
  const std::string_view hint = node.kind == NodeKind::subscript
                                    ? "leave the subscript out: the name stands for the whole vector"
                                : random ? "write x ~ …"
                                         : "write S = … or f(u, v) = …; == compares";
  diagnostics_.error(Category::syntax, node.span,
                     fmt::format("only a name can stand before '{}'", random ? '~' : '='), std::string(hint));
}

void StatementParser::check_parameters(List parameters) {
  std::unordered_set<std::string_view> names;
  for (const NodeId id : program_.list(parameters)) {
    const Node& node = program_[id];
    if (node.kind == NodeKind::error) continue;
    if (node.kind == NodeKind::name) {
      const std::string_view name = program_.name(id);
      if (!names.insert(name).second)
        diagnostics_.error(Category::syntax, node.span, fmt::format("two parameters are called {}", name),
                           "give the second one another name");
      continue;
    }
    diagnostics_.error(Category::syntax, node.span, "a parameter is a plain name", "write f(u, v) = …");
  }
}

/// `where` and `until` are words of the language only after the body of a function or sampler; they may stand
/// on the next line.
bool StatementParser::at_clause(std::string_view word) const {
  if (token().kind != TokenKind::name || text(token().span) != word) return false;
  const TokenKind next = token_after().kind;
  return !ends_line() || (next != TokenKind::assign && next != TokenKind::tilde);
}

void StatementParser::until(Statement& statement) {
  if (statement.kind != StatementKind::sampler)
    error(token().span, "only a distribution draws until something holds",
          "a condition stands in a query: E[x | x > 0]");
  advance();
  continue_line();
  statement.accept = expression();
}

void StatementParser::where(Statement& statement) {
  const bool allowed = statement.kind == StatementKind::function || statement.kind == StatementKind::sampler;
  if (!allowed)
    error(token().span, "only a function has conditions on its parameters",
          "a condition stands in a query: E[x | x > 0]");
  const std::size_t mark = gathered_.size();
  do {
    advance();
    continue_line();
    gathered_.push_back(expression());
  } while (kind() == TokenKind::comma);
  statement.conditions = keep(mark);
}

Statement& StatementParser::add(StatementKind kind, Span span) {
  return program_.statements.emplace_back(Statement{.kind = kind, .span = span});
}

Parsed parse_by(void (StatementParser::*rule)(), std::string text, const Limits& limits) {
  Parsed parsed{.program = {}, .diagnostics = Diagnostics(limits.errors)};
  parsed.program.source = std::make_shared<const std::string>(std::move(text));
  std::vector<Token> tokens = lex(parsed.program.text(), limits, parsed.diagnostics);
  StatementParser parser(parsed.program, parsed.diagnostics, limits, std::move(tokens));
  (parser.*rule)();
  parsed.diagnostics.sort();
  return parsed;
}

}  // namespace

Parsed parse(std::string text, const Limits& limits) {
  return parse_by(&StatementParser::program, std::move(text), limits);
}

Parsed parse_expression(std::string text, const Limits& limits) {
  return parse_by(&StatementParser::single_expression, std::move(text), limits);
}

}  // namespace mc::language
