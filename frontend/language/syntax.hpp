// The tree that the parser builds: nodes in one vector, addressed by NodeId, children in another. It says
// what was written, not what it means: that `x ~ normal(0, 1)^3` draws three numbers is for the checker to
// find out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/language/diagnostics.hpp"

namespace mc::language {

enum class NodeId : std::uint32_t { none = 0xFFFFFFFF };

/// What a node is, and its children in order.
enum class NodeKind : std::uint8_t {
  error,        // stands where the text could not be read; a diagnostic says why
  number,       // `number`
  name,         // `focus` is the name: a variable, an index, pi
  subscript,    // base, then one or more subscripts: x_i, A_{i,j}
  negate,       // -x
  logical_not,  // not x
  power,        // base ^ exponent
  // Two or more operands joined by operators of one level (+ - or * / or `and` or `or`), folded from the
  // left: a + b - c is one node with three operands and two links.
  fold,
  comparison,     // two or more operands: 0 < x < 1 has three operands and two links
  call,           // `focus` is the callee (`exp`, `if`, `normal.pdf`); the children are its arguments
  range_binding,  // an argument `i = 2..4`: `focus` is the index; first and last
  value_binding,  // the argument `x = 1` of iterate: `focus` is the name; the value it starts from
  array,          // [a, b, …]; a matrix is an array of arrays
};

// clang-format off
enum class Operator : std::uint8_t {
  add, subtract, multiply, divide, logical_and, logical_or,              // of a fold
  less, less_equal, greater, greater_equal, equal, not_equal,            // of a comparison
};
// clang-format on

/// An operator between two operands of a fold or a comparison: link k stands between operands k and k + 1.
struct Link {
  Operator op = Operator::add;
  Span span = {};
};

/// A stretch of Program::children.
struct List {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

struct Node {
  NodeKind kind = NodeKind::error;
  /// 0 for a leaf, else one more than the highest child; never above Limits::depth, so that recursion is
  /// safe.
  std::uint32_t height = 0;
  Span span = {};   // all of it, brackets around it included
  Span focus = {};  // what a message should point at: name, callee, index, operator, `_` with its subscripts;
                    // else as span
  List children = {};
  std::uint32_t first_link = 0;  // fold and comparison; there are children.count - 1
  double number = 0.0;
};

enum class StatementKind : std::uint8_t {
  sample,      // name ~ body
  definition,  // name = body
  function,    // name(parameters) = body where conditions
  sampler,     // name(parameters) ~ body until accept where conditions        (the library's distributions)
  query,       // query[arguments | condition]
  expression,  // body
};

enum class QueryKind : std::uint8_t {
  expectation,
  variance,
  standard_deviation,
  probability,
  covariance,
  correlation
};

struct Statement {
  StatementKind kind = StatementKind::expression;
  QueryKind query = QueryKind::expectation;  // of a query
  Span span = {};
  Span name = {};                   // what a sample, definition, function or sampler names; a query's word
  NodeId body = NodeId::none;       // the right-hand side or the bare expression; none in a query
  List parameters = {};             // function and sampler: name nodes
  List arguments = {};              // query: one, or two for Cov and Corr
  NodeId condition = NodeId::none;  // query: after `|`, or none
  NodeId accept = NodeId::none;     // sampler: after `until`, or none
  List conditions = {};             // function and sampler: after `where`
};

/// A parsed text, which it owns. Copies and moves keep every string_view into it valid while one of them
/// lives.
struct Program {
  std::shared_ptr<const std::string> source;
  std::vector<Statement> statements;
  std::vector<Node> nodes;  // children stand before their parents
  std::vector<NodeId> children;
  std::vector<Link> links;

  std::string_view text() const { return source ? *source : std::string_view(); }
  std::string_view text(Span span) const { return text().substr(span.begin, span.end - span.begin); }

  const Node& operator[](NodeId id) const { return nodes[static_cast<std::uint32_t>(id)]; }
  /// The name of a name node, the callee of a call, what a binding binds.
  std::string_view name(NodeId id) const { return text((*this)[id].focus); }

  std::span<const NodeId> list(List list) const {
    return std::span(children).subspan(list.first, list.count);
  }
  std::span<const NodeId> children_of(NodeId id) const { return list((*this)[id].children); }
  NodeId child(NodeId id, std::size_t k) const { return children_of(id)[k]; }
  std::span<const Link> links_of(NodeId id) const {
    const Node& node = (*this)[id];
    return std::span(links).subspan(node.first_link, node.children.count - 1);
  }
};

/// The sign or word as it is written: "+", "and", "<=".
std::string_view to_text(Operator op);
/// "E", "Var", "Std", "P", "Cov", "Corr".
std::string_view to_text(QueryKind kind);

/// An expression as canonical text with no more brackets than needed; parsing it gives the same expression.
std::string to_text(const Program& program, NodeId id);
std::string to_text(const Program& program, const Statement& statement);
/// All statements, joined by "; ".
std::string to_text(const Program& program);

}  // namespace mc::language
