// Every way of executing a kernel on this machine, to run one test body over all of them; and a plain call of
// one.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/host.hpp"
#include "engine/interpreter/interpreter.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "engine/llvm/compiler.hpp"

namespace mc::testing {

struct BackEnd {
  std::string name;
  std::function<std::unique_ptr<kernels::Executable>(const ir::Kernel&)> make;
};

inline std::vector<Isa> isas() {
  std::vector<Isa> all{Isa::baseline};
  if (host_isa() >= Isa::avx2) all.push_back(Isa::avx2);
  if (host_isa() >= Isa::avx512) all.push_back(Isa::avx512);
  return all;
}

inline std::string text(Isa isa) {
  return isa == Isa::baseline ? "baseline" : isa == Isa::avx2 ? "avx2" : "avx512";
}

inline std::vector<BackEnd> back_ends() {
  std::vector<BackEnd> all;
  for (Isa isa : isas()) {
    all.push_back(
        {"interpreter " + text(isa), [isa](const ir::Kernel& k) { return interpreter::interpret(k, isa); }});
    const unsigned bits = 128u << static_cast<unsigned>(isa);
    for (unsigned lane_bits : {64u, 32u})
      all.push_back(
          {"llvm " + std::to_string(bits) + " " + std::to_string(lane_bits), [=](const ir::Kernel& k) {
             jit::Options options;
             options.vector_bits = bits;
             options.lane_bits = lane_bits;
             return jit::compile(k, options);
           }});
  }
  return all;
}

/// Column k of lane ℓ at [k*kLanes + ℓ], of all lanes.
inline std::vector<double> columns_of(const kernels::Executable& executable,
                                      const kernels::Arguments& arguments, std::uint32_t steps = 1) {
  kernels::Buffer scratch, out;
  scratch.reserve(executable.scratch_bytes());
  out.reserve(executable.outputs() * kernels::kLanes * sizeof(double));
  auto* columns = reinterpret_cast<double*>(out.data());
  executable.run(arguments, 0, kernels::kLanes, steps, columns, scratch.data());
  return {columns, columns + executable.outputs() * kernels::kLanes};
}

}  // namespace mc::testing
