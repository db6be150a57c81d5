// Loops as LLVM IR: a rolled loop with phis, in which a round may look whether to stop, and may be the last
// because nothing changes any more.
#include <algorithm>
#include <vector>

#include "engine/llvm/compiler.hpp"
#include "engine/llvm/emitting.hpp"

namespace mc::jit {

using ir::position;

void Emitter::loop(ir::Value v) {
  const ir::Loop& loop = kernel_[static_cast<ir::LoopId>(kernel_[v].immediate)];
  const ir::Value count = kernel_[v].operands[0];
  if (!placement_.is_uniform(count)) throw Error("llvm: a loop's count differs between lanes");
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* body = block("loop");
  llvm::BasicBlock* after = block("next");
  b_.CreateCondBr(b_.CreateICmpNE(scalar_of(count), b_.getInt32(0)), body, after);

  b_.SetInsertPoint(body);
  llvm::PHINode* index = b_.CreatePHI(b_.getInt32Ty(), 2, "i");
  std::vector<Phis> carried, results;
  for (std::size_t k = 0; k < loop.carried.size(); ++k)
    carried.push_back(open_phis(loop.carried[k], loop.initial[k], before));
  set(loop.index, index);
  set_all_phis(loop.carried, carried);
  for (ir::Value inner : kernel_[loop.body].body) emit_node(inner);
  V next_index = b_.CreateAdd(index, b_.getInt32(1));
  llvm::BasicBlock* last = b_.GetInsertBlock();
  V goes_on = b_.CreateICmpULT(next_index, scalar_of(count));
  if (loop.settles()) goes_on = b_.CreateAnd(goes_on, b_.CreateNot(is_settled(loop)));
  close_round(goes_on, body, after, checkpoints_.is_in(static_cast<ir::LoopId>(kernel_[v].immediate)));
  llvm::BasicBlock* latch = b_.GetInsertBlock();
  index->addIncoming(b_.getInt32(0), before);
  index->addIncoming(next_index, latch);

  after->moveAfter(latch);
  b_.SetInsertPoint(after);
  for (std::size_t k = 0; k < loop.results.size(); ++k) {
    results.push_back(open_phis(loop.results[k], loop.initial[k], before));
    close_phis(results[k], loop.results[k], loop.next[k], last);
    close_phis(carried[k], loop.carried[k], loop.next[k], latch);
  }
  set_all_phis(loop.results, results);
  if (ir::goes_through_data(kernel_, loop)) step_of_the_rest(loop);
}

/// The round once more, for lanes before Arguments::rest alone: the others read nothing, put nothing and keep
/// what they have.
void Emitter::step_of_the_rest(const ir::Loop& loop) {
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* rest = block("rest");
  llvm::BasicBlock* after = block("whole");
  b_.CreateCondBr(b_.CreateICmpUGT(rest_, group_), rest, after);

  b_.SetInsertPoint(rest);
  for (unsigned j = 0; j < shape_.interleave; ++j)
    takes_rest_.push_back(b_.CreateICmpULT(counting(first_lane(j)), splat(b_.CreateSub(rest_, group_))));
  set(loop.index, scalar_of(kernel_[loop.node].operands[0]));
  for (std::size_t k = 0; k < loop.carried.size(); ++k)
    values_[position(loop.carried[k])].vectors = values_[position(loop.results[k])].vectors;
  for (ir::Value inner : kernel_[loop.body].body) emit_node(inner);
  std::vector<std::vector<V>> chosen(loop.results.size());
  for (std::size_t k = 0; k < loop.results.size(); ++k)
    for (unsigned j = 0; j < shape_.interleave; ++j)
      chosen[k].push_back(
          b_.CreateSelect(takes_rest_[j], vector(loop.next[k], j), vector(loop.results[k], j)));
  takes_rest_.clear();
  llvm::BasicBlock* last = b_.GetInsertBlock();
  b_.CreateBr(after);

  after->moveAfter(last);
  b_.SetInsertPoint(after);
  for (std::size_t k = 0; k < loop.results.size(); ++k)
    for (unsigned j = 0; j < shape_.interleave; ++j) {
      llvm::PHINode* phi = b_.CreatePHI(chosen[k][j]->getType(), 2);
      phi->addIncoming(vector(loop.results[k], j), before);
      phi->addIncoming(chosen[k][j], last);
      vector(loop.results[k], j) = phi;
    }
}

/// At the end of a round: nothing that the loop carries would change any more, in any lane of the group.
V Emitter::is_settled(const ir::Loop& loop) {
  const ir::Value mask = loop.next[loop.settled];
  if (placement_.is_uniform(mask)) return scalar_of(mask);
  V all = vector(mask, 0);
  for (unsigned j = 1; j < shape_.interleave; ++j) all = b_.CreateAnd(all, vector(mask, j));
  V bits = b_.CreateBitCast(all, b_.getIntNTy(shape_.lanes));
  return b_.CreateICmpEQ(bits, llvm::ConstantInt::getAllOnesValue(bits->getType()));
}

/// Phis for `target`, at the insertion point, that are `initial` when coming from `from`.
Emitter::Phis Emitter::open_phis(ir::Value target, ir::Value initial, llvm::BasicBlock* from) {
  const bool is_uniform = placement_.is_uniform(target);
  const ir::Type type = kernel_[target].type;
  Phis phis(is_uniform ? 1 : shape_.interleave);
  for (llvm::PHINode*& phi : phis) phi = b_.CreatePHI(is_uniform ? scalar_type(type) : vector_type(type), 2);
  close_phis(phis, target, initial, from);
  return phis;
}

void Emitter::close_phis(const Phis& phis, ir::Value target, ir::Value value, llvm::BasicBlock* from) {
  const bool is_uniform = placement_.is_uniform(target);
  for (unsigned j = 0; j < phis.size(); ++j)
    phis[j]->addIncoming(is_uniform ? scalar_of(value) : vector(value, j), from);
}

/// All at once, as splats must come after the last phi of a block.
void Emitter::set_all_phis(const std::vector<ir::Value>& targets, const std::vector<Phis>& phis) {
  for (std::size_t k = 0; k < targets.size(); ++k) {
    if (placement_.is_uniform(targets[k]))
      set(targets[k], phis[k].front());
    else
      std::ranges::copy(phis[k], values_[position(targets[k])].vectors.begin());
  }
}

/// The end of a loop's round: `next` if it goes on, else `end`. Only a round that is not the last one looks,
/// so that what has come to its end counts.
void Emitter::close_round(V goes_on, llvm::BasicBlock* next, llvm::BasicBlock* end, bool looks) {
  if (!looks) {
    b_.CreateCondBr(goes_on, next, end);
    return;
  }
  if (stopped_ == nullptr) stopped_ = block("stopped");
  llvm::BasicBlock* latch = block("latch");
  b_.CreateCondBr(goes_on, latch, end);
  b_.SetInsertPoint(latch);
  b_.CreateCondBr(is_stopped(), stopped_, next);
}

/// Atomic, so that it is loaded in every round.
V Emitter::is_stopped() {
  llvm::LoadInst* flag = b_.CreateAlignedLoad(b_.getInt8Ty(), stop_, llvm::Align(1));
  flag->setAtomic(llvm::AtomicOrdering::Monotonic);
  return b_.CreateICmpNE(flag, b_.getInt8(0));
}

}  // namespace mc::jit
