// How large a program may be. Text from strangers is safe to compile because of these: each limit has a
// reason beside it and a test, and the error that names it says how to raise it.
#pragma once

#include <cstddef>

namespace mc::language {

/// The limits of one compilation. Pass another value to `parse` to raise one: `Limits{.text_bytes = 1 <<
/// 20}`.
struct Limits {
  /// A program that a person wrote has a few hundred bytes; 64 KiB leaves room for generated ones and for the
  /// library, and bounds everything that is linear in the text.
  std::size_t text_bytes = 65'536;

  /// How deep brackets may nest, and how high a tree may be; with functions and vectors written out, which
  /// the checker recurses over, four times as much: at most 1.2 KiB a level, for which a thread's stack of
  /// 2 MiB is enough. Parser and
  /// printer do not recurse. A long chain such as a + b + c + … is one node, so it counts once.
  std::size_t depth = 256;

  /// Tokens of one text: bounds memory (32 bytes a token) where a text is all operators.
  std::size_t tokens = 32'768;

  /// Nodes of one tree: what the checker and the lowering may have to look at.
  std::size_t nodes = 32'768;

  /// Errors reported for one text. Past twenty nobody reads on, and a file that is no program at all would
  /// report thousands.
  std::size_t errors = 20;

  /// Nodes the checker looks at, a function's body counted at each call: functions that call functions twice
  /// each would else grow as 2^n.
  std::size_t expansion = 262'144;

  /// Functions inlined one inside the other: bounds the checker's recursion, with `depth`.
  std::size_t calls = 32;

  /// Index levels open at once, sum(sum(…)), those of running sums too: each multiplies the work of a sample.
  std::size_t index_levels = 8;

  /// Elements of an array literal that are not plain numbers: each access compares with every one.
  std::size_t computed_elements = 32;

  /// Coordinates of one random variable. A sample of more takes longer than a tile should.
  std::size_t dimensions = 1'000'000;

  /// Numbers one sample stores because they are needed again, x_i and x_{i+1}: each is 2 KiB of a thread's
  /// memory.
  std::size_t stored = 32'768;

  /// Rounds of nested loops in one sample, such as n² of sum(x_i*x_j): a tile of samples has to end in some
  /// minutes, since a run that is stopped keeps whole tiles only.
  std::size_t rounds = 10'000'000;

  /// Rounds of a loop of a C++ function whose end only the samples tell: a while. A sample that is not done
  /// by then is not a number. Bisection takes 60.
  std::size_t passes = 1'000;

  /// Operations of a kernel: what compiling it costs grows with them, some seconds for the most.
  std::size_t operations = 50'000;
};

}  // namespace mc::language
