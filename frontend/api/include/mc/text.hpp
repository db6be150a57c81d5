/// \file
/// What programs that help people write Moment's language ask: a prompt, a notebook, an editor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

namespace mc {

/// A statement of a program, as it is written.
struct Statement {
  /// What it does.
  enum class Kind {
    sample,        ///< x ~ normal(0, 1)
    definition,    ///< S = 100*exp(x)
    function,      ///< f(u) = u^2
    distribution,  ///< rayleigh(a) ~ a*sqrt(-2*log(u))
    query,         ///< E[S]
    expression     ///< sum(x_i^2)
  };
  Kind kind = Kind::expression;   ///< what it does
  std::string name;               ///< that it gives; empty for a query and an expression
  std::vector<std::string> uses;  ///< names in it that it does not bind, each once; the library's among them
  std::size_t begin = 0;          ///< its first byte in the text
  std::size_t end = 0;            ///< the byte behind its last
};

/// The statements of a text, in order. Whether its names mean anything is not looked at. Throws SyntaxError,
/// and ArgumentError for limits that cannot be.
[[nodiscard]] MC_API std::vector<Statement> statements(std::string_view text, const Limits& limits = {});

/// Whether a text ends amid a statement: a bracket is open, or an operator or a comma waits for what comes
/// after it. A prompt then asks for another line. Lines are told as they come, and each is looked at once.
struct MC_API Unfinished {
  std::int64_t open = 0;  ///< brackets
  bool waits = false;     ///< an operator or a comma does

  void add(std::string_view line);  ///< the next one
  /// Whether more has to come.
  explicit operator bool() const { return open > 0 || waits; }
};
/// The same of a whole text.
[[nodiscard]] MC_API bool is_unfinished(std::string_view text);

/// How a diagnostic's line is shown.
struct Excerpt {
  std::size_t first_line = 1;  ///< the number of the text's first line, in a file
  std::size_t columns = 0;  ///< that there are: a long line is cut around the caret; 0: as compile() has it
};
/// The diagnostic as it reads where `text` is the program: for a tool that compiled more than its user wrote,
/// and has moved begin and end.
[[nodiscard]] MC_API std::string rendered(const Diagnostic& diagnostic, std::string_view text,
                                          const Excerpt& excerpt = {});

/// A name that the language or its library gives a meaning.
struct Word {
  /// What it is.
  enum class Kind {
    function,      ///< exp
    distribution,  ///< normal
    query,         ///< E
    constant       ///< pi
  };
  Kind kind = Kind::function;  ///< what it is
  std::string name;            ///< beta
  std::string signature;       ///< how it is written: beta(a, b), E[f | condition], pi
  std::string meaning;         ///< in a few words; empty for the parts of a distribution, normal.pdf
  std::string example;         ///< a program that uses it
};

/// All of them, by name, a function before the distribution of its name (gamma); those that only the library
/// itself should use (gamma.step) are left out. Made by the first call; lives as long as the process.
[[nodiscard]] MC_API const std::vector<Word>& vocabulary();

/// A back end that is compared with another one.
struct Compared {
  Backend backend = Backend::interpreter;  ///< interpreter or llvm
  unsigned vector_bits = 0;                ///< its vectors: 128, 256, 512, or 0: as wide as they are here
};

/// Where two back ends part.
struct Difference {
  std::uint64_t tile = 0;  ///< of 8192 samples, from 0
  unsigned lane = 0;       ///< of 256 in it, each of which takes 32 samples
  unsigned step = 0;       ///< which of them
  /// The line of Stage::ir that made different values of equal ones; empty where all values agree while they
  /// are watched, which changes the machine code that is made.
  std::string operation;
  /// What it gave for the one and for the other, 0x1.8p+0; without a line, a number that differs of those
  /// that a lane adds up.
  std::string one;
  std::string other;  ///< see one

  /// The first of that tile for which results differ.
  std::uint64_t sample() const noexcept { return 8192 * tile + 256 * std::uint64_t{step} + lane; }
};

/// What Moment::compare gives.
struct Comparison {
  std::uint64_t samples = 0;             ///< that were compared: up to a tile that differs, or to the stop
  std::optional<Difference> difference;  ///< nothing where they agree in all of these

  /// In how many tiles they are.
  std::uint64_t tiles() const noexcept { return samples / 8192 + (samples % 8192 != 0); }
};

/// How a program is computed, and what it costs; what Moment::explain gives.
struct Explanation {
  /// What is computed in one go: all that goes over the same range at the same time is one loop.
  struct Loop {
    std::uint64_t rounds = 1;        ///< how often it turns
    std::vector<std::string> draws;  ///< random variables: x
    std::vector<std::string> folds;  ///< as they stand in the text: sum(x_i^2)
    bool hoisted = false;            ///< it is the same for all samples, and not run again for each
  };
  std::vector<Loop> loops;    ///< in the order in which they are run
  std::uint64_t draws = 0;    ///< random numbers of a sample; where draws are rejected, at least
  bool rejects = false;       ///< they may be
  std::uint64_t stored = 0;   ///< numbers of a sample that a later loop uses again
  double operations = 0;      ///< of a sample, in the kernel's primitives, drawing and adding up among them
  double floating = 0;        ///< of these, those that give a floating-point number
  std::uint64_t kernel = 0;   ///< primitives of the kernel, each counted once
  double interpreter_ms = 0;  ///< that a thread is expected to take for Options::budget()
  double compile_ms = 0;      ///< that machine code is expected to take to make, or to load
  bool compiled = false;      ///< machine code is there
  bool on_disk = false;       ///< or can be loaded
};

}  // namespace mc
