// The invariants as a table of named checks in three stages; each stage relies on those before it, so a
// kernel of arbitrary garbage is safe to check.
#include "engine/ir/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/ir/bounds.hpp"

namespace mc::ir {
namespace {

/// What the checks look at.
struct Subject {
  const Kernel& kernel;
  Level level;
  std::vector<std::uint32_t> time;   ///< of each node: when a walk over the regions comes to it
  std::vector<std::uint32_t> leave;  ///< of each region: when that walk is through with it
  std::vector<bool> uniform;
  std::optional<Bounds> bounds;
  std::vector<std::uint32_t> places;   ///< of each node: regions' bodies it stands in
  std::vector<std::uint32_t> outputs;  ///< of each column: operations that write it
  std::vector<Fault> faults;

  const Node& node(Value v) const { return kernel[v]; }
  const Loop& loop_of(Value v) const { return kernel[static_cast<LoopId>(node(v).immediate)]; }
};

/// Nothing, or what is wrong.
using Verdict = std::string;

struct NodeCheck {
  Verdict (*check)(const Subject&, Value);
  std::string_view invariant;
};

// ---- stage 1: all numbers name something

bool is_node(const Kernel& k, Value v) { return position(v) < k.nodes.size(); }
bool is_region(const Kernel& k, RegionId r) { return position(r) < k.regions.size(); }
bool is_loop(const Kernel& k, LoopId l) { return position(l) < k.loops.size(); }

Verdict known_operation(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if (static_cast<std::size_t>(n.op) >= op_count())
    return fmt::format("number {}", static_cast<unsigned>(n.op));
  if (n.type > Type::f64) return fmt::format("type number {}", static_cast<unsigned>(n.type));
  return {};
}

Verdict known_region(const Subject& s, Value v) {
  return is_region(s.kernel, s.node(v).region) ? "" : fmt::format("region {}", position(s.node(v).region));
}

Verdict known_operands(const Subject& s, Value v) {
  const Node& n = s.node(v);
  for (std::size_t k = 0; k < n.operands.size(); ++k) {
    const bool wanted = k < info(n.op).arity;
    if (wanted ? !is_node(s.kernel, n.operands[k]) : n.operands[k] != kNoValue)
      return fmt::format("operand {}", k + 1);
  }
  return {};
}

Verdict known_loop(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if (n.op == Op::loop) return n.immediate < s.kernel.loops.size() ? "" : fmt::format("loop {}", n.immediate);
  if (!is_loop_part(n.op)) return {};
  const LoopId loop = slot_loop(n.immediate);
  if (!is_loop(s.kernel, loop)) return fmt::format("loop {}", position(loop));
  if (n.op != Op::index && slot_position(n.immediate) >= s.kernel[loop].carried.size())
    return fmt::format("position {}", slot_position(n.immediate));
  return {};
}

constexpr std::array kNumberChecks = {
    NodeCheck{known_operation, "there is such an operation and type"},
    NodeCheck{known_region, "there is such a region"},
    NodeCheck{known_operands, "there are such operands, as many as the operation takes"},
    NodeCheck{known_loop, "there is such a loop and such a carried value"},
};

/// The same for regions and loops.
void check_tables(Subject& s) {
  const auto fault = [&](std::string text) { s.faults.push_back({kNoValue, std::move(text)}); };
  const auto all_known = [&](const std::vector<Value>& values) {
    return std::ranges::all_of(values, [&](Value v) { return is_node(s.kernel, v); });
  };
  if (s.kernel.regions.empty()) return fault("there is no entry region");
  for (std::size_t r = 0; r < s.kernel.regions.size(); ++r) {
    const Region& region = s.kernel.regions[r];
    if (!is_region(s.kernel, region.parent)) fault(fmt::format("region {}: there is such a parent", r));
    if ((region.loop == kNoLoop) != (r == 0))
      fault(fmt::format("region {}: a loop owns all but the entry", r));
    if (r != 0 && !is_loop(s.kernel, region.loop)) fault(fmt::format("region {}: there is such a loop", r));
    if (!all_known(region.body)) fault(fmt::format("region {}: there are such nodes", r));
  }
  for (const DataArray& array : s.kernel.data)
    if (!is_float(array.type)) fault("a data array is of f64 or f32");
  for (std::size_t l = 0; l < s.kernel.loops.size(); ++l) {
    const Loop& loop = s.kernel.loops[l];
    const std::size_t n = loop.carried.size();
    if (!is_region(s.kernel, loop.body) || !is_node(s.kernel, loop.node) || !is_node(s.kernel, loop.index))
      fault(fmt::format("loop {}: there is such a body, node and index", l));
    if (!all_known(loop.initial) || !all_known(loop.carried) || !all_known(loop.next) ||
        !all_known(loop.results))
      fault(fmt::format("loop {}: there are such values", l));
    if (loop.initial.size() != n || loop.next.size() != n || loop.results.size() != n)
      fault(fmt::format("loop {}: initial, carried, next and results are equally many", l));
    if (loop.settles() && loop.settled >= n)
      fault(fmt::format("loop {}: it carries the value that it settles by", l));
  }
}

// ---- stage 2: regions and loops form a tree, and each node has one place in it

Verdict one_place(const Subject& s, Value v) {
  const std::uint32_t places = s.places[position(v)];
  return places == 1 ? "" : fmt::format("it stands in {}", places);
}

Verdict says_its_place(const Subject& s, Value v) {
  const auto& body = s.kernel[s.node(v).region].body;
  return s.time[position(v)] < body.size() && body[s.time[position(v)]] == v ? "" : "it says another";
}

Verdict owns_its_loop(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if (n.op != Op::loop) return {};
  const Loop& loop = s.loop_of(v);
  const Region& body = s.kernel[loop.body];
  if (loop.node != v) return "the loop names another node";
  if (position(body.loop) != n.immediate) return "the body names another loop";
  if (body.parent != n.region) return "the body's parent is another";
  return {};
}

Verdict depth_fits(const Subject& s, Value v) {
  if (s.node(v).op != Op::loop) return {};
  const std::uint32_t outer = s.kernel[s.node(v).region].depth, inner = s.kernel[s.loop_of(v).body].depth;
  if (inner != outer + 1) return fmt::format("{} within {}", inner, outer);
  return inner <= kMaxLoopDepth ? "" : fmt::format("{} is too deep", inner);
}

constexpr std::array kPlaceChecks = {
    NodeCheck{one_place, "a node stands in one region"},
    NodeCheck{says_its_place, "a node says which region it stands in"},
    NodeCheck{owns_its_loop, "a loop, its node and its body name each other"},
    NodeCheck{depth_fits, "a body is one deeper than its loop"},
};

/// Also that every loop is owned by a node: with the depths right, that makes it a tree.
void check_tree(Subject& s) {
  if (s.kernel.regions[0].depth != 0)
    s.faults.push_back({kNoValue, "region 0: the entry lies outside all loops"});
  for (std::size_t r = 1; r < s.kernel.regions.size(); ++r)
    if (position(s.kernel[s.kernel.regions[r].loop].body) != r)
      s.faults.push_back({kNoValue, fmt::format("region {}: it is the body of its loop", r)});
  for (std::size_t l = 0; l < s.kernel.loops.size(); ++l) {
    const Node& node = s.node(s.kernel.loops[l].node);
    if (node.op != Op::loop || node.immediate != l)
      s.faults.push_back({kNoValue, fmt::format("loop {}: its node is a loop and names it", l)});
  }
}

// ---- stage 3: what stands where makes sense

/// Whether `v` has been computed when a walk is at `time`, and is still in sight.
bool visible(const Subject& s, Value v, std::uint32_t time) {
  return s.time[position(v)] < time && time <= s.leave[position(s.node(v).region)];
}

Verdict defined_before_use(const Subject& s, Value v) {
  const Node& n = s.node(v);
  for (Value operand : n.inputs())
    if (!visible(s, operand, s.time[position(v)])) return fmt::format("node {} is not", position(operand));
  return {};
}

Verdict operands_are_values(const Subject& s, Value v) {
  for (Value operand : s.node(v).inputs())
    if (s.node(operand).type == Type::none) return fmt::format("node {} has no value", position(operand));
  return {};
}

Verdict type_by_rule(const Subject& s, Value v) {
  const Node& n = s.node(v);
  const Rule rule = info(n.op).rule;
  if (rule == Rule::leaf) return n.type == Type::none ? "it has none" : "";
  std::array<Type, 3> types{};
  for (std::size_t k = 0; k < n.inputs().size(); ++k) types[k] = s.node(n.operands[k]).type;
  const auto type = result_type(rule, std::span(types.data(), n.inputs().size()));
  if (!type) return "its operands do not fit";
  return *type == n.type ? "" : fmt::format("it says {}, not {}", name(n.type), name(*type));
}

Verdict allowed_here(const Subject& s, Value v) {
  const bool forbidden = s.level == Level::primitives && info(s.node(v).op).is_function;
  return forbidden ? "it is a function" : "";
}

Verdict constant_in_width(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if (n.op != Op::constant || bit_width(n.type) == 64 || bit_width(n.type) == 0) return {};
  return n.immediate >> bit_width(n.type) == 0 ? "" : fmt::format("{:#x}", n.immediate);
}

Verdict shift_in_width(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if (n.op != Op::shl && n.op != Op::shr && n.op != Op::rotl) return {};
  const Node& count = s.node(n.operands[1]);
  if (count.op != Op::constant || count.immediate < bit_width(n.type)) return {};
  return fmt::format("{} of {} bits", count.immediate, bit_width(n.type));
}

Verdict immediate_in_range(const Subject& s, Value v) {
  const Node& n = s.node(v);
  const auto below = [&](std::uint64_t limit, std::string_view what) {
    return n.immediate < limit ? "" : fmt::format("{} {} of {}", what, n.immediate, limit);
  };
  switch (n.op) {
    case Op::scalar:
      return below(s.kernel.scalars, "scalar");
    case Op::element:
      return below(s.kernel.arrays.size(), "array");
    case Op::load:
    case Op::store:
      return below(s.kernel.rows.size(), "row");
    case Op::datum_f64:
    case Op::datum_f32:
    case Op::put:
      return below(s.kernel.data.size(), "data array");
    case Op::cell_f64:
    case Op::cell_f32:
    case Op::table_rows:
      return below(s.kernel.tables.size(), "table");
    case Op::output:
      return below(s.kernel.outputs, "column");
    case Op::constant:
    case Op::loop:
    case Op::index:
    case Op::carried:
    case Op::result:
      return {};
    default:
      return n.immediate == 0 ? "" : fmt::format("an immediate of {}", n.immediate);
  }
}

Verdict scalar_is_f64(const Subject& s, Value v) {
  const Node& n = s.node(v);
  return n.op != Op::scalar || n.type == Type::f64 ? "" : fmt::format("{}", name(n.type));
}

/// How long data arrays are only the call tells; so a kernel goes through them by its steps, and no other
/// way.
Verdict datum_of_its_step(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if (!is_datum(n.op) && n.op != Op::put) return {};
  const Node& step = s.node(n.operands[0]);
  if (step.op != Op::index) return "its step is not a loop's counter";
  const Loop& loop = s.kernel[slot_loop(step.immediate)];
  return s.node(s.node(loop.node).operands[0]).op == Op::steps ? "" : "its step counts another loop";
}

Verdict datum_of_its_array(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if ((!is_datum(n.op) && n.op != Op::put) || n.immediate >= s.kernel.data.size()) return {};
  const DataArray& array = s.kernel.data[n.immediate];
  const Type type = n.op == Op::put ? s.node(n.operands[1]).type : n.type;
  if (array.type != type) return fmt::format("{} in an array of {}", name(type), name(array.type));
  return array.is_written == (n.op == Op::put) ? "" : "the array is there for the other";
}

Verdict cell_of_its_table(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if (!is_cell(n.op) || n.immediate >= s.kernel.tables.size()) return {};
  const Type type = read_as(s.kernel.tables[n.immediate].type);
  if (type != n.type) return fmt::format("{} in a table of {}", name(n.type), name(type));
  return s.uniform[position(n.operands[1])] ? "" : "its column varies";
}

Verdict index_inside(const Subject& s, Value v) { return s.bounds->fault(v); }

Verdict written_once(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if (n.op != Op::output || n.immediate >= s.outputs.size()) return {};
  if (n.region != kEntry) return "it stands in a loop";
  return s.outputs[n.immediate] == 1 ? ""
                                     : fmt::format("column {} has {}", n.immediate, s.outputs[n.immediate]);
}

Verdict part_of_its_loop(const Subject& s, Value v) {
  const Node& n = s.node(v);
  if (!is_loop_part(n.op)) return {};
  const Loop& loop = s.kernel[slot_loop(n.immediate)];
  const std::uint32_t at = slot_position(n.immediate);
  if (n.op == Op::index) return loop.index == v && n.region == loop.body && at == 0 ? "" : "it is not";
  if (n.op == Op::carried) return loop.carried[at] == v && n.region == loop.body ? "" : "it is not";
  const bool after =
      n.region == s.node(loop.node).region && s.time[position(v)] > s.leave[position(loop.body)];
  return loop.results[at] == v && after ? "" : "it is not";
}

Verdict loop_lists_its_parts(const Subject& s, Value v) {
  if (s.node(v).op != Op::loop) return {};
  const Loop& loop = s.loop_of(v);
  const auto id = static_cast<LoopId>(s.node(v).immediate);
  const auto is = [&](Value part, Op op, std::size_t at) {
    return s.node(part).op == op && s.node(part).immediate == slot(id, static_cast<std::uint32_t>(at));
  };
  if (!is(loop.index, Op::index, 0)) return "its index is not";
  for (std::size_t k = 0; k < loop.carried.size(); ++k)
    if (!is(loop.carried[k], Op::carried, k) || !is(loop.results[k], Op::result, k))
      return fmt::format("number {} is not", k);
  return {};
}

Verdict carries_consistently(const Subject& s, Value v) {
  if (s.node(v).op != Op::loop) return {};
  const Loop& loop = s.loop_of(v);
  for (std::size_t k = 0; k < loop.carried.size(); ++k) {
    const Type type = s.node(loop.carried[k]).type;
    for (Value other : {loop.initial[k], loop.next[k], loop.results[k]})
      if (s.node(other).type != type)
        return fmt::format("number {} is {} and {}", k, name(type), name(s.node(other).type));
    if (!visible(s, loop.initial[k], s.time[position(v)]))
      return fmt::format("number {} has no initial value", k);
    if (!visible(s, loop.next[k], s.leave[position(loop.body)]))
      return fmt::format("number {} has no next value", k);
  }
  return {};
}

Verdict settles_by_truth(const Subject& s, Value v) {
  if (s.node(v).op != Op::loop || !s.loop_of(v).settles()) return {};
  const Type type = s.node(s.loop_of(v).carried[s.loop_of(v).settled]).type;
  return type == Type::i1 ? "" : fmt::format("it is {}", name(type));
}

/// How often a loop that settles runs is its back end's affair, so nothing but its results may tell.
Verdict stored_each_round(const Subject& s, Value v) {
  if (s.node(v).op != Op::store) return {};
  for (RegionId r = s.node(v).region; r != kEntry;) {
    const Loop& loop = s.kernel[s.kernel[r].loop];
    if (loop.settles()) return "it stands in a loop that settles";
    r = s.node(loop.node).region;
  }
  return {};
}

Verdict uniform_count(const Subject& s, Value v) {
  const Node& n = s.node(v);
  return n.op != Op::loop || s.uniform[position(n.operands[0])] ? "" : "it varies";
}

constexpr std::array kSenseChecks = {
    NodeCheck{defined_before_use, "operands are defined before, in this or an enclosing region"},
    NodeCheck{operands_are_values, "operands have values"},
    NodeCheck{type_by_rule, "the type is what the rule says"},
    NodeCheck{allowed_here, "only primitives are left at this level"},
    NodeCheck{constant_in_width, "a constant fits its type"},
    NodeCheck{shift_in_width, "a constant shift is less than the width"},
    NodeCheck{immediate_in_range, "the kernel has such a scalar, array, row, table or column"},
    NodeCheck{scalar_is_f64, "scalar parameters are f64"},
    NodeCheck{datum_of_its_step, "a datum is the one of a step"},
    NodeCheck{datum_of_its_array, "a data array is read or written, and of its type"},
    NodeCheck{cell_of_its_table, "a cell is of its table's type, and of one column in all lanes"},
    NodeCheck{index_inside, "an index is proven to lie within its row, array or table"},
    NodeCheck{written_once, "each column is written once, outside loops"},
    NodeCheck{part_of_its_loop, "an index, carried value or result is where its loop has it"},
    NodeCheck{loop_lists_its_parts, "a loop's lists hold its own parts"},
    NodeCheck{carries_consistently, "carried values keep their types and are there when needed"},
    NodeCheck{uniform_count, "a loop runs equally often in every lane"},
    NodeCheck{settles_by_truth, "a loop settles by a truth value"},
    NodeCheck{stored_each_round, "what is stored is stored in every round"},
};

void check_columns(Subject& s) {
  for (std::size_t k = 0; k < s.outputs.size(); ++k)
    if (s.outputs[k] == 0)
      s.faults.push_back({kNoValue, fmt::format("each column is written once: column {} is not", k)});
}

// ---- what the stages need to know

void count_places(Subject& s) {
  s.places.assign(s.kernel.nodes.size(), 0);
  s.time.assign(s.kernel.nodes.size(), 0);  // for now, where in its region
  for (const Region& region : s.kernel.regions)
    for (std::uint32_t k = 0; k < region.body.size(); ++k) {
      ++s.places[position(region.body[k])];
      s.time[position(region.body[k])] = k;
    }
}

std::uint32_t set_times(Subject& s, RegionId region, std::uint32_t now) {
  for (Value v : s.kernel[region].body) {
    s.time[position(v)] = now++;
    if (s.node(v).op == Op::loop) now = set_times(s, s.loop_of(v).body, now);
  }
  s.leave[position(region)] = now;
  return now + 1;
}

void count_outputs(Subject& s) {
  s.outputs.assign(std::min<std::size_t>(s.kernel.outputs, s.kernel.nodes.size() + 1), 0);
  for (const Node& n : s.kernel.nodes)
    if (n.op == Op::output && n.immediate < s.outputs.size()) ++s.outputs[n.immediate];
}

void check_nodes(Subject& s, std::span<const NodeCheck> checks) {
  for (std::size_t k = 0; k < s.kernel.nodes.size(); ++k) {
    const auto v = static_cast<Value>(k);
    for (const auto& [check, invariant] : checks) {
      const Verdict wrong = check(s, v);
      if (wrong.empty()) continue;
      const Op op = s.node(v).op;
      const std::string_view what = static_cast<std::size_t>(op) < op_count() ? info(op).name : "?";
      s.faults.push_back({v, fmt::format("{}: {}: {}", what, invariant, wrong)});
      if (checks.data() == kNumberChecks.data()) break;  // each of these relies on the one before
    }
  }
}

}  // namespace

std::vector<Fault> find_faults(const Kernel& kernel, Level level) {
  Subject s{.kernel = kernel,
            .level = level,
            .time{},
            .leave{},
            .uniform{},
            .bounds{},
            .places{},
            .outputs{},
            .faults{}};
  check_tables(s);
  check_nodes(s, kNumberChecks);
  if (!s.faults.empty()) return s.faults;
  count_places(s);
  check_tree(s);
  check_nodes(s, kPlaceChecks);
  if (!s.faults.empty()) return s.faults;
  s.leave.assign(kernel.regions.size(), 0);
  set_times(s, kEntry, 0);
  s.uniform = uniform_values(kernel);
  s.bounds.emplace(kernel);
  count_outputs(s);
  check_columns(s);
  check_nodes(s, kSenseChecks);
  return s.faults;
}

std::vector<std::string> verify(const Kernel& kernel, Level level) {
  std::vector<std::string> lines;
  for (const Fault& fault : find_faults(kernel, level))
    lines.push_back(fault.node == kNoValue ? fault.text
                                           : fmt::format("node {}: {}", position(fault.node), fault.text));
  return lines;
}

}  // namespace mc::ir
