// A kernel run for a single lane, node by node, as plainly as can be: the reference for passes and back ends.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/ir/kernel.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/passes/fold.hpp"

namespace mc::testing {

/// Runs the regions of one kernel for one lane. Mathematical functions have to be expanded before.
class Evaluator {
 public:
  Evaluator(const ir::Kernel& kernel, const kernels::Arguments& arguments, std::uint64_t lane,
            std::uint32_t steps)
      : kernel_(kernel), arguments_(arguments), lane_(lane), steps_(steps), values_(kernel.nodes.size()) {
    for (std::uint32_t length : kernel.rows)
      rows_.emplace_back(length, std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN()));
    outputs_.resize(kernel.outputs);
  }

  std::vector<double> run() {
    run_region(ir::kEntry);
    std::vector<double> columns;
    for (std::uint64_t bits : outputs_) columns.push_back(std::bit_cast<double>(bits));
    return columns;
  }

  /// The bits of a value after run(); for one inside a loop, of its last time round.
  std::uint64_t bits(ir::Value v) const { return values_[position(v)]; }

 private:
  using Op = ir::Op;

  void run_region(ir::RegionId region) {
    for (ir::Value v : kernel_[region].body) run_node(v);
  }

  void run_node(ir::Value v) {
    const ir::Node& node = kernel_[v];
    std::uint64_t& value = values_[position(v)];
    switch (node.op) {
      case Op::constant:
        value = node.immediate;
        break;
      case Op::tile:
        value = arguments_.tile;
        break;
      case Op::lane:
        value = lane_;
        break;
      case Op::seed:
        value = arguments_.seed;
        break;
      case Op::steps:
        value = steps_;
        break;
      case Op::scalar:
        value = std::bit_cast<std::uint64_t>(arguments_.scalars[node.immediate]);
        break;
      case Op::element:
        value = std::bit_cast<std::uint64_t>(arguments_.arrays[node.immediate][operand(node, 0)]);
        break;
      case Op::load:
        value = rows_.at(node.immediate).at(operand(node, 0));
        break;
      case Op::store:
        rows_.at(node.immediate).at(operand(node, 0)) = operand(node, 1);
        break;
      case Op::datum_f64:
        value = std::bit_cast<std::uint64_t>(data<double>(node));
        break;
      case Op::datum_f32:
        value = std::bit_cast<std::uint32_t>(data<float>(node));
        break;
      case Op::put:
        if (kernel_[node.operands[1]].type == ir::Type::f64)
          data<double>(node) = std::bit_cast<double>(operand(node, 1));
        else
          data<float>(node) = std::bit_cast<float>(static_cast<std::uint32_t>(operand(node, 1)));
        break;
      case Op::table_rows:
        value = arguments_.tables[node.immediate].rows;
        break;
      case Op::cell_f64:
      case Op::cell_f32:
        value = cell(node);
        break;
      case Op::output:
        outputs_.at(node.immediate) = operand(node, 0);
        break;
      case Op::loop:
        run_loop(kernel_[static_cast<ir::LoopId>(node.immediate)]);
        break;
      case Op::index:
      case Op::carried:
      case Op::result:
        break;  // run_loop sets these
      default:
        value = computed(node);
    }
  }

  void run_loop(const ir::Loop& loop) {
    std::vector<std::uint64_t> carried = take(loop.initial);
    const std::uint64_t count = operand(kernel_[loop.node], 0);
    for (std::uint64_t i = 0; i < count; ++i) {
      values_[position(loop.index)] = i;
      put(loop.carried, carried);
      run_region(loop.body);
      carried = take(loop.next);
    }
    put(loop.results, carried);
  }

  std::uint64_t computed(const ir::Node& node) const {
    std::vector<std::uint64_t> operands = take(node.inputs());
    const auto value = passes::fold(node.op, kernel_[node.inputs().back()].type, operands);
    if (!value) throw std::logic_error("evaluate: no value for " + std::string(ir::info(node.op).name));
    return *value;
  }

  template <class T>
  static T read(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }

  std::uint64_t cell(const ir::Node& node) const {
    const kernels::Table& table = arguments_.tables[node.immediate];
    const ir::Number type = kernel_.tables[node.immediate].type;
    const std::uint64_t row = std::min(operand(node, 0), table.rows - 1);
    const std::byte* from =
        table.data + static_cast<std::int64_t>(row) * table.stride + operand(node, 1) * ir::bytes_of(type);
    const auto bits = [](double number) { return std::bit_cast<std::uint64_t>(number); };
    switch (type) {
      case ir::Number::f64:
        return read<std::uint64_t>(from);
      case ir::Number::f32:
        return read<std::uint32_t>(from);
      case ir::Number::i64:
        return bits(static_cast<double>(read<std::int64_t>(from)));
      case ir::Number::i32:
        return bits(read<std::int32_t>(from));
      case ir::Number::u8:
        return bits(read<std::uint8_t>(from));
    }
    throw std::logic_error("evaluate: no such number");
  }

  template <class T>
  T& data(const ir::Node& node) const {
    return static_cast<T*>(arguments_.data[node.immediate])[operand(node, 0) * arguments_.lanes + lane_];
  }

  std::uint64_t operand(const ir::Node& node, std::size_t k) const {
    return values_[position(node.operands[k])];
  }

  std::vector<std::uint64_t> take(std::span<const ir::Value> from) const {
    std::vector<std::uint64_t> bits;
    for (ir::Value v : from) bits.push_back(values_[position(v)]);
    return bits;
  }

  void put(std::span<const ir::Value> to, std::span<const std::uint64_t> bits) {
    for (std::size_t k = 0; k < to.size(); ++k) values_[position(to[k])] = bits[k];
  }

  const ir::Kernel& kernel_;
  const kernels::Arguments& arguments_;
  std::uint64_t lane_;
  std::uint32_t steps_;
  std::vector<std::uint64_t> values_;
  std::vector<std::vector<std::uint64_t>> rows_;
  std::vector<std::uint64_t> outputs_;
};

/// The result columns of one lane.
inline std::vector<double> evaluate(const ir::Kernel& kernel, const kernels::Arguments& arguments,
                                    std::uint64_t lane = 0, std::uint32_t steps = kernels::kSteps) {
  return Evaluator(kernel, arguments, lane, steps).run();
}

/// Equal bits, or both NaN: which NaN it is nobody promises.
inline bool same_number(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (a != a && b != b);
}

inline bool same_numbers(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t k = 0; k < a.size(); ++k)
    if (!same_number(a[k], b[k])) return false;
  return true;
}

}  // namespace mc::testing
