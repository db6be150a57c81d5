// Data as the distribution: `x ~ data(A)` draws rows of A with replacement, `x ~ rows(A)` takes each once.
#include <algorithm>

#include <fmt/format.h>

#include "frontend/language/checking.hpp"

namespace mc::language {

namespace {

/// The call of `x ~ data(A)^n`, or none.
NodeId call_in(const Program& program, NodeId body) {
  if (program[body].kind == NodeKind::power) body = program.child(body, 0);
  return program[body].kind == NodeKind::call ? body : NodeId::none;
}

}  // namespace

bool takes_table(std::string_view distribution) { return distribution == "data" || distribution == "rows"; }

std::vector<std::string> table_names(const Source& source) {
  const Program& program = source.program;
  std::vector<std::string> names;
  for (const Statement& statement : program.statements) {
    if (statement.kind != StatementKind::sample) continue;
    const NodeId call = call_in(program, statement.body);
    if (call == NodeId::none || !takes_table(program.name(call))) continue;
    for (NodeId argument : program.children_of(call))
      if (program[argument].kind == NodeKind::name) names.emplace_back(program.name(argument));
  }
  return names;
}

/// The variable of the model is the number of the row; a coordinate is a cell of that row.
Value Checker::draw_rows(std::string_view name, const Law& law) {
  const Program& program = *frame_->program;
  const Span span = program[law.call].span;
  const bool in_order = law.name == "rows";
  if (!arity(law.call, 1, fmt::format("{}(A)", law.name))) return opened();
  if (in_order && law.count)
    return error(Category::shape, span, "rows takes each row once, so there is no ^n of it",
                 "data(A)^n draws n rows with replacement");
  const auto table = table_of(program.child(law.call, 0), law.name);
  if (!table) return opened();
  const auto number = static_cast<std::uint32_t>(model_.variables.size());
  model_.variables.push_back({.name = std::string(name),
                              .extent = law.count.value_or(0),
                              .element = this->number(0),
                              .span = place(span),
                              .table = *table,
                              .in_order = in_order});
  // One coordinate for a vector's datum, and one axis more for ^n.
  const Table& rows = model_.tables[*table];
  const bool many = law.count.has_value(), wide = rows.is_matrix;
  const auto cell = [this, number, many, wide](std::span<const Subscript> s) {
    const Subscript first{0, 0, 1};
    return model_.terms.cell(number, many ? s[0] : first, wide ? s[many ? 1 : 0] : first);
  };
  if (!many && !wide) return of(cell({}));
  const auto columns = static_cast<std::int64_t>(rows.columns);
  const Shape shape = !wide   ? Shape{1, *law.count, 1}
                      : !many ? Shape{1, columns, 1}
                              : Shape{2, *law.count, columns};
  return {.shape = shape, .at = cell};
}

/// What stands in the brackets of data(A): a parameter, or an array of plain numbers.
std::optional<std::uint32_t> Checker::table_of(NodeId argument, std::string_view distribution) {
  const Program& program = *frame_->program;
  const Span span = program[argument].span;
  const bool is_name = program[argument].kind == NodeKind::name;
  if (is_name && binding(program.name(argument)) == nullptr)
    if (const auto given = given_.find(program.name(argument)); given != given_.end())
      return table_of(*given->second, distribution, span);
  const Value value = expression(argument);
  if (value.open) return {};
  if (value.is_scalar()) {
    error(Category::shape, span,
          fmt::format("{} takes a vector or a matrix, and {} is a number", distribution, text(argument)));
    return {};
  }
  const Subscript at[] = {{1, 0, 0}, {1, 1, 0}};
  const Term& term = model_.terms[value.at(std::span(at, value.shape.rank))];
  const bool is_whole = term.kind == TermKind::element && model_.arrays[term.id].name.empty() &&
                        std::ranges::equal(std::span(term.subscripts).first(value.shape.rank),
                                           std::span(at).first(value.shape.rank));
  if (!is_whole) {
    error(Category::argument, span,
          fmt::format("{} takes a parameter, or an array of numbers written out", distribution),
          "give it a name that the call gives its value: data(A) with -D A=@file.npy");
    return {};
  }
  return add_table({.name = {},
                    .array = term.id,
                    .columns = static_cast<std::uint32_t>(value.shape.columns),
                    .is_matrix = value.shape.rank == 2});
}

std::optional<std::uint32_t> Checker::table_of(const Setting::Parameter& given, std::string_view distribution,
                                               Span span) {
  if (given.shape.rank == 0) {
    error(Category::shape, span,
          fmt::format("{} takes a vector or a matrix, and {} is a number", distribution, given.name));
    return {};
  }
  const std::int64_t columns = given.shape.columns;
  if (columns > static_cast<std::int64_t>(limits_.dimensions)) {
    error(Category::shape, span,
          fmt::format("{} has {} columns; a variable has at most {} coordinates", given.name, columns,
                      limits_.dimensions),
          "raise Limits::dimensions (--limit dimensions=N)");
    return {};
  }
  return add_table({.name = given.name,
                    .columns = static_cast<std::uint32_t>(columns),
                    .is_matrix = given.shape.rank == 2,
                    .type = given.table.value_or(ir::Number::f64)});
}

/// Two variables may share one.
std::uint32_t Checker::add_table(Table table) {
  auto found = std::ranges::find(model_.tables, table);
  if (found == model_.tables.end()) found = model_.tables.insert(found, std::move(table));
  return static_cast<std::uint32_t>(found - model_.tables.begin());
}

}  // namespace mc::language
