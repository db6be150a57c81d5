// References: other names of variables and elements, as locals, as parameters, and as what closures use of
// the functions around them. One that nothing changes meanwhile is as good as the value.
#include <algorithm>

#include <clang/AST/ExprCXX.h>

#include "frontend/cxx/reading.hpp"

namespace mc::cxx {
namespace {

const clang::Expr* bare(const clang::Expr* e) {
  while (true) {
    e = e->IgnoreParens();
    if (const auto* whole = llvm::dyn_cast<clang::FullExpr>(e))
      e = whole->getSubExpr();
    else if (const auto* cast = llvm::dyn_cast<clang::ImplicitCastExpr>(e);
             cast && cast->getCastKind() == clang::CK_NoOp)
      e = cast->getSubExpr();
    else
      return e;
  }
}

bool is_temporary(const clang::Expr* e) {
  e = bare(e);
  return llvm::isa<clang::MaterializeTemporaryExpr>(e) || e->isPRValue();
}

/// A name, or an element.
bool is_place(const clang::Expr* e) {
  e = bare(e);
  if (llvm::isa<clang::DeclRefExpr, clang::ArraySubscriptExpr, clang::MemberExpr>(e)) return true;
  if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(e))
    return unary->getOpcode() == clang::UO_Deref;
  if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(e))
    return call->getOperator() == clang::OO_Subscript;
  if (const auto* of = llvm::dyn_cast<clang::CXXMemberCallExpr>(e)) {
    const std::string name = of->getMethodDecl()->getNameAsString();
    return name == "at" || name == "front" || name == "back";
  }
  return false;
}

bool is_constant_reference(clang::QualType type) { return type.getNonReferenceType().isConstQualified(); }

}  // namespace

/// The number that an expression names; nothing where it names none.
std::optional<NodeId> Body::scalar(const clang::Expr* e) {
  e = bare(e);
  const clang::SourceRange at = e->getSourceRange();
  const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(e);
  if (name == nullptr) return {};
  const auto id = known(name->getDecl(), at);
  if (!id) return NodeId::none;
  const Variable& variable = made_.variables[*id];
  if (variable.is_array)
    return reader_.refuse(at,
                          "the array '" + variable.name + "' is no number; write " + variable.name + "[i]");
  return reader_.add({.kind = Kind::variable, .type = variable.type, .id = *id}, {}, at);
}

/// What a reference of that type becomes another name of.
NodeId Body::named(const clang::Expr* e, Type type) {
  const clang::SourceRange at = e->getSourceRange();
  if (!is_place(e))
    return reader_.refuse(at,
                          "what a reference names has to be a variable or an array's element here; use "
                          "one, and assign it afterwards");
  const auto variable = scalar(e);
  const NodeId found = variable ? *variable : element_value(bare(e));
  if (found == NodeId::none) return found;
  Node& node = reader_.unit().nodes[static_cast<std::uint32_t>(found)];
  if (node.type != type)
    return reader_.refuse(at, "a reference to a number of another type is not supported");
  if (node.kind == Kind::element && !array_types_.contains(node.id)) return NodeId::none;
  node.bits = kByReference;
  return found;
}

NodeId Body::declare_reference(const clang::VarDecl* declaration, Type type) {
  const clang::SourceRange at = declaration->getSourceRange();
  const clang::Expr* to = declaration->getInit();
  const bool is_constant = is_constant_reference(declaration->getType());
  const clang::Stmt* body = function_->getBody();
  const bool is_changed = is_place(to) ? changes_named(body, to) : changes(body, to);
  if (is_temporary(to) || (is_constant && !is_changed)) {
    const std::uint32_t id = variable(declaration, {.name = declaration->getNameAsString(), .type = type});
    const NodeId value = converted(expression(to), type, at);
    return reader_.add({.kind = Kind::assign, .type = type, .id = id}, std::span(&value, 1), at);
  }
  const NodeId given = named(to, type);
  if (given == NodeId::none) return given;
  const Node node = (*this)[given];
  if (node.kind == Kind::variable) {
    variables_.emplace(declaration, node.id);
    return empty(at);
  }
  const std::uint32_t id = variable(declaration, {.name = declaration->getNameAsString(),
                                                  .type = type,
                                                  .by_reference = true,
                                                  .is_constant = is_constant});
  return reader_.add({.kind = Kind::bind, .type = type, .id = id}, std::span(&given, 1), at);
}

/// What a call gives for a parameter.
NodeId Body::argument(const clang::FunctionDecl* callee, const clang::ParmVarDecl* parameter,
                      const clang::Expr* given) {
  const clang::SourceRange at = given->getSourceRange();
  if (array_of(reader_.context(), parameter->getType())) {
    const auto id = array(given);
    if (!id) return NodeId::none;
    return reader_.add({.kind = Kind::variable, .id = *id}, {}, at);
  }
  const auto type = type_of(parameter->getType());
  if (!type) return NodeId::none;  // it has been refused where it is declared
  if (parameter->getType()->isReferenceType() && !is_temporary(given)) {
    const bool is_constant = is_constant_reference(parameter->getType());
    const bool is_same = is_constant && (!is_open_function(callee) || constant(given) || !is_place(given));
    if (!is_same) return named(given, *type);
  }
  return converted(expression(given), *type, at);
}

// ---------------------------------------------------------------- closures

/// What a closure calls by a variable's name may be a copy of its own.
const clang::ValueDecl* Body::meant(const clang::ValueDecl* declaration) const {
  const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(function_);
  if (method == nullptr || !method->getParent()->isLambda()) return declaration;
  llvm::DenseMap<const clang::ValueDecl*, clang::FieldDecl*> fields;
  clang::FieldDecl* self = nullptr;
  method->getParent()->getCaptureFields(fields, self);
  for (const clang::LambdaCapture& capture : method->getParent()->captures())
    if (capture.capturesVariable() && capture.getCapturedVar() == declaration &&
        capture.getCaptureKind() == clang::LCK_ByCopy)
      return fields.lookup(declaration);
  return declaration;
}

/// A variable of a function around, or a closure's copy of one: the last parameters, which every call gives
/// by reference.
std::optional<std::uint32_t> Body::captured(const clang::ValueDecl* declaration) {
  Variable made{.name = declaration->getNameAsString(), .by_reference = true};
  made.place = reader_.place(declaration->getLocation());
  const auto array = array_of(reader_.context(), declaration->getType());
  const auto type = type_of(declaration->getType());
  if (!array && !type) return {};
  std::vector<const clang::ValueDecl*> changed;
  changed_in(function_->getBody(), changed);
  made.type = array ? array->element : *type;
  made.is_array = array.has_value();
  made.extent = array ? array->extent : 0;
  made.is_constant = std::ranges::none_of(
      changed, [&](const clang::ValueDecl* other) { return may_be_same(declaration, other); });
  const auto id = static_cast<std::uint32_t>(made_.variables.size());
  made_.variables.push_back(std::move(made));
  variables_.emplace(declaration, id);
  if (array) array_types_.emplace(id, *array);
  made_.parameters.push_back(id);
  captured_.push_back(declaration);
  return id;
}

/// The copies that a closure takes when it is made.
NodeId Body::close(const clang::CXXRecordDecl* closure, clang::SourceRange at) {
  llvm::DenseMap<const clang::ValueDecl*, clang::FieldDecl*> fields;
  clang::FieldDecl* self = nullptr;
  closure->getCaptureFields(fields, self);
  std::vector<NodeId> copies;
  for (const clang::LambdaCapture& capture : closure->captures()) {
    if (capture.capturesThis() || !capture.capturesVariable())
      return reader_.refuse(capture.getLocation(), "'this' is not supported; capture variables");
    const auto* from = llvm::cast<clang::VarDecl>(capture.getCapturedVar());
    const clang::FieldDecl* field = fields.lookup(from);
    const bool is_new = from->isInitCapture();
    if (is_new && capture.getCaptureKind() != clang::LCK_ByCopy)
      return reader_.refuse(capture.getLocation(),
                            "a reference as a capture of its own is not supported; capture "
                            "the variable");
    const auto* inner = from->getType().getNonReferenceType()->getAsCXXRecordDecl();
    if (capture.getCaptureKind() != clang::LCK_ByCopy || (inner != nullptr && inner->isLambda())) continue;
    if (const auto array = array_of(reader_.context(), from->getType())) {
      const auto source = known(from, capture.getLocation());
      if (!source) return NodeId::none;
      if (array->extent == 0 || is_new) {  // a view: it is the same
        variables_[field] = *source;
        continue;
      }
      Variable made{.name = from->getNameAsString(), .type = array->element, .is_array = true};
      made.extent = array->extent;
      const auto id = static_cast<std::uint32_t>(made_.variables.size());
      made_.variables.push_back(std::move(made));
      array_types_.emplace(id, *array);
      variables_[field] = id;
      const NodeId value = reader_.add({.kind = Kind::variable, .id = *source}, {}, at);
      copies.push_back(reader_.add({.kind = Kind::assign_array, .id = id}, std::span(&value, 1), at));
      continue;
    }
    const auto type = type_of(from->getType());
    if (!type)
      return reader_.refuse(capture.getLocation(),
                            "a capture of type '" + spelled(from->getType(), reader_.context()) +
                                "' is not supported; capture numbers and arrays of them");
    NodeId value = NodeId::none;
    if (is_new) {
      value = expression(from->getInit());
    } else if (const auto source = known(from, capture.getLocation())) {
      value = reader_.add({.kind = Kind::variable, .type = *type, .id = *source}, {}, at);
    }
    const auto id = static_cast<std::uint32_t>(made_.variables.size());
    made_.variables.push_back({.name = from->getNameAsString(), .type = *type});
    variables_[field] = id;
    value = converted(value, *type, at);
    copies.push_back(reader_.add({.kind = Kind::assign, .type = *type, .id = id}, std::span(&value, 1), at));
  }
  return reader_.add({.kind = Kind::block}, copies, at);
}

}  // namespace mc::cxx
