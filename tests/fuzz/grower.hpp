// Grows a well-formed program of the whole language from a fuzzer's bytes, with the call that runs it: the
// checker has to accept it, or to name a limit.
//   grower.cpp        statements, queries, the call
//   distributions.cpp random variables with arguments that are allowed
//   expressions.cpp   numbers, vectors, truth values, reductions
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "tests/fuzz/decisions.hpp"

namespace mc::fuzz {

struct Grown {
  std::string program;
  std::optional<std::string> density;  ///< beside a moment
  std::optional<Box> box;
  Options options;  ///< samples, seed, parameters, generator, nonfinite

  std::string text() const;  ///< all of it, to read
};

Grown grow(std::span<const std::uint8_t> bytes);

/// Every distribution that programs are grown with.
std::vector<std::string_view> grown_distributions();
std::vector<std::string_view> grown_functions();

/// A pattern of fmt's with what stands in it, made from left to right: between brackets of a call the order
/// is the compiler's, and the same bytes have to grow the same program everywhere.
struct Written {
  template <class... Parts>
  explicit Written(std::string_view pattern, Parts&&... parts)
      : text(fmt::format(fmt::runtime(pattern), parts...)) {}
  std::string text;
};

class Grower {
 public:
  explicit Grower(std::span<const std::uint8_t> bytes) : decide_(bytes) { indices_.reserve(8); }
  Grown grow();

 private:
  struct Vector {
    std::string name;
    int length;
  };
  struct Matrix {
    std::string name;
    int rows, columns;
  };
  struct Function {
    std::string name;
    unsigned arity;
    bool of_vector;  ///< its first argument is one, of any length
  };
  /// An index that a reduction around here binds, and the range that the subscripts so far leave it.
  struct Index {
    std::string name;
    int first = 1, last = 1 << 20;
    bool stated = false;
  };

  // ---- grower.cpp
  void grow_program();
  void grow_bare();
  void statement();
  void definition();
  void matrix();
  void function();
  const char* body_on_vector();
  void query();
  std::string asked();
  void call();
  void parameters();
  std::string fresh(std::string_view stem);

  // ---- distributions.cpp
  void sample();
  void sample_density();
  void sample_joint();
  void sample_own();
  std::string law(int length);
  std::string argument(char kind, int length);
  std::string location(int length);
  std::string positive(int length);

  // ---- expressions.cpp
  std::string number(int depth);
  std::string leaf();
  std::string literal();
  std::string parameter();
  std::string element();
  std::string arithmetic(int depth);
  std::string function_of_number(int depth);
  std::string library_function(int depth);
  std::string own_function(int depth);
  std::string call(const Function& function, int depth);
  std::string truth(int depth);
  std::string comparison(int depth);
  std::string reduction(int depth);
  std::string over_indices(int depth);
  std::string over_stated_range(int depth);
  std::string indexed(Index& index, int depth);
  std::optional<std::string> subscript(Index& index, int length);
  std::string vector(int length, int depth);
  std::string vector_leaf(int length);
  std::string vector_of(int length, int depth);
  std::string array(int length, int depth);
  int some_length();
  bool spent(int depth) { return depth <= 0 || --nodes_left_ <= 0; }

  Decisions decide_;
  Grown grown_;
  std::vector<std::string> scalars_;
  std::vector<Vector> vectors_;
  std::vector<Matrix> matrices_;
  std::vector<Function> functions_;
  std::vector<Index> indices_;  ///< four at most, so that they stay where they are while more are opened
  unsigned names_ = 0;
  unsigned densities_ = 0;
  int nodes_left_ = 70;
};

}  // namespace mc::fuzz
