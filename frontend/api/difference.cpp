// Instance's eye on its back ends: whether they agree.
#include <bit>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "engine/difference/difference.hpp"
#include "engine/host.hpp"
#include "engine/interpreter/interpreter.hpp"
#include "engine/ir/text.hpp"
#include "engine/llvm/loading.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/instance.hpp"
#include "frontend/api/machine_codes.hpp"

namespace mc {
namespace {

constexpr Isa isa_of(unsigned vector_bits) {
  return vector_bits == 512 ? Isa::avx512 : vector_bits == 256 ? Isa::avx2 : Isa::baseline;
}

/// The width that it is to have.
unsigned width_of(const Compared& asked, unsigned usual) {
  const unsigned bits = asked.vector_bits;
  if (bits == 0) return usual;
  if (bits != 128 && bits != 256 && bits != 512)
    fail<ArgumentError>(fmt::format("vectors have 128, 256 or 512 bits, not {}", bits));
  if (bits > vector_bits())
    fail<ArgumentError>(
        fmt::format("vectors of {} bits are asked for, and there are {} here", bits, vector_bits()),
        "this processor has no wider ones, or MC_VECTOR_BITS allows none");
  return bits;
}

difference::Make maker(const Compared& asked, unsigned usual) {
  switch (asked.backend) {
    case Backend::interpreter:
      return [isa = isa_of(width_of(asked, usual))](const ir::Kernel& kernel) {
        return interpreter::interpret(kernel, isa);
      };
    case Backend::llvm:
      return
          [bits = width_of(asked, usual)](const ir::Kernel& kernel) -> std::unique_ptr<kernels::Executable> {
            jit::Options options;
            options.vector_bits = bits;
            return jit::load_and_compile(kernel, options);
          };
    case Backend::cuda:
      fail<DeviceError>("CUDA gives no values of its samples, so it cannot be compared value by value",
                        "compare value_hex of moment eval --json --backend cuda with the interpreter's; "
                        "--part 1/2, 2/2 and "
                        "so on say in which tiles they part");
    case Backend::automatic:
      break;
  }
  fail<ArgumentError>("two back ends have to be named", "interpreter and llvm");
}

/// Of a value of the kernel, or of a column.
std::string text_of(ir::Type type, std::uint64_t bits) {
  switch (type) {
    case ir::Type::f64:
      return fmt::format("{:a}", std::bit_cast<double>(bits));
    case ir::Type::f32:
      return fmt::format("{:a}", std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    case ir::Type::i1:
      return bits != 0 ? "true" : "false";
    default:
      return fmt::format("{:#x}", bits);
  }
}

Difference published(const ir::Kernel& kernel, const difference::Difference& found) {
  const bool is_known = found.value != ir::kNoValue;
  const ir::Type type = is_known ? kernel[found.value].type : ir::Type::f64;
  return {.tile = found.tile,
          .lane = found.lane,
          .step = found.step,
          .operation = is_known ? ir::line_of(kernel, found.value) : "",
          .one = text_of(type, found.bits[0]),
          .other = text_of(type, found.bits[1])};
}

}  // namespace

Comparison Instance::compare(const Compared& one, const Compared& other, const Options& options,
                             const Box* box) try {
  const difference::Make make_one = maker(one, key_.vector_bits), make_other = maker(other, key_.vector_bits);
  Binding binding;
  const kernels::Arguments arguments = bind(binding, options, box);
  const ir::Kernel& kernel = tiers_->kernel();
  const auto found = difference::compare(kernel, make_one, make_other, arguments,
                                         samples_of(options, binding), options.stop);
  Comparison comparison{.samples = found.samples, .difference = {}};
  if (found.difference) comparison.difference = published(kernel, *found.difference);
  return comparison;
} catch (const jit::Error& error) {
  refuse(error);
}

}  // namespace mc
