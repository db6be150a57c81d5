// No meaning is asked for here: only the tree, the tokens, and the first lines of the library's definitions.
#include "frontend/language/outline.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "frontend/language/checker.hpp"
#include "frontend/language/lexer.hpp"
#include "frontend/language/prelude.hpp"

namespace mc::language {
namespace {

template <class Range, class T, class Projection = std::identity>
bool contains(const Range& range, const T& value, Projection projection = {}) {
  return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

/// All trees of a statement, its parameters left out.
std::vector<NodeId> roots(const Program& program, const Statement& statement) {
  std::vector<NodeId> roots;
  for (const NodeId each : {statement.body, statement.condition, statement.accept})
    if (each != NodeId::none) roots.push_back(each);
  for (const List& list : {statement.arguments, statement.conditions})
    roots.insert(roots.end(), program.list(list).begin(), program.list(list).end());
  return roots;
}

bool has_name(NodeKind kind) { return kind == NodeKind::name || kind == NodeKind::call; }
bool binds(NodeKind kind) { return kind == NodeKind::range_binding || kind == NodeKind::value_binding; }

bool is_opening(TokenKind kind) {
  return kind == TokenKind::left_paren || kind == TokenKind::left_bracket || kind == TokenKind::left_brace;
}
bool is_closing(TokenKind kind) {
  return kind == TokenKind::right_paren || kind == TokenKind::right_bracket || kind == TokenKind::right_brace;
}

/// After these the parser goes on with the next line.
bool asks_for_more(TokenKind kind) {
  switch (kind) {
    case TokenKind::plus:
    case TokenKind::minus:
    case TokenKind::star:
    case TokenKind::slash:
    case TokenKind::caret:
    case TokenKind::underscore:
    case TokenKind::comma:
    case TokenKind::tilde:
    case TokenKind::assign:
    case TokenKind::range:
    case TokenKind::less:
    case TokenKind::less_equal:
    case TokenKind::greater:
    case TokenKind::greater_equal:
    case TokenKind::equal:
    case TokenKind::not_equal:
    case TokenKind::word_and:
    case TokenKind::word_or:
    case TokenKind::word_not:
      return true;
    default:
      return false;
  }
}

/// What is not `name(x)`, `name(x, y)`, `name(a, b, c)` by its number of arguments.
constexpr Word::Kind kFunction = Word::Kind::function, kDistribution = Word::Kind::distribution,
                     kQuery = Word::Kind::query, kConstant = Word::Kind::constant;
struct Form {
  Word::Kind kind;
  std::string_view name, signature;
};
constexpr Form kForms[] = {
    {kQuery, "E", "E[f | condition]"},
    {kQuery, "Var", "Var[f | condition]"},
    {kQuery, "Std", "Std[f | condition]"},
    {kQuery, "P", "P[event | condition]"},
    {kQuery, "Cov", "Cov[f, g | condition]"},
    {kQuery, "Corr", "Corr[f, g | condition]"},
    {kConstant, "pi", "pi"},
    {kConstant, "e", "e"},
    {kConstant, "inf", "inf"},
    {kDistribution, "mvnormal", "mvnormal(mu, Sigma)"},
    {kDistribution, "dirichlet", "dirichlet(a)"},
    {kDistribution, "density", "density(g, lo, hi)"},
    {kDistribution, "unnormalized", "unnormalized(g, lo, hi)"},
    {kFunction, "sum", "sum(f_i, i = first..last)"},
    {kFunction, "prod", "prod(f_i, i = first..last)"},
    {kFunction, "if", "if(condition, a, b)"},
    {kFunction, "iterate", "iterate(x = start, next, rounds)"},
    {kFunction, "mvnormal.pdf", "mvnormal.pdf(x, mu, Sigma)"},
    {kFunction, "pow", "pow(x, y)"},
    {kFunction, "hypot", "hypot(x, y)"},
    {kFunction, "atan2", "atan2(y, x)"},
    {kFunction, "fma", "fma(a, b, c)"},
};

void add(std::vector<Word>& words, Word::Kind kind, std::string_view name, std::string_view signature) {
  if (!contains(words, name, &Word::name)) words.push_back({kind, std::string(name), std::string(signature)});
}

/// Of each distribution users may know the density, its integral and the inverse of that.
bool is_for_users(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == name.npos) return true;
  const std::string_view part = name.substr(dot + 1);
  return part == "pdf" || part == "cdf" || part == "icdf";
}

/// The first line of a definition as far as its parameters go.
std::string_view head(std::string_view text) { return text.substr(0, text.find(')') + 1); }

}  // namespace

std::vector<std::string> names_used(const Program& program, const Statement& statement) {
  std::vector<std::string> names;
  std::set<std::string_view> bound;
  for (const NodeId id : program.list(statement.parameters)) bound.insert(program.name(id));
  std::vector<NodeId> pending = roots(program, statement);
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    const Node& node = program[id];
    if (binds(node.kind)) bound.insert(program.name(id));
    if (has_name(node.kind) && !contains(names, program.name(id))) names.emplace_back(program.name(id));
    const auto children = program.children_of(id);
    pending.insert(pending.end(), children.begin(), children.end());
  }
  std::erase_if(names, [&](const std::string& name) { return bound.contains(name); });
  return names;
}

bool is_unfinished(std::string_view text) {
  Diagnostics ignored;
  std::int64_t open = 0;
  TokenKind last = TokenKind::end;
  for (const Token& token : lex(text, Limits{}, ignored)) {
    if (token.kind == TokenKind::end) break;
    open += is_opening(token.kind) ? 1 : is_closing(token.kind) ? -1 : 0;
    last = token.kind;
  }
  return open > 0 || asks_for_more(last);
}

std::vector<Word> vocabulary() {
  std::vector<Word> words;
  for (const Form& form : kForms) add(words, form.kind, form.name, form.signature);
  for (const std::string_view name : builtin_names()) add(words, kFunction, name, fmt::format("{}(x)", name));
  for (const auto& [name, text] : prelude().function_texts())
    if (is_for_users(name)) add(words, kFunction, name, head(text));
  for (const auto& [name, text] : prelude().sampler_texts())
    if (is_for_users(name)) add(words, kDistribution, name, head(text));
  std::ranges::sort(words, {}, &Word::name);
  return words;
}

}  // namespace mc::language
