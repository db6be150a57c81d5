// The stages in a row, and the loop that runs what comes out of them.
#include "engine/interpreter/interpreter.hpp"

#include <cstring>
#include <utility>

#include "engine/interpreter/sequence.hpp"

namespace mc::interpreter {
namespace {

const Handler* handlers(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return avx512_handlers();
  if (isa == Isa::avx2) return avx2_handlers();
#endif
  static_cast<void>(isa);
  return baseline_handlers();
}

class Interpreted final : public kernels::Executable {
 public:
  explicit Interpreted(Program program) : program_(std::move(program)) {}

  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    if (first >= last) return true;
    if (!program_.constants.empty())
      std::memcpy(scratch, program_.constants.data(), program_.constants.size() * sizeof(std::uint64_t));
    const Frame frame{scratch, &arguments, out + first, last - first, first, steps};
    const Instruction* last_one = nullptr;
    for (const Instruction* at = program_.instructions.data(); at != nullptr;) {
      last_one = at;
      at = at->handler(at, &frame);
    }
    return last_one == &program_.instructions.back();  // and not a loop that was asked to stop
  }

  unsigned granule() const override { return kUnit; }
  unsigned data_lanes() const override { return kernels::kLanes; }
  std::size_t scratch_bytes() const override { return program_.frame_bytes; }
  unsigned outputs() const override { return program_.outputs; }

 private:
  const Program program_;
};

}  // namespace

std::unique_ptr<kernels::Executable> interpret(const ir::Kernel& kernel, Isa isa) {
  Sequence sequence = linearise(kernel);
  fuse(sequence);
  sink(sequence);
  const Layout layout = allocate(sequence);
  return std::make_unique<Interpreted>(assemble(sequence, layout, handlers(isa)));
}

}  // namespace mc::interpreter
