// No meaning is asked for here: only the tree, the tokens, and the first lines of the library's definitions.
#include "frontend/language/outline.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <span>
#include <tuple>
#include <utility>

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

/// The names of a statement that nothing around them binds. Recursion goes as deep as Limits::depth lets a
/// text be nested.
class Names {
 public:
  Names(const Program& program, const Statement& statement) : program_(program) {
    for (const NodeId id : program.list(statement.parameters)) bound_.push_back(program.name(id));
    for (const NodeId root : roots(program, statement)) walk(root);
  }
  std::vector<std::string> all() { return std::move(names_); }

 private:
  void walk(NodeId id) {
    const Node& node = program_[id];
    const bool has_name = node.kind == NodeKind::name || node.kind == NodeKind::call;
    if (has_name) add(program_.name(id));
    const auto children = program_.children_of(id);
    for (std::size_t k = 0; k < children.size(); ++k) {
      const std::size_t before = bound_.size();
      if (node.kind == NodeKind::call) bind_for(children, k);
      walk(children[k]);
      bound_.resize(before);
    }
  }

  /// The call's ranges hold in what is folded, its first argument; iterate's name in the next value, its
  /// second. Nowhere else: sum(x_i, i = 1..i) ends at another i.
  void bind_for(std::span<const NodeId> arguments, std::size_t k) {
    if (k > 1) return;
    const NodeKind binding = k == 0 ? NodeKind::range_binding : NodeKind::value_binding;
    for (const NodeId each : arguments)
      if (program_[each].kind == binding) bound_.push_back(program_.name(each));
  }

  void add(std::string_view name) {
    if (!contains(bound_, name) && !contains(names_, name)) names_.emplace_back(name);
  }

  const Program& program_;
  std::vector<std::string_view> bound_;
  std::vector<std::string> names_;
};

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

constexpr Word::Kind kFunction = Word::Kind::function, kDistribution = Word::Kind::distribution;
struct Form {
  Word::Kind kind;
  std::string_view name, signature, meaning, example;
};
constexpr Form kForms[] = {
#define MC_WORD(kind, name, signature, meaning, example) \
  {Word::Kind::kind, #name, signature, meaning, example},
#include "frontend/language/words.def"
#undef MC_WORD
};

/// Of each distribution users may know the density, its integral and the inverse of that. Other names with a
/// dot are the library's own, and each without one has its form: Vocabulary.HasEveryNameOfTheLibrary.
bool is_for_users(Word::Kind kind, std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == name.npos)
    return std::ranges::any_of(kForms,
                               [&](const Form& form) { return form.kind == kind && form.name == name; });
  const std::string_view part = name.substr(dot + 1);
  return part == "pdf" || part == "cdf" || part == "icdf";
}

void add(std::vector<Word>& words, Word::Kind kind, std::string_view name, std::string_view signature) {
  const auto is_it = [&](const auto& each) { return each.kind == kind && each.name == name; };
  if (!is_for_users(kind, name) || std::ranges::any_of(words, is_it)) return;
  const Form* form = std::ranges::find_if(kForms, is_it);
  Word word{kind, std::string(name), std::string(signature), {}, {}};
  if (form != std::end(kForms)) {
    if (!form->signature.empty()) word.signature = form->signature;
    word.meaning = form->meaning;
    word.example = form->example;
  }
  words.push_back(std::move(word));
}

/// The first line of a definition as far as its parameters go.
std::string_view head(std::string_view text) { return text.substr(0, text.find(')') + 1); }

}  // namespace

std::vector<std::string> names_used(const Program& program, const Statement& statement) {
  return Names(program, statement).all();
}

void Unfinished::add(std::string_view line) {
  Diagnostics ignored;
  for (const Token& token : lex(line, Limits{}, ignored)) {
    if (token.kind == TokenKind::end) break;
    open += is_opening(token.kind) ? 1 : is_closing(token.kind) ? -1 : 0;
    waits = asks_for_more(token.kind);
  }
}

std::vector<Word> vocabulary() {
  std::vector<Word> words;
  for (const std::string_view name : builtin_names()) add(words, kFunction, name, fmt::format("{}(x)", name));
  for (const auto& [name, text] : prelude().function_texts()) add(words, kFunction, name, head(text));
  for (const auto& [name, text] : prelude().sampler_texts()) add(words, kDistribution, name, head(text));
  add(words, kFunction, "mvnormal.pdf", "mvnormal.pdf(x, mu, Sigma)");
  for (const Form& form : kForms) add(words, form.kind, form.name, form.signature);
  std::ranges::sort(words, {}, [](const Word& word) { return std::tie(word.name, word.kind); });
  return words;
}

}  // namespace mc::language
