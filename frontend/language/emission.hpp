// The lowering's inside, shared by its rooms: what is known while the rounds of a loop are built, and the
// class whose members they define.
//   emission.cpp   stages, drawing, fused loops
//   rejection.cpp  draws taken anew until they are accepted
//   folds.cpp      reductions, iterations and running sums inside a round
//   elements.cpp   terms, subscripts, elements
//   external.cpp   calls of functions that are written elsewhere
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/ir/expression.hpp"
#include "engine/random/stream.hpp"
#include "frontend/language/limits.hpp"
#include "frontend/language/model.hpp"
#include "frontend/language/running.hpp"
#include "frontend/language/schedule.hpp"

namespace mc::language {

using ir::X;

/// Where an index level stands: at a known number, or at a loop's counter.
struct Index {
  std::int64_t first = 1, last = 0;      ///< the values it can take, from 1
  std::optional<std::int64_t> constant;  ///< from 1
  std::optional<X> counter;              ///< u32, value - first
};

/// Elements of a vector variable or a running sum once they are made: values of their own, or a row of
/// scratch.
struct Elements {
  std::vector<X> values = {};
  std::optional<std::uint32_t> row = {};
};

/// What is known while the rounds of a loop are built. Contexts of inner loops look further in the outer
/// ones.
struct Context {
  const Context* outer = nullptr;
  std::unordered_map<std::uint32_t, Index> levels = {};
  std::uint32_t bound = 0;  ///< bit l: level l is in `levels`
  std::unordered_map<TermId, X> values = {};
  std::vector<X> draws = {};
  std::unordered_map<std::uint32_t, X> variables = {}, scans = {};  ///< elements at this round's index
  std::unordered_map<std::uint32_t, Elements> running = {};  ///< all elements of scans that this round made

  void bind(std::uint32_t level, const Index& index) {
    levels.insert_or_assign(level, index);
    bound |= 1u << level;
  }

  const Index& level(std::uint32_t level) const;

  /// What is known here of `key`, which depends on these levels: further out they may have meant others.
  template <class Map>
  auto find(Map Context::* map, typename Map::key_type key, std::uint32_t depends) const -> const
      typename Map::mapped_type* {
    for (const Context* c = this; c != nullptr; c = c->outer) {
      if (const auto it = (c->*map).find(key); it != (c->*map).end()) return &it->second;
      if ((c->bound & depends) != 0) return nullptr;
    }
    return nullptr;
  }
};

/// What a fold that gives such a type begins with, and one more value in it, which is converted to it.
X start_of(ir::Builder& builder, Reduction reduction, ir::Type type);
X step(Reduction reduction, X folded, X value);

/// A number as another float type; it is left alone if it is of that type, or a truth value.
X converted(X x, ir::Type type);

std::optional<Span> place_in(const std::unordered_map<std::uint32_t, Span>& places, std::uint32_t number);

/// Throws TooLarge where a sample would store more numbers than it may.
void check_stored(std::int64_t stored, const Limits& limits, std::optional<Span> place);

class Lowering {
 public:
  Lowering(const Model& model, const Schedule& schedule, const Limits& limits, ir::Builder& builder,
           random::Stream* stream);

  /// Everything that has loops, stage by stage.
  void run();

  /// A number of a sample, as the statistics take it.
  X value(TermId id) { return converted(as_number(evaluate(root_, id)), ir::Type::f64); }

  // ---- for whoever builds the loops over data around it: data.cpp

  /// Terms and their values.
  using Known = std::unordered_map<TermId, X>;

  void know(TermId id, X value) { root_.values.insert_or_assign(id, value); }
  void know_reduction(std::uint32_t number, X value) { reduces_[number] = value; }
  /// A term in a round of a loop whose index is at `level`, where these are known.
  X value_in_round(std::uint32_t level, const Known& known, TermId id);

 private:
  /// The type that a term's value has.
  ir::Type type_of(const Term& term) const {
    if (term.truth) return ir::Type::i1;
    return term.exactness == Exactness::single ? ir::Type::f32 : ir::Type::f64;
  }
  ir::Type type_of(TermId id) const { return type_of(terms_[id]); }
  ir::Type drawn_type() const { return terms_.single ? ir::Type::f32 : ir::Type::f64; }

  X as_number(X x);
  X u32(std::int64_t value) { return {b_, b_.constant_u32(static_cast<std::uint32_t>(value))}; }

  // ---- emission.cpp

  /// The values a loop carries: the stream's state, then its scans' and its reductions' folds.
  struct Folds {
    std::vector<X> scans, reduces;
  };

  void draw(Context& context, std::uint32_t count);
  X draw_element(Context& context, const Variable& variable);
  X row_of(const Variable& variable);
  void draw_scalar(std::uint32_t number);
  void emit(const FusedLoop& loop);
  std::int64_t round_width(std::uint32_t variable) const;
  void emit_rounds(const FusedLoop& loop, std::int64_t turns, std::int64_t width, Folds& folds);
  void emit_element(const FusedLoop& loop, const Index& index, Folds& folds);
  void keep(Elements& elements, const Index& index, std::int64_t last, X value);
  std::uint32_t new_row(std::int64_t length);
  void check_size() const;
  std::optional<Span> place_of(const FusedLoop& loop) const;

  // ---- rejection.cpp

  X draw_by_rejection(Context& context, const Variable& variable);
  std::vector<ir::Value> one_trial(Context& context, const Variable& variable,
                                   std::span<const TermId> carried, std::span<const ir::Value> before);

  // ---- folds.cpp

  /// While it lives, everything built runs `size` times as often.
  class Rounds {
   public:
    Rounds(Lowering& lowering, std::int64_t size);
    Rounds(const Rounds&) = delete;
    Rounds& operator=(const Rounds&) = delete;
    ~Rounds() { lowering_.rounds_ = before_; }

   private:
    Lowering& lowering_;
    double before_;
  };

  /// The running sums that a round makes; the next one, and other loops, use their rows again.
  class Made {
   public:
    Made(Lowering& lowering, Context& context) : lowering_(lowering), context_(context) {}
    Made(Lowering& lowering, Context& context, const Running& running) : Made(lowering, context) {
      make(running);
    }
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;
    ~Made();

    void make(const Running& running);

   private:
    Lowering& lowering_;
    Context& context_;
  };

  using Round = std::function<void(const Index&)>;
  ir::Type type_of_fold(Reduction reduction, TermId body, std::span<const Range> ranges) const;
  X start_of_reduce(const Reduce& reduce) const;
  X start_of_scan(const Scan& scan) const;
  X reduce(Context& context, TermId id);
  X fold(Context& context, const Reduce& reduce, std::size_t depth, X folded);
  X iterate(Context& context, TermId id);
  void over(const Range& range, bool is_written_out, std::vector<X>& carried, const Round& round);
  const Running& running(std::span<const Range> ranges, TermId body);
  std::vector<std::uint32_t> with_their_own(std::vector<std::uint32_t> scans);
  std::vector<X> starts(std::span<const std::uint32_t> scans);
  void advance(Context& context, const Index& index, std::span<const std::uint32_t> scans,
               std::span<X> folds);
  X accumulate(Context& context, std::uint32_t scan, std::int64_t last, Elements* elements = nullptr);

  // ---- external.cpp
  X call(Context& context, TermId id);
  X call_now(Context& context, TermId id);
  ExternalArgument vector(Context& context, const Range& range, TermId body);

  // ---- elements.cpp
  using Current = std::unordered_map<std::uint32_t, X> Context::*;
  X evaluate(Context& context, TermId root);
  X make(Context& context, TermId id);
  X apply(Context& context, const Term& term);
  X number_of(const Index& index);
  X position(const Context& context, const Subscript& s, std::int64_t extent);
  X position(const Index& index, const Subscript& s, std::int64_t extent);
  X element(Context& context, const Term& term);
  X variable(Context& context, const Term& term);
  X cell(Context& context, const Term& term);
  X scan(Context& context, const Term& term);
  X of(Context& context, const Elements& elements, Current current, const Term& term, std::int64_t extent,
       ir::Type type);

  const Model& model_;
  const Terms& terms_;
  const Schedule& schedule_;
  const Limits& limits_;
  ir::Builder& b_;
  random::Uniforms uniforms_;
  Context root_;
  std::vector<Elements> variables_, scans_;
  std::vector<std::optional<X>> reduces_, calls_;
  std::vector<std::uint32_t> seen_;
  std::uint32_t stamp_ = 0;
  std::unordered_map<const Range*, Running> running_;                  ///< by a loop's range
  std::map<std::int64_t, std::vector<std::uint32_t>> free_rows_ = {};  ///< by length
  std::int64_t stored_ = 0;                                            ///< elements of all rows
  double rounds_ = 1;              ///< how often what is being built runs in a sample
  double all_rounds_ = 0;          ///< of all loops so far
  std::optional<Span> here_ = {};  ///< where the outermost loop that is being built was written
};

}  // namespace mc::language
