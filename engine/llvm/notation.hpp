// Operations without memory or control in LLVM IR, one line each, on scalars and vectors alike. Semantics are
// IEEE's own: no fast-math flag anywhere, and `select` on an ordered comparison becomes the machine's minimum
// and maximum exactly.
#pragma once

#include <llvm/IR/IRBuilder.h>

namespace mc::jit {

using V = llvm::Value*;
using X = llvm::ArrayRef<V>;
using B = llvm::IRBuilder<>;

/// `element` itself or, where `like` is a vector, a vector of as many.
inline llvm::Type* shaped(llvm::Type* element, V like) {
  const auto* vector = llvm::dyn_cast<llvm::VectorType>(like->getType());
  return vector ? llvm::VectorType::get(element, vector->getElementCount()) : element;
}

inline bool is_wide(V x) { return x->getType()->getScalarSizeInBits() == 64; }

struct Notation {
  static V unary(B& b, llvm::Intrinsic::ID id, X x) { return b.CreateUnaryIntrinsic(id, x[0]); }

  // ---- floating point
  static V add(B& b, X x) { return b.CreateFAdd(x[0], x[1]); }
  static V sub(B& b, X x) { return b.CreateFSub(x[0], x[1]); }
  static V mul(B& b, X x) { return b.CreateFMul(x[0], x[1]); }
  static V div(B& b, X x) { return b.CreateFDiv(x[0], x[1]); }
  static V fma(B& b, X x) { return b.CreateIntrinsic(llvm::Intrinsic::fma, x[0]->getType(), x); }
  static V sqrt(B& b, X x) { return unary(b, llvm::Intrinsic::sqrt, x); }
  static V neg(B& b, X x) { return b.CreateFNeg(x[0]); }
  static V abs(B& b, X x) { return unary(b, llvm::Intrinsic::fabs, x); }
  static V min(B& b, X x) { return b.CreateSelect(b.CreateFCmpOLT(x[0], x[1]), x[0], x[1]); }
  static V max(B& b, X x) { return b.CreateSelect(b.CreateFCmpOGT(x[0], x[1]), x[0], x[1]); }
  static V floor(B& b, X x) { return unary(b, llvm::Intrinsic::floor, x); }
  static V ceil(B& b, X x) { return unary(b, llvm::Intrinsic::ceil, x); }
  static V trunc(B& b, X x) { return unary(b, llvm::Intrinsic::trunc, x); }
  static V rint(B& b, X x) { return unary(b, llvm::Intrinsic::rint, x); }
  static V lt(B& b, X x) { return b.CreateFCmpOLT(x[0], x[1]); }
  static V le(B& b, X x) { return b.CreateFCmpOLE(x[0], x[1]); }
  static V eq(B& b, X x) { return b.CreateFCmpOEQ(x[0], x[1]); }

  // ---- integers and truth values
  static V iadd(B& b, X x) { return b.CreateAdd(x[0], x[1]); }
  static V isub(B& b, X x) { return b.CreateSub(x[0], x[1]); }
  static V imul(B& b, X x) { return b.CreateMul(x[0], x[1]); }
  static V shl(B& b, X x) { return b.CreateShl(x[0], x[1]); }
  static V shr(B& b, X x) { return b.CreateLShr(x[0], x[1]); }
  static V rotl(B& b, X x) {
    return b.CreateIntrinsic(llvm::Intrinsic::fshl, x[0]->getType(), {x[0], x[0], x[1]});
  }
  static V ult(B& b, X x) { return b.CreateICmpULT(x[0], x[1]); }
  static V ule(B& b, X x) { return b.CreateICmpULE(x[0], x[1]); }
  static V ieq(B& b, X x) { return b.CreateICmpEQ(x[0], x[1]); }
  static V bit_and(B& b, X x) { return b.CreateAnd(x[0], x[1]); }
  static V bit_or(B& b, X x) { return b.CreateOr(x[0], x[1]); }
  static V bit_xor(B& b, X x) { return b.CreateXor(x[0], x[1]); }
  static V bit_not(B& b, X x) { return b.CreateNot(x[0]); }

  // ---- choice and conversion
  static V select(B& b, X x) { return b.CreateSelect(x[0], x[1], x[2]); }
  static V to_bits(B& b, X x) {
    return b.CreateBitCast(x[0], shaped(is_wide(x[0]) ? b.getInt64Ty() : b.getInt32Ty(), x[0]));
  }
  static V from_bits(B& b, X x) {
    return b.CreateBitCast(x[0], shaped(is_wide(x[0]) ? b.getDoubleTy() : b.getFloatTy(), x[0]));
  }
  static V to_f64(B& b, X x) {
    llvm::Type* type = shaped(b.getDoubleTy(), x[0]);
    return x[0]->getType()->isIntOrIntVectorTy() ? b.CreateUIToFP(x[0], type) : b.CreateFPExt(x[0], type);
  }
  static V to_f32(B& b, X x) { return b.CreateFPTrunc(x[0], shaped(b.getFloatTy(), x[0])); }
  static V widen(B& b, X x) { return b.CreateZExt(x[0], shaped(b.getInt64Ty(), x[0])); }
  static V narrow(B& b, X x) { return b.CreateTrunc(x[0], shaped(b.getInt32Ty(), x[0])); }
};

}  // namespace mc::jit
