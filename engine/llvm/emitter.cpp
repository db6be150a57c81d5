// How a kernel appears in LLVM IR, at 512 bits with two vectors side by side (arithmetic: notation.hpp):
//
//   kernel IR               the same in all lanes   different from lane to lane
//   f64 f32                 double float            two <8 x double>, two <8 x float>
//   u64 u32 i1              i64 i32 i1              two <8 x i64>, two <8 x i32>, two <8 x i1>
//   %c = add f64 %a, %b     fadd                    fadd twice; what is the same in all lanes is splat
//   constant                a literal               a literal; f64 in a loop: a load for each use
//   tile seed scalar        load from %arguments    -
//   lane                    -                       splat(%group) + <0, 1, … 7>, and again + 8
//   element k, i            load %array.k[i]        gather
//   load, store row, i      -                       at %scratch[(row + i)·16 + 8j]; gather and scatter
//   datum k, i              -                       load from %data.k[i·lanes + %group + 8j]
//   put k, i                -                       store to it
//   table_rows k            load from %arguments    -
//   cell k, r, c            -                       gather from %data.k + min(r, %rows.k - 1)·%stride.k +
//   c·size output k                -                       store at %out[256·k + %group + 8j] loop n (…) { …
//   }        a rolled loop with phis; skipped where n is 0 loop n { … until s }    left, too, where the bits
//   of s are all set, in all vectors loop steps (…) { … }    of data: once more afterwards, masked, for lanes
//   before %rest
//
//   entry:  what no lane changes, once   group:  the rest, for lanes %group … %group + 15, until %last
//   straight:  a long straight line goes on in a new block
//   done:   true                         stopped: false, from a loop that looked (checkpoints.hpp)
#include "engine/llvm/emitter.hpp"

#include <llvm/IR/IntrinsicsX86.h>
#include <llvm/IR/Module.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>

#include "engine/llvm/compiler.hpp"
#include "engine/llvm/emitting.hpp"

namespace mc::jit {

using ir::Op;
using ir::position;

namespace {

/// Operations of a straight line in one block. LLVM selects instructions a block at a time and, for every
/// load of a constant, looks at all the block's other loads: 100 normals in one block took 6.8 s of a core,
/// in blocks of 250 they take 0.5 s and run as fast. From 125 to 1000 makes little difference to either.
constexpr unsigned kLongestBlock = 250;

/// How an operation is written: by a line of Notation, once a vector, or by a member that looks after
/// everything.
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

}  // namespace

Emitter::Emitter(const ir::Kernel& kernel, Shape shape, Instructions instructions, llvm::Function& function)
    : kernel_(kernel),
      shape_(shape),
      instructions_(instructions),
      placement_(kernel),
      selection_(kernel, placement_, instructions),
      order_(kernel, placement_, instructions.registers_a_vector(shape.lanes) == 2),
      checkpoints_(kernel, placement_, shape.interleave, kernels::kLanes / shape.group()),
      function_(function),
      b_(function.getContext()),
      values_(kernel.nodes.size()),
      row_starts_(kernel.rows.size()),
      no_metadata_(llvm::MDNode::get(function.getContext(), {})),
      one_(llvm::MDNode::get(function.getContext(), llvm::ConstantAsMetadata::get(b_.getInt32(1)))) {
  std::exclusive_scan(kernel.rows.begin(), kernel.rows.end(), row_starts_.begin(), std::uint64_t{0});
}

void Emitter::run() {
  b_.SetInsertPoint(block("entry"));
  for (std::uint32_t k = 0; k < kernel_.arrays.size(); ++k) {
    V arrays = argument(b_.getPtrTy(), offsetof(kernels::Arguments, arrays));
    arrays_.push_back(invariant_load(b_.getPtrTy(), b_.CreateConstInBoundsGEP1_64(b_.getPtrTy(), arrays, k)));
  }
  if (!kernel_.data.empty()) {
    lanes_ = argument(b_.getInt64Ty(), offsetof(kernels::Arguments, lanes));
    rest_ = argument(b_.getInt64Ty(), offsetof(kernels::Arguments, rest));
  }
  for (std::uint32_t k = 0; k < kernel_.data.size(); ++k) {
    V data = argument(b_.getPtrTy(), offsetof(kernels::Arguments, data));
    data_.push_back(invariant_load(b_.getPtrTy(), b_.CreateConstInBoundsGEP1_64(b_.getPtrTy(), data, k)));
  }
  open_tables();
  if (checkpoints_.any()) stop_ = argument(b_.getPtrTy(), offsetof(kernels::Arguments, stop));
  for (ir::Value v : kernel_[ir::kEntry].body)
    if (placement_.is_invariant(v)) emit_node(v);
  llvm::BasicBlock* done = block("done");
  emit_group(done);
  done->moveAfter(b_.GetInsertBlock());
  b_.SetInsertPoint(done);
  b_.CreateRet(b_.getTrue());
  if (stopped_ == nullptr) return;
  stopped_->moveAfter(done);
  b_.SetInsertPoint(stopped_);
  b_.CreateRet(b_.getFalse());
}

void Emitter::emit_group(llvm::BasicBlock* done) {
  V first = function_.getArg(1);
  V last = function_.getArg(2);
  llvm::BasicBlock* entry = b_.GetInsertBlock();
  llvm::BasicBlock* group = block("group");
  b_.CreateCondBr(b_.CreateICmpULT(first, last), group, done);
  b_.SetInsertPoint(group);
  llvm::PHINode* lane = b_.CreatePHI(b_.getInt32Ty(), 2, "lane");
  group_ = b_.CreateZExt(lane, b_.getInt64Ty());
  for (ir::Value v : kernel_[ir::kEntry].body)
    if (!placement_.is_invariant(v)) emit_node(v);
  V next = b_.CreateAdd(lane, b_.getInt32(shape_.group()));
  lane->addIncoming(first, entry);
  V goes_on = b_.CreateICmpULT(next, last);
  close_round(goes_on, group, done, checkpoints_.is_between_groups());
  lane->addIncoming(next, b_.GetInsertBlock());
}

void Emitter::emit_node(ir::Value v) {
  const auto op = static_cast<std::size_t>(kernel_[v].op);
  if (op >= std::size(kTranslations))
    throw Error("llvm: the kernel still calls the function " + std::string(ir::info(kernel_[v].op).name));
  count_for_block(v);
  const Translation& translation = kTranslations[op];
  if (selection_[v].kind != Choice::plain)
    emit_chosen(v, selection_[v]);
  else if (translation.pure)
    emit_pure(v, translation.pure);
  else
    (this->*translation.structural)(v);
}

/// Begins a new block where this one is long enough. LLVM would fold it back into this one before it selects
/// instructions, were its address not taken; no code comes of that.
void Emitter::count_for_block(ir::Value v) {
  if (kernel_[v].op == Op::constant) return;
  in_block_ +=
      placement_.is_uniform(v) ? 1 : shape_.interleave * instructions_.registers_a_vector(shape_.lanes);
  if (in_block_ <= kLongestBlock) return;
  in_block_ = 0;
  llvm::BasicBlock* next = block("straight");
  llvm::BlockAddress::get(next);
  b_.CreateBr(next);
  b_.SetInsertPoint(next);
}

void Emitter::emit_pure(ir::Value v, Translation::Pure translate) {
  llvm::SmallVector<V, 3> operands;
  if (placement_.is_uniform(v)) {
    for (ir::Value input : kernel_[v].inputs()) operands.push_back(scalar_of(input));
    return set(v, translate(b_, operands));
  }
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    operands.clear();
    for (ir::Value input : kernel_[v].inputs()) operands.push_back(operand(input, v, j));
    vector(v, j) = translate(b_, operands);
  }
}

void Emitter::emit_chosen(ir::Value v, const Choice& choice) {
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    switch (choice.kind) {
      case Choice::shift_in:
        vector(v, j) = shifted_in(v, choice, j);
        break;
      case Choice::half:
        vector(v, j) = half(choice, j);
        break;
      case Choice::ternary:
        vector(v, j) = ternary(v, choice, j);
        break;
      default:
        break;
    }
  }
}

/// The funnel shift is LLVM's.
V Emitter::shifted_in(ir::Value v, const Choice& choice, unsigned j) {
  V y = in_order_of(v, choice.y, j);
  llvm::Type* word = y->getType()->getScalarType();
  V in = splat(llvm::ConstantInt::get(word, choice.constant));
  V count = splat(llvm::ConstantInt::get(word, choice.count));
  return b_.CreateIntrinsic(llvm::Intrinsic::fshr, y->getType(), {in, y, count});
}

/// Of every word one half, in the order of the lanes. As floats, for which LLVM has the permutation.
V Emitter::half(const Choice& choice, unsigned j) {
  const bool is_dealt = order_.is_dealt(choice.y);
  llvm::SmallVector<int, 16> of;
  for (unsigned lane = 0; lane < shape_.lanes; ++lane) {
    const unsigned word = is_dealt ? WordOrder::place_of(lane, shape_.lanes) : lane;
    of.push_back(static_cast<int>(2 * word + choice.count));
  }
  V halves =
      b_.CreateBitCast(vector(choice.y, j), llvm::FixedVectorType::get(b_.getFloatTy(), 2 * shape_.lanes));
  return b_.CreateBitCast(b_.CreateShuffleVector(halves, of), vector_type(ir::Type::u32));
}

/// Xors in AVX-512's own words, by the truth table of x ^ y ^ z, or of x ^ y: a register at a time.
V Emitter::ternary(ir::Value v, const Choice& choice, unsigned j) {
  const bool has_three = choice.z != ir::kNoValue;
  V x = in_order_of(v, choice.x, j), y = in_order_of(v, choice.y, j);
  V z = has_three ? in_order_of(v, choice.z, j) : y;
  V table = b_.getInt32(has_three ? 0x96 : 0x3C);
  const unsigned parts = instructions_.registers_a_vector(shape_.lanes), lanes = shape_.lanes / parts;
  const auto apply = [&](V a, V b, V c) {
    return b_.CreateIntrinsic(ternary_logic(lanes), {}, {a, b, c, table});
  };
  if (parts == 1) return apply(x, y, z);
  V whole = llvm::PoisonValue::get(x->getType());
  for (unsigned k = 0; k < parts; ++k) {
    V at = b_.getInt64(std::uint64_t{k} * lanes);
    auto* type = llvm::FixedVectorType::get(b_.getInt64Ty(), lanes);
    const auto part = [&](V v) { return b_.CreateExtractVector(type, v, at); };
    whole = b_.CreateInsertVector(x->getType(), whole, apply(part(x), part(y), part(z)), at);
  }
  return whole;
}

llvm::Intrinsic::ID Emitter::ternary_logic(unsigned lanes) {
  switch (lanes) {
    case 2:
      return llvm::Intrinsic::x86_avx512_pternlog_q_128;
    case 4:
      return llvm::Intrinsic::x86_avx512_pternlog_q_256;
    default:
      return llvm::Intrinsic::x86_avx512_pternlog_q_512;
  }
}

// ---- values

void Emitter::set(ir::Value v, V scalar) {
  Lowered& lowered = values_[position(v)];
  lowered.scalar = scalar;
  // Splat where it is made, so that every user's block sees it.
  if (placement_.is_splat(v)) lowered.vectors.fill(splat(scalar));
}

V Emitter::splat(V scalar) {
  if (auto* literal = llvm::dyn_cast<llvm::Constant>(scalar))
    return llvm::ConstantVector::getSplat(llvm::ElementCount::getFixed(shape_.lanes), literal);
  return b_.CreateVectorSplat(shape_.lanes, scalar);
}

V Emitter::operand(ir::Value input, ir::Value user, unsigned j) {
  const ir::Node& node = kernel_[input];
  const bool is_looped = kernel_[kernel_[user].region].depth > 0;
  const bool is_loaded = is_looped && node.op == Op::constant && node.type == ir::Type::f64;
  return is_loaded ? loaded_constant(input) : in_order_of(user, input, j);
}

/// A word, or the truth that chooses between words, as the lanes stand in its user; all else is in order.
V Emitter::in_order_of(ir::Value user, ir::Value input, unsigned j) {
  V here = vector(input, j);
  if (placement_.is_uniform(input) || order_.is_dealt(input) == order_.is_dealt(user)) return here;
  return rearranged(here, order_.is_dealt(user) ? WordOrder::lane_at : WordOrder::place_of);
}

/// The element at place k is the one that was at `from` of k.
V Emitter::rearranged(V vector, unsigned (*from)(unsigned, unsigned)) {
  llvm::SmallVector<int, 16> order;
  for (unsigned k = 0; k < shape_.lanes; ++k) order.push_back(static_cast<int>(from(k, shape_.lanes)));
  return b_.CreateShuffleVector(vector, order);
}

/// A load of its own for each use becomes the instruction's memory operand. Of a literal that is used twice
/// LLVM makes a register, and of a polynomial's coefficients more than there are: measured, that costs up to
/// a quarter of the speed and of the compile time.
V Emitter::loaded_constant(ir::Value v) {
  auto* value = llvm::cast<llvm::Constant>(instructions_.has_avx512 ? scalar_of(v) : vector(v, 0));
  auto* memory = new llvm::GlobalVariable(*function_.getParent(), value->getType(), true,
                                          llvm::GlobalValue::PrivateLinkage, value);
  V loaded = invariant_load(value->getType(), memory);
  return instructions_.has_avx512 ? splat(loaded) : loaded;
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
  V first = splat(group_);
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    V lanes = b_.CreateAdd(first, counting(first_lane(j)));
    vector(v, j) = order_.is_dealt(v) ? rearranged(lanes, WordOrder::lane_at) : lanes;
  }
}

void Emitter::scalar(ir::Value v) {
  V scalars = argument(b_.getPtrTy(), offsetof(kernels::Arguments, scalars));
  V address = b_.CreateConstInBoundsGEP1_64(b_.getDoubleTy(), scalars, kernel_[v].immediate);
  set(v, invariant_load(b_.getDoubleTy(), address));
}

// ---- memory

void Emitter::element(ir::Value v) {
  const ir::Value index = kernel_[v].operands[0];
  llvm::Type* f64 = b_.getDoubleTy();
  V array = arrays_[kernel_[v].immediate];
  if (placement_.is_uniform(v))
    return set(v, invariant_load(f64, b_.CreateInBoundsGEP(f64, array, index_of(index))));
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    V addresses = b_.CreateInBoundsGEP(f64, array, indices_of(index, j));
    vector(v, j) = b_.CreateMaskedGather(vector_type(ir::Type::f64), addresses, llvm::Align(8), every_lane());
  }
}

void Emitter::load(ir::Value v) {
  const ir::Value index = kernel_[v].operands[0];
  const std::uint64_t row = kernel_[v].immediate;
  llvm::Type* type = vector_type(ir::Type::f64);
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    if (placement_.is_uniform(index))
      vector(v, j) = b_.CreateAlignedLoad(type, row_address(row, index_of(index), j), row_align());
    else
      vector(v, j) = b_.CreateMaskedGather(type, row_addresses(row, index, j), llvm::Align(8), every_lane());
  }
}

void Emitter::store(ir::Value v) {
  const auto [index, value, unused] = kernel_[v].operands;
  const std::uint64_t row = kernel_[v].immediate;
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    if (placement_.is_uniform(index))
      b_.CreateAlignedStore(vector(value, j), row_address(row, index_of(index), j), row_align());
    else
      b_.CreateMaskedScatter(vector(value, j), row_addresses(row, index, j), llvm::Align(8), every_lane());
  }
}

V Emitter::data_address(const ir::Node& node, unsigned j) {
  V first = b_.CreateAdd(b_.CreateMul(index_of(node.operands[0]), lanes_), group_);
  V address =
      b_.CreateInBoundsGEP(scalar_type(kernel_.data[node.immediate].type), data_[node.immediate], first);
  return b_.CreateConstInBoundsGEP1_64(scalar_type(kernel_.data[node.immediate].type), address,
                                       first_lane(j));
}

void Emitter::datum(ir::Value v) {
  const ir::Node& node = kernel_[v];
  llvm::Type* type = vector_type(node.type);
  const llvm::Align align(ir::bit_width(node.type) / 8);
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    if (takes_rest_.empty())
      vector(v, j) = b_.CreateAlignedLoad(type, data_address(node, j), align);
    else
      vector(v, j) = b_.CreateMaskedLoad(type, data_address(node, j), align, takes_rest_[j],
                                         llvm::Constant::getNullValue(type));
  }
}

/// Streamed past the caches, the address has to be a whole vector's.
void Emitter::put(ir::Value v) {
  const ir::Node& node = kernel_[v];
  const ir::Type type = kernel_.data[node.immediate].type;
  const unsigned bytes = ir::bit_width(type) / 8;
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    if (!takes_rest_.empty()) {
      b_.CreateMaskedStore(vector(node.operands[1], j), data_address(node, j), llvm::Align(bytes),
                           takes_rest_[j]);
      continue;
    }
    llvm::StoreInst* store =
        b_.CreateAlignedStore(vector(node.operands[1], j), data_address(node, j),
                              llvm::Align(shape_.streams ? bytes * shape_.lanes : bytes));
    if (shape_.streams) store->setMetadata(llvm::LLVMContext::MD_nontemporal, one_);
  }
}

void Emitter::output(ir::Value v) {
  const std::uint64_t column = kernel_[v].immediate * kernels::kLanes;
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    V at = b_.CreateAdd(group_, b_.getInt64(column + first_lane(j)));
    V address = b_.CreateInBoundsGEP(b_.getDoubleTy(), function_.getArg(4), at);
    b_.CreateAlignedStore(vector(kernel_[v].operands[0], j), address, llvm::Align(8));
  }
}

V Emitter::argument(llvm::Type* type, std::size_t offset) {
  return invariant_load(type, b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), function_.getArg(0), offset));
}

V Emitter::invariant_load(llvm::Type* type, V address) {
  llvm::LoadInst* load = b_.CreateLoad(type, address);
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, no_metadata_);
  return load;
}

V Emitter::row_address(std::uint64_t row, V index, unsigned j) {
  V element = b_.CreateAdd(index, b_.getInt64(row_starts_[row]));
  V at = b_.CreateAdd(b_.CreateMul(element, b_.getInt64(shape_.group())), b_.getInt64(first_lane(j)));
  return b_.CreateInBoundsGEP(b_.getDoubleTy(), function_.getArg(5), at);
}

V Emitter::row_addresses(std::uint64_t row, ir::Value index, unsigned j) {
  V element = b_.CreateAdd(indices_of(index, j), splat(row_starts_[row]));
  V at = b_.CreateAdd(b_.CreateMul(element, splat(shape_.group())), counting(first_lane(j)));
  return b_.CreateInBoundsGEP(b_.getDoubleTy(), function_.getArg(5), at);
}

V Emitter::counting(std::uint64_t from) {
  llvm::SmallVector<std::uint64_t, 8> numbers;
  for (unsigned k = 0; k < shape_.lanes; ++k) numbers.push_back(from + k);
  return llvm::ConstantDataVector::get(b_.getContext(), numbers);
}

llvm::Type* Emitter::scalar_type(ir::Type type) {
  switch (type) {
    case ir::Type::f64:
      return b_.getDoubleTy();
    case ir::Type::f32:
      return b_.getFloatTy();
    case ir::Type::u64:
      return b_.getInt64Ty();
    case ir::Type::u32:
      return b_.getInt32Ty();
    case ir::Type::i1:
      return b_.getInt1Ty();
    case ir::Type::none:
      break;
  }
  throw Error("llvm: a value without a type");
}

void emit(const ir::Kernel& kernel, Shape shape, Instructions instructions, llvm::Function& function) {
  Emitter(kernel, shape, instructions, function).run();
}

}  // namespace mc::jit
