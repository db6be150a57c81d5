// Builds kernels. Pure operations are hash-consed and put into the outermost region in which their operands
// exist, so common subexpressions and loop invariants vanish while building; a closed loop that depends on
// nothing around it moves out the same way. Misuse throws std::logic_error: a bug of the caller, never of a
// user's program.
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <vector>

#include "engine/ir/kernel.hpp"

namespace mc::ir {

class Builder {
 public:
  Builder() = default;
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  // ---- leaves
  Value constant(double value);
  Value constant_f32(float value);
  Value constant_u64(std::uint64_t value);
  Value constant_u32(std::uint32_t value);
  Value constant_i1(bool value);
  Value constant_bits(Type type, std::uint64_t bits);
  Value scalar(std::uint32_t number, Type type = Type::f64);
  Value leaf(Op op);  ///< tile, lane, seed or steps
  Value element(std::uint32_t array, Value index);

  /// Any pure operation or function with operands.
  Value emit(Op op, std::span<const Value> operands, std::uint64_t immediate = 0);
  Value emit(Op op, std::initializer_list<Value> operands) {
    return emit(op, std::span(operands.begin(), operands.size()));
  }

  // ---- memory
  std::uint32_t row(std::uint32_t length);  ///< a new scratch row; its number
  Value load(std::uint32_t row, Value index);
  void store(std::uint32_t row, Value index, Value value);
  void output(std::uint32_t column, Value value);

  // ---- data: `step` is the counter of a loop over `steps`
  std::uint32_t data(DataArray array);  ///< a new data array; its number
  Value datum(std::uint32_t array, Value step);
  void put(std::uint32_t array, Value step, Value value);

  // ---- tables
  std::uint32_t table(Table table);  ///< a new table; its number
  Value table_rows(std::uint32_t table);
  Value cell(std::uint32_t table, Value row, Value column);

  // ---- loops
  using Body = std::function<std::vector<Value>(Value index, std::span<const Value> carried)>;

  /// Runs `body` `count` (u32) times with carried values; the results are the carried values at the end. It
  /// settles by carried value number `settled`, where there is such (Loop says what that promises).
  std::vector<Value> loop(Value count, std::span<const Value> initial, const Body& body,
                          std::uint32_t settled = kNoSlot);

  /// The same in two calls, for passes that copy: between them the body is built.
  struct Open {
    LoopId loop;
    Value index;
    std::vector<Value> carried;
  };
  Open begin_loop(Value count, std::span<const Value> initial);
  std::vector<Value> end_loop(const Open& open, std::span<const Value> next, std::uint32_t settled = kNoSlot);

  const Node& operator[](Value v) const { return kernel_.nodes[position(v)]; }
  const Kernel& kernel() const { return kernel_; }

  /// Makes room for about so many nodes.
  void reserve(std::size_t nodes);

  /// The kernel with so many scalar parameters and array parameters of these lengths; the builder is empty
  /// afterwards.
  Kernel finish(std::uint32_t scalars, std::vector<std::uint32_t> arrays = {});

 private:
  /// The pure nodes by what they compute: an open-addressed table of positions.
  class Shared {
   public:
    void reserve(std::size_t nodes);
    void clear();

    /// Where a node equal to this one is, or is to be entered.
    Value& find(std::span<const Node> nodes, const Node& wanted);

    /// Call after entering one; references that find() gave are no longer good.
    void entered(std::span<const Node> nodes);

   private:
    void resize(std::span<const Node> nodes, std::size_t size);

    std::vector<Value> slots_;
    std::size_t used_ = 0;
  };

  /// A loop being built.
  struct Frame {
    LoopId loop;
    Value count;
    std::uint64_t needs;  ///< bit d: it uses something that lies d loops deep, outside itself
  };

  std::uint32_t depth_of(Value v) const { return kernel_[kernel_.nodes[position(v)].region].depth; }
  std::uint32_t current_depth() const { return static_cast<std::uint32_t>(frames_.size()); }
  RegionId region_at(std::uint32_t depth) const;
  Value append(const Node& node);
  Value append_unshared(const Node& node);
  Value pinned(Op op, std::span<const Value> operands, std::uint64_t immediate);
  Type type_of(Op op, std::span<const Value> operands) const;
  void note_use(std::uint32_t user_depth, Value operand);
  std::uint32_t place(const Frame& frame);
  void set_depth(RegionId region, std::uint32_t depth);

  Kernel kernel_;
  std::vector<Frame> frames_;
  Shared shared_;
};

}  // namespace mc::ir
