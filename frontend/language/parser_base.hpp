// What every part of the parser leans on: the place in the tokens, the tree under construction, and the rules
// by which errors are reported once and skipped. Private to the parser.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/language/diagnostics.hpp"
#include "frontend/language/limits.hpp"
#include "frontend/language/syntax.hpp"
#include "frontend/language/token.hpp"

namespace mc::language {

/// How tightly an operator binds, loosest first. `none` is every token that is no infix operator.
enum class Level : std::uint8_t { none, either, both, inverse, comparison, sum, product, negation, power };

struct Infix {
  Level level = Level::none;
  Operator op = Operator::add;
};

/// What a token means between two operands.
Infix infix(TokenKind kind);

/// What a query's word asks for; nothing for any other word.
std::optional<QueryKind> query_kind(std::string_view word);

constexpr bool is_opener(TokenKind kind) {
  return kind == TokenKind::left_paren || kind == TokenKind::left_bracket || kind == TokenKind::left_brace;
}

constexpr bool is_closer(TokenKind kind) {
  return kind == TokenKind::right_paren || kind == TokenKind::right_bracket || kind == TokenKind::right_brace;
}

/// A piece of the program in quotes, cut if it is long.
std::string quoted(std::string_view text);

class ParserBase {
 protected:
  ParserBase(Program& program, Diagnostics& diagnostics, const Limits& limits, std::vector<Token> tokens);

  // The place in the tokens. Outside brackets a token on a new line reads as `newline`, unless the line was
  // continued.
  const Token& token() const { return tokens_[at_]; }
  const Token& token_after() const { return tokens_[at_ + (at_ + 1 < tokens_.size())]; }
  const Token& token_before() const { return at_ > 0 ? tokens_[at_ - 1] : nothing; }
  TokenKind kind() const { return ends_line() ? TokenKind::newline : token().kind; }
  bool ends_line() const {
    return token().starts_line && brackets_ == 0 && at_ != continued_ && !one_line_ &&
           token().kind != TokenKind::end;
  }
  bool at_infix() const { return infix(kind()).level != Level::none; }
  bool in_brackets() const { return brackets_ > 0; }
  bool begins_query() const;
  void advance() { at_ += at_ + 1 < tokens_.size(); }
  void continue_line() { continued_ = at_; }
  void ignore_lines() { one_line_ = true; }
  std::string_view text(Span span) const { return program_.text(span); }

  // Brackets and lists. `more` passes the comma after an item, if there is one.
  void open();
  void close(TokenKind closer, Span opened);
  bool more(TokenKind closer, bool list = true);

  // The tree. `keep` moves what was gathered above the mark into the program.
  NodeId leaf(NodeKind kind, Span span, double number = 0.0);
  NodeId make(NodeKind kind, Span span, Span focus, List children, std::size_t first_link = 0);
  List keep(std::size_t mark);

  // Errors: at most one for a token, and none for one that the lexer has reported. True if it was reported.
  bool error(Span span, std::string message, std::string hint = {}, std::string_view meant = {});
  void cannot_stand_here(std::string_view expected);
  void skip_damage(bool to_end_of_statement = false);
  std::string found() const;

  Program& program_;
  Diagnostics& diagnostics_;
  std::vector<NodeId> gathered_;

 private:
  void stop(Span span, std::string message, std::string hint);
  bool at_boundary() const;
  bool begins_statement() const;
  std::string advice() const;

  static constexpr Token nothing{};

  const Limits& limits_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t continued_ = 0;  // a token that starts a line but does not end the statement
  std::size_t brackets_ = 0;
  bool one_line_ = false;                                // starts of lines mean nothing
  std::size_t quiet_at_ = static_cast<std::size_t>(-1);  // the token for which an error was reported
};

}  // namespace mc::language
