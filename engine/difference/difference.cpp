// Columns are compared tile by tile; then a lane's, with one sample more each time; then its values'
// histories, up to the first round of a loop amid which one differs: what differs later may have come round
// the loop.
#include "engine/difference/difference.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <span>
#include <vector>

#include "engine/difference/watch.hpp"
#include "engine/kernels/sample_reduce.hpp"

namespace mc::difference {
namespace {

using ir::Kernel;
using ir::Node;
using ir::Op;
using ir::Value;
using kernels::Arguments;
using kernels::Executable;
using kernels::kLanes;

constexpr std::size_t kTogether = 32;  ///< values that are watched by one kernel

/// A kernel's columns of all lanes, after so many samples each.
std::vector<double> columns(const Executable& code, const Arguments& arguments, std::uint32_t steps) {
  std::vector<double> out(std::size_t{code.outputs()} * kLanes);
  kernels::Buffer scratch;
  scratch.reserve(std::max<std::size_t>(code.scratch_bytes(), 64));
  code.run(arguments, 0, kLanes, steps, out.data(), scratch.data());
  return out;
}

bool differ(double a, double b) {
  return !(std::isnan(a) && std::isnan(b)) &&
         std::bit_cast<std::uint64_t>(a) != std::bit_cast<std::uint64_t>(b);
}

/// What both back ends gave.
struct Columns {
  std::vector<double> one, other;

  bool differ_at(std::size_t k) const { return differ(one[k], other[k]); }

  /// Where the lane's first column that differs stands, if one does.
  std::optional<std::size_t> first_difference(unsigned lane) const {
    for (std::size_t k = lane; k < one.size(); k += kLanes)
      if (differ_at(k)) return k;
    return std::nullopt;
  }
};

/// Both back ends' code of one kernel.
struct Pair {
  Pair(const Kernel& kernel, const Make& make_one, const Make& make_other)
      : one(make_one(kernel)), other(make_other(kernel)) {}
  std::unique_ptr<Executable> one, other;

  Columns run(const Arguments& arguments, std::uint32_t steps) const {
    return {columns(*one, arguments, steps), columns(*other, arguments, steps)};
  }
};

/// Of a tile of so many: lanes before the remainder take one more.
std::uint32_t samples_of(unsigned lane, std::uint64_t samples) {
  return static_cast<std::uint32_t>(samples / kLanes + (lane < samples % kLanes ? 1 : 0));
}

/// The first that differs after all its samples of a tile that has so many.
std::optional<unsigned> first_lane(const Pair& pair, const Arguments& arguments, std::uint64_t samples) {
  std::uint32_t steps = 0;
  Columns columns;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    const std::uint32_t wanted = samples_of(lane, samples);
    if (wanted == 0) break;
    if (steps != wanted) columns = pair.run(arguments, steps = wanted);
    if (columns.first_difference(lane)) return lane;
  }
  return std::nullopt;
}

/// What the value is made of, besides the kernel's arguments.
std::vector<Value> sources(const Kernel& kernel, Value v) {
  const Node& node = kernel[v];
  std::vector<Value> all(node.inputs().begin(), node.inputs().end());
  if (node.op == Op::carried || node.op == Op::result || node.op == Op::index) {
    const ir::Loop& loop = kernel[ir::slot_loop(node.immediate)];
    all.push_back(kernel[loop.node].operands[0]);
    if (node.op == Op::index) return all;
    const std::uint32_t slot = ir::slot_position(node.immediate);
    all.insert(all.end(), {loop.initial[slot], loop.next[slot]});
    if (loop.settles()) all.push_back(loop.next[loop.settled]);
  }
  if (node.op == Op::load)
    for (const Node& store : kernel.nodes)
      if (store.op == Op::store && store.immediate == node.immediate)
        all.insert(all.end(), {store.operands[0], store.operands[1]});
  return all;
}

/// Values in the order in which a walk over the regions comes to them.
void collect(const Kernel& kernel, ir::RegionId region, std::vector<Value>& to) {
  for (const Value v : kernel[region].body) {
    const Node& node = kernel[v];
    if (node.op == Op::loop) collect(kernel, kernel[static_cast<ir::LoopId>(node.immediate)].body, to);
    if (node.type != ir::Type::none && node.op != Op::constant) to.push_back(v);
  }
}

/// The first one that differs where its sources do not.
Value culprit(const Kernel& kernel, const std::vector<Value>& order, const std::vector<bool>& differs) {
  const auto found = std::ranges::find_if(order, [&](Value v) {
    return differs[position(v)] &&
           std::ranges::none_of(sources(kernel, v), [&](Value s) { return differs[position(s)]; });
  });
  return found == order.end() ? ir::kNoValue : *found;
}

/// All values watched, some by each kernel, up to the sample that differs.
class Watchers {
 public:
  Watchers(const Kernel& kernel, const std::vector<Value>& order, const Make& one, const Make& other,
           const Arguments& arguments, const Difference& found)
      : kernel_(kernel), order_(order), arguments_(arguments), found_(found) {
    for (std::size_t first = 0; first < order.size(); first += kTogether)
      pairs_.emplace_back(watched(kernel, std::span(order).subspan(first, size(first))), one, other);
  }

  /// Of the kernel's values, of which as many rounds of loops count.
  std::vector<bool> differing(std::uint64_t rounds) const {
    std::vector<bool> all(kernel_.nodes.size());
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      const Columns columns = run(k, static_cast<double>(rounds));
      for (std::size_t j = 0; j < size(k * kTogether); ++j)
        all[position(order_[k * kTogether + j])] = differs(columns, j);
    }
    return all;
  }

  /// The least number of rounds amid which something differs.
  std::uint64_t first_round() const {
    std::uint64_t least = kAll;
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      if (!has_difference(k, least)) continue;
      std::uint64_t low = 0, high = 1;
      while (high < least && !has_difference(k, high)) low = high + 1, high *= 4;
      high = std::min(high, least);
      while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        has_difference(k, middle) ? high = middle : low = middle + 1;
      }
      least = high;
    }
    return least;
  }

  /// Both sides' bits of a value in the first round in which they differ.
  std::array<std::uint64_t, 2> bits(Value v, std::uint64_t round) const {
    const auto at = static_cast<std::size_t>(std::ranges::find(order_, v) - order_.begin());
    const Columns before = run(at / kTogether, static_cast<double>(round) - 1),
                  after = run(at / kTogether, static_cast<double>(round));
    const auto bits = [&](const std::vector<double>& old, const std::vector<double>& now) {
      return last_bits(halves(old, at % kTogether), halves(now, at % kTogether));
    };
    return {bits(before.one, after.one), bits(before.other, after.other)};
  }

 private:
  static constexpr std::uint64_t kAll = std::uint64_t{1} << 53;  ///< as many as a double can count

  std::size_t size(std::size_t first) const { return std::min(kTogether, order_.size() - first); }

  /// Where the lane has the first half of the kernel's j-th watched value; the other is a column further.
  std::size_t place(std::size_t j) const { return (kernel_.outputs + 2 * j) * kLanes + found_.lane; }

  std::array<double, 2> halves(const std::vector<double>& columns, std::size_t j) const {
    return {columns[place(j)], columns[place(j) + kLanes]};
  }

  bool differs(const Columns& columns, std::size_t j) const {
    return columns.differ_at(place(j)) || columns.differ_at(place(j) + kLanes);
  }

  Columns run(std::size_t k, double rounds) const {
    std::vector<double> scalars(arguments_.scalars, arguments_.scalars + kernel_.scalars);
    scalars.push_back(rounds);
    Arguments arguments = arguments_;
    arguments.scalars = scalars.data();
    return pairs_[k].run(arguments, found_.step + 1);
  }

  bool has_difference(std::size_t k, std::uint64_t rounds) const {
    const Columns columns = run(k, static_cast<double>(rounds));
    for (std::size_t j = 0; j < size(k * kTogether); ++j)
      if (differs(columns, j)) return true;
    return false;
  }

  const Kernel& kernel_;
  const std::vector<Value>& order_;
  const Arguments& arguments_;
  const Difference& found_;
  std::vector<Pair> pairs_;
};

/// The lane's first sample after which it differs, and what made the difference in it.
Difference found_in(const Kernel& kernel, const Make& one, const Make& other, const Pair& whole,
                    const Arguments& arguments, unsigned lane) {
  Difference found{.tile = arguments.tile, .lane = lane};
  Columns columns = whole.run(arguments, 1);
  std::optional<std::size_t> column;
  while (!(column = columns.first_difference(lane))) columns = whole.run(arguments, ++found.step + 1);
  found.bits = {std::bit_cast<std::uint64_t>(columns.one[*column]),
                std::bit_cast<std::uint64_t>(columns.other[*column])};

  std::vector<Value> order;
  collect(kernel, ir::kEntry, order);
  const Watchers watchers(kernel, order, one, other, arguments, found);
  const std::uint64_t round = watchers.first_round();
  found.value = culprit(kernel, order, watchers.differing(round));
  if (found.value != ir::kNoValue) found.bits = watchers.bits(found.value, round);
  return found;
}

}  // namespace

Comparison compare(const Kernel& kernel, const Make& one, const Make& other, const Arguments& given,
                   std::uint64_t samples, const std::stop_token& stop) {
  Arguments arguments = given;
  const Pair whole(kernel, one, other);
  Comparison comparison;
  for (arguments.tile = 0; comparison.samples < samples && !stop.stop_requested(); ++arguments.tile) {
    const std::uint64_t in_tile = std::min(samples - comparison.samples, kernels::kTileSamples);
    comparison.samples += in_tile;
    if (const auto lane = first_lane(whole, arguments, in_tile)) {
      comparison.difference = found_in(kernel, one, other, whole, arguments, *lane);
      break;
    }
  }
  return comparison;
}

}  // namespace mc::difference
