// Builds the sample-and-reduce kernel: the loop over a lane's samples, and around it what the accumulators
// carry.
#include "engine/kernels/sample_reduce.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>

#include "engine/kernels/accumulator.hpp"

namespace mc::kernels {

namespace {

using ir::Builder;
using ir::X;

/// Global number of a lane's sample, exact up to 2^53.
X sample_number(Builder& builder, X step) {
  const X tile(builder, builder.leaf(ir::Op::tile));
  const X lane(builder, builder.leaf(ir::Op::lane));
  const X first = tile * std::uint64_t{kTileSamples} + lane;
  return to_f64(first + widen(step) * std::uint64_t{kLanes});
}

/// The kernel while it is being built.
class Construction {
 public:
  Construction(const SampleReduce& shape, const Sample& sample)
      : shape_(shape), sample_(sample), layout_(shape.groups) {
    for (const GroupLayout& at : layout_.kernel)
      accumulators_.push_back(make_accumulator(at, shape.screened));
  }

  ir::Kernel build(std::uint32_t scalars, std::vector<std::uint32_t> arrays) {
    std::vector<ir::Value> start = random::initial_state(shape_.generator, builder_);
    generator_size_ = start.size();
    for (const auto& each : accumulators_)
      std::ranges::copy(each->initial(builder_), std::back_inserter(start));
    const auto body = [this](ir::Value step, std::span<const ir::Value> carried) {
      return one_sample(step, carried);
    };
    const auto end = builder_.loop(builder_.leaf(ir::Op::steps), start, body);
    std::size_t at = generator_size_;
    for (const auto& each : accumulators_) {
      each->output(builder_, std::span(end).subspan(at, each->size()));
      at += each->size();
    }
    return builder_.finish(scalars, std::move(arrays));
  }

 private:
  std::vector<ir::Value> one_sample(ir::Value step, std::span<const ir::Value> carried) {
    const auto state = carried.first(generator_size_);
    const auto stream = random::make_stream(shape_.generator, builder_, step, {state.begin(), state.end()});
    const std::vector<X> values = sample_(builder_, *stream);
    std::vector<ir::Value> next = random::carried_state(shape_.generator, *stream);
    std::span<const X> left_values = values;
    std::span<const ir::Value> left = carried.subspan(generator_size_);
    const X index(builder_, step);
    const X number = sample_number(builder_, index);
    for (const auto& each : accumulators_) {
      if (left_values.size() < each->inputs())
        throw std::invalid_argument("sample_reduce: a group lacks values");
      const auto sums =
          each->next(index, number, left_values.first(each->inputs()), left.first(each->size()));
      next.insert(next.end(), sums.begin(), sums.end());
      left_values = left_values.subspan(each->inputs());
      left = left.subspan(each->size());
    }
    if (!left_values.empty()) throw std::invalid_argument("sample_reduce: more values than the groups have");
    return next;
  }

  const SampleReduce& shape_;
  const Sample& sample_;
  Layout layout_;
  std::vector<std::unique_ptr<Accumulator>> accumulators_;
  Builder builder_;
  std::size_t generator_size_ = 0;
};

}  // namespace

ir::Kernel sample_reduce(const SampleReduce& shape, const Sample& sample, std::uint32_t scalars,
                         std::vector<std::uint32_t> arrays) {
  return Construction(shape, sample).build(scalars, std::move(arrays));
}

}  // namespace mc::kernels
