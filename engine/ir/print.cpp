// Kernels as text; values are numbered in the order in which they are first written. text.hpp shows the form.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>

#include "engine/ir/text.hpp"

namespace mc::ir {
namespace {

constexpr std::uint32_t kNoLabel = 0xffffffff;
constexpr std::uint64_t kReadableInteger = 10000;  ///< larger ones are bit patterns more often than not

/// `%` hexadecimal and, as a comment, the shortest decimal that means the same.
template <class Float, class Bits>
std::string float_text(Bits bits) {
  const auto value = std::bit_cast<Float>(bits);
  if (std::isnan(value)) {
    const bool is_plain = bits == std::bit_cast<Bits>(std::numeric_limits<Float>::quiet_NaN());
    return is_plain ? "nan" : fmt::format("nan:{:#x}", bits);
  }
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 64> hex{}, decimal{};
  const auto* hex_end = std::to_chars(hex.begin(), hex.end(), std::abs(value), std::chars_format::hex).ptr;
  const auto* decimal_end = std::to_chars(decimal.begin(), decimal.end(), value).ptr;
  return fmt::format("{}0x{}  # {}", std::signbit(value) ? "-" : "", std::string_view(hex.begin(), hex_end),
                     std::string_view(decimal.begin(), decimal_end));
}

std::string constant_text(Type type, std::uint64_t bits) {
  switch (type) {
    case Type::f64:
      return float_text<double>(bits);
    case Type::f32:
      return float_text<float>(static_cast<std::uint32_t>(bits));
    case Type::i1:
      return bits != 0 ? "true" : "false";
    default:
      return bits < kReadableInteger ? fmt::format("{}", bits) : fmt::format("{:#x}", bits);
  }
}

class Printer {
 public:
  explicit Printer(const Kernel& kernel, Value wanted = kNoValue)
      : kernel_(kernel), wanted_(wanted), labels_(kernel.nodes.size(), kNoLabel) {}

  /// In which the wanted value is defined.
  std::string line() {
    const std::string text = run();
    const std::size_t begin = text.find_first_not_of(' ', text.rfind('\n', wanted_at_) + 1);
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  std::string run() {
    put("kernel scalars {} arrays {}", kernel_.scalars, kernel_.arrays.size());
    if (!kernel_.arrays.empty()) put(" ({})", fmt::join(kernel_.arrays, " "));
    put(" outputs {}", kernel_.outputs);
    if (!kernel_.data.empty()) {
      put(" data {} (", kernel_.data.size());
      for (std::size_t k = 0; k < kernel_.data.size(); ++k)
        put("{}{}{}", k > 0 ? " " : "", name(kernel_.data[k].type), kernel_.data[k].is_written ? ":put" : "");
      put(")");
    }
    if (!kernel_.tables.empty()) {
      put(" tables {} (", kernel_.tables.size());
      for (std::size_t k = 0; k < kernel_.tables.size(); ++k)
        put("{}{}:{}", k > 0 ? " " : "", name(kernel_.tables[k].type), kernel_.tables[k].columns);
      put(")");
    }
    if (!kernel_.rows.empty()) put(" rows {}", fmt::join(kernel_.rows, " "));
    put("\n");
    region(kEntry);
    return std::move(out_);
  }

 private:
  template <class... T>
  void put(fmt::format_string<T...> form, T&&... values) {
    fmt::format_to(std::back_inserter(out_), form, std::forward<T>(values)...);
  }

  void indent(RegionId region) { out_.append(2 * kernel_[region].depth, ' '); }

  void use(Value v) {
    const std::uint32_t label = position(v) < labels_.size() ? labels_[position(v)] : kNoLabel;
    label == kNoLabel ? put("%?") : put("%{}", label);
  }

  void define(Value v) {
    if (v == wanted_) wanted_at_ = out_.size();
    labels_[position(v)] = next_label_++;
    use(v);
  }

  template <void (Printer::*Write)(Value)>
  void list(std::span<const Value> values) {
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (k > 0) out_ += ", ";
      (this->*Write)(values[k]);
    }
  }

  void region(RegionId id) {
    for (Value v : kernel_[id].body) {
      const Op op = kernel_[v].op;
      if (is_loop_part(op)) continue;
      indent(id);
      op == Op::loop ? loop(kernel_[static_cast<LoopId>(kernel_[v].immediate)]) : operation(v);
    }
  }

  void operation(Value v) {
    const Node& node = kernel_[v];
    if (node.type != Type::none) define(v), out_ += " = ";
    out_ += info(node.op).name;
    if (node.type != Type::none) put(" {}", name(node.type));
    if (node.op == Op::constant) put(" {}", constant_text(node.type, node.immediate));
    if (has_number(node.op)) put(" {}{}", node.immediate, node.inputs().empty() ? "" : ",");
    if (!node.inputs().empty()) out_ += ' ';
    list<&Printer::use>(node.inputs());
    out_ += '\n';
  }

  void loop(const Loop& loop) {
    list<&Printer::define>(loop.results);
    if (!loop.results.empty()) out_ += " = ";
    out_ += "loop ";
    use(kernel_[loop.node].operands[0]);
    out_ += " (";
    list<&Printer::use>(loop.initial);
    out_ += ") { ";
    define(loop.index);
    for (Value v : loop.carried) out_ += ", ", define(v);
    if (loop.settles()) out_ += " until ", use(loop.carried[loop.settled]);
    out_ += " ->\n";
    region(loop.body);
    if (!loop.next.empty()) {
      indent(loop.body);
      out_ += "next ";
      list<&Printer::use>(loop.next);
      out_ += '\n';
    }
    indent(kernel_[loop.node].region);
    out_ += "}\n";
  }

  const Kernel& kernel_;
  const Value wanted_;
  std::size_t wanted_at_ = 0;
  std::vector<std::uint32_t> labels_;
  std::uint32_t next_label_ = 0;
  std::string out_;
};

}  // namespace

std::string print(const Kernel& kernel) { return Printer(kernel).run(); }

std::string line_of(const Kernel& kernel, Value v) { return Printer(kernel, v).line(); }

}  // namespace mc::ir
