// Hash-consing, placement in the outermost region, and the bookkeeping of open loops.
#include "engine/ir/builder.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>
#include <utility>

namespace mc::ir {
namespace {

std::uint64_t hash(const Node& node) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;
  const auto pair = [](std::uint64_t high, Value low) { return high << 32 | position(low); };
  std::uint64_t h = pair(static_cast<std::uint64_t>(node.op) << 8 | static_cast<std::uint64_t>(node.type),
                         node.operands[0]);
  h = (h ^ h >> 29) * kMultiplier ^ pair(position(node.operands[1]), node.operands[2]);
  h = (h ^ h >> 29) * kMultiplier ^ node.immediate;
  h = (h ^ h >> 29) * kMultiplier;
  return h ^ h >> 32;
}

bool same_computation(const Node& a, const Node& b) {
  return a.op == b.op && a.type == b.type && a.operands == b.operands && a.immediate == b.immediate;
}

constexpr std::uint64_t bit(std::uint32_t depth) { return std::uint64_t{1} << depth; }

}  // namespace

// ---- the table of pure nodes

void Builder::Shared::reserve(std::size_t nodes) {
  if (used_ == 0) slots_.assign(std::bit_ceil(2 * nodes + 1), kNoValue);
}

void Builder::Shared::clear() {
  slots_.clear();
  used_ = 0;
}

Value& Builder::Shared::find(std::span<const Node> nodes, const Node& wanted) {
  if (slots_.empty()) slots_.assign(64, kNoValue);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash(wanted) & mask;; at = (at + 1) & mask)
    if (slots_[at] == kNoValue || same_computation(nodes[position(slots_[at])], wanted)) return slots_[at];
}

void Builder::Shared::entered(std::span<const Node> nodes) {
  if (2 * ++used_ > slots_.size()) resize(nodes, 2 * slots_.size());
}

void Builder::Shared::resize(std::span<const Node> nodes, std::size_t size) {
  const auto old = std::exchange(slots_, std::vector<Value>(size, kNoValue));
  for (Value v : old)
    if (v != kNoValue) find(nodes, nodes[position(v)]) = v;
}

// ---- leaves and operations

Value Builder::constant(double value) {
  return constant_bits(Type::f64, std::bit_cast<std::uint64_t>(value));
}
Value Builder::constant_f32(float value) {
  return constant_bits(Type::f32, std::bit_cast<std::uint32_t>(value));
}
Value Builder::constant_u64(std::uint64_t value) { return constant_bits(Type::u64, value); }
Value Builder::constant_u32(std::uint32_t value) { return constant_bits(Type::u32, value); }
Value Builder::constant_i1(bool value) { return constant_bits(Type::i1, value); }

Value Builder::constant_bits(Type type, std::uint64_t bits) {
  return append({.op = Op::constant, .type = type, .region = kEntry, .immediate = bits});
}

Value Builder::scalar(std::uint32_t number, Type type) {
  return append({.op = Op::scalar, .type = type, .region = kEntry, .immediate = number});
}

Value Builder::leaf(Op op) {
  const bool is_leaf = op == Op::tile || op == Op::lane || op == Op::seed || op == Op::steps;
  if (!is_leaf) throw std::logic_error("ir: not a leaf: " + std::string(info(op).name));
  return append({.op = op, .type = *result_type(info(op).rule, {}), .region = kEntry});
}

Value Builder::element(std::uint32_t array, Value index) {
  return emit(Op::element, std::span(&index, 1), array);
}

Value Builder::emit(Op op, std::span<const Value> operands, std::uint64_t immediate) {
  if (is_pinned(op) || info(op).arity == 0)
    throw std::logic_error("ir: emit() makes pure operations, not " + std::string(info(op).name));
  Node node{.op = op, .type = type_of(op, operands), .region = kEntry, .immediate = immediate};
  std::ranges::copy(operands, node.operands.begin());
  std::uint32_t depth = 0;
  for (Value v : operands) depth = std::max(depth, depth_of(v));
  node.region = region_at(depth);
  return append(node);
}

Type Builder::type_of(Op op, std::span<const Value> operands) const {
  if (operands.size() != info(op).arity)
    throw std::logic_error("ir: wrong number of operands for " + std::string(info(op).name));
  std::array<Type, 3> types{};
  for (std::size_t k = 0; k < operands.size(); ++k) types[k] = (*this)[operands[k]].type;
  const auto type = result_type(info(op).rule, std::span(types.data(), operands.size()));
  if (!type) throw std::logic_error("ir: operand types do not fit " + std::string(info(op).name));
  return *type;
}

RegionId Builder::region_at(std::uint32_t depth) const {
  return depth == 0 ? kEntry : kernel_[frames_[depth - 1].loop].body;
}

Value Builder::append(const Node& node) {
  Value& known = shared_.find(kernel_.nodes, node);
  if (known != kNoValue) return known;
  const std::uint32_t depth = kernel_[node.region].depth;
  for (Value operand : node.inputs()) note_use(depth, operand);
  const Value added = known = append_unshared(node);
  shared_.entered(kernel_.nodes);
  return added;
}

Value Builder::append_unshared(const Node& node) {
  const auto value = static_cast<Value>(kernel_.nodes.size());
  kernel_.regions[position(node.region)].body.push_back(value);
  kernel_.nodes.push_back(node);
  return value;
}

void Builder::note_use(std::uint32_t user_depth, Value operand) {
  const std::uint32_t depth = depth_of(operand);
  if (depth < user_depth) frames_[user_depth - 1].needs |= bit(depth);
}

void Builder::reserve(std::size_t nodes) {
  kernel_.nodes.reserve(nodes);
  shared_.reserve(nodes);
}

// ---- memory

Value Builder::pinned(Op op, std::span<const Value> operands, std::uint64_t immediate) {
  Node node{
      .op = op, .type = type_of(op, operands), .region = region_at(current_depth()), .immediate = immediate};
  std::ranges::copy(operands, node.operands.begin());
  // No loop around it may move either: each stays just inside the one around it.
  for (std::uint32_t d = 0; d < frames_.size(); ++d) frames_[d].needs |= bit(d);
  for (Value operand : operands) note_use(current_depth(), operand);
  return append_unshared(node);
}

std::uint32_t Builder::row(std::uint32_t length) {
  kernel_.rows.push_back(length);
  return static_cast<std::uint32_t>(kernel_.rows.size() - 1);
}

Value Builder::load(std::uint32_t row, Value index) { return pinned(Op::load, std::array{index}, row); }

void Builder::store(std::uint32_t row, Value index, Value value) {
  pinned(Op::store, std::array{index, value}, row);
}

void Builder::output(std::uint32_t column, Value value) {
  kernel_.outputs = std::max(kernel_.outputs, column + 1);
  pinned(Op::output, std::array{value}, column);
}

std::uint32_t Builder::data(DataArray array) {
  kernel_.data.push_back(array);
  return static_cast<std::uint32_t>(kernel_.data.size() - 1);
}

Value Builder::datum(std::uint32_t array, Value step) {
  const Op op = kernel_.data.at(array).type == Type::f64 ? Op::datum_f64 : Op::datum_f32;
  return emit(op, std::span(&step, 1), array);
}

void Builder::put(std::uint32_t array, Value step, Value value) {
  pinned(Op::put, std::array{step, value}, array);
}

std::uint32_t Builder::table(Table table) {
  kernel_.tables.push_back(table);
  return static_cast<std::uint32_t>(kernel_.tables.size() - 1);
}

Value Builder::table_rows(std::uint32_t table) {
  return append({.op = Op::table_rows, .type = Type::u64, .region = kEntry, .immediate = table});
}

Value Builder::cell(std::uint32_t table, Value row, Value column) {
  const Op op = read_as(kernel_.tables.at(table).type) == Type::f32 ? Op::cell_f32 : Op::cell_f64;
  return emit(op, {{row, column}}, table);
}

// ---- loops

std::vector<Value> Builder::loop(Value count, std::span<const Value> initial, const Body& body,
                                 std::uint32_t settled) {
  const Open open = begin_loop(count, initial);
  return end_loop(open, body(open.index, open.carried), settled);
}

Builder::Open Builder::begin_loop(Value count, std::span<const Value> initial) {
  if (current_depth() == kMaxLoopDepth) throw std::logic_error("ir: loops are nested too deeply");
  if ((*this)[count].type != Type::u32) throw std::logic_error("ir: a loop's count is a u32");
  const auto id = static_cast<LoopId>(kernel_.loops.size());
  const auto body = static_cast<RegionId>(kernel_.regions.size());
  std::uint64_t needs = bit(depth_of(count));
  for (Value v : initial) needs |= bit(depth_of(v));
  kernel_.regions.push_back({.parent = region_at(current_depth()), .loop = id, .depth = current_depth() + 1});
  kernel_.loops.push_back({.body = body, .initial{initial.begin(), initial.end()}});
  frames_.push_back({id, count, needs});
  const auto input = [&](Op op, Type type, std::uint32_t at) {
    return append({.op = op, .type = type, .region = body, .immediate = slot(id, at)});
  };
  Loop& loop = kernel_.loops.back();
  loop.index = input(Op::index, Type::u32, 0);
  for (std::uint32_t k = 0; k < loop.initial.size(); ++k)
    loop.carried.push_back(input(Op::carried, (*this)[loop.initial[k]].type, k));
  return {id, loop.index, loop.carried};
}

std::vector<Value> Builder::end_loop(const Open& open, std::span<const Value> next, std::uint32_t settled) {
  if (frames_.empty() || frames_.back().loop != open.loop)
    throw std::logic_error("ir: loops closed out of order");
  if (next.size() != open.carried.size())
    throw std::logic_error("ir: a loop carries as many values out as in");
  for (std::size_t k = 0; k < next.size(); ++k)
    if ((*this)[next[k]].type != (*this)[open.carried[k]].type)
      throw std::logic_error("ir: a carried value changes its type");
  if (settled != kNoSlot && (settled >= next.size() || (*this)[next[settled]].type != Type::i1))
    throw std::logic_error("ir: a loop settles by a truth value that it carries");
  for (Value v : next) note_use(current_depth(), v);
  const Frame frame = frames_.back();
  frames_.pop_back();
  const RegionId region = region_at(place(frame));
  Loop& loop = kernel_.loops[position(open.loop)];
  loop.next.assign(next.begin(), next.end());
  loop.settled = settled;
  loop.node = append_unshared({.op = Op::loop,
                               .type = Type::none,
                               .region = region,
                               .operands = {frame.count, kNoValue, kNoValue},
                               .immediate = position(open.loop)});
  for (std::uint32_t k = 0; k < next.size(); ++k)
    loop.results.push_back(append_unshared({.op = Op::result,
                                            .type = (*this)[open.carried[k]].type,
                                            .region = region,
                                            .immediate = slot(open.loop, k)}));
  return loop.results;
}

/// Puts a closed loop into the outermost region that has what it needs; how deep that is.
std::uint32_t Builder::place(const Frame& frame) {
  const auto depth = static_cast<std::uint32_t>(std::bit_width(frame.needs)) - 1;
  const RegionId body = kernel_[frame.loop].body;
  kernel_.regions[position(body)].parent = region_at(depth);
  set_depth(body, depth + 1);
  // The loop around that place has to stay near whatever else this one uses.
  if (depth > 0) frames_[depth - 1].needs |= frame.needs & (bit(depth) - 1);
  return depth;
}

void Builder::set_depth(RegionId region, std::uint32_t depth) {
  if (kernel_[region].depth == depth) return;
  kernel_.regions[position(region)].depth = depth;
  for (Value v : kernel_[region].body)
    if (kernel_[v].op == Op::loop)
      set_depth(kernel_[static_cast<LoopId>(kernel_[v].immediate)].body, depth + 1);
}

Kernel Builder::finish(std::uint32_t scalars, std::vector<std::uint32_t> arrays) {
  if (!frames_.empty()) throw std::logic_error("ir: a loop is still open");
  kernel_.scalars = scalars;
  kernel_.arrays = std::move(arrays);
  shared_.clear();
  return std::exchange(kernel_, Kernel{});
}

}  // namespace mc::ir
