// The emitter's inside, shared by its rooms: the function being written and what stands for each value of the
// kernel.
//   emitter.cpp   groups of lanes, operations, leaves, memory
//   tables.cpp    cells of tables
//   loops.cpp     loops: phis, the ends of rounds, stopping and settling
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "engine/kernels/executable.hpp"
#include "engine/llvm/checkpoints.hpp"
#include "engine/llvm/emitter.hpp"
#include "engine/llvm/notation.hpp"
#include "engine/llvm/word_order.hpp"

namespace mc::jit {

class Emitter : public Notation {
 public:
  Emitter(const ir::Kernel& kernel, Shape shape, Instructions instructions, llvm::Function& function);
  void run();

  // ---- operations with memory, control or the lane's own position
  void constant(ir::Value v);
  void tile(ir::Value v) { set(v, argument(b_.getInt64Ty(), offsetof(kernels::Arguments, tile))); }
  void seed(ir::Value v) { set(v, argument(b_.getInt64Ty(), offsetof(kernels::Arguments, seed))); }
  void steps(ir::Value v) { set(v, function_.getArg(3)); }
  void lane(ir::Value v);
  void scalar(ir::Value v);
  void element(ir::Value v);
  void load(ir::Value v);
  void store(ir::Value v);
  void datum_f64(ir::Value v) { datum(v); }
  void datum_f32(ir::Value v) { datum(v); }
  void put(ir::Value v);
  void table_rows(ir::Value v) { set(v, tables_[kernel_[v].immediate].rows); }
  void cell_f64(ir::Value v) { cell(v); }
  void cell_f32(ir::Value v) { cell(v); }
  void output(ir::Value v);
  void loop(ir::Value v);
  void index(ir::Value) {}    // the loop sets it,
  void carried(ir::Value) {}  // this too,
  void result(ir::Value) {}   // and this

 private:
  /// What stands for a value: a scalar where it is uniform, vectors where it varies, both where it is splat.
  struct Lowered {
    V scalar = nullptr;
    std::array<V, kMaxInterleave> vectors{};
  };
  using Phis = llvm::SmallVector<llvm::PHINode*, kMaxInterleave>;

  void emit_group(llvm::BasicBlock* done);
  void close_round(V goes_on, llvm::BasicBlock* next, llvm::BasicBlock* end, bool looks);
  void step_of_the_rest(const ir::Loop& loop);
  V is_stopped();
  V is_settled(const ir::Loop& loop);
  void emit_node(ir::Value v);
  void count_for_block(ir::Value v);
  void emit_pure(ir::Value v, V (*translate)(B&, X));
  void emit_chosen(ir::Value v, const Choice& choice);
  V shifted_in(ir::Value v, const Choice& choice, unsigned j);
  V half(const Choice& choice, unsigned j);
  V ternary(ir::Value v, const Choice& choice, unsigned j);
  static llvm::Intrinsic::ID ternary_logic(unsigned lanes);

  V operand(ir::Value input, ir::Value user, unsigned j);
  V in_order_of(ir::Value user, ir::Value input, unsigned j);
  V rearranged(V vector, unsigned (*from)(unsigned, unsigned));
  V loaded_constant(ir::Value v);

  Phis open_phis(ir::Value target, ir::Value initial, llvm::BasicBlock* from);
  void close_phis(const Phis& phis, ir::Value target, ir::Value value, llvm::BasicBlock* from);
  void set_all_phis(const std::vector<ir::Value>& targets, const std::vector<Phis>& phis);

  void set(ir::Value v, V scalar);
  V& vector(ir::Value v, unsigned j) { return values_[ir::position(v)].vectors[j]; }
  V scalar_of(ir::Value v) const { return values_[ir::position(v)].scalar; }
  V index_of(ir::Value v) { return b_.CreateZExt(scalar_of(v), b_.getInt64Ty()); }
  V indices_of(ir::Value v, unsigned j) { return b_.CreateZExt(vector(v, j), vector_type(ir::Type::u64)); }

  V argument(llvm::Type* type, std::size_t offset);
  V invariant_load(llvm::Type* type, V address);
  void datum(ir::Value v);
  V data_address(const ir::Node& node, unsigned j);

  // ---- tables.cpp
  struct Table {
    V data, rows, last, stride;
  };
  void open_tables();
  void cell(ir::Value v);
  llvm::Type* memory_type(ir::Number number);

  V row_address(std::uint64_t row, V index, unsigned j);
  V row_addresses(std::uint64_t row, ir::Value index, unsigned j);
  V splat(V scalar);
  V splat(std::uint64_t word) { return splat(b_.getInt64(word)); }
  std::uint64_t first_lane(std::uint64_t j) const { return j * shape_.lanes; }  ///< of vector j, in the group
  V counting(std::uint64_t from);  ///< <from, from + 1, …> of i64
  V every_lane() { return splat(b_.getTrue()); }

  llvm::Type* scalar_type(ir::Type type);
  llvm::Type* vector_type(ir::Type type) {
    return llvm::FixedVectorType::get(scalar_type(type), shape_.lanes);
  }
  /// Of a vector in scratch memory, which itself is aligned to 64.
  llvm::Align row_align() const {
    return llvm::Align(std::min<std::uint64_t>(64, shape_.lanes * sizeof(double)));
  }
  llvm::BasicBlock* block(const char* name) {
    return llvm::BasicBlock::Create(b_.getContext(), name, &function_);
  }

  const ir::Kernel& kernel_;
  const Shape shape_;
  const Instructions instructions_;
  const Placement placement_;
  const Selection selection_;
  const WordOrder order_;
  const Checkpoints checkpoints_;
  llvm::Function& function_;
  B b_;
  std::vector<Lowered> values_;
  std::vector<std::uint64_t> row_starts_;
  std::vector<V> arrays_, data_;  ///< where each begins
  std::vector<Table> tables_;
  V lanes_ = nullptr;          ///< that share a step of the data, i64
  V rest_ = nullptr;           ///< lanes before this one go a step further, i64
  std::vector<V> takes_rest_;  ///< where that step is written: the masks of the lanes that take it
  llvm::MDNode* no_metadata_;  ///< what `!invariant.load` wants
  llvm::MDNode* one_;          ///< what `!nontemporal` wants
  V group_ = nullptr;          ///< number of the group's first lane, i64
  unsigned in_block_ = 0;      ///< operations written into the current block, as the machine counts them
  V stop_ = nullptr;           ///< address of the flag
  llvm::BasicBlock* stopped_ = nullptr;  ///< where rounds go that saw it set, if any look
};

}  // namespace mc::jit
