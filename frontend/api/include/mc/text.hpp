// What programs that help people write Moment's language ask of a text: a prompt, a notebook, an editor.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

namespace mc {

/// A statement of a program, as it is written.
struct Statement {
  enum class Kind {
    sample,        ///< x ~ normal(0, 1)
    definition,    ///< S = 100*exp(x)
    function,      ///< f(u) = u^2
    distribution,  ///< rayleigh(a) ~ a*sqrt(-2*log(u))
    query,         ///< E[S]
    expression     ///< sum(x_i^2)
  };
  Kind kind = Kind::expression;
  std::string name;                ///< that it gives; empty for a query and an expression
  std::vector<std::string> uses;   ///< names in it that it does not bind, each once; the library's among them
  std::size_t begin = 0, end = 0;  ///< bytes of the text
};

/// The statements of a text, in order. Whether its names mean anything is not looked at. Throws SyntaxError.
MC_API std::vector<Statement> statements(std::string_view text, const Limits& limits = {});

/// Whether the text ends amid a statement: a bracket is open, or an operator or a comma waits for what comes
/// after it. A prompt then asks for another line.
MC_API bool is_unfinished(std::string_view text);

/// The diagnostic as it reads where `text` is the program: for a tool that compiled more than its user wrote,
/// and has moved begin and end.
MC_API std::string rendered(const Diagnostic& diagnostic, std::string_view text);

/// A name that the language or its library gives a meaning.
struct Word {
  enum class Kind { function, distribution, query, constant };
  Kind kind = Kind::function;
  std::string name;
  std::string signature;  ///< how it is written: beta(a, b), E[f | condition], pi
};

/// All of them, by name; those that only the library itself should use (gamma.step) are left out.
MC_API const std::vector<Word>& vocabulary();

}  // namespace mc
