// Instructions that LLVM would not find by itself, chosen while the kernel's own shape is still in sight.
// They change how many instructions the generators' inner loops take, never a bit of a result.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/ir/kernel.hpp"
#include "engine/llvm/placement.hpp"

namespace mc::jit {

/// What a processor has for vectors beyond the usual.
struct Instructions {
  unsigned registers = 16;
  unsigned register_bits = 512;   ///< of the widest vector registers it may use
  bool has_avx512 = false;        ///< with VL: ternary logic, operands broadcast from memory, at all widths
  bool has_double_shift = false;  ///< VBMI2: shift one word's bits into another

  /// A vector of words wider than a register is several, to whoever counts registers or instructions.
  unsigned registers_a_vector(unsigned lanes) const { return std::max(1u, lanes * 64 / register_bits); }
};

/// How one value is computed.
struct Choice {
  enum Kind {
    plain,     ///< as its operation says
    vanishes,  ///< not at all: every user has taken it in
    ternary,   ///< x ^ y ^ z, or x ^ y where z is kNoValue
    shift_in,  ///< y >> count with the low bits of `constant` coming in from above
    half,      ///< a half of the word y, the low one where `count` is 0 and else the high one
  };
  Kind kind = plain;
  ir::Value x = ir::kNoValue, y = ir::kNoValue, z = ir::kNoValue;
  std::uint64_t constant = 0;
  unsigned count = 0;
};

class Selection {
 public:
  Selection(const ir::Kernel& kernel, const Placement& placement, Instructions instructions);
  const Choice& operator[](ir::Value v) const { return choices_[position(v)]; }

 private:
  bool is_vector_word(ir::Value v, ir::Op op, ir::Type type = ir::Type::u64) const;
  void choose_vanishing();
  void choose_ternary(ir::Value v);
  void choose_shift_in(ir::Value v);
  void choose_half(ir::Value v);

  const ir::Kernel& kernel_;
  const Placement& placement_;
  std::vector<Choice> choices_;
};

}  // namespace mc::jit
