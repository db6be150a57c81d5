#include "tests/engine/passes/sweep.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "engine/ir/builder.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "engine/llvm/compiler.hpp"
#include "engine/passes/passes.hpp"

namespace mc::testing {
namespace {

using ir::Builder;
using ir::Op;
using ir::X;
using kernels::kLanes;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kRounds = 1 << 12;                             ///< of the kernel's loop
constexpr std::uint64_t kArguments = std::uint64_t{kRounds} * kLanes;  ///< of a call
/// Odd, so that its multiples are all patterns, and golden, so that the first few are spread evenly.
constexpr std::uint32_t kStride = 2654435769;

X constant(Builder& b, double value) { return {b, b.constant(value)}; }

/// |got - exact| in ulps of a float of that size; infinite where one is NaN, or a zero has the wrong sign, or
/// one is infinite and the other not about to be.
X error_of(X got, X exact) {
  const X size = min(X(exact.like(0x1p127)), max(X(exact.like(0x1p-126)), abs(exact)));
  const X inverse = from_bits(std::uint64_t{0x7fe0'0000'0000'0000} -
                              (to_bits(size) & std::uint64_t{0x7ff0'0000'0000'0000}));  // 2^-exponent
  const X next = exact.like(0x1p128);  // what infinity counts as
  const X value = min(next, max(-next, to_f64(got)));
  const X distance = abs(value - exact) * (inverse * 0x1p23);
  const X nearest = to_f32(exact);
  const X special = (got == 0.0) | (abs(got) == kInfinity);
  const X same = to_bits(got) == to_bits(nearest);
  const X wrong_zero = (got == 0.0) & (nearest == 0.0) & !same;
  const X of_numbers =
      select(special & same, exact.like(0.0), select(wrong_zero, exact.like(kInfinity), distance));
  const X got_nan = got != got, exact_nan = exact != exact;
  return select(got_nan | exact_nan, select(got_nan & exact_nan, exact.like(0.0), exact.like(kInfinity)),
                of_numbers);
}

/// Column 0 the largest error of a lane's arguments, column 1 the bits of the argument that has it.
ir::Kernel worst_kernel(const SingleFunction& f) {
  Builder b;
  const X lane{b, b.leaf(Op::lane)}, tile{b, b.leaf(Op::tile)};
  const X start = narrow(tile * std::uint64_t{kArguments} + lane);
  const std::vector<ir::Value> initial{b.constant(-1.0), b.constant_u32(0)};
  const auto worst =
      b.loop(b.constant_u32(kRounds), initial, [&](ir::Value index, std::span<const ir::Value> carried) {
        const X bits = (start + X(b, index) * std::uint64_t{kLanes}) * std::uint64_t{kStride};
        const X x = from_bits(bits);
        const X error = error_of(f.recorded(x, x), f.trusted(to_f64(x), to_f64(x)));
        const X promised = (x >= f.from) & (x <= f.to);
        const X everywhere{b, b.constant_i1(std::isinf(f.from) && std::isinf(f.to))};
        const X counts = select(promised | everywhere, error, constant(b, 0.0));
        const X is_worse = X(b, carried[0]) < counts;
        return std::vector<ir::Value>{select(is_worse, counts, X(b, carried[0])),
                                      select(is_worse, bits, X(b, carried[1]))};
      });
  b.output(0, worst[0]);
  b.output(1, to_f64(X(b, worst[1])));
  return passes::simplify(
      b.finish(0));  // not lower(): the functions are written out, nothing may be contracted
}

/// Runs a kernel for tile after tile; gives its columns.
class Caller {
 public:
  explicit Caller(const ir::Kernel& kernel) : executable_(jit::compile(kernel)) {
    scratch_.reserve(executable_->scratch_bytes());
    columns_.resize(std::size_t{executable_->outputs()} * kLanes);
  }
  const std::vector<double>& operator()(std::uint64_t tile) {
    executable_->run({.seed = 0, .tile = tile}, 0, kLanes, 1, columns_.data(), scratch_.data());
    return columns_;
  }

 private:
  std::unique_ptr<jit::Compiled> executable_;
  kernels::Buffer scratch_;
  std::vector<double> columns_;
};

}  // namespace

Swept sweep(const SingleFunction& f, std::uint64_t arguments) {
  Caller call(worst_kernel(f));
  Swept swept;
  for (std::uint64_t tile = 0; swept.arguments < arguments; ++tile, swept.arguments += kArguments) {
    const std::vector<double>& columns = call(tile);
    for (unsigned lane = 0; lane < kLanes; ++lane)
      if (columns[lane] > swept.ulps) {
        swept.ulps = columns[lane];
        swept.at = std::bit_cast<float>(static_cast<std::uint32_t>(columns[kLanes + lane]));
      }
  }
  return swept;
}

}  // namespace mc::testing
