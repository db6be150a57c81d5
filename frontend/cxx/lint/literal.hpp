// A text that the compiler knows, and where in the source each of its bytes stands. Part of the module.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>

namespace mc::cxx {

/// What std::string_view gets from a literal, from a constant that one stands in, or from a constant
/// expression.
class Literal {
 public:
  const std::string& text() const { return text_; }

  /// The source of bytes [begin, end): escapes are seen as they are written, and so are raw strings, pieces
  /// that stand side by side, and what macros make. Where no literal is behind the text it is the argument.
  clang::CharSourceRange source(std::uint64_t begin, std::uint64_t end) const;

  /// Whether these bytes are written as they are.
  bool is_verbatim(std::uint64_t begin, std::uint64_t end) const;

 private:
  friend std::optional<Literal> literal_of(const clang::Expr* argument, const clang::ASTContext& context);

  /// One of the literals that stand side by side.
  struct Piece {
    clang::SourceLocation token;
    std::uint64_t first = 0, size = 0;   ///< its bytes in the literal
    bool is_raw = false;                 ///< R"(…)"
    std::vector<std::uint32_t> offsets;  ///< of each byte in the token as it is written, and of its end
  };

  void map(const clang::StringLiteral* literal);
  clang::SourceLocation place(std::uint64_t byte, bool is_end) const;

  const clang::ASTContext* context_ = nullptr;
  const clang::Expr* argument_ = nullptr;
  std::string text_;
  std::uint64_t skipped_ = 0;  ///< bytes of the literal before the text
  std::vector<Piece> pieces_;
};

/// Nothing where the text is not known before the program runs.
std::optional<Literal> literal_of(const clang::Expr* argument, const clang::ASTContext& context);

}  // namespace mc::cxx
