// Operators, names and arrays.
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"

namespace mc::language {
namespace {

using ir::Op;

constexpr const char* kRaiseExpansion = "simplify it, or raise Limits::expansion (--limit expansion=N)";

bool agree(std::int64_t a, std::int64_t b) { return a == b || a == Shape::kUnknown || b == Shape::kUnknown; }
bool agree(const Shape& a, const Shape& b) {
  return a.rank == b.rank && agree(a.rows, b.rows) && agree(a.columns, b.columns);
}

Op fold_op(Operator op) {
  switch (op) {
    case Operator::add:
      return Op::add;
    case Operator::subtract:
      return Op::sub;
    case Operator::multiply:
      return Op::mul;
    case Operator::divide:
      return Op::div;
    case Operator::logical_and:
      return Op::bit_and;
    default:
      return Op::bit_or;
  }
}

}  // namespace

std::string describe(const Shape& shape) {
  const auto extent = [](std::int64_t n) {
    return n == Shape::kUnknown ? std::string("?") : std::to_string(n);
  };
  if (shape.rank == 0) return "a number";
  if (is_data_extent(shape.rows)) return "an array of data";
  if (shape.rank == 1) return "a vector of " + extent(shape.rows);
  return "a " + extent(shape.rows) + " by " + extent(shape.columns) + " matrix";
}

/// Texts are no deeper than Limits::depth, but functions written out are, and so are vectors made of vectors.
/// What goes through them is recursion, and takes up to 1 KiB of the stack a level.
void Checker::check_nesting(std::size_t nesting) const {
  constexpr std::size_t kTexts = 4;
  if (nesting > kTexts * limits_.depth)
    throw PastLimit{fmt::format("this nests more than {} deep with functions and vectors written out",
                                kTexts * limits_.depth),
                    "make it flatter, or raise Limits::depth (--limit depth=N): four times that is allowed"};
}

Value Checker::expression(NodeId id) {
  const Node& node = (*frame_->program)[id];
  if (!spend(node.span)) return opened();
  check_nesting(++nesting_);
  Value value = expression_of(node, id);
  --nesting_;
  return value;
}

Value Checker::expression_of(const Node& node, NodeId id) {
  switch (node.kind) {
    case NodeKind::error:
      return opened();
    case NodeKind::number:
      return of(number(node.number));
    case NodeKind::name:
      return name(id);
    case NodeKind::subscript:
      return subscript(id);
    case NodeKind::negate:
      return map(expression(frame_->program->child(id, 0)), Op::neg);
    case NodeKind::logical_not:
      return map(as_truth(expression(frame_->program->child(id, 0))), Op::bit_not);
    case NodeKind::power:
      return map(Op::pow_function, expression(frame_->program->child(id, 0)),
                 expression(frame_->program->child(id, 1)), node.span);
    case NodeKind::fold:
      return fold(id);
    case NodeKind::comparison:
      return comparison(id);
    case NodeKind::call:
      return call(id);
    case NodeKind::array:
      return array(id);
    case NodeKind::value_binding:
      return error(Category::syntax, node.span, "nothing starts here", "iterate(x = 1, …) begins with it");
    case NodeKind::range_binding:
      return error(Category::syntax, node.span, "a range has no place here",
                   "ranges belong to reductions: sum(x_i, i = 2..4)");
  }
  return opened();
}

/// Every node of every function's body costs one each time it is looked at, and so does every element that a
/// vector made of others is asked for: functions that call functions cannot grow without bound.
bool Checker::spend(Span span) {
  if (++spent_ <= limits_.expansion) return true;
  if (spent_ == limits_.expansion + 1) error(Category::argument, span, past_expansion(), kRaiseExpansion);
  return false;
}

std::string Checker::past_expansion() const {
  return fmt::format("the program grows to more than {} nodes once its functions are written out",
                     limits_.expansion);
}

// ---------------------------------------------------------------- names

std::optional<Value> Checker::lookup(std::string_view wanted) {
  for (auto it = frame_->locals.rbegin(); it != frame_->locals.rend(); ++it)
    if (it->name == wanted) return it->value;
  for (auto it = frame_->indices.rbegin(); it != frame_->indices.rend(); ++it)
    if ((*it)->name == wanted) return of(model_.terms.index((*it)->level));
  if (const Binding* found = binding(wanted); found && found->kind == Binding::Kind::value)
    return found->value;
  if (wanted == "pi") return of(number(M_PI));
  if (wanted == "e") return of(number(M_E));
  if (wanted == "inf") return of(number(INFINITY));
  return {};
}

Value Checker::name(NodeId id) {
  Value value = named(id);
  if (!in_double_ || !setting_.single || value.open) return value;
  return map(value, [this](TermId term) { return model_.terms.as_double(term); });
}

Value Checker::named(NodeId id) {
  const std::string_view wanted = frame_->program->name(id);
  const Span span = (*frame_->program)[id].focus;
  if (auto known = lookup(wanted)) return *known;
  if (auto free = free_name(wanted, span)) return *free;
  if (const Binding* found = binding(wanted); found != nullptr)
    return found->kind == Binding::Kind::sampler
               ? error(Category::name, span, fmt::format("{} is a distribution", wanted),
                       fmt::format("draw from it: x ~ {}(…)", wanted))
               : error(Category::name, span, fmt::format("{} is a function", wanted),
                       fmt::format("call it: {}(…)", wanted));
  const auto names = known_names();
  const std::string_view close = nearest(wanted, names);
  return error(Category::name, span, fmt::format("unknown name {}", printable(wanted)),
               !close.empty() ? fmt::format("did you mean {}?", close)
               : is_customary_index(wanted)
                   ? "an index counts where it is a subscript too, or says its range: i = 1..10"
                   : "define it, or give it a value (-D; Options::parameters)",
               close);
}

// ---------------------------------------------------------------- elementwise

/// A vector made of others that nest `height` deep. Copies share the rule, and what it said last: in y + y
/// both sides ask for the same element, and a chain of such would else ask 2^n times.
Value Checker::made(const Shape& shape, std::uint32_t height,
                    std::function<TermId(std::span<const Subscript>)> at) {
  struct Shared {
    std::function<TermId(std::span<const Subscript>)> at;
    std::vector<Subscript> asked = {};
    TermId answer = TermId::none;
  };
  check_nesting(height + 1);
  const auto shared = std::make_shared<Shared>(std::move(at));
  const auto element = [this, shared](std::span<const Subscript> s) {
    if (shared->answer != TermId::none && std::ranges::equal(shared->asked, s)) return shared->answer;
    if (++spent_ > limits_.expansion) throw PastLimit{past_expansion(), kRaiseExpansion};
    const TermId answer = shared->at(s);
    shared->asked.assign(s.begin(), s.end());
    return shared->answer = answer;
  };
  return {.shape = shape, .at = element, .height = height + 1};
}

Value Checker::map(const Value& a, const Unary& f) {
  if (a.open) return a;
  if (a.is_scalar()) return of(f(a.scalar));
  return made(a.shape, a.height, [at = a.at, f](auto s) { return f(at(s)); });
}

/// The shape of an elementwise operation's result (a value without its elements), or an open value after an
/// error.
Value Checker::joined(const Value& a, const Value& b, Span span) {
  if (a.open || b.open) return opened();
  if (a.is_scalar()) return {.shape = b.shape};
  if (b.is_scalar()) return {.shape = a.shape};
  if (agree(a.shape, b.shape)) return {.shape = a.shape.rows == Shape::kUnknown ? b.shape : a.shape};
  return error(Category::shape, span,
               fmt::format("{} and {} do not go together", describe(a.shape), describe(b.shape)),
               "elementwise operations take equal shapes, or a number on one side");
}

Value Checker::map(const Value& a, const Value& b, Span span, const Binary& f) {
  const Value shaped = joined(a, b, span);
  if (shaped.open) return shaped;
  if (shaped.is_scalar()) return of(f(a.scalar, b.scalar));
  const auto element = [](const Value& v, std::span<const Subscript> s) {
    return v.is_scalar() ? v.scalar : v.at(s);
  };
  return made(shaped.shape, std::max(a.height, b.height),
              [a, b, f, element](auto s) { return f(element(a, s), element(b, s)); });
}

Value Checker::map(const std::vector<Value>& three, Span span, const Ternary& f) {
  const Value shaped = joined(joined(three[0], three[1], span), three[2], span);
  if (shaped.open) return shaped;
  if (shaped.is_scalar()) return of(f({three[0].scalar, three[1].scalar, three[2].scalar}));
  return made(shaped.shape, std::ranges::max(three, {}, &Value::height).height,
              [three, f](std::span<const Subscript> s) {
                const auto element = [s](const Value& v) { return v.is_scalar() ? v.scalar : v.at(s); };
                return f({element(three[0]), element(three[1]), element(three[2])});
              });
}

Value Checker::map(const Value& a, Op op) {
  return map(a, [this, op](TermId t) {
    return model_.terms.apply(op, op == Op::bit_not ? t : model_.terms.as_number(t));
  });
}

Value Checker::map(Op op, const Value& a, const Value& b, Span span) {
  const bool logical = op == Op::bit_and || op == Op::bit_or;
  return map(a, b, span, [this, op, logical](TermId s, TermId t) {
    Terms& terms = model_.terms;
    return logical ? terms.apply(op, terms.as_truth(s), terms.as_truth(t))
                   : terms.apply(op, terms.as_number(s), terms.as_number(t));
  });
}

Value Checker::as_truth(const Value& a) {
  return map(a, [this](TermId t) { return model_.terms.as_truth(t); });
}

/// One rule for the whole chain, however long: nesting a rule in a rule for each link would nest calls as
/// deep.
Value Checker::fold(NodeId id) {
  const Program& program = *frame_->program;
  const auto operands = program.children_of(id);
  const auto links = program.links_of(id);
  std::vector<Value> values;
  for (NodeId operand : operands) values.push_back(expression(operand));
  Value shaped = values[0];
  for (std::size_t k = 0; k < links.size(); ++k) {
    const Span span = join(program[operands[0]].span, program[operands[k + 1]].span);
    shaped = joined(shaped, values[k + 1], span);
    if (shaped.open) return shaped;
  }
  const std::uint32_t height = std::ranges::max(values, {}, &Value::height).height;
  const auto chain = [this, values = std::move(values),
                      ops = std::vector<Link>(links.begin(), links.end())](auto element) {
    Value folded = of(element(values[0]));
    for (std::size_t k = 0; k < ops.size(); ++k)
      folded = map(fold_op(ops[k].op), folded, of(element(values[k + 1])), {});
    return folded.scalar;
  };
  if (shaped.is_scalar()) return of(chain([](const Value& v) { return v.scalar; }));
  return made(shaped.shape, height, [chain](std::span<const Subscript> s) {
    return chain([s](const Value& v) { return v.is_scalar() ? v.scalar : v.at(s); });
  });
}

/// a < b < c is a < b and b < c.
Value Checker::comparison(NodeId id) {
  const Program& program = *frame_->program;
  const auto operands = program.children_of(id);
  const auto links = program.links_of(id);
  std::vector<Value> values;
  for (NodeId operand : operands) values.push_back(expression(operand));
  Value all = opened();
  for (std::size_t k = 0; k < links.size(); ++k) {
    const Span span = join(program[operands[k]].span, program[operands[k + 1]].span);
    const Value &a = values[k], &b = values[k + 1];
    const Value pair = [&] {
      switch (links[k].op) {
        case Operator::less:
          return map(Op::lt, a, b, span);
        case Operator::less_equal:
          return map(Op::le, a, b, span);
        case Operator::greater:
          return map(Op::lt, b, a, span);
        case Operator::greater_equal:
          return map(Op::le, b, a, span);
        case Operator::equal:
          return map(Op::eq, a, b, span);
        default:
          return map(map(Op::eq, a, b, span), Op::bit_not);
      }
    }();
    all = k == 0 ? pair : map(Op::bit_and, all, pair, span);
  }
  return all;
}

// ---------------------------------------------------------------- arrays

Value Checker::array(NodeId id) {
  const Program& program = *frame_->program;
  const Span span = program[id].span;
  const auto rows = program.children_of(id);
  const bool matrix = !rows.empty() && program[rows[0]].kind == NodeKind::array;
  std::vector<TermId> elements;
  std::size_t columns = 1;
  for (NodeId row : rows) {
    const bool is_row = program[row].kind == NodeKind::array;
    if (is_row != matrix)
      return error(Category::shape, program[row].span, "an array holds numbers, or rows of one length",
                   "write [a, b], or [[a, b], [c, d]]");
    const auto entries = is_row ? program.children_of(row) : std::span(&row, 1);
    if (row == rows[0]) columns = entries.size();
    if (entries.size() != columns)
      return error(Category::shape, program[row].span,
                   fmt::format("the rows of a matrix are of one length: this one is of {}, the first of {}",
                               entries.size(), columns));
    for (NodeId entry : entries) elements.push_back(scalar(entry, "an array's element"));
  }
  const auto extent = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  return literal({matrix ? 2u : 1u, extent(rows.size()), extent(columns)}, std::move(elements), span);
}

/// Numbers become an array in memory; anything else is chosen element by element, which only short arrays
/// afford.
Value Checker::literal(const Shape& shape, std::vector<TermId> elements, Span span) {
  Array array{.name = {}, .shape = shape, .values = {}};
  for (TermId element : elements)
    if (model_.terms.is_number(element)) array.values.push_back(model_.terms[element].number);
  const auto at_position = [elements, columns = shape.columns](std::span<const Subscript> s) {
    return elements[static_cast<std::size_t>(s.size() == 1 ? s[0].offset - 1
                                                           : (s[0].offset - 1) * columns + s[1].offset - 1)];
  };
  const auto plain = [](std::span<const Subscript> s) {
    return std::ranges::all_of(s, &Subscript::is_plain);
  };
  if (array.values.size() == elements.size()) {
    const std::uint32_t number = literal_number(std::move(array));
    return {.shape = shape, .at = [this, number, at_position, plain](auto s) {
              return plain(s) ? at_position(s) : model_.terms.element(number, s);
            }};
  }
  if (elements.size() > limits_.computed_elements)
    return error(
        Category::shape, span,
        fmt::format("an array with computed elements has {} of them; at most {}", elements.size(),
                    limits_.computed_elements),
        "raise Limits::computed_elements (--limit computed_elements=N), or give the array as a parameter");
  return {.shape = shape, .at = [this, elements, at_position, plain, shape](std::span<const Subscript> s) {
            if (plain(s)) return at_position(s);
            Terms& terms = model_.terms;
            const auto value_of = [&](const Subscript& k) {
              return terms.apply(Op::add, terms.apply(Op::mul, terms.index(k.level), number(k.scale)),
                                 number(double(k.offset)));
            };
            TermId position = s[0].is_plain() ? number(double(s[0].offset)) : value_of(s[0]);
            if (s.size() == 2) {
              const TermId row = terms.apply(Op::mul, terms.apply(Op::sub, position, number(1)),
                                             number(double(shape.columns)));
              position =
                  terms.apply(Op::add, row, s[1].is_plain() ? number(double(s[1].offset)) : value_of(s[1]));
            }
            TermId chosen = elements.back();
            for (std::size_t k = elements.size() - 1; k-- > 0;)
              chosen = terms.apply(Op::select, terms.apply(Op::eq, position, number(double(k + 1))),
                                   elements[k], chosen);
            return chosen;
          }};
}

/// Equal ones are one, as a function's are each time it is written out.
std::uint32_t Checker::literal_number(Array array) {
  const std::span values(array.values);
  const std::string key =
      fmt::format("{}x{}:{}", array.shape.rows, array.shape.columns,
                  std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
  const auto [known, is_new] = literals_.emplace(key, static_cast<std::uint32_t>(model_.arrays.size()));
  if (is_new) model_.arrays.push_back(std::move(array));
  return known->second;
}

// ---------------------------------------------------------------- what has to be a number

TermId Checker::scalar(NodeId id, std::string_view what, std::string hint) {
  const Value value = expression(id);
  if (value.open) return open_;
  if (value.is_scalar()) return model_.terms.as_number(value.scalar);
  error(Category::shape, (*frame_->program)[id].span,
        fmt::format("{} has to be a number, and {} is {}", what, text(id), describe(value.shape)),
        std::move(hint));
  return open_;
}

}  // namespace mc::language
