// A C++ function as the reader (which sees Clang) hands it to the lowering (which sees the engine's IR): a
// small tree, typed, with names resolved, constants evaluated and every place in the user's file kept. Plain
// data: it crosses the border of a module.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ir/types.hpp"

namespace mc::cxx {

/// What C++ computes with. int is 32 bits wide, long and std::size_t are 64.
enum class Type : std::uint8_t { nothing, boolean, i32, u32, i64, u64, f32, f64 };

constexpr bool is_float(Type t) { return t == Type::f32 || t == Type::f64; }
constexpr bool is_signed(Type t) { return t == Type::i32 || t == Type::i64; }
constexpr bool is_integer(Type t) { return Type::i32 <= t && t <= Type::u64; }
constexpr unsigned width(Type t) {
  return t == Type::boolean ? 1 : t == Type::i32 || t == Type::u32 || t == Type::f32 ? 32 : 64;
}

/// Functions of <cmath>, <algorithm> and the like that are one operation of the engine, or a few.
enum class Math : std::uint8_t {
#define MC_FUNCTION(name, arity) name,
#include "engine/ir/functions.def"
#undef MC_FUNCTION
  sqrt,
  abs,
  floor,
  ceil,
  trunc,
  rint,
  fma,
  round,  ///< halves away from zero
  fmin,   ///< the other one where one is NaN
  fmax,   ///< likewise
  min,    ///< std::min: (b < a) ? b : a
  max,    ///< std::max: (a < b) ? b : a
  fmod,   ///< exact where the quotient is below 2^53, NaN beyond
  fdim,
  copysign,  ///< as are the rest, told by bits
  signbit,
  isnan,
  isinf,
  isfinite,
};

enum class Operator : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  remainder,
  bit_and,
  bit_or,
  bit_xor,
  shift_left,
  shift_right,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  unequal,
  negate,
  bit_not,
  logical_not,
};

enum class NodeId : std::uint32_t { none = 0xFFFFFFFF };

/// What a node is, and its children in order.
enum class Kind : std::uint8_t {
  // ---- expressions
  number,    // `bits`, as the type has them; integers are sign-extended to 64 bits
  variable,  // variable `id`
  element,   // of array `id`: the index, an i64
  length,    // of array `id`
  unary,     // `op` of one
  binary,    // `op` of two, both of one type; `bits` has kContracts and kRightFirst
  choose,    // condition, a, b
  convert,   // one, to the node's type
  math,      // `math` of one to three
  call,    // function `id` of its arguments: expressions; arrays are each a `variable`, and what is given by
           // reference a `variable` or an `element` with kByReference in its `bits`
  before,  // a statement, then the value of an expression
  after,   // the value of an expression, then a statement
  // ---- statements
  block,           // statements
  assign,          // variable `id`: the value; a declaration without a value is none
  assign_element,  // of array `id`: index, and the value, which is computed first
  assign_array,    // array `id`: `variable`, an array of as many elements
  bind,            // variable `id`, a reference: the `variable` or `element` that it is another name of
  branch,          // condition, statement, and else another
  counted,  // variable `id` from the first child on while it, as the second's type, compares by `op` with
            // that; `bits` is the step; the third is the body, which changes neither, and the fourth what
            // else follows each round
  repeat,   // condition, body, what follows each round; `bits` is 1 where the body comes first (do)
  once,     // a statement that `stop` leaves: a switch
  leave,    // return, with or without a value
  stop,     // break, of the repetition or `once` around
  skip,     // continue, of the repetition around
};

/// Of a product: a sum may contract it.
inline constexpr std::uint64_t kContracts = 1;
/// Of what a compound assignment computes: its right side is, as C++ says.
inline constexpr std::uint64_t kRightFirst = 2;
inline constexpr std::uint64_t kByReference = 1;

struct Node {
  Kind kind = Kind::number;
  Type type = Type::nothing;
  Operator op = Operator::add;
  Math math = Math::sqrt;
  std::uint32_t id = 0;
  std::uint64_t bits = 0;
  std::uint32_t first = 0, count = 0;  ///< its children, in Unit::children
  std::uint32_t place = 0;             ///< in Unit::places
};

/// Where something stands in the user's file, with all that a message shows of it.
struct Place {
  std::string file;
  std::shared_ptr<const std::string> line_text;  ///< shared by what stands in it
  std::uint32_t line = 0, column = 0;            ///< from 1
  std::uint32_t length = 1;                      ///< columns to underline, the caret's own among them
};

/// A variable of a function, its parameters among them. Each has one type.
struct Variable {
  std::string name;
  Type type = Type::f64;                  ///< its own, or its elements'
  bool is_array = false;                  ///< a local array, or a parameter that one is given for
  bool by_reference = false;              ///< another name of what it is given, or bound to
  bool is_constant = false;               ///< nothing is assigned to it by this name
  bool is_copy = false;                   ///< an array parameter that has elements of its own
  std::uint64_t extent = 0;               ///< of an array; 0 for a parameter of any length
  std::vector<std::uint64_t> table = {};  ///< of a constant array: its elements' bits
  std::uint32_t length_of =
      kNone;  ///< of the asked function: this `int n`, or this array's length, is that array's
  std::uint32_t place = 0;

  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
};

struct Definition {
  std::string name;
  std::vector<Variable> variables;
  std::vector<std::uint32_t> parameters;  ///< variables, in order
  Type result = Type::f64;
  NodeId body = NodeId::none;
  std::uint32_t place = 0;
};

/// A function and those it calls.
struct Unit {
  std::vector<Definition>
      functions;  ///< the first is what was asked for; none calls itself, however far round
  std::vector<Node> nodes;
  std::vector<NodeId> children;
  std::vector<Place> places;

  const Node& operator[](NodeId id) const { return nodes[static_cast<std::uint32_t>(id)]; }
  std::span<const NodeId> children_of(const Node& node) const {
    return std::span(children).subspan(node.first, node.count);
  }
};

/// One thing that is wrong with a source: the message, and all of it as Clang renders such.
struct Problem {
  std::string message;
  std::string rendered;
  std::string place;  ///< file:line:column; may be empty
};

/// What to read.
struct Request {
  std::string file;                ///< the name that messages have, next to which its includes are looked for
  std::string text;                ///< its contents
  std::string function;            ///< possibly with its namespaces: ns::f
  std::vector<std::string> flags;  ///< for the compiler: -I, -D, -std
};

}  // namespace mc::cxx
