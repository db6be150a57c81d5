// Expressions first, then statements. All operations of the kernel's table are in Notation.
#include "engine/cuda/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "engine/cuda/looks.hpp"
#include "engine/cuda/parts.hpp"
#include "engine/cuda/translate.hpp"

namespace mc::cuda {
namespace {

using ir::Op;
using ir::Type;
using ir::Value;

// A new operation does not compile until Notation has a form of its name.
constexpr Form kForms[] = {
#define MC_OPERATION(name, arity, rule, meaning) Notation::name,
#include "engine/ir/operations.def"
#undef MC_OPERATION
};

/// Longer expressions get a name: a person can follow it, and a line holds it.
constexpr std::size_t kLongestPart = 36;

constexpr unsigned kLineWidth = 108;

std::string_view cpp_name(Type type) { return type == Type::i1 ? "bool" : ir::name(type); }

char initial(Type type) {
  switch (type) {
    case Type::f64:
      return 'x';
    case Type::f32:
      return 'y';
    case Type::u64:
      return 'w';
    case Type::u32:
      return 'n';
    default:
      return 'b';
  }
}

template <class Float, class Bits>
std::string float_literal(Bits bits, std::string_view suffix) {
  const auto value = std::bit_cast<Float>(bits);
  if (!std::isfinite(value)) return fmt::format("from_bits({:#x}u{})", bits, sizeof(Bits) == 8 ? "ll" : "");
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text + std::string(suffix);
}

constexpr std::uint64_t kReadableInteger = 10000;  ///< larger ones are bit patterns more often than not

std::string literal(Type type, std::uint64_t bits) {
  switch (type) {
    case Type::f64:
      return float_literal<double>(bits, "");
    case Type::f32:
      return float_literal<float>(static_cast<std::uint32_t>(bits), "f");
    case Type::i1:
      return bits != 0 ? "true" : "false";
    default:
      return (bits < kReadableInteger ? fmt::format("{}u", bits) : fmt::format("{:#x}u", bits)) +
             (type == Type::u64 ? "ll" : "");
  }
}

/// What its operands have to bind as strongly as: the first, and the others.
struct Demand {
  Binding first, others;
};

/// Chains of one operator are read from the left; among others, parentheses say what C++'s precedence may not
/// tell a reader: in shifts, comparisons and bits.
Demand demand(Binding binding) {
  switch (binding) {
    case Binding::product:
      return {Binding::product, Binding::prefix};
    case Binding::sum:
      return {Binding::sum, Binding::product};
    case Binding::comparison:
    case Binding::equality:
      return {Binding::sum, Binding::sum};
    case Binding::conjunction:
    case Binding::difference:
    case Binding::disjunction:
      return {Binding::prefix, Binding::prefix};
    case Binding::choice:
      return {Binding::comparison, Binding::comparison};
    case Binding::whole:
      return {Binding::choice, Binding::choice};  // a call's arguments
    default:
      return {Binding::prefix, Binding::prefix};
  }
}

/// The counter of a loop so deep; the one over samples is `step`.
std::string index_name(std::uint32_t depth) {
  constexpr std::string_view kNames = "hijkm";
  return depth <= kNames.size() ? std::string(1, kNames[depth - 1]) : fmt::format("i{}", depth);
}

bool is_shift(Op op) { return op == Op::shl || op == Op::shr || op == Op::rotl; }

void merge_into(std::vector<Value>& to, const std::vector<Value>& from) {
  for (Value v : from)
    if (std::ranges::find(to, v) == to.end()) to.push_back(v);
}

}  // namespace

Writer::Writer(const ir::Kernel& kernel, std::vector<std::string> columns, const DataNames& data,
               const Looks* looks)
    : kernel_(kernel),
      columns_(std::move(columns)),
      data_(data),
      looks_(looks),
      written_(kernel.nodes.size()),
      uses_(kernel.nodes.size()),
      moves_(kernel.nodes.size()),
      array_starts_(kernel.arrays.size()),
      row_starts_(kernel.rows.size()),
      row_form_(far_rows_of(kernel) > 0 ? "rows[kLanes * {}]" : "rows[{}]"),
      numbered_(kernel.nodes.size()) {
  std::exclusive_scan(kernel.arrays.begin(), kernel.arrays.end(), array_starts_.begin(),
                      std::uint64_t{kernel.scalars});
  std::exclusive_scan(kernel.rows.begin(), kernel.rows.end(), row_starts_.begin(), std::uint64_t{0});
  tables_start_ = numbers_of(kernel) - 2 * kernel.tables.size();
  count_uses();
  count_constants();
}

std::string Writer::run() {
  comment(kernel_.data.empty() ? "the lane's stream, and what no sample changes" : "what no datum changes");
  write_region(ir::kEntry);
  if (looks_ != nullptr) line("return false;");
  return std::move(out_);
}

void Writer::count_uses() {
  const auto use = [this](Value v, ir::RegionId in) {
    ++uses_[position(v)];
    if (kernel_[v].region != in) moves_[position(v)] = true;
  };
  for (const ir::Region& region : kernel_.regions)
    for (Value v : region.body)
      if (const auto three = exclusive_or(kernel_[v]))
        for (Value input : *three) use(input, kernel_[v].region);
      else
        for (Value input : kernel_[v].inputs()) use(input, kernel_[v].region);
  for (const ir::Loop& loop : kernel_.loops) {
    for (Value v : loop.initial) use(v, kernel_[loop.node].region);
    for (Value v : loop.next) use(v, loop.body);
  }
}

/// An instruction holds the upper half of a double. Others lie in the constant memory, of which there are 64
/// KB: else each use would take instructions that put them together.
void Writer::count_constants() {
  constexpr std::size_t kMost = 4096;
  for (std::size_t k = 0; k < kernel_.nodes.size() && constants_.size() < kMost; ++k) {
    const ir::Node& node = kernel_.nodes[k];
    if (node.op != Op::constant || node.type != Type::f64 || static_cast<std::uint32_t>(node.immediate) == 0)
      continue;
    constants_.push_back(static_cast<Value>(k));
    numbered_[k] = static_cast<std::uint32_t>(constants_.size());
  }
}

std::string Writer::constants() const {
  if (constants_.empty()) return {};
  std::string all = "/// What no instruction holds.\n__constant__ f64 c[] = {", row = "\n   ";
  for (const Value v : constants_) {
    const std::string next = literal(Type::f64, kernel_[v].immediate);
    if (row.size() + next.size() + 2 > kLineWidth) all += std::exchange(row, "\n   ");
    row.append(" ").append(next).append(",");
  }
  return all + row + "\n};\n\n";
}

// ---- expressions

Writer::Written Writer::expression(Value v) const {
  const ir::Node& node = kernel_[v];
  switch (node.op) {
    case Op::constant:
      return constant(v);
    case Op::scalar:
      if (data_.first_scalar == node.immediate) return {"first"};
      return {fmt::format("numbers[{}]", node.immediate)};
    case Op::table_rows:
      return {fmt::format("to_bits(numbers[{}])", tables_start_ + 2 * node.immediate + 1)};
    case Op::cell_f64:
    case Op::cell_f32:
      return cell(node);
    case Op::datum_f64:
    case Op::datum_f32: {
      const bool is_converted =
          data_.types[node.immediate] != ir::Number::f32 && data_.types[node.immediate] != ir::Number::f64;
      if (is_converted) return {fmt::format("(f64){}", datum(node)), Binding::prefix};
      return {datum(node)};
    }
    case Op::element:
      return element("numbers[{}]", array_starts_[node.immediate], node);
    case Op::load:
      return element(row_form_, row_starts_[node.immediate], node);
    case Op::bit_or:
      if (auto written = shifted(node)) return *std::move(written);
      break;
    case Op::bit_xor:
      if (const auto three = exclusive_or(node)) return call("xor3", *three);
      break;
    case Op::shl:
      if (is_short_shift(node)) return formed(v, {"shl(a, b)"});
      break;
    case Op::select:
      if (auto written = choice(node)) return *std::move(written);
      break;
    default:
      break;
  }
  const auto op = static_cast<std::size_t>(node.op);
  if (op >= std::size(kForms) || kForms[op].text.empty())
    throw Error(fmt::format("no CUDA source has the operation {}", ir::info(node.op).name));
  if (node.op == Op::bit_not && node.type == Type::i1) return formed(v, {"!a", Binding::prefix});
  return formed(v, kForms[op]);
}

Writer::Written Writer::constant(Value v) const {
  if (const std::uint32_t number = numbered_[position(v)]; number != 0)
    return {fmt::format("c[{}]", number - 1)};
  std::string text = literal(kernel_[v].type, kernel_[v].immediate);
  const Binding binding = text.starts_with('-') ? Binding::prefix : Binding::whole;
  return {std::move(text), binding};
}

/// A shift with a constant's bits in the room that it makes, as a uniform number is made of a draw.
std::optional<Writer::Written> Writer::shifted(const ir::Node& node) const {
  const auto [a, above] = std::pair(node.operands[0], node.operands[1]);
  if (kernel_[a].op != Op::shr || kernel_[above].op != Op::constant) return std::nullopt;
  const ir::Node& by = kernel_[kernel_[a].operands[1]];
  const unsigned width = ir::bit_width(node.type);
  if (by.op != Op::constant || by.immediate == 0 || by.immediate >= 32) return std::nullopt;
  const std::uint64_t bits = kernel_[above].immediate, room = width - by.immediate;
  if (bits >> room << room != bits) return std::nullopt;
  Written written{.text = "shifted("};
  place_operand(written, kernel_[a].operands[0], Binding::choice);
  written.text += fmt::format(", {:#x}u, {})", bits >> room, by.immediate);
  return written;
}

/// The operands of one whose operand is another: one instruction takes three of them. The other one, computed
/// where this one is, may then not be needed at all.
std::optional<std::array<Value, 3>> Writer::exclusive_or(const ir::Node& node) const {
  if (node.op != Op::bit_xor || node.type == Type::i1) return std::nullopt;
  for (const auto& [k, other] : {std::pair(0, 1), std::pair(1, 0)}) {
    const ir::Node& inner = kernel_[node.operands[k]];
    if (inner.op == Op::bit_xor && inner.region == node.region)
      return std::array{inner.operands[0], inner.operands[1], node.operands[other]};
  }
  return std::nullopt;
}

/// One by less than a half of the bits.
bool Writer::is_short_shift(const ir::Node& node) const {
  const ir::Node& by = kernel_[node.operands[1]];
  return node.type == Type::u64 && by.op == Op::constant && by.immediate < 32;
}

/// One by an order of such numbers, which NVRTC might take for a minimum or a maximum.
std::optional<Writer::Written> Writer::choice(const ir::Node& select) const {
  const ir::Node& condition = kernel_[select.operands[0]];
  if (!ir::is_float(select.type) || (condition.op != Op::lt && condition.op != Op::le)) return std::nullopt;
  if (kernel_[condition.operands[0]].type != select.type) return std::nullopt;
  return call(
      condition.op == Op::lt ? "if_less" : "if_at_most",
      std::array{condition.operands[0], condition.operands[1], select.operands[1], select.operands[2]});
}

Writer::Written Writer::call(std::string_view function, std::span<const Value> operands) const {
  Written written{.text = fmt::format("{}(", function)};
  for (const Value each : operands) {
    if (!written.text.ends_with('(')) written.text += ", ";
    place_operand(written, each, Binding::choice);
  }
  written.text += ')';
  return written;
}

/// The form with its operands in place of a, b and c where these stand alone.
Writer::Written Writer::formed(Value v, const Form& form) const {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const Demand demanded = demand(form.binding);
  const auto operands = kernel_[v].inputs();
  Written written{.text = {}, .binding = form.binding};
  for (std::size_t k = 0; k < form.text.size(); ++k) {
    const char c = form.text[k];
    const bool stands_alone = (k == 0 || !is_letter(form.text[k - 1])) &&
                              (k + 1 == form.text.size() || !is_letter(form.text[k + 1]));
    if (stands_alone && c == 'b' && is_shift(kernel_[v].op) && kernel_[operands[1]].op == Op::constant)
      written.text += std::to_string(kernel_[operands[1]].immediate);  // reads better without its type
    else if (stands_alone && c >= 'a' && c <= 'c' && !operands.empty())
      place_operand(written, operands[static_cast<std::size_t>(c - 'a')],
                    c == 'a' ? demanded.first : demanded.others);
    else
      written.text += c;
  }
  return written;
}

void Writer::place_operand(Written& to, Value operand, Binding at_least) const {
  const Written& from = written_[position(operand)];
  // Of a prefix only a whole one is an operand: - -1.0 is not --1.0.
  const bool fits = from.binding >= at_least && !(to.text.ends_with('-') && from.text.starts_with('-'));
  to.text += fits ? from.text : '(' + from.text + ')';
  merge_into(to.carried, from.carried);
}

/// The element whose number is the node's first operand, counted from `start`.
Writer::Written Writer::element(std::string_view form, std::uint64_t start, const ir::Node& node) const {
  const ir::Node& index = kernel_[node.operands[0]];
  Written number{.text = std::to_string(start + (index.op == Op::constant ? index.immediate : 0))};
  if (index.op != Op::constant) {
    const bool is_factor = form.find('*') != form.npos;
    number.text = fmt::format("{}{} + ", is_factor ? "(" : "", start);
    place_operand(number, node.operands[0], Binding::product);
    if (is_factor) number.text += ')';
  }
  number.text = fmt::format(fmt::runtime(form), number.text);
  return number;
}

/// What no float is becomes an f64, rounded.
Writer::Written Writer::cell(const ir::Node& node) const {
  const ir::Table& table = kernel_.tables[node.immediate];
  Written written;
  if (node.op == Op::cell_f64 && table.type != ir::Number::f64) written = {"(f64)", Binding::prefix};
  written.text += fmt::format("cell<{}, {}>(numbers + {}, ", cpp_name(table.type), table.columns,
                              tables_start_ + 2 * node.immediate);
  place_operand(written, node.operands[0], Binding::choice);
  written.text += ", ";
  place_operand(written, node.operands[1], Binding::choice);
  written.text += ')';
  return written;
}

/// The step is always a loop's counter, which has a name.
std::string Writer::datum(const ir::Node& node) const {
  return fmt::format("d{}[{}{}]", node.immediate, data_.apart, text(node.operands[0]));
}

// ---- statements

void Writer::write_region(ir::RegionId region) {
  for (Value v : kernel_[region].body) write_node(v);
}

void Writer::write_node(Value v) {
  const ir::Node& node = kernel_[v];
  switch (node.op) {
    case Op::index:
    case Op::carried:
    case Op::result:
      return;  // the loop sets these
    case Op::loop:
      return write_loop(static_cast<ir::LoopId>(node.immediate));
    case Op::store:
      return line(fmt::format("{} = {};", element(row_form_, row_starts_[node.immediate], node).text,
                              text(node.operands[1])));
    case Op::put:
      return line(fmt::format("{} = {};", datum(node), text(node.operands[1])));
    case Op::output:
      return write_output(node);
    default:
      if (uses_[position(v)] > 0) define(v, expression(v));
  }
}

/// Part of the expression that uses it, or a name of its own.
void Writer::define(Value v, const Written& written) {
  if (is_part_of_its_use(v, written)) {
    written_[position(v)] = written;
    return;
  }
  const std::string name = new_name(v);
  line(fmt::format("const {} {} = {};", cpp_name(kernel_[v].type), name, written.text));
  written_[position(v)] = {name};
}

/// A load stays where it is: later ones may find another value. So does a datum, where another may be put.
bool Writer::is_part_of_its_use(Value v, const Written& written) const {
  const ir::Node& node = kernel_[v];
  if (node.op == Op::constant || node.op == Op::scalar) return true;
  if (ir::info(node.op).arity == 0) return true;  // a parameter's name
  return uses_[position(v)] == 1 && !moves_[position(v)] && node.op != Op::load && node.op != Op::datum_f64 &&
         node.op != Op::datum_f32 && written.text.size() <= kLongestPart;
}

std::string Writer::new_name(Value v) {
  return fmt::format("{}{}", initial(kernel_[v].type), next_number_++);
}

void Writer::write_output(const ir::Node& node) {
  line(fmt::format("columns[kLanes * {}] = {};  // {}", node.immediate, text(node.operands[0]),
                   node.immediate < columns_.size() ? columns_[node.immediate] : "?"));
}

void Writer::write_loop(ir::LoopId id) {
  const ir::Loop& loop = kernel_[id];
  const bool is_outermost = kernel_[loop.node].region == ir::kEntry;
  const std::string& count = text(kernel_[loop.node].operands[0]);
  const bool has_data = !kernel_.data.empty();
  if (is_outermost && count == "steps") comment(has_data ? "the lane's data" : "the lane's samples");
  if (loop.settles()) comment(fmt::format("until settled, {} rounds at most", count));
  for (std::size_t k = 0; k < loop.carried.size(); ++k) {
    const Value v = loop.carried[k];
    const std::string name = new_name(v);
    line(fmt::format("{} {} = {};", cpp_name(kernel_[v].type), name, text(loop.initial[k])));
    written_[position(v)] = {.text = name, .binding = Binding::whole, .carried = {v}};
  }
  if (is_outermost && count == "steps" && !data_.unroll.empty()) line(data_.unroll);
  const std::string index = is_outermost && count == "steps" ? "step" : index_name(kernel_[loop.body].depth);
  open_loop(loop, index);
  write_region(loop.body);
  assign_carried(loop);
  look(id, index);
  if (loop.settles()) line(fmt::format("if ({}) break;", text(loop.carried[loop.settled])));
  --depth_;
  line("}");
  for (std::size_t k = 0; k < loop.results.size(); ++k)
    written_[position(loop.results[k])] = {text(loop.carried[k])};
  if (is_outermost && count == "steps" && kernel_.outputs > 0)
    comment(has_data ? "its folds" : "the lane's statistics");
}

void Writer::open_loop(const ir::Loop& loop, const std::string& index) {
  written_[position(loop.index)] = {index};
  Written goes_on{.text = index + " < "};
  place_operand(goes_on, kernel_[loop.node].operands[0], Binding::sum);
  line(fmt::format("for (u32 {0} = 0; {1}; ++{0}) {{", index, goes_on.text));
  ++depth_;
}

/// Other lanes may see it later: the block gives the tile up together.
void Writer::look(ir::LoopId loop, const std::string& index) {
  const std::uint32_t once_in = looks_ != nullptr ? looks_->once_in(loop) : 0;
  if (once_in == 1) line("if (*stop) return true;");
  if (once_in > 1) line(fmt::format("if (({} & {}u) == 0 && *stop) return true;", index, once_in - 1));
}

/// All at once: what reads another of the loop's variables is computed before any changes.
void Writer::assign_carried(const ir::Loop& loop) {
  std::vector<std::string> next;
  for (std::size_t k = 0; k < loop.carried.size(); ++k) {
    const Written& written = written_[position(loop.next[k])];
    const bool reads_others = std::ranges::any_of(written.carried, [&](Value v) {
      return v != loop.carried[k] && std::ranges::find(loop.carried, v) != loop.carried.end();
    });
    next.push_back(written.text);
    if (!reads_others) continue;
    const std::string name = new_name(loop.carried[k]);
    line(fmt::format("const {} {} = {};", cpp_name(kernel_[loop.carried[k]].type), name, written.text));
    next.back() = name;
  }
  for (std::size_t k = 0; k < loop.carried.size(); ++k)
    if (next[k] != text(loop.carried[k])) line(fmt::format("{} = {};", text(loop.carried[k]), next[k]));
}

void Writer::comment(std::string_view words) {
  if (!out_.empty()) out_ += '\n';
  line(fmt::format("// {}", words));
}

/// Broken after a comma or before an operator where it is too long for a line.
void Writer::line(std::string_view statement) {
  std::size_t indent = 2 * std::size_t{depth_};
  while (indent + statement.size() > kLineWidth) {
    const std::size_t at = statement.rfind(' ', kLineWidth - indent);
    if (at == statement.npos || at == 0) break;
    out_.append(indent, ' ').append(statement.substr(0, at)) += '\n';
    statement.remove_prefix(at + 1);
    indent = 2 * std::size_t{depth_} + 4;
  }
  out_.append(indent, ' ').append(statement) += '\n';
}

}  // namespace mc::cuda
