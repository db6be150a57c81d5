// Cells of tables: gathers from rows that differ from lane to lane.
#include <cstddef>

#include "engine/llvm/compiler.hpp"
#include "engine/llvm/emitting.hpp"

namespace mc::jit {

void Emitter::open_tables() {
  for (std::uint32_t k = 0; k < kernel_.tables.size(); ++k) {
    V tables = argument(b_.getPtrTy(), offsetof(kernels::Arguments, tables));
    const auto field = [&](llvm::Type* type, std::size_t offset) {
      return invariant_load(
          type, b_.CreateConstInBoundsGEP1_64(b_.getInt8Ty(), tables, k * sizeof(kernels::Table) + offset));
    };
    V rows = field(b_.getInt64Ty(), offsetof(kernels::Table, rows));
    tables_.push_back({.data = field(b_.getPtrTy(), offsetof(kernels::Table, data)),
                       .rows = rows,
                       .last = b_.CreateSub(rows, b_.getInt64(1)),
                       .stride = field(b_.getInt64Ty(), offsetof(kernels::Table, stride))});
  }
}

/// Nothing is known of where the numbers lie.
void Emitter::cell(ir::Value v) {
  const ir::Node& node = kernel_[v];
  const auto [row, column, unused] = node.operands;
  const Table& table = tables_[node.immediate];
  const ir::Number number = kernel_.tables[node.immediate].type;
  llvm::Type* type = memory_type(number);
  V data = b_.CreateGEP(b_.getInt8Ty(), table.data,
                        b_.CreateMul(index_of(column), b_.getInt64(ir::bytes_of(number))));
  const llvm::Align anywhere(1);
  V last = splat(table.last), stride = splat(table.stride);
  for (unsigned j = 0; j < shape_.interleave; ++j) {
    V inside = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umin, in_order_of(v, row, j), last);
    V addresses = b_.CreateGEP(b_.getInt8Ty(), data, b_.CreateMul(inside, stride));
    V numbers = b_.CreateMaskedGather(llvm::FixedVectorType::get(type, shape_.lanes), addresses, anywhere,
                                      every_lane());
    if (number == ir::Number::u8)
      numbers = b_.CreateUIToFP(numbers, vector_type(node.type));
    else if (type->isIntegerTy())
      numbers = b_.CreateSIToFP(numbers, vector_type(node.type));
    vector(v, j) = numbers;
  }
}

llvm::Type* Emitter::memory_type(ir::Number number) {
  switch (number) {
    case ir::Number::f64:
      return b_.getDoubleTy();
    case ir::Number::f32:
      return b_.getFloatTy();
    case ir::Number::i64:
      return b_.getInt64Ty();
    case ir::Number::i32:
      return b_.getInt32Ty();
    case ir::Number::u8:
      return b_.getInt8Ty();
  }
  throw Error("llvm: a table without a type");
}

}  // namespace mc::jit
