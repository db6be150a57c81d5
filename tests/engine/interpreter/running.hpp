// Running kernels in tier 0, with every instruction set that the processor has.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "engine/interpreter/interpreter.hpp"

namespace mc::testing {

inline std::vector<Isa> isas() {
  std::vector<Isa> all;
  for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512})
    if (isa <= host_isa()) all.push_back(isa);
  return all;
}

inline std::string name(Isa isa) {
  return isa == Isa::baseline ? "baseline" : isa == Isa::avx2 ? "avx2" : "avx512";
}

/// 64-byte aligned memory filled with junk: what a kernel reads it must have written.
class Scratch {
 public:
  explicit Scratch(std::size_t bytes) : bytes_(bytes), memory_(allocate(bytes)) {
    for (std::size_t k = 0; k < bytes; ++k) memory_.get()[k] = std::byte{0xA5};
  }
  std::byte* data() { return memory_.get(); }
  std::size_t size() const { return bytes_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete(memory, kAlignment); }
  };
  static std::unique_ptr<std::byte, Free> allocate(std::size_t bytes) {
    return std::unique_ptr<std::byte, Free>(static_cast<std::byte*>(::operator new(bytes, kAlignment)));
  }

  std::size_t bytes_;
  std::unique_ptr<std::byte, Free> memory_;
};

inline constexpr double kUntouched = -12345.678;

/// All columns of the result, kLanes numbers each; lanes not computed hold kUntouched.
inline std::vector<double> run(const kernels::Executable& executable,
                               const kernels::Arguments& arguments = {}, unsigned first = 0,
                               unsigned last = kernels::kLanes, std::uint32_t steps = kernels::kSteps) {
  std::vector<double> out(std::size_t{executable.outputs()} * kernels::kLanes, kUntouched);
  Scratch scratch(executable.scratch_bytes());
  executable.run(arguments, first, last, steps, out.data(), scratch.data());
  return out;
}

}  // namespace mc::testing
