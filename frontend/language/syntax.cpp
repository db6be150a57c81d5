// Writes the tree back as text: one canonical spelling, with brackets only where the reader would otherwise
// read something else.
#include "frontend/language/syntax.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace mc::language {
namespace {

/// How tightly an expression holds together, loosest first.
enum Tightness : int {
  loose,
  either,
  both,
  inverse,
  comparison,
  sum,
  product,
  negation,
  power,
  subscript,
  word
};

Tightness tightness(Operator op) {
  switch (op) {
    case Operator::logical_or:
      return either;
    case Operator::logical_and:
      return both;
    case Operator::add:
    case Operator::subtract:
      return sum;
    case Operator::multiply:
    case Operator::divide:
      return product;
    default:
      return comparison;
  }
}

Tightness tightness(const Program& program, NodeId id) {
  const Node& node = program[id];
  switch (node.kind) {
    case NodeKind::fold:
    case NodeKind::comparison:
      return tightness(program.links_of(id).front().op);
    case NodeKind::logical_not:
      return inverse;
    case NodeKind::negate:
      return negation;
    case NodeKind::power:
      return power;
    case NodeKind::subscript:
      return subscript;
    case NodeKind::number:
      return std::signbit(node.number) ? negation : word;
    default:
      return word;
  }
}

/// Writes without recursion: what is still to be written waits on a stack, as text or as a node to be taken
/// apart.
class Printer {
 public:
  explicit Printer(const Program& program) : program_(program) {}

  void statement(const Statement& statement);
  void print(NodeId id);
  std::string take() { return std::move(out_); }

 private:
  struct Piece {
    std::string_view text;
    NodeId id = NodeId::none;
    Tightness least = loose;
    bool tight = false;  // inside subscripts there are no blanks: x_{i+1}
  };

  void put(std::string_view text) { pieces_.push_back({text, NodeId::none, loose, false}); }
  void put(NodeId id, Tightness least = loose) { pieces_.push_back({{}, id, least, tight_}); }

  void take_apart(const Piece& piece);
  void node(NodeId id);
  void number(double value, bool brackets);
  void chain(NodeId id);
  void link(Operator op);
  void subscripted(NodeId id);
  void list(std::span<const NodeId> ids, std::string_view separator);
  void print_list(std::span<const NodeId> ids);
  void query(const Statement& statement);

  const Program& program_;
  std::string out_;
  std::vector<Piece> pieces_;  // the last one is written first
  bool tight_ = false;
};

void Printer::print(NodeId id) {
  for (put(id); !pieces_.empty();) {
    const Piece piece = pieces_.back();
    pieces_.pop_back();
    if (piece.id == NodeId::none) {
      out_ += piece.text;
    } else {
      take_apart(piece);
    }
  }
}

void Printer::take_apart(const Piece& piece) {
  const auto first = static_cast<std::ptrdiff_t>(pieces_.size());
  const bool brackets = tightness(program_, piece.id) < piece.least;
  if (program_[piece.id].kind == NodeKind::number) return number(program_[piece.id].number, brackets);
  tight_ = piece.tight;
  if (brackets) put("(");
  node(piece.id);
  if (brackets) put(")");
  tight_ = false;
  std::reverse(pieces_.begin() + first, pieces_.end());
}

// clang-format off
/// Puts the parts of a node in reading order.
void Printer::node(NodeId id) {
  const std::span<const NodeId> children = program_.children_of(id);
  switch (program_[id].kind) {
    case NodeKind::error: put("<error>"); break;
    case NodeKind::number: break;  // written already
    case NodeKind::name: put(program_.name(id)); break;
    case NodeKind::subscript: subscripted(id); break;
    case NodeKind::negate: put("-"); put(children[0], negation); break;
    case NodeKind::logical_not: put("not "); put(children[0], inverse); break;
    // The base of a power is a word or has brackets; to the right, powers and signs need none: x^-y^2.
    case NodeKind::power: put(children[0], subscript); put("^"); put(children[1], negation); break;
    case NodeKind::fold:
    case NodeKind::comparison: chain(id); break;
    case NodeKind::call: put(program_.name(id)); put("("); list(children, ", "); put(")"); break;
    case NodeKind::array: put("["); list(children, ", "); put("]"); break;
    case NodeKind::range_binding:
    case NodeKind::value_binding: put(program_.name(id)); put(" = "); list(children, ".."); break;
  }
}
// clang-format on

/// The shortest digits that read back as the same number.
std::string digits_of(double value, std::chars_format format) {
  char digits[400];  // of 1e-300 written out
  const auto [end, status] = std::to_chars(digits, digits + sizeof digits, value, format);
  std::string text;
  for (const char* c = digits; c != end; ++c) {
    const bool is_padding = *c == '+' || (*c == '0' && c - digits >= 2 && c[-2] == 'e');  // 1e+06 → 1e6
    if (!is_padding) text += *c;
  }
  return text;
}

/// Powers of ten only where zeros would fill the line: 1000000, but 1e10.
void Printer::number(double value, bool brackets) {
  constexpr std::size_t kZeros = 5;
  const std::string plain = digits_of(value, std::chars_format::fixed),
                    power = digits_of(value, std::chars_format::scientific);
  if (brackets) out_ += '(';
  out_ += plain.size() >= power.size() + kZeros ? power : plain;
  if (brackets) out_ += ')';
}

void Printer::chain(NodeId id) {
  const std::span<const NodeId> operands = program_.children_of(id);
  const std::span<const Link> links = program_.links_of(id);
  const Tightness own = tightness(links.front().op);
  const auto inner = static_cast<Tightness>(own + 1);
  put(operands[0], own == comparison ? inner : own);
  for (std::size_t k = 0; k < links.size(); ++k) {
    link(links[k].op);
    put(operands[k + 1], inner);
  }
}

void Printer::link(Operator op) {
  const bool bare = tightness(op) == product || (tight_ && tightness(op) == sum);
  if (!bare) put(" ");
  put(to_text(op));
  if (!bare) put(" ");
}

void Printer::subscripted(NodeId id) {
  const std::span<const NodeId> children = program_.children_of(id);
  const std::span<const NodeId> inside = children.subspan(1);
  const Node& first = program_[inside[0]];
  const bool whole = first.kind == NodeKind::number && first.number >= 0.0 && first.number < 1e15 &&
                     first.number == std::floor(first.number);
  const bool braces = inside.size() > 1 || (!whole && first.kind != NodeKind::name);
  put(children[0], word);
  put(braces ? "_{" : "_");
  tight_ = true;
  list(inside, ",");
  if (braces) put("}");
}

void Printer::list(std::span<const NodeId> ids, std::string_view separator) {
  for (std::size_t k = 0; k < ids.size(); ++k) {
    if (k > 0) put(separator);
    put(ids[k]);
  }
}

void Printer::print_list(std::span<const NodeId> ids) {
  for (std::size_t k = 0; k < ids.size(); ++k) {
    if (k > 0) out_ += ", ";
    print(ids[k]);
  }
}

void Printer::statement(const Statement& statement) {
  if (statement.kind == StatementKind::query) return query(statement);
  if (statement.kind == StatementKind::expression) return print(statement.body);
  out_ += program_.text(statement.name);
  if (statement.kind == StatementKind::function || statement.kind == StatementKind::sampler) {
    out_ += '(';
    print_list(program_.list(statement.parameters));
    out_ += ')';
  }
  const bool random = statement.kind == StatementKind::sample || statement.kind == StatementKind::sampler;
  out_ += random ? " ~ " : " = ";
  print(statement.body);
  if (statement.accept != NodeId::none) {
    out_ += " until ";
    print(statement.accept);
  }
  if (statement.conditions.count > 0) out_ += " where ";
  print_list(program_.list(statement.conditions));
}

void Printer::query(const Statement& statement) {
  out_ += to_text(statement.query);
  out_ += '[';
  print_list(program_.list(statement.arguments));
  if (statement.condition != NodeId::none) {
    out_ += " | ";
    print(statement.condition);
  }
  out_ += ']';
}

}  // namespace

std::string_view to_text(Operator op) {
  constexpr std::string_view signs[] = {"+", "-", "*", "/", "and", "or", "<", "<=", ">", ">=", "==", "!="};
  return signs[static_cast<std::size_t>(op)];
}

std::string_view to_text(QueryKind kind) {
  constexpr std::string_view words[] = {"E", "Var", "Std", "P", "Cov", "Corr"};
  return words[static_cast<std::size_t>(kind)];
}

std::string to_text(const Program& program, NodeId id) {
  Printer printer(program);
  printer.print(id);
  return printer.take();
}

std::string to_text(const Program& program, const Statement& statement) {
  Printer printer(program);
  printer.statement(statement);
  return printer.take();
}

std::string to_text(const Program& program) {
  std::string out;
  for (const Statement& statement : program.statements) {
    if (!out.empty()) out += "; ";
    out += to_text(program, statement);
  }
  return out;
}

}  // namespace mc::language
