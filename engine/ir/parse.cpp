// Text to kernel, line by line; the first mistake ends it. Builds the nodes just as they are written, without
// a Builder, and leaves judging what they mean to the verifier.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <optional>
#include <unordered_map>

#include "engine/ir/text.hpp"
#include "engine/ir/verify.hpp"

namespace mc::ir {
namespace {

/// What is wrong, thrown to the loop over lines, which adds the number of the line.
struct Mistake {
  std::string text;
};

template <class... T>
[[noreturn]] void fail(fmt::format_string<T...> form, T&&... values) {
  throw Mistake{fmt::format(form, std::forward<T>(values)...)};
}

/// The rest of a line, piece by piece.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text.substr(0, text.find('#'))) { skip(); }

  bool at_end() const { return rest_.empty(); }
  bool starts_with(char c) const { return rest_.starts_with(c); }

  bool accept(std::string_view piece) {
    if (!rest_.starts_with(piece)) return false;
    take(piece.size());
    return true;
  }

  void expect(std::string_view piece) {
    if (!accept(piece)) fail("expected '{}' before '{}'", piece, shown());
  }

  void expect_end() {
    if (!at_end()) fail("'{}' is too much", shown());
  }

  /// Letters, digits and what else numbers are written with.
  std::string_view word(std::string_view what) { return run_of(is_word, what); }

  std::string_view value_name() {
    if (!starts_with('%')) fail("expected a value before '{}'", shown());
    rest_.remove_prefix(1);
    return run_of(is_name, "a value's name");
  }

 private:
  static bool is_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
  }
  static bool is_word(char c) { return is_name(c) || c == ':' || c == '+' || c == '-'; }

  std::string_view run_of(bool (*belongs)(char), std::string_view what) {
    std::size_t n = 0;
    while (n < rest_.size() && belongs(rest_[n])) ++n;
    if (n == 0) fail("expected {} before '{}'", what, shown());
    return take(n);
  }

  std::string_view shown() const { return rest_.empty() ? "the end of the line" : rest_.substr(0, 40); }

  std::string_view take(std::size_t n) {
    const auto taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    skip();
    return taken;
  }

  void skip() {
    const auto n = rest_.find_first_not_of(" \t\r");
    rest_.remove_prefix(n == std::string_view::npos ? rest_.size() : n);
  }

  std::string_view rest_;
};

// ---- numbers

template <class T>
std::optional<T> integer(std::string_view word) {
  const int base = word.starts_with("0x") ? 16 : 10;
  if (base == 16) word.remove_prefix(2);
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

template <class T>
std::uint64_t number(std::string_view word) {
  const auto value = integer<T>(word);
  if (!value) fail("'{}' is no number below 2^{}", word, std::numeric_limits<T>::digits);
  return *value;
}

template <class Float>
std::optional<Float> finite(std::string_view word) {
  const bool negative = word.starts_with('-');
  if (negative) word.remove_prefix(1);
  const bool hex = word.starts_with("0x");
  if (hex) word.remove_prefix(2);
  if (word.empty() || !((word[0] >= '0' && word[0] <= '9') || (hex && word[0] >= 'a' && word[0] <= 'f')))
    return {};
  Float value{};
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, format);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return negative ? -value : value;
}

template <class Float, class Bits>
std::uint64_t float_bits(std::string_view word) {
  using Limits = std::numeric_limits<Float>;
  if (word == "inf") return std::bit_cast<Bits>(Limits::infinity());
  if (word == "-inf") return std::bit_cast<Bits>(-Limits::infinity());
  if (word == "nan") return std::bit_cast<Bits>(Limits::quiet_NaN());
  if (word.starts_with("nan:")) {
    const auto bits = integer<Bits>(word.substr(4));
    if (bits && std::bit_cast<Float>(*bits) != std::bit_cast<Float>(*bits)) return *bits;
  } else if (const auto value = finite<Float>(word)) {
    return std::bit_cast<Bits>(*value);
  }
  fail("'{}' is no {}", word, sizeof(Float) == 8 ? "f64" : "f32");
}

std::uint64_t constant_bits(Type type, std::string_view word) {
  switch (type) {
    case Type::f64:
      return float_bits<double, std::uint64_t>(word);
    case Type::f32:
      return float_bits<float, std::uint32_t>(word);
    case Type::u64:
      return number<std::uint64_t>(word);
    case Type::u32:
      return number<std::uint32_t>(word);
    case Type::i1:
      break;
    case Type::none:
      fail("a constant has a type");
  }
  if (word != "true" && word != "false") fail("'{}' is neither true nor false", word);
  return word == "true";
}

// ---- statements

class Parser {
 public:
  std::expected<Kernel, std::string> run(std::string_view text) {
    try {
      while (!text.empty()) {
        ++line_number_;
        const std::size_t n = text.find('\n');
        if (Line line(text.substr(0, n)); !line.at_end()) statement(line);
        text.remove_prefix(n == std::string_view::npos ? text.size() : n + 1);
      }
      if (!has_header_) fail("a kernel starts with 'kernel'");
      if (!open_.empty()) fail("the loop of line {} is not closed", open_.back().line);
    } catch (const Mistake& mistake) {
      return std::unexpected(fmt::format("line {}: {}", std::max(line_number_, 1U), mistake.text));
    }
    return judged();
  }

 private:
  struct OpenLoop {
    LoopId loop;
    std::uint32_t line;
    bool has_next = false;
  };

  std::expected<Kernel, std::string> judged() {
    const auto faults = find_faults(kernel_, Level::functions);
    if (faults.empty()) return std::move(kernel_);
    const Fault& first = faults.front();
    const std::uint32_t line = first.node == kNoValue ? header_line_ : lines_[position(first.node)];
    return std::unexpected(fmt::format("line {}: {}", line, first.text));
  }

  void statement(Line& line) {
    if (!has_header_) return header(line);
    if (line.accept("}")) return close_loop(line);
    const auto results = definitions(line);
    const std::string_view word = line.word("an operation");
    if (!open_.empty() && open_.back().has_next) fail("after 'next' comes only a '}}'");
    if (word == "next" && results.empty()) return next(line);
    const auto op = op_named(word);
    if (!op) fail("there is no operation '{}'", word);
    *op == Op::loop ? open_loop(line, results) : operation(line, *op, results);
    line.expect_end();
  }

  void header(Line& line) {
    if (!line.accept("kernel")) fail("a kernel starts with 'kernel'");
    has_header_ = true;
    header_line_ = line_number_;
    const auto field = [&](std::string_view name, std::uint32_t& target) {
      line.expect(name);
      target = static_cast<std::uint32_t>(number<std::uint32_t>(line.word("a number")));
    };
    field("scalars", kernel_.scalars);
    array_lengths(line, field);
    field("outputs", kernel_.outputs);
    if (line.accept("data")) data_arrays(line, field);
    if (line.accept("tables")) tables(line, field);
    if (line.accept("rows")) do
        field("", kernel_.rows.emplace_back());
      while (!line.at_end());
    line.expect_end();
  }

  /// `arrays 0`, or `arrays 2 (8 6)`: how many, and their lengths.
  void array_lengths(Line& line, const auto& field) {
    std::uint32_t count = 0;
    field("arrays", count);
    if (count == 0 && !line.starts_with('(')) return;
    line.expect("(");
    while (!line.accept(")")) field("", kernel_.arrays.emplace_back());
    if (kernel_.arrays.size() != count)
      fail("these are the lengths of {} arrays, not {}", kernel_.arrays.size(), count);
  }

  /// `2 (f64 f32:put)`: how many, their types, and which are written.
  void data_arrays(Line& line, const auto& field) {
    std::uint32_t count = 0;
    field("", count);
    line.expect("(");
    while (!line.accept(")")) {
      std::string_view word = line.word("a type");
      const bool is_written = word.ends_with(":put");
      if (is_written) word.remove_suffix(4);
      const auto type = type_named(word);
      if (!type || !is_float(*type)) fail("a data array is of f64 or f32, not of {}", word);
      kernel_.data.push_back({*type, is_written});
    }
    if (kernel_.data.size() != count)
      fail("these are the types of {} data arrays, not {}", kernel_.data.size(), count);
  }

  /// `2 (f64:3 u8:1)`: how many, their types and columns.
  void tables(Line& line, const auto& field) {
    std::uint32_t count = 0;
    field("", count);
    line.expect("(");
    while (!line.accept(")")) {
      const std::string_view word = line.word("a type and columns");
      const std::size_t colon = word.find(':');
      const auto* type = std::ranges::find(kNumberNames, word.substr(0, colon));
      if (type == std::end(kNumberNames) || colon == word.npos)
        fail("a table is of f64:1 or the like, not of {}", word);
      kernel_.tables.push_back({static_cast<Number>(type - std::begin(kNumberNames)),
                                static_cast<std::uint32_t>(number<std::uint32_t>(word.substr(colon + 1)))});
    }
    if (kernel_.tables.size() != count)
      fail("these are the types of {} tables, not {}", kernel_.tables.size(), count);
  }

  /// `%a, %b =`, if there is such.
  std::vector<std::string_view> definitions(Line& line) {
    std::vector<std::string_view> names;
    if (!line.starts_with('%')) return names;
    do names.push_back(line.value_name());
    while (line.accept(","));
    line.expect("=");
    return names;
  }

  std::vector<Value> uses(Line& line) {
    std::vector<Value> values;
    if (!line.starts_with('%')) return values;
    do values.push_back(use(line));
    while (line.accept(","));
    return values;
  }

  Value use(Line& line) {
    const auto name = line.value_name();
    const auto found = names_.find(name);
    if (found == names_.end()) fail("%{} is not defined", name);
    return found->second;
  }

  void define(std::string_view name, Value value) {
    if (!names_.emplace(name, value).second) fail("%{} is defined twice", name);
  }

  RegionId current() const { return open_.empty() ? kEntry : kernel_[open_.back().loop].body; }

  Value add(const Node& node) {
    const auto value = static_cast<Value>(kernel_.nodes.size());
    kernel_.nodes.push_back(node);
    kernel_.regions[position(node.region)].body.push_back(value);
    lines_.push_back(line_number_);
    return value;
  }

  Type type(Line& line) {
    const auto word = line.word("a type");
    const auto type = type_named(word);
    if (!type || *type == Type::none) fail("there is no type '{}'", word);
    return *type;
  }

  void operation(Line& line, Op op, std::span<const std::string_view> results) {
    if (is_loop_part(op)) fail("only a loop makes its {}", info(op).name);
    const bool has_value = !is_write(op);
    if (results.size() != (has_value ? 1 : 0))
      fail("{} gives {} value", info(op).name, has_value ? "one" : "no");
    Node node{.op = op, .type = has_value ? type(line) : Type::none, .region = current()};
    const std::size_t arity = info(op).arity;
    if (op == Op::constant) node.immediate = constant_bits(node.type, line.word("a constant"));
    if (has_number(op)) {
      node.immediate = number<std::uint32_t>(line.word("a number"));
      if (arity > 0) line.expect(",");
    }
    const auto operands = uses(line);
    if (operands.size() != arity) fail("{} takes {} operands, not {}", info(op).name, arity, operands.size());
    std::ranges::copy(operands, node.operands.begin());
    const Value value = add(node);
    if (has_value) define(results[0], value);
  }

  /// `loop %count (%initial…) { %index, %carried… ->`, its results already read; before the arrow perhaps
  /// `until %settled`.
  void open_loop(Line& line, std::span<const std::string_view> results) {
    if (open_.size() == kMaxLoopDepth) fail("loops are nested more than {} deep", kMaxLoopDepth);
    const Value count = use(line);
    line.expect("(");
    const auto initial = uses(line);
    line.expect(")");
    line.expect("{");
    if (results.size() != initial.size()) fail("a loop gives as many values as it carries");
    const auto id = static_cast<LoopId>(kernel_.loops.size());
    const RegionId outer = current();
    const auto body = static_cast<RegionId>(kernel_.regions.size());
    kernel_.regions.push_back({.parent = outer, .loop = id, .depth = kernel_[outer].depth + 1});
    kernel_.loops.push_back({.body = body, .initial = initial});
    Loop& loop = kernel_.loops.back();
    loop.node = add({.op = Op::loop,
                     .type = Type::none,
                     .region = outer,
                     .operands = {count, kNoValue, kNoValue},
                     .immediate = position(id)});
    const auto part = [&](Op op, Type type, RegionId region, std::size_t at, std::string_view name) {
      const Value value = add(
          {.op = op, .type = type, .region = region, .immediate = slot(id, static_cast<std::uint32_t>(at))});
      define(name, value);
      return value;
    };
    for (std::size_t k = 0; k < initial.size(); ++k)
      loop.results.push_back(part(Op::result, kernel_[initial[k]].type, outer, k, results[k]));
    loop.index = part(Op::index, Type::u32, body, 0, line.value_name());
    for (std::size_t k = 0; k < initial.size(); ++k) {
      line.expect(",");
      loop.carried.push_back(part(Op::carried, kernel_[initial[k]].type, body, k, line.value_name()));
    }
    if (line.accept("until")) loop.settled = carried_position(loop, line);
    line.expect("->");
    open_.push_back({id, line_number_});
  }

  std::uint32_t carried_position(const Loop& loop, Line& line) {
    const auto found = std::ranges::find(loop.carried, use(line));
    if (found == loop.carried.end()) fail("a loop settles by a value that it carries");
    return static_cast<std::uint32_t>(found - loop.carried.begin());
  }

  void next(Line& line) {
    if (open_.empty()) fail("'next' stands in a loop");
    Loop& loop = kernel_.loops[position(open_.back().loop)];
    loop.next = uses(line);
    line.expect_end();
    if (loop.next.size() != loop.carried.size())
      fail("this loop carries {} values, not {}", loop.carried.size(), loop.next.size());
    open_.back().has_next = true;
  }

  void close_loop(Line& line) {
    if (open_.empty()) fail("there is no loop to close");
    if (!open_.back().has_next && !kernel_[open_.back().loop].carried.empty())
      fail("'next' is missing before this");
    open_.pop_back();
    line.expect_end();
  }

  Kernel kernel_;
  std::vector<OpenLoop> open_;
  std::vector<std::uint32_t> lines_;  ///< of each node
  std::unordered_map<std::string_view, Value> names_;
  std::uint32_t line_number_ = 0, header_line_ = 0;
  bool has_header_ = false;
};

}  // namespace

std::expected<Kernel, std::string> parse(std::string_view text) { return Parser().run(text); }

}  // namespace mc::ir
