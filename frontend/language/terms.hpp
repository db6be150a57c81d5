// The checked program's expressions: a graph of scalar terms over index levels, hash-consed. Vectors are
// gone: what was `x - y` is, wherever it is used, the term x_i - y_i for the index i of the reduction around
// it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/ir/types.hpp"

namespace mc::language {

enum class TermId : std::uint32_t { none = 0xFFFFFFFF };

enum class TermKind : std::uint8_t {
  number,     // `number`
  parameter,  // scalar parameter `id`
  element,    // element of array `id` (a parameter or a literal), one subscript or two
  variable,   // random variable `id`: a scalar one, or its element
  cell,       // of a table: column subscripts[1] of the row that is random variable `id`, or its element
  draw,       // uniform draw `id` of the coordinate that is being drawn; only inside a variable's own term
  index,      // the index of level `id` as a number, from 1
  apply,      // `op` of the operands
  reduce,     // reduction `id`
  scan,       // element of scan `id`
  iterate,    // iteration `id`
  iterand,    // what the iteration of level `id` has come to
  external,   // external call `id`
};

/// scale·i + offset for the index i of a level, counting from 1; a plain number where scale is 0.
struct Subscript {
  std::int32_t scale = 0;
  std::uint32_t level = 0;
  std::int64_t offset = 0;

  bool is_plain() const { return scale == 0; }
  bool operator==(const Subscript&) const = default;
};

/// How exact a term's numbers are. In single precision what a draw changes is a float; what none changes
/// costs nothing a sample, stays a double and is rounded where it meets a float. A double that was asked for
/// makes a double of what it meets. In double precision all are `adapts`. Truth values have none.
enum class Exactness : std::uint8_t { adapts, single, twofold };

struct Term {
  TermKind kind = TermKind::number;
  ir::Op op = ir::Op::constant;
  Exactness exactness = Exactness::adapts;
  bool truth = false;   ///< true or false rather than a number
  bool random = false;  ///< depends on a random variable
  bool drawn = false;   ///< depends on uniform draws: inside a variable's own term only
  bool binary = false;  ///< a variable that is 1 or 0 because something holds or does not
  std::uint32_t id = 0;
  std::uint32_t levels = 0;  ///< bit l: index level l is free in it
  double number = 0.0;
  std::array<TermId, 3> operands{TermId::none, TermId::none, TermId::none};
  std::array<Subscript, 2> subscripts{};

  std::span<const TermId> inputs() const { return {operands.data(), ir::info(op).arity}; }
};

enum class Reduction : std::uint8_t { sum, product, minimum, maximum, any, all };

/// An index level running from first to last, both included; empty where last < first.
struct Range {
  std::uint32_t level = 0;
  std::int64_t first = 1, last = 0;

  std::int64_t size() const { return last < first ? 0 : last - first + 1; }
  bool operator==(const Range&) const = default;
};

/// A left fold of `body` over the ranges, the last one running fastest.
struct Reduce {
  Reduction reduction;
  std::vector<Range> ranges;
  TermId body;
  bool operator==(const Reduce&) const = default;
};

/// Running sums or products: element k folds body over 1..k.
struct Scan {
  Reduction reduction;
  Range range;  ///< from 1
  TermId body;
  bool operator==(const Scan&) const = default;
};

/// `next` of `next` of … of `start`, as often as the range says: its level's iterand is what it has come to.
struct Iteration {
  Range range;  ///< from 1
  TermId iterand, start, next;
  bool operator==(const Iteration&) const = default;
};

/// A call of a function that is written elsewhere. Argument k is a number, or the vector that `parts[k]` goes
/// through over a range.
struct ExternalCall {
  std::uint32_t function;  ///< among the model's externals
  std::vector<TermId> parts;
  std::vector<std::optional<Range>> ranges;
  bool operator==(const ExternalCall&) const = default;
};

/// What a term is made of: three others at most, unless it is a call.
struct Parts {
  std::array<TermId, 3> terms{TermId::none, TermId::none, TermId::none};
  std::size_t count = 0;
  const TermId* given = nullptr;  ///< a call's

  const TermId* begin() const { return given != nullptr ? given : terms.data(); }
  const TermId* end() const { return begin() + count; }
};

class Terms {
 public:
  /// Whether the terms are those of a run in single precision.
  bool single = false;

  TermId number(double value);
  TermId truth(bool value);
  /// Of data: a float in single precision, for it differs from datum to datum; but x_1 does not.
  TermId parameter(std::uint32_t id, bool is_data = false);
  TermId element(std::uint32_t array, std::span<const Subscript> subscripts, bool is_data = false);
  TermId variable(std::uint32_t id, bool binary = false);
  TermId variable(std::uint32_t id, Subscript subscript, bool binary = false);
  TermId cell(std::uint32_t variable, Subscript coordinate, Subscript column);
  TermId draw(std::uint32_t id);
  TermId index(std::uint32_t level);
  TermId reduce(Reduce reduce);
  TermId scan(Scan scan, Subscript subscript);
  TermId iterate(Iteration iteration);
  /// It depends on what `start` does: one that draws change and one that none changes are two terms.
  TermId iterand(std::uint32_t level, TermId start);

  TermId external(ExternalCall call, bool gives_truth, bool gives_float);

  /// Arithmetic on two numbers is folded, so that sizes and subscripts may be computed.
  TermId apply(ir::Op op, TermId a, TermId b = TermId::none, TermId c = TermId::none);

  /// The term as a number (a truth value counts 1 or 0), or as a truth value (a number holds unless it is 0).
  /// A binary variable's truth value as a number is the variable, which may be not a number.
  TermId as_number(TermId id);
  TermId as_truth(TermId id);

  /// The term as a double, if it is a float.
  TermId as_double(TermId id);
  /// How exact the operation is: what its operands are turned into, and what its result is unless that is a
  /// truth value.
  Exactness exactness_of(const Term& apply) const;

  const Term& operator[](TermId id) const { return terms_[static_cast<std::size_t>(id)]; }
  const Reduce& reduce_of(TermId id) const { return reduces_[(*this)[id].id]; }
  const Scan& scan_of(TermId id) const { return scans_[(*this)[id].id]; }
  const Iteration& iteration_of(TermId id) const { return iterations_[(*this)[id].id]; }
  const ExternalCall& call_of(TermId id) const { return calls_[(*this)[id].id]; }
  /// The terms that a term is made of, bodies of loops too.
  Parts parts_of(TermId id) const;
  /// The index levels from outside a scan that its elements depend on.
  std::uint32_t outer_levels(const Scan& scan) const {
    return (*this)[scan.body].levels & ~(1u << scan.range.level);
  }
  const std::vector<Reduce>& reduces() const { return reduces_; }
  const std::vector<Scan>& scans() const { return scans_; }
  const std::deque<ExternalCall>& calls() const { return calls_; }
  std::size_t size() const { return terms_.size(); }
  /// A reduction that no index from outside and no draw changes: it is computed at a stage of its own.
  /// The same holds of a call.
  bool is_closed(const Term& reduce) const { return reduce.levels == 0 && !reduce.drawn; }
  bool is_number(TermId id) const { return (*this)[id].kind == TermKind::number; }

 private:
  TermId add(Term term);
  Exactness drawn_exactness() const { return single ? Exactness::single : Exactness::adapts; }
  TermId binary_in(TermId truth) const;
  template <class Nodes>
  std::uint32_t known(Nodes& nodes, typename Nodes::value_type node);

  std::vector<Term> terms_;
  std::vector<Reduce> reduces_;
  std::vector<Scan> scans_;
  std::vector<Iteration> iterations_;
  std::deque<ExternalCall> calls_;  ///< parts_of() points into these
  std::unordered_multimap<std::uint64_t, TermId> by_hash_;
};

}  // namespace mc::language
