// How a kernel appears in LLVM IR, at 512 bits with two vectors interleaved (arithmetic: notation.hpp):
//
//   kernel IR                      the same in all lanes      different from lane to lane
//   f64 f32 u64 u32 i1             double float i64 i32 i1    two <8 x double>, <8 x float>, <8 x i64>, <8 x i32>, <8 x i1>
//   %c = add f64 %a, %b            fadd                       fadd twice; a value that is the same in all lanes is splat
//   tile seed scalar               load from %arguments       -
//   lane                           -                          splat(%group) + <0, 1, … 7>, and again + 8
//   element k, i                   load %array.k[i]           a gather
//   load, store row, i             -                          %scratch[(row + i)·16 + 8j]; gather and scatter where i varies
//   output k                       -                          stores at %out[256·k + %group + 8j]
//   loop n (…) { i, … -> … }       a rolled loop: phi for i (scalar) and for what it carries; skipped where n may be 0
//
//   entry:  what no lane changes, once          group:  the rest, for lanes %group … %group + 15, until %last
#include "engine/llvm/emitter.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include <llvm/IR/IntrinsicsX86.h>
#include <cstdlib>
#include "engine/kernels/executable.hpp"
#include "engine/llvm/compiler.hpp"
#include "engine/llvm/notation.hpp"
#include "engine/llvm/placement.hpp"

namespace mc::jit {
namespace {

using ir::Op;
using ir::position;

class Emitter : public Notation {
 public:
  Emitter(const ir::Kernel& kernel, Shape shape, llvm::LLVMContext& context);
  std::unique_ptr<llvm::Module> run();

  // ---- operations with memory, control or the lane's own position
  void constant(ir::Value v);
  void tile(ir::Value v) { set(v, argument(b_.getInt64Ty(), offsetof(kernels::Arguments, tile))); }
  void seed(ir::Value v) { set(v, argument(b_.getInt64Ty(), offsetof(kernels::Arguments, seed))); }
  void steps(ir::Value v) { set(v, function_->getArg(3)); }
  void lane(ir::Value v);
  void scalar(ir::Value v);
  void element(ir::Value v);
  void load(ir::Value v);
  void store(ir::Value v);
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

  void create_function();
  void emit_groups();
  void emit_region(ir::RegionId region);
  void emit_node(ir::Value v);
  void emit_pure(ir::Value v, V (*translate)(B&, X));

  Phis open_phis(ir::Value target, ir::Value initial, llvm::BasicBlock* from);
  void close_phis(const Phis& phis, bool is_uniform, ir::Value value, llvm::BasicBlock* from);
  void set_phis(ir::Value target, const Phis& phis);

  void set(ir::Value v, V scalar);
  V scalar_of(ir::Value v) const { return values_[position(v)].scalar; }
  V vector_of(ir::Value v, unsigned j) const { return values_[position(v)].vectors[j]; }
  V index_of(ir::Value v) { return b_.CreateZExt(scalar_of(v), b_.getInt64Ty()); }

  V argument(llvm::Type* type, std::size_t offset);
  V invariant_load(llvm::Type* type, V address, llvm::Align align);
  V array(std::uint64_t number);
  V row_address(std::uint64_t row, V index, unsigned j);
  V row_addresses(std::uint64_t row, ir::Value index, unsigned j);
  V counting(unsigned from);  ///< <from, from + 1, …> of i64

  llvm::Type* scalar_type(ir::Type type);
  llvm::Type* vector_type(ir::Type type) { return llvm::FixedVectorType::get(scalar_type(type), shape_.lanes); }
  llvm::Align row_align() const { return llvm::Align(shape_.lanes * sizeof(double)); }
  llvm::BasicBlock* block(const char* name) { return llvm::BasicBlock::Create(b_.getContext(), name, function_); }
  V every_lane() { return b_.CreateVectorSplat(shape_.lanes, b_.getTrue()); }

  const ir::Kernel& kernel_;
  const Shape shape_;
  const Placement placement_;
  std::unique_ptr<llvm::Module> module_;
  B b_;
  std::vector<Lowered> values_;
  std::vector<std::uint64_t> row_starts_;
  llvm::Function* function_ = nullptr;
  V out_ = nullptr, scratch_ = nullptr, group_ = nullptr;
};

/// How an operation is written: by a line of Notation, once a vector, or by a member that looks after everything.
struct Translation {
  using Pure = V (*)(B&, X);
  using Structural = void (Emitter::*)(ir::Value);
  constexpr Translation(Pure translate) : pure(translate) {}
  constexpr Translation(Structural translate) : structural(translate) {}
  Pure pure = nullptr;
  Structural structural = nullptr;
};

// A new operation does not compile until Notation or Emitter has a function of its name.
constexpr Translation kTranslations[] = {
#define MC_OPERATION(name, arity, rule, meaning) Translation(&Emitter::name),
#include "engine/ir/operations.def"
#undef MC_OPERATION
};

Emitter::Emitter(const ir::Kernel& kernel, Shape shape, llvm::LLVMContext& context)
    : kernel_(kernel),
      shape_(shape),
      placement_(kernel),
      module_(std::make_unique<llvm::Module>("moment", context)),
      b_(context),
      values_(kernel.nodes.size()),
      row_starts_(kernel.rows.size()) {
  std::exclusive_scan(kernel.rows.begin(), kernel.rows.end(), row_starts_.begin(), std::uint64_t{0});
}

std::unique_ptr<llvm::Module> Emitter::run() {
  create_function();
  emit_groups();
  return std::move(module_);
}

void Emitter::create_function() {
  llvm::Type* pointer = b_.getPtrTy();
  llvm::Type* u32 = b_.getInt32Ty();
  auto* type = llvm::FunctionType::get(b_.getVoidTy(), {pointer, u32, u32, u32, pointer, pointer}, false);
  function_ = llvm::Function::Create(type, llvm::Function::ExternalLinkage, kEntryName, *module_);
  for (unsigned k : {0u, 4u, 5u}) function_->addParamAttr(k, llvm::Attribute::NoAlias);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  // Both are needed for 512 bits: processors that would rather use 256 heed the first, type legalisation the second.
  const std::string bits = std::to_string(shape_.lanes * 64);
  function_->addFnAttr("prefer-vector-width", bits);
  function_->addFnAttr("min-legal-vector-width", bits);
  constexpr const char* kNames[] = {"arguments", "first", "last", "steps", "out", "scratch"};
  for (llvm::Argument& argument : function_->args()) argument.setName(kNames[argument.getArgNo()]);
  out_ = function_->getArg(4);
  scratch_ = function_->getArg(5);
}

/// entry: invariants; group: one round for each group of lanes; done.
void Emitter::emit_groups() {
  b_.SetInsertPoint(block("entry"));
  for (ir::Value v : kernel_[ir::kEntry].body)
    if (placement_.is_invariant(v)) emit_node(v);
  V first = function_->getArg(1);
  V last = function_->getArg(2);
  llvm::BasicBlock* entry = b_.GetInsertBlock();
  llvm::BasicBlock* group = block("group");
  llvm::BasicBlock* done = block("done");
  b_.CreateCondBr(b_.CreateICmpULT(first, last), group, done);
  b_.SetInsertPoint(group);
  llvm::PHINode* lane = b_.CreatePHI(b_.getInt32Ty(), 2, "first_lane");
  group_ = b_.CreateZExt(lane, b_.getInt64Ty());
  for (ir::Value v : kernel_[ir::kEntry].body)
    if (!placement_.is_invariant(v)) emit_node(v);
  V next = b_.CreateAdd(lane, b_.getInt32(shape_.group()));
  lane->addIncoming(first, entry);
  lane->addIncoming(next, b_.GetInsertBlock());
  b_.CreateCondBr(b_.CreateICmpULT(next, last), group, done);
  done->moveAfter(b_.GetInsertBlock());
  b_.SetInsertPoint(done);
  b_.CreateRetVoid();
}

void Emitter::emit_region(ir::RegionId region) {
  for (ir::Value v : kernel_[region].body) emit_node(v);
}

void Emitter::emit_node(ir::Value v) {
  const auto op = static_cast<std::size_t>(kernel_[v].op);
  if (op >= std::size(kTranslations))
    throw Error("llvm: the kernel still calls the function " + std::string(ir::info(kernel_[v].op).name));
  const Translation& translation = kTranslations[op];
  if (translation.pure)
    emit_pure(v, translation.pure);
  else
    (this->*translation.structural)(v);
}

void Emitter::emit_pure(ir::Value v, Translation::Pure translate) {
  llvm::SmallVector<V, 3> operands;
  if (placement_.is_uniform(v)) {
    for (ir::Value input : kernel_[v].inputs()) operands.push_back(scalar_of(input));
    return set(v, translate(b_, operands));
  }
  static const char* T = getenv("T");
  const ir::Node& node = kernel_[v];
  if (T && strchr(T, 'x') && node.op == Op::bit_xor && node.type == ir::Type::u64) {
    for (int o : {0, 1}) {
      ir::Value w = node.operands[o], a = node.operands[1 - o];
      if (kernel_[w].op != Op::bit_xor || placement_.is_uniform(w)) continue;
      int uses = 0; for (auto& n : kernel_.nodes) for (auto q : n.inputs()) uses += q == w;
      if (uses < 2) continue;
      for (unsigned j = 0; j < shape_.interleave; ++j)
        values_[position(v)].vectors[j] = b_.CreateIntrinsic(shape_.lanes == 8 ? llvm::Intrinsic::x86_avx512_pternlog_q_512 : shape_.lanes == 4 ? llvm::Intrinsic::x86_avx512_pternlog_q_256 : llvm::Intrinsic::x86_avx512_pternlog_q_128, {}, {vector_of(a, j), vector_of(kernel_[w].operands[0], j), vector_of(kernel_[w].operands[1], j), b_.getInt32(0x96)});
      return;
    }
  }
  if (T && strchr(T, 'o') && node.op == Op::bit_xor && node.type == ir::Type::u64) {
      for (unsigned j = 0; j < shape_.interleave; ++j)
        values_[position(v)].vectors[j] = b_.CreateIntrinsic(llvm::Intrinsic::x86_avx512_pternlog_q_512 , {}, {vector_of(node.operands[0], j), vector_of(node.operands[1], j), vector_of(node.operands[1], j), b_.getInt32(0x3c)});
      return;
  }
  if (T && strchr(T, 's') && node.op == Op::bit_or && node.type == ir::Type::u64) {
    ir::Value sh = node.operands[0], c = node.operands[1];
    if (kernel_[sh].op == Op::shr && kernel_[kernel_[sh].operands[1]].op == Op::constant && kernel_[c].op == Op::constant) {
      unsigned n = kernel_[kernel_[sh].operands[1]].immediate;
      for (unsigned j = 0; j < shape_.interleave; ++j)
        values_[position(v)].vectors[j] = b_.CreateIntrinsic(llvm::Intrinsic::fshr, {vector_type(ir::Type::u64)}, {b_.CreateVectorSplat(shape_.lanes, b_.getInt64(kernel_[c].immediate >> (64 - n))), vector_of(kernel_[sh].operands[0], j), b_.CreateVectorSplat(shape_.lanes, b_.getInt64(n))});
      return;
    }
  }
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    operands.clear();
    for (ir::Value input : kernel_[v].inputs()) {
      if (T && strchr(T, 'c') && kernel_[input].op == Op::constant && kernel_[input].type == ir::Type::f64 && node.op >= Op::add && node.op <= Op::fma && kernel_[node.region].depth > 0) {
        auto* g = new llvm::GlobalVariable(*module_, b_.getDoubleTy(), true, llvm::GlobalValue::PrivateLinkage, llvm::cast<llvm::Constant>(scalar_of(input)), "c");
        operands.push_back(b_.CreateVectorSplat(shape_.lanes, b_.CreateLoad(b_.getDoubleTy(), g)));
      } else operands.push_back(vector_of(input, j));
    }
    values_[position(v)].vectors[j] = translate(b_, operands);
  }
}

void Emitter::set(ir::Value v, V scalar) {
  Lowered& lowered = values_[position(v)];
  lowered.scalar = scalar;
  // Splat where it is made, so that every user's block sees it.
  if (placement_.is_splat(v)) lowered.vectors.fill(b_.CreateVectorSplat(shape_.lanes, scalar));
}

// ---- leaves

void Emitter::constant(ir::Value v) {
  const ir::Node& node = kernel_[v];
  llvm::Type* type = scalar_type(node.type);
  const llvm::APInt bits(ir::bit_width(node.type), node.immediate);
  if (type->isFloatingPointTy())
    set(v, llvm::ConstantFP::get(type, llvm::APFloat(type->getFltSemantics(), bits)));
  else
    set(v, llvm::ConstantInt::get(type, bits));
}

void Emitter::lane(ir::Value v) {
  for (unsigned j = 0; j < shape_.interleave; ++j)
    values_[position(v)].vectors[j] = b_.CreateAdd(b_.CreateVectorSplat(shape_.lanes, group_), counting(j * shape_.lanes));
}

void Emitter::scalar(ir::Value v) {
  const ir::Node& node = kernel_[v];
  V scalars = argument(b_.getPtrTy(), offsetof(kernels::Arguments, scalars));
  V address = b_.CreateConstInBoundsGEP1_64(b_.getDoubleTy(), scalars, node.immediate);
  set(v, invariant_load(scalar_type(node.type), address, llvm::Align(8)));
}

// ---- memory

void Emitter::element(ir::Value v) {
  const ir::Value index = kernel_[v].operands[0];
  llvm::Type* f64 = b_.getDoubleTy();
  V data = array(kernel_[v].immediate);
  if (placement_.is_uniform(v))
    return set(v, invariant_load(f64, b_.CreateInBoundsGEP(f64, data, index_of(index)), llvm::Align(8)));
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    V wide = b_.CreateZExt(vector_of(index, j), vector_type(ir::Type::u64));
    V addresses = b_.CreateInBoundsGEP(f64, data, wide);
    values_[position(v)].vectors[j] =
        b_.CreateMaskedGather(vector_type(ir::Type::f64), addresses, llvm::Align(8), every_lane());
  }
}

void Emitter::load(ir::Value v) {
  const ir::Value index = kernel_[v].operands[0];
  const std::uint64_t row = kernel_[v].immediate;
  llvm::Type* type = vector_type(ir::Type::f64);
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    V& loaded = values_[position(v)].vectors[j];
    if (placement_.is_uniform(index))
      loaded = b_.CreateAlignedLoad(type, row_address(row, index_of(index), j), row_align());
    else
      loaded = b_.CreateMaskedGather(type, row_addresses(row, index, j), llvm::Align(8), every_lane());
  }
}

void Emitter::store(ir::Value v) {
  const auto [index, value, unused] = kernel_[v].operands;
  const std::uint64_t row = kernel_[v].immediate;
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    if (placement_.is_uniform(index))
      b_.CreateAlignedStore(vector_of(value, j), row_address(row, index_of(index), j), row_align());
    else
      b_.CreateMaskedScatter(vector_of(value, j), row_addresses(row, index, j), llvm::Align(8), every_lane());
  }
}

void Emitter::output(ir::Value v) {
  const std::uint64_t column = kernel_[v].immediate * kernels::kLanes;
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    V at = b_.CreateAdd(group_, b_.getInt64(column + j * shape_.lanes));
    b_.CreateAlignedStore(vector_of(kernel_[v].operands[0], j), b_.CreateInBoundsGEP(b_.getDoubleTy(), out_, at),
                          llvm::Align(8));
  }
}

V Emitter::argument(llvm::Type* type, std::size_t offset) {
  V address = b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), function_->getArg(0), offset);
  return invariant_load(type, address, llvm::Align(8));
}

V Emitter::invariant_load(llvm::Type* type, V address, llvm::Align align) {
  llvm::LoadInst* load = b_.CreateAlignedLoad(type, address, align);
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(b_.getContext(), {}));
  return load;
}

V Emitter::array(std::uint64_t number) {
  V arrays = argument(b_.getPtrTy(), offsetof(kernels::Arguments, arrays));
  return invariant_load(b_.getPtrTy(), b_.CreateConstInBoundsGEP1_64(b_.getPtrTy(), arrays, number), llvm::Align(8));
}

V Emitter::row_address(std::uint64_t row, V index, unsigned j) {
  V element = b_.CreateAdd(index, b_.getInt64(row_starts_[row]));
  V at = b_.CreateAdd(b_.CreateMul(element, b_.getInt64(shape_.group())), b_.getInt64(j * shape_.lanes));
  return b_.CreateInBoundsGEP(b_.getDoubleTy(), scratch_, at);
}

V Emitter::row_addresses(std::uint64_t row, ir::Value index, unsigned j) {
  const auto splat = [&](std::uint64_t x) { return b_.CreateVectorSplat(shape_.lanes, b_.getInt64(x)); };
  V wide = b_.CreateZExt(vector_of(index, j), vector_type(ir::Type::u64));
  V element = b_.CreateAdd(wide, splat(row_starts_[row]));
  V at = b_.CreateAdd(b_.CreateMul(element, splat(shape_.group())), counting(j * shape_.lanes));
  return b_.CreateInBoundsGEP(b_.getDoubleTy(), scratch_, at);
}

V Emitter::counting(unsigned from) {
  std::vector<std::uint64_t> numbers(shape_.lanes);
  std::iota(numbers.begin(), numbers.end(), from);
  return llvm::ConstantDataVector::get(b_.getContext(), numbers);
}

llvm::Type* Emitter::scalar_type(ir::Type type) {
  switch (type) {
    case ir::Type::f64: return b_.getDoubleTy();
    case ir::Type::f32: return b_.getFloatTy();
    case ir::Type::u64: return b_.getInt64Ty();
    case ir::Type::u32: return b_.getInt32Ty();
    case ir::Type::i1: return b_.getInt1Ty();
    case ir::Type::none: break;
  }
  throw Error("llvm: a value without a type");
}

// ---- loops

void Emitter::loop(ir::Value v) {
  const ir::Loop& loop = kernel_[static_cast<ir::LoopId>(kernel_[v].immediate)];
  const ir::Value count_value = kernel_[v].operands[0];
  if (!placement_.is_uniform(count_value)) throw Error("llvm: a loop's count differs between lanes");
  V count = scalar_of(count_value);
  V zero = b_.getInt32(0);
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* body = block("loop");
  llvm::BasicBlock* after = block("next");
  b_.CreateCondBr(b_.CreateICmpNE(count, zero), body, after);

  b_.SetInsertPoint(body);
  llvm::PHINode* index = b_.CreatePHI(b_.getInt32Ty(), 2, "i");
  std::vector<Phis> carried;
  for (std::size_t k = 0; k < loop.carried.size(); ++k) carried.push_back(open_phis(loop.carried[k], loop.initial[k], before));
  set(loop.index, index);
  for (std::size_t k = 0; k < loop.carried.size(); ++k) set_phis(loop.carried[k], carried[k]);
  emit_region(loop.body);
  V next_index = b_.CreateAdd(index, b_.getInt32(1));
  llvm::BasicBlock* latch = b_.GetInsertBlock();
  b_.CreateCondBr(b_.CreateICmpULT(next_index, count), body, after);
  index->addIncoming(zero, before);
  index->addIncoming(next_index, latch);

  after->moveAfter(latch);
  b_.SetInsertPoint(after);
  std::vector<Phis> results;
  for (std::size_t k = 0; k < loop.results.size(); ++k) {
    const bool is_uniform = placement_.is_uniform(loop.results[k]);
    close_phis(carried[k], is_uniform, loop.next[k], latch);
    results.push_back(open_phis(loop.results[k], loop.initial[k], before));
    close_phis(results[k], is_uniform, loop.next[k], latch);
  }
  for (std::size_t k = 0; k < loop.results.size(); ++k) set_phis(loop.results[k], results[k]);
}

/// Phis for `target`, at the insertion point, that are `initial` when coming from `from`.
Emitter::Phis Emitter::open_phis(ir::Value target, ir::Value initial, llvm::BasicBlock* from) {
  Phis phis;
  const bool is_uniform = placement_.is_uniform(target);
  const ir::Type type = kernel_[target].type;
  for (unsigned j = 0; j < (is_uniform ? 1 : shape_.interleave); ++j)
    phis.push_back(b_.CreatePHI(is_uniform ? scalar_type(type) : vector_type(type), 2));
  close_phis(phis, is_uniform, initial, from);
  return phis;
}

void Emitter::close_phis(const Phis& phis, bool is_uniform, ir::Value value, llvm::BasicBlock* from) {
  for (unsigned j = 0; j < phis.size(); ++j) phis[j]->addIncoming(is_uniform ? scalar_of(value) : vector_of(value, j), from);
}

/// Only once all phis of a block are there, as splats must come after them.
void Emitter::set_phis(ir::Value target, const Phis& phis) {
  if (placement_.is_uniform(target)) return set(target, phis.front());
  std::ranges::copy(phis, values_[position(target)].vectors.begin());
}

}  // namespace

std::unique_ptr<llvm::Module> emit(const ir::Kernel& kernel, Shape shape, llvm::LLVMContext& context) {
  return Emitter(kernel, shape, context).run();
}

}  // namespace mc::jit
