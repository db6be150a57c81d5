// Writing a function out into a kernel, shared by its files:
//   lowering.cpp    the function as the language calls it
//   inlining.cpp    functions, statements, expressions
//   arrays.cpp      arrays and their elements
//   loops.cpp       loops: written out, counted, and those that run until something holds
// Statements are run, as it were, once: each changes what the variables stand for. Where only the samples
// tell whether something is done, both ways are gone and each variable is chosen afterwards.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "frontend/cxx/function.hpp"
#include "frontend/cxx/numbers.hpp"
#include "frontend/language/external.hpp"

namespace mc::cxx {

/// An array while a function is written out.
struct Array {
  Type type = Type::f64;
  std::int64_t length = 0;
  const language::ExternalArgument* given = nullptr;  ///< the caller's vector
  std::uint32_t row = 0;                              ///< else a row of scratch,
  std::optional<std::size_t> first_slot = {};         ///< or values of their own,
  const std::vector<std::uint64_t>* table = nullptr;  ///< or numbers, in the row too where that is read
};

class Inlining {
 public:
  Inlining(const Unit& unit, const language::ExternalSurroundings& around);

  /// What the unit's first function gives; a truth value `as_number` is 1, 0, or NaN where there is none.
  X run(std::span<const language::ExternalArgument> arguments, bool as_number);

 private:
  /// An index that is proven inside, and whether it was inside before that.
  struct Index {
    std::optional<std::int64_t> known;
    std::optional<X> at;
    Value inside;
  };
  /// An element that a reference is another name of.
  struct Element {
    std::size_t array;  ///< in arrays_
    Index index;
  };
  /// A call of a function: where its variables are.
  struct Frame {
    const Definition* function;
    std::vector<std::size_t> slots;                  ///< by variable, of those that are numbers
    std::vector<std::size_t> arrays;                 ///< by variable, of those that are arrays
    std::map<std::uint32_t, Element> elements = {};  ///< by variable, of references to elements
    std::size_t returned = 0, result = 0;            ///< slots
  };
  /// The loop around, or the switch: slots of its truth values.
  struct Around {
    std::size_t stopped, skipped;
  };
  using State = std::vector<Value>;
  using Work = std::function<void()>;

  // ---- inlining.cpp
  Frame frame(const Definition& function);
  std::size_t slot(Value value = {});
  void make_array(Frame& frame, std::uint32_t variable);
  void bind(Frame& frame, std::span<const language::ExternalArgument> arguments);
  Value call(const Node& node);
  Value finish(Frame& frame);
  void count(const Node& node);
  void run(NodeId statement);
  void sequence(std::span<const NodeId> statements);
  void branch(const Node& node);
  void once(const Node& node);
  void leave(const Node& node);
  Value gone();
  /// Does the work in the lanes where the condition holds.
  void where(const Value& condition, const Work& work);
  State merged(const Value& condition, const State& yes, const State& no);
  void assign(std::size_t slot, const Value& value) { state_[slot] = value; }
  void assign(const Node& node);
  void assign_element(const Node& node);
  void assign_array(const Node& node);
  /// Makes a variable of `to` another name of the given variable or element, which is the frame's here.
  void bind(Frame& to, std::uint32_t variable, const Node& given);

  Value value(NodeId id);
  Value operation(const Node& node);
  Value choice(const Node& node);
  Value variable(const Node& node);
  Value element(const Node& node);
  Value read(Array& array, const Index& index);
  void write(Array& array, const Index& index, const Value& value);
  void copy(std::size_t from, std::size_t to);
  Value at_known(Array& array, std::int64_t index);
  Value loaded(Array& array, X index);
  X kept(const Array& array, const Value& value);
  bool is_number(NodeId id) const;
  const std::vector<bool>& rows_of(const Definition& function);
  void fill(const Array& array);
  Array& array_of(const Node& node) { return arrays_[frame_->arrays[node.id]]; }

  Index index(const Array& array, const Value& value, const Node& node);
  [[noreturn]] void refuse(const Place& place, const std::string& message) const;
  [[noreturn]] void refuse(const Node& node, const std::string& message) const {
    refuse(unit_.places[node.place], message);
  }
  const std::string& name_of(const Node& node) const { return frame_->function->variables[node.id].name; }

  // ---- loops.cpp
  void counted(const Node& node);
  void written_out(const Node& node, std::int64_t begin, std::int64_t rounds);
  void rolled(const Node& node, const Value& begin, const Value& rounds);
  void repeat(const Node& node);
  /// Until `test` fails, or the limit on passes.
  void until(const Node& node, bool body_first, const std::function<Value()>& test, const Work& body,
             const Work& after);
  std::optional<Value> rounds_of(const Node& node, const Value& begin, const Value& end, Type common);
  void loop(X count, std::int64_t most, const Around& around, std::span<const std::size_t> slots,
            std::size_t settled, const std::function<void(ir::Value)>& round);
  void one_round(const Node& node);
  Value ended();
  std::vector<std::size_t> changed(const Node& loop);
  void changed_in(NodeId id, std::set<std::size_t>& slots) const;
  void change_array(std::size_t array, std::set<std::size_t>& slots) const;
  void change_variable(std::uint32_t id, std::set<std::size_t>& slots) const;
  void change_named(const Node& node, std::set<std::size_t>& slots) const;
  bool has(NodeId id, Kind kind, bool through_loops) const;
  void carry(std::span<const std::size_t> slots, std::span<const ir::Value> carried);
  std::vector<ir::Value> carried(std::span<const std::size_t> slots);

  const Unit& unit_;
  const language::ExternalSurroundings& around_;
  ir::Builder& b_;
  Numbers numbers_;
  State state_;              ///< what each slot stands for
  std::vector<Type> types_;  ///< of the slots
  std::vector<Array> arrays_;
  Frame* frame_ = nullptr;
  std::size_t depth_ = 0;    ///< calls one inside the other
  std::size_t visited_ = 0;  ///< statements and expressions, each as often as it is written out
  const Around* loop_ = nullptr;
  std::int64_t written_ = 1;  ///< rounds of the loops around that are written out, all together
  Value path_;                ///< where what is being written counts
  std::size_t overrun_ = 0;   ///< slot: a loop came to the limit on passes
  std::unordered_map<const Definition*, std::vector<bool>> rows_;  ///< by variable: some index is not known
};

}  // namespace mc::cxx
