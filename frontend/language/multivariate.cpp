// Random variables whose value is a vector: mvnormal and dirichlet. Each is two variables of the model:
// independent coordinates that are drawn, and coordinates made of those, which take no draws.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"
#include "frontend/language/covariance.hpp"
#include "frontend/language/prelude.hpp"

namespace mc::language {

using ir::Op;

namespace {
std::size_t unsigned_of(std::int64_t n) { return static_cast<std::size_t>(n); }
}  // namespace

bool Checker::is_one_vector(const Law& law) {
  if (!law.count) return true;
  error(Category::shape, (*frame_->program)[law.call].span,
        fmt::format("{} gives a vector, so {} of them are none", law.name, *law.count),
        "leave ^n out: its arguments say how many coordinates there are");
  return false;
}

/// A variable of the model whose coordinates are made of others: of the index's level 0, with no draw.
Value Checker::with_variable(std::string_view name, Span span, std::int64_t rows,
                             const std::function<TermId(std::span<const Subscript>)>& element) {
  const Subscript own{1, 0, 0};
  const std::uint32_t levels_before = std::exchange(depth_, 1u);
  const TermId term = element(std::span(&own, 1));
  depth_ = levels_before;
  return new_variable(name, span, {1, rows, 1}, term);
}

// ---------------------------------------------------------------- mvnormal

/// mu + L z with z normal and Sigma = L Lᵀ.
Value Checker::draw_mvnormal(std::string_view name, const Law& law) {
  if (!is_one_vector(law) || !arity(law.call, 2, "mvnormal(mu, Sigma)")) return opened();
  const std::vector<Value> given = arguments(law.call);
  const Program& program = *frame_->program;
  const Span span = program[law.call].span;
  const auto lower = triangle(FactorKind::lower, given[1], program.child(law.call, 1));
  if (!lower || given[0].open || !goes_with("mu", given[0], lower->rows, span)) return opened();
  Terms& terms = model_.terms;
  const Value z =
      new_variable(name, span, {1, lower->rows, 1}, terms.apply(Op::normicdf_function, terms.draw(0)));
  return with_variable(name, span, lower->rows, [&](std::span<const Subscript> own) {
    const TermId mu = terms.as_number(given[0].is_scalar() ? given[0].scalar : given[0].at(own));
    return terms.apply(Op::add, mu, product(*lower, z).at(own));
  });
}

/// exp(-|y|²/2)/((2 pi)^(n/2) det L) with y = L⁻¹(x - mu), by logarithms.
Value Checker::mvnormal_density(NodeId call) {
  if (!arity(call, 3, "mvnormal.pdf(x, mu, Sigma)")) return opened();
  const bool before = std::exchange(in_double_, true);
  const std::vector<Value> given = arguments(call);
  in_double_ = before;
  const Program& program = *frame_->program;
  const Span span = program[call].span;
  const auto inverse = triangle(FactorKind::inverse, given[2], program.child(call, 2));
  if (!inverse || given[0].open || given[1].open) return opened();
  if (given[0].is_scalar())
    return error(
        Category::shape, program[program.child(call, 0)].span,
        fmt::format("mvnormal.pdf is of a vector, and {} is a number", text(program.child(call, 0))));
  if (!goes_with("x", given[0], inverse->rows, span) || !goes_with("mu", given[1], inverse->rows, span))
    return opened();
  if (depth_ + 2 > limits_.index_levels) return too_many_levels(span);
  constexpr double kLog2Pi = 1.8378770664093454836;
  Terms& terms = model_.terms;
  const Value y = product(*inverse, map(Op::sub, given[0], given[1], span));
  const Subscript own{1, depth_++, 0};
  const TermId each = y.at(std::span(&own, 1));
  --depth_;
  const TermId square =
      terms.reduce({Reduction::sum, {{own.level, 1, inverse->rows}}, terms.apply(Op::mul, each, each)});
  const TermId rest = terms.apply(Op::sub, log_determinant(*inverse),
                                  number(0.5 * static_cast<double>(inverse->rows) * kLog2Pi));
  const TermId exponent = terms.apply(Op::sub, rest, terms.apply(Op::mul, number(0.5), square));
  return of(terms.apply(Op::exp_function, exponent));
}

/// A vector of so many coordinates, or a number for all of them.
bool Checker::goes_with(std::string_view what, const Value& vector, std::int64_t rows, Span span) {
  if (vector.is_scalar() || (vector.shape.rank == 1 && vector.shape.rows == rows)) return true;
  error(Category::shape, span,
        fmt::format("{} is {}, and the covariance is {}", what, describe(vector.shape),
                    describe({2, rows, rows})));
  return false;
}

// ---------------------------------------------------------------- factors of a covariance

/// Nothing where it is not known yet or wrong.
std::optional<Checker::Triangle> Checker::triangle(FactorKind kind, const Value& covariance, NodeId id) {
  const Node& node = (*frame_->program)[id];
  if (covariance.open) return {};
  if (covariance.shape.rank != 2 || covariance.shape.rows != covariance.shape.columns) {
    error(Category::shape, node.span,
          fmt::format("a covariance is a square matrix, and {} is {}", text(id), describe(covariance.shape)),
          covariance.is_scalar() ? "write a single variance as [[4]]" : "");
    return {};
  }
  const std::int64_t rows = covariance.shape.rows;
  Factor wanted{.kind = kind,
                .source = source_of(covariance),
                .elements = {},
                .name = node.kind == NodeKind::name ? text(id) : "Sigma",
                .span = node.span};
  if (wanted.source) return factor(std::move(wanted), rows);
  const std::size_t size = unsigned_of(covariance.shape.size());
  spent_ += std::min(size, limits_.expansion);
  if (!spend(node.span)) return {};
  for (std::int64_t i = 1; i <= rows; ++i)
    for (std::int64_t j = 1; j <= rows; ++j) {
      const Subscript at[] = {{0, 0, i}, {0, 0, j}};
      wanted.elements.push_back(model_.terms.as_number(covariance.at(at)));
    }
  if (std::ranges::any_of(wanted.elements, [this](TermId t) { return model_.terms[t].random; }))
    return unrolled(kind, wanted.elements, rows, node.span);
  return factor(std::move(wanted), rows);
}

/// The array that a matrix is, entry for entry.
std::optional<std::uint32_t> Checker::source_of(const Value& matrix) {
  const Subscript at[] = {{1, depth_, 0}, {1, depth_ + 1, 0}};
  const Term& term = model_.terms[matrix.at(at)];
  if (term.kind != TermKind::element || term.subscripts[0] != at[0] || term.subscripts[1] != at[1]) return {};
  return term.id;
}

/// Made here where all is known here, else by the call.
std::optional<Checker::Triangle> Checker::factor(Factor wanted, std::int64_t rows) {
  const bool is_literal = wanted.source && model_.arrays[*wanted.source].name.empty();
  if (wanted.source) {
    const auto known = factors_.find({wanted.kind, *wanted.source});
    if (known != factors_.end()) return Triangle{.rows = rows, .array = known->second};
    if (is_literal) return factor_now(wanted, model_.arrays[*wanted.source].values, rows);
  } else {
    std::vector<double> values;
    for (TermId element : wanted.elements)
      if (model_.terms.is_number(element)) values.push_back(model_.terms[element].number);
    if (values.size() == wanted.elements.size()) return factor_now(wanted, values, rows);
    const auto known = std::ranges::find_if(model_.factors, [&](const Factor& made) {
      return made.kind == wanted.kind && made.elements == wanted.elements;
    });
    if (known != model_.factors.end()) return Triangle{.rows = rows, .array = known->array};
  }
  wanted.array = static_cast<std::uint32_t>(model_.arrays.size());
  wanted.span = place(wanted.span);
  if (wanted.source) factors_.emplace(std::pair(wanted.kind, *wanted.source), wanted.array);
  model_.arrays.push_back(
      {.name = {}, .shape = {2, rows, rows}, .values = std::vector<double>(unsigned_of(rows * rows))});
  model_.factors.push_back(std::move(wanted));
  return Triangle{.rows = rows, .array = model_.factors.back().array};
}

std::optional<Checker::Triangle> Checker::factor_now(const Factor& wanted, std::span<const double> values,
                                                     std::int64_t rows) {
  Array made{.name = {}, .shape = {2, rows, rows}, .values = std::vector<double>(values.size())};
  const std::string refusal = factorize(wanted.kind, values, unsigned_of(rows), wanted.name, made.values);
  if (!refusal.empty()) {
    error(Category::argument, wanted.span, refusal);
    return {};
  }
  const auto number = static_cast<std::uint32_t>(model_.arrays.size());
  model_.arrays.push_back(std::move(made));
  if (wanted.source) factors_.emplace(std::pair(wanted.kind, *wanted.source), number);
  return Triangle{.rows = rows, .array = number};
}

/// Cholesky's factorization written out in terms: for each sample anew, so for small ones only. Where a
/// sample's covariance is none, its factor is not a number.
std::optional<Checker::Triangle> Checker::unrolled(FactorKind kind, const std::vector<TermId>& elements,
                                                   std::int64_t rows, Span span) {
  if (elements.size() > limits_.computed_elements) {
    error(Category::argument, span,
          fmt::format(
              "a covariance that depends on random variables has at most {} elements, and this one has {}",
              limits_.computed_elements, elements.size()),
          "scale the variable instead, or raise Limits::computed_elements");
    return {};
  }
  Terms& terms = model_.terms;
  const std::size_t n = unsigned_of(rows);
  Triangle lower{.rows = rows,
                 .array = 0,
                 .elements = std::vector<TermId>(n * n, number(0)),
                 .sound = terms.truth(true)};
  auto& l = lower.elements;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      TermId rest = elements[i * n + j];
      if (rest != elements[j * n + i])
        lower.sound = terms.apply(Op::bit_and, lower.sound,
                                  alike(rest, elements[j * n + i], elements[i * n + i], elements[j * n + j]));
      for (std::size_t k = 0; k < j; ++k)
        rest = terms.apply(Op::sub, rest, terms.apply(Op::mul, l[i * n + k], l[j * n + k]));
      const TermId positive =
          terms.apply(Op::select, terms.apply(Op::lt, number(0), rest), rest, number(NAN));
      l[i * n + j] = i == j ? terms.apply(Op::sqrt, positive) : terms.apply(Op::div, rest, l[j * n + j]);
    }
  if (kind == FactorKind::inverse) invert(lower);
  return lower;
}

/// What factorize() asks of a_ij and a_ji, in terms; of floats as much less as they are less exact.
TermId Checker::alike(TermId a, TermId b, TermId a_ii, TermId a_jj) {
  Terms& terms = model_.terms;
  const TermId scale =
      terms.apply(Op::sqrt, terms.apply(Op::mul, terms.apply(Op::abs, a_ii), terms.apply(Op::abs, a_jj)));
  const TermId apart = terms.apply(Op::abs, terms.apply(Op::sub, a, b));
  constexpr double kAsymmetryOfFloats = kAsymmetry * 0x1p20;
  const TermId most = number(terms.single ? kAsymmetryOfFloats : kAsymmetry);
  const TermId near = terms.apply(Op::le, apart, terms.apply(Op::mul, most, scale));
  return terms.apply(Op::bit_or, near, terms.apply(Op::eq, a, b));
}

void Checker::invert(Triangle& lower) {
  Terms& terms = model_.terms;
  const std::size_t n = unsigned_of(lower.rows);
  auto& l = lower.elements;
  for (std::size_t i = 0; i < n; ++i) {
    const TermId diagonal = l[i * n + i];
    for (std::size_t j = 0; j < i; ++j) {
      TermId sum = number(0);
      for (std::size_t k = j; k < i; ++k)
        sum = terms.apply(Op::add, sum, terms.apply(Op::mul, l[i * n + k], l[k * n + j]));
      l[i * n + j] = terms.apply(Op::div, terms.apply(Op::neg, sum), diagonal);
    }
    l[i * n + i] = terms.apply(Op::div, number(1), diagonal);
  }
}

/// The triangle times a vector.
Value Checker::product(const Triangle& triangle, const Value& vector) {
  Terms& terms = model_.terms;
  const Shape shape{1, triangle.rows, 1};
  const auto entry = [vector](const Subscript& j) {
    return vector.is_scalar() ? vector.scalar : vector.at(std::span(&j, 1));
  };
  if (triangle.elements.empty())
    return {.shape = shape, .at = [this, triangle, entry](std::span<const Subscript> s) {
              const Subscript at[] = {s[0], {1, depth_++, 0}};
              const TermId part = model_.terms.apply(Op::mul, model_.terms.element(triangle.array, at),
                                                     model_.terms.as_number(entry(at[1])));
              --depth_;
              return model_.terms.reduce({Reduction::sum, {{at[1].level, 1, triangle.rows}}, part});
            }};
  std::vector<TermId> sums;
  for (std::int64_t i = 1; i <= triangle.rows; ++i) {
    TermId sum = number(0);
    for (std::int64_t j = 1; j <= i; ++j) {
      const TermId part = triangle.elements[unsigned_of((i - 1) * triangle.rows + j - 1)];
      sum = terms.apply(Op::add, sum, terms.apply(Op::mul, part, terms.as_number(entry({0, 0, j}))));
    }
    sums.push_back(terms.apply(Op::select, triangle.sound, sum, number(NAN)));
  }
  return literal(shape, std::move(sums), {});
}

/// The sum of its diagonal's logarithms.
TermId Checker::log_determinant(const Triangle& triangle) {
  Terms& terms = model_.terms;
  if (triangle.elements.empty()) {
    const Subscript at[] = {{1, depth_, 0}, {1, depth_, 0}};
    const TermId log = terms.apply(Op::log_function, terms.element(triangle.array, at));
    return terms.reduce({Reduction::sum, {{depth_, 1, triangle.rows}}, log});
  }
  TermId sum = number(0);
  for (std::int64_t i = 0; i < triangle.rows; ++i)
    sum = terms.apply(Op::add, sum,
                      terms.apply(Op::log_function, triangle.elements[unsigned_of(i * triangle.rows + i)]));
  return sum;
}

// ---------------------------------------------------------------- dirichlet

/// Gamma variables divided by their sum; their logarithms are drawn, as all of them may be next to nothing.
Value Checker::draw_dirichlet(std::string_view name, const Law& law) {
  if (!is_one_vector(law) || !arity(law.call, 1, "dirichlet(a)")) return opened();
  std::vector<Value> given = arguments(law.call);
  const Program& program = *frame_->program;
  const Span span = program[law.call].span;
  if (given[0].open) return opened();
  const Shape shape = given[0].shape;
  if (shape.rank != 1)
    return error(
        Category::shape, span,
        fmt::format("dirichlet takes a vector, and {} is {}", text(program.child(law.call, 0)),
                    describe(shape)),
        shape.rank == 0 ? "of two coordinates: dirichlet([2, 3]), whose first one is beta(2, 3)" : "");
  const Value logs = draw_coordinates(name, sampler("dirichlet.log"), std::move(given), shape, span);
  if (logs.open) return opened();
  return with_variable(name, span, shape.rows, [&](std::span<const Subscript> own) {
    const auto share = prelude().function("dirichlet.share");
    Frame frame{.program = share->program, .library = true};
    return inline_function(*share->statement, std::move(frame), {logs}, span).at(own);
  });
}

}  // namespace mc::language
