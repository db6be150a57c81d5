// The part of the parser that reads expressions. Private to the parser.
#pragma once

#include <cstdint>
#include <vector>

#include "frontend/language/parser_base.hpp"

namespace mc::language {

class ExpressionParser : protected ParserBase {
 protected:
  using ParserBase::ParserBase;

  NodeId expression();

 private:
  /// An operator that waits for its right operand.
  struct Pending {
    Level level;
    Operator op;
    Span span;
  };

  enum class Inside : std::uint8_t {
    whole,
    plain,
    call,
    array,
    subscript,
    indexed,
    range_first,
    range_last,
    start_value
  };

  /// What the expression being read stands in: a bracket, an end of a range, or nothing.
  struct Frame {
    Inside inside;
    TokenKind closer;
    Span word;         // callee, index, or the subscript's `_`
    Span opened;       // the bracket, or the range's `=`
    std::size_t mark;  // nodes gathered before it
    std::size_t base;  // operators pending before it
  };

  enum class Next : std::uint8_t { operand, operation };

  void enter(Inside inside, TokenKind closer, Span word);
  Next enter_bracket(Inside inside, TokenKind closer, Span word);
  Next begin_item();
  Next end_item();
  Next after_item();
  Next end_binding(NodeKind kind);
  Next leave();
  NodeId bracketed(const Frame& frame);

  Next read_operand();
  Next name();
  Next operand(NodeId id);
  Next no_operand();
  Next subscript();
  NodeId one_subscript();
  void refuse_index(Span word);

  Next read_operation();
  void prefixes();
  void reduce(Level level);
  void reduce_prefix();
  void reduce_power();
  void reduce_run();
  NodeId take_operand();

  std::vector<Frame> frames_;
  std::vector<Pending> pending_;
  std::vector<NodeId> operands_;
};

}  // namespace mc::language
