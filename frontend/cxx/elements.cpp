// Arrays and their elements: which one a name, a subscript or a member function means.
#include <algorithm>

#include <clang/AST/ExprCXX.h>

#include "frontend/cxx/reading.hpp"

namespace mc::cxx {

std::optional<std::uint32_t> Body::array(const clang::Expr* e) {
  const clang::SourceRange at = e->getSourceRange();
  while (true) {
    e = e->IgnoreParenImpCasts();
    if (const auto* made = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(e))
      e = made->getSubExpr();
    else if (const auto* whole = llvm::dyn_cast<clang::FullExpr>(e))
      e = whole->getSubExpr();
    else if (const auto* conversion = llvm::dyn_cast<clang::CastExpr>(e))
      e = conversion->getSubExpr();
    else if (const auto* construct = llvm::dyn_cast<clang::CXXConstructExpr>(e);
             construct && construct->getNumArgs() >= 1 && array_of(reader_.context(), construct->getType()) &&
             std::all_of(construct->arg_begin() + 1, construct->arg_end(),
                         [](const clang::Expr* a) { return llvm::isa<clang::CXXDefaultArgExpr>(a); }))
      e = construct->getArg(0);
    else if (const auto* of = llvm::dyn_cast<clang::CXXMemberCallExpr>(e);
             of && of->getMethodDecl()->getNameAsString() == "data")
      e = of->getImplicitObjectArgument();
    else
      break;
  }
  if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(e)) {
    const auto id = known(name->getDecl(), name->getSourceRange());
    if (id && made_.variables[*id].is_array) return id;
    if (id) reader_.refuse(at, "'" + made_.variables[*id].name + "' is no array");
    return {};
  }
  if (e->getType()->isPointerType())
    reader_.refuse(
        at,
        "pointer arithmetic is not supported; write x[i], and give functions the whole array with an index");
  else
    reader_.refuse(at, "this is no array that has a name; use a variable");
  return {};
}

std::optional<Body::Element> Body::element(const clang::Expr* e) {
  e = e->IgnoreParens();
  const clang::SourceRange at = e->getSourceRange();
  if (const auto* subscript = llvm::dyn_cast<clang::ArraySubscriptExpr>(e)) {
    const auto* row = llvm::dyn_cast<clang::ArraySubscriptExpr>(subscript->getBase()->IgnoreParenImpCasts());
    if (row == nullptr) return element_of(subscript->getBase(), subscript->getIdx(), at);
    const auto id = array(row->getBase());
    if (!id) return {};
    const auto columns = static_cast<std::int64_t>(array_types_.at(*id).columns);
    const NodeId i = converted(expression(row->getIdx()), Type::i64, at),
                 j = converted(expression(subscript->getIdx()), Type::i64, at);
    if (i == NodeId::none || j == NodeId::none) return {};
    if (const Node& known = (*this)[j];
        known.kind == Kind::number && static_cast<std::uint64_t>(columns) <= known.bits) {
      reader_.refuse(at, "index " + std::to_string(static_cast<std::int64_t>(known.bits)) +
                             " is outside a row of '" + made_.variables[*id].name + "', which has " +
                             std::to_string(columns) + " elements");
      return {};
    }
    const NodeId factors[] = {i, integer(Type::i64, columns, at)};
    const NodeId terms[] = {
        reader_.add({.kind = Kind::binary, .type = Type::i64, .op = Operator::multiply}, factors, at), j};
    return Element{*id,
                   reader_.add({.kind = Kind::binary, .type = Type::i64, .op = Operator::add}, terms, at)};
  }
  if (const auto* dereference = llvm::dyn_cast<clang::UnaryOperator>(e);
      dereference && dereference->getOpcode() == clang::UO_Deref)
    return element_of(dereference->getSubExpr(), nullptr, at);
  if (const auto* operation = llvm::dyn_cast<clang::CXXOperatorCallExpr>(e);
      operation && operation->getOperator() == clang::OO_Subscript)
    return element_of(operation->getArg(0), operation->getArg(1), at);
  if (const auto* of = llvm::dyn_cast<clang::CXXMemberCallExpr>(e)) {
    const std::string name = of->getMethodDecl()->getNameAsString();
    const clang::Expr* object = of->getImplicitObjectArgument();
    if (name == "at") return element_of(object, of->getArg(0), at);
    if (name == "front") return element_of(object, nullptr, at);
    if (name == "back") {
      const auto id = array(object);
      if (!id) return {};
      const NodeId both[] = {reader_.add({.kind = Kind::length, .type = Type::i64, .id = *id}, {}, at),
                             integer(Type::i64, 1, at)};
      return Element{
          *id, reader_.add({.kind = Kind::binary, .type = Type::i64, .op = Operator::subtract}, both, at)};
    }
  }
  reader_.refuse(at, "this cannot be assigned to; use a variable or an array's element");
  return {};
}

/// Without an index, the first.
std::optional<Body::Element> Body::element_of(const clang::Expr* base, const clang::Expr* index,
                                              clang::SourceRange at) {
  const auto id = array(base);
  if (!id) return {};
  const NodeId which =
      index == nullptr ? integer(Type::i64, 0, at) : converted(expression(index), Type::i64, at);
  if (which == NodeId::none) return {};
  const Variable& variable = made_.variables[*id];
  const Node& known = (*this)[which];
  std::optional<std::int64_t> value;
  if (known.kind == Kind::number) value = static_cast<std::int64_t>(known.bits);
  if (known.kind == Kind::convert)
    if (const Node& inner = (*this)[reader_.unit().children_of(known)[0]]; inner.kind == Kind::number)
      value = static_cast<std::int64_t>(inner.bits);
  if (value &&
      (*value < 0 || (variable.extent > 0 && static_cast<std::uint64_t>(*value) >= variable.extent))) {
    reader_.refuse(index == nullptr ? at : index->getSourceRange(),
                   "index " + std::to_string(*value) + " is outside '" + variable.name + "'" +
                       (variable.extent > 0 ? ", which has " + std::to_string(variable.extent) + " elements"
                                            : "; indices begin with 0"));
    return {};
  }
  return Element{*id, which};
}

NodeId Body::element_value(const clang::Expr* e) {
  const auto found = element(e);
  if (!found) return NodeId::none;
  return reader_.add({.kind = Kind::element, .type = made_.variables[found->array].type, .id = found->array},
                     std::span(&found->index, 1), e->getSourceRange());
}

NodeId Body::all_assigned(std::uint32_t to, const clang::Expr* from, clang::SourceRange at) {
  const auto source = array(from);
  if (!source) return NodeId::none;
  const Variable &given = made_.variables[*source], &own = made_.variables[to];
  if (given.extent != own.extent || given.type != own.type)
    return reader_.refuse(at,
                          "an array is copied from one of the same type here; copy the elements in a loop");
  const NodeId value = reader_.add({.kind = Kind::variable, .id = *source}, {}, from->getSourceRange());
  return reader_.add({.kind = Kind::assign_array, .id = to}, std::span(&value, 1), at);
}

}  // namespace mc::cxx
