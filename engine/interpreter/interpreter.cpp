// The stages in a row, and the loop that runs what comes out of them.
#include "engine/interpreter/interpreter.hpp"

#include <algorithm>
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
    const Call call{arguments, first, last, steps, out, scratch};
    return arguments.rest == 0 ? go(call.frame(first, last, steps)) : go_with_rest(call);
  }

  unsigned granule() const override { return kUnit; }
  unsigned data_lanes() const override { return kernels::kLanes; }
  std::size_t scratch_bytes() const override { return program_.frame_bytes; }
  unsigned outputs() const override { return program_.outputs; }

 private:
  struct Call {
    const kernels::Arguments& arguments;
    unsigned first, last;
    std::uint32_t steps;
    double* out;
    std::byte* scratch;

    Frame frame(unsigned from, unsigned to, std::uint32_t steps) const {
      double* const results = out == nullptr ? out : out + from;  // a kernel that only puts has none
      return {scratch, &arguments, results, to - from, from, steps, steps, to - from};
    }
  };

  /// Lanes before the rest's end go a step further. Where that is within a unit, its lanes beyond take theirs
  /// first, and then those before with the last step.
  bool go_with_rest(const Call& call) const {
    const auto end =
        static_cast<unsigned>(std::clamp<std::uint64_t>(call.arguments.rest, call.first, call.last));
    const unsigned below = end / kUnit * kUnit, above = (end + kUnit - 1) / kUnit * kUnit;
    if (below > call.first && !go(call.frame(call.first, below, call.steps + 1))) return false;
    if (above < call.last && !go(call.frame(above, call.last, call.steps))) return false;
    if (below == above) return true;
    if (program_.outputs > 0 && !go(call.frame(below, above, call.steps))) return false;
    Frame frame = call.frame(below, above, call.steps + 1);
    frame.whole = call.steps;
    frame.part = end - below;
    return go(frame);
  }

  bool go(const Frame& frame) const {
    const Instruction* last_one = nullptr;
    for (const Instruction* at = program_.instructions.data(); at != nullptr;) {
      last_one = at;
      at = at->handler(at, &frame);
    }
    return last_one == &program_.instructions.back();  // and not a loop that was asked to stop
  }

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
