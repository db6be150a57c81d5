// What has been said at the prompt: definitions, which may be given anew, and the programs that questions
// about them are.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>
#include <mc/text.hpp>

namespace mc::console {

/// What is asked on one line, with what it needs: a program of its own.
struct Question {
  std::string text;                 ///< as it was typed: E[x], Var[x]
  std::vector<std::string> uses;    ///< names in it
  std::vector<std::string> labels;  ///< of its parts: E[x] and Var[x]
  std::string program;              ///< definitions, then the text
  mc::Moment moment;

  /// What a run of the program says of it, with the text's places.
  Error placed(const Error& error) const;
};

class Session {
 public:
  /// Keeps the definitions of a text and returns its questions in order. A definition replaces the one of its
  /// name, and those that use it see the new one. Throws mc::Error, whose places are the text's; nothing has
  /// changed then.
  std::vector<Question> take(std::string_view text);

  /// The name `ans`, which questions may use.
  void answer(double value);

  /// Takes back what the last take() that defined something did. False: there was none.
  bool undo();
  void clear();

  struct Definition {
    std::string name, text;
    std::vector<std::string> uses;
    Statement::Kind kind = Statement::Kind::definition;
  };
  /// In an order in which each stands after those that it uses.
  std::vector<Definition> definitions() const;
  /// The definitions and all that was asked: a program that `moment eval -f` takes.
  std::string text() const;

 private:
  using Definitions = std::vector<Definition>;
  static void define(Definitions& definitions, std::string_view text, const Statement& statement);
  static Question question(const Definitions& definitions, std::string_view text,
                           std::span<const Statement> parts);

  Definitions definitions_;
  std::vector<Definitions> before_;  ///< for undo
  struct Asked {
    std::string text;
    std::vector<std::string> uses;
  };
  std::vector<Asked> asked_;
};

}  // namespace mc::console
