// Liveness by a worklist, then one walk over the regions.
#include "engine/passes/rewriter.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace mc::passes {
namespace {

using ir::Kernel;
using ir::Loop;
using ir::LoopId;
using ir::Node;
using ir::Op;
using ir::RegionId;
using ir::Value;

// ---- what is live

class Marking {
 public:
  explicit Marking(const Kernel& kernel) : kernel_(kernel) {
    live_.nodes.assign(kernel.nodes.size(), false);
    live_.rows.assign(kernel.rows.size(), false);
    stores_.resize(kernel.rows.size());
  }

  Live run() {
    for (std::size_t k = 0; k < kernel_.nodes.size(); ++k) {
      const auto v = static_cast<Value>(k);
      if (kernel_[v].op == Op::output || kernel_[v].op == Op::put) mark(v);
      if (kernel_[v].op == Op::store) stores_[kernel_[v].immediate].push_back(v);
    }
    while (!pending_.empty()) {
      const Value v = pending_.back();
      pending_.pop_back();
      mark_needs(v);
    }
    return std::move(live_);
  }

 private:
  void mark(Value v) {
    if (live_.nodes[position(v)]) return;
    live_.nodes[position(v)] = true;
    pending_.push_back(v);
  }

  void mark_needs(Value v) {
    const Node& node = kernel_[v];
    for (Value operand : node.inputs()) mark(operand);
    if (node.op == Op::carried || node.op == Op::result) mark_slot(node);
    if (node.op == Op::load) mark_row(node.immediate);
    if (node.op == Op::loop) mark_settled(kernel_[static_cast<LoopId>(node.immediate)]);
    if (node.region != ir::kEntry) mark(kernel_[kernel_[node.region].loop].node);
  }

  /// What a loop settles by is needed for as long as the loop is.
  void mark_settled(const Loop& loop) {
    if (loop.settles()) mark(loop.carried[loop.settled]);
  }

  void mark_slot(const Node& node) {
    const Loop& loop = kernel_[ir::slot_loop(node.immediate)];
    const std::uint32_t k = ir::slot_position(node.immediate);
    mark(loop.node);
    mark(loop.initial[k]);
    mark(loop.next[k]);
  }

  void mark_row(std::uint64_t row) {
    if (live_.rows[row]) return;
    live_.rows[row] = true;
    for (Value store : stores_[row]) mark(store);
  }

  const Kernel& kernel_;
  Live live_;
  std::vector<Value> pending_;
  std::vector<std::vector<Value>> stores_;  ///< of each row
};

// ---- the copy

class Copy {
 public:
  Copy(const Kernel& kernel, const Rule& rule)
      : old_(kernel), rule_(rule), live_(find_live(kernel)), new_of_(kernel.nodes.size(), ir::kNoValue) {
    builder_.reserve(kernel.nodes.size());
    for (std::size_t r = 0; r < kernel.rows.size(); ++r)
      row_of_.push_back(live_.rows[r] ? builder_.row(kernel.rows[r]) : 0);
    for (const ir::DataArray& array : kernel.data) builder_.data(array);
    for (const ir::Table& table : kernel.tables) builder_.table(table);
  }

  Kernel run() {
    copy_region(ir::kEntry);
    return builder_.finish(old_.scalars, old_.arrays);
  }

 private:
  bool is_live(Value v) const { return live_.nodes[position(v)]; }
  Value& new_of(Value v) { return new_of_[position(v)]; }

  void copy_region(RegionId region) {
    for (Value v : old_[region].body)
      if (is_live(v)) copy_node(v);
  }

  void copy_node(Value v) {
    const Node& node = old_[v];
    std::array<Value, 3> inputs{};
    for (std::size_t k = 0; k < node.inputs().size(); ++k) inputs[k] = new_of(node.operands[k]);
    const auto number = static_cast<std::uint32_t>(node.immediate);
    switch (node.op) {
      case Op::constant:
        new_of(v) = builder_.constant_bits(node.type, node.immediate);
        break;
      case Op::scalar:
        new_of(v) = builder_.scalar(number, node.type);
        break;
      case Op::tile:
      case Op::lane:
      case Op::seed:
      case Op::steps:
        new_of(v) = builder_.leaf(node.op);
        break;
      case Op::table_rows:
        new_of(v) = builder_.table_rows(number);
        break;
      case Op::index:
      case Op::carried:
      case Op::result:
        break;  // copy_loop sets these
      case Op::load:
        new_of(v) = builder_.load(row_of_[node.immediate], inputs[0]);
        break;
      case Op::store:
        builder_.store(row_of_[node.immediate], inputs[0], inputs[1]);
        break;
      case Op::put:
        builder_.put(number, inputs[0], inputs[1]);
        break;
      case Op::output:
        builder_.output(number, inputs[0]);
        break;
      case Op::loop:
        copy_loop(old_[static_cast<LoopId>(node.immediate)], inputs[0]);
        break;
      default:
        new_of(v) = rule_(builder_, node, std::span(inputs.data(), node.inputs().size()));
    }
  }

  void copy_loop(const Loop& loop, Value count) {
    const Node& times = builder_[count];
    const bool never = times.op == Op::constant && times.immediate == 0;
    const bool once = times.op == Op::constant && times.immediate == 1;
    std::vector<std::size_t> slots;
    for (std::size_t k = 0; k < loop.carried.size(); ++k) {
      if (!is_live(loop.carried[k]) && !is_live(loop.results[k])) continue;
      new_of(loop.carried[k]) = new_of(loop.results[k]) = new_of(loop.initial[k]);
      if (!never && loop.next[k] != loop.carried[k]) slots.push_back(k);
    }
    if (never) return;
    once ? copy_body_once(loop, slots) : copy_loop_of(loop, count, slots);
  }

  void copy_body_once(const Loop& loop, std::span<const std::size_t> slots) {
    new_of(loop.index) = builder_.constant_u32(0);
    copy_region(loop.body);
    for (std::size_t k : slots) new_of(loop.results[k]) = new_of(loop.next[k]);
  }

  void copy_loop_of(const Loop& loop, Value count, std::span<const std::size_t> slots) {
    std::vector<Value> initial, next;
    for (std::size_t k : slots) initial.push_back(new_of(loop.initial[k]));
    const auto open = builder_.begin_loop(count, initial);
    new_of(loop.index) = open.index;
    for (std::size_t j = 0; j < slots.size(); ++j) new_of(loop.carried[slots[j]]) = open.carried[j];
    copy_region(loop.body);
    for (std::size_t k : slots) next.push_back(new_of(loop.next[k]));
    const auto at = std::ranges::find(slots, std::size_t{loop.settled});
    const auto settled = at == slots.end() ? ir::kNoSlot : static_cast<std::uint32_t>(at - slots.begin());
    const auto results = builder_.end_loop(open, next, settled);
    for (std::size_t j = 0; j < slots.size(); ++j) new_of(loop.results[slots[j]]) = results[j];
  }

  const Kernel& old_;
  const Rule& rule_;
  const Live live_;
  ir::Builder builder_;
  std::vector<Value> new_of_;
  std::vector<std::uint32_t> row_of_;
};

/// Whether a copy would leave anything out. That an index, or one end of a carried value, is not used says
/// nothing.
bool is_all_live(const Kernel& kernel, const Live& live) {
  const auto is_live = [&](Value v) { return live.nodes[position(v)]; };
  for (std::size_t k = 0; k < kernel.nodes.size(); ++k)
    if (!live.nodes[k] && !ir::is_loop_part(kernel.nodes[k].op)) return false;
  for (const Loop& loop : kernel.loops)
    for (std::size_t k = 0; k < loop.carried.size(); ++k)
      if (!is_live(loop.carried[k]) && !is_live(loop.results[k])) return false;
  return std::ranges::all_of(live.rows, std::identity{});
}

}  // namespace

Live find_live(const Kernel& kernel) { return Marking(kernel).run(); }

Value keep(ir::Builder& builder, const Node& node, std::span<const Value> operands) {
  return builder.emit(node.op, operands, node.immediate);
}

Kernel rewrite(const Kernel& kernel, const Rule& rule) { return Copy(kernel, rule).run(); }

Kernel sweep(Kernel kernel) {
  return is_all_live(kernel, find_live(kernel)) ? std::move(kernel) : rewrite(kernel, keep);
}

}  // namespace mc::passes
