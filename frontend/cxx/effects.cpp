// What expressions change: assignments and steps, as statements and inside expressions, in the order that C++
// gives them; where it gives none they are refused.
#include <algorithm>
#include <string_view>

#include <clang/AST/ExprCXX.h>

#include "frontend/cxx/reading.hpp"

namespace mc::cxx {
namespace {

/// The variable that a name is another name of, as far as declarations tell. What a range-for goes by is
/// implicit.
const clang::ValueDecl* root_of(const clang::ValueDecl* named);

/// The variable that an expression stands for, or is an element of.
const clang::ValueDecl* root_of(const clang::Expr* e) {
  while (e != nullptr) {
    e = e->IgnoreParenCasts();
    if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(e)) return root_of(name->getDecl());
    if (const auto* element = llvm::dyn_cast<clang::ArraySubscriptExpr>(e))
      e = element->getBase();
    else if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(e))
      e = call->getNumArgs() > 0 ? call->getArg(0) : nullptr;
    else if (const auto* member = llvm::dyn_cast<clang::CXXMemberCallExpr>(e))
      e = member->getImplicitObjectArgument();
    else if (const auto* field = llvm::dyn_cast<clang::MemberExpr>(e))
      e = field->getBase();
    else if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(e))
      e = unary->getSubExpr();
    else if (const auto* construct = llvm::dyn_cast<clang::CXXConstructExpr>(e))
      e = construct->getNumArgs() > 0 ? construct->getArg(0) : nullptr;
    else if (const auto* made = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(e))
      e = made->getSubExpr();
    else if (const auto* whole = llvm::dyn_cast<clang::FullExpr>(e))
      e = whole->getSubExpr();
    else
      return nullptr;
  }
  return nullptr;
}

const clang::ValueDecl* root_of(const clang::ValueDecl* named) {
  const auto* variable = llvm::dyn_cast<clang::VarDecl>(named);
  if (variable == nullptr || llvm::isa<clang::ParmVarDecl>(variable) || variable->getInit() == nullptr)
    return named;
  const auto array = array_of(variable->getASTContext(), variable->getType());
  const bool is_view = array && array->is_view;
  if (!variable->getType()->isReferenceType() && !variable->isImplicit() && !is_view) return named;
  const clang::ValueDecl* root = root_of(variable->getInit());
  return root != nullptr ? root : named;
}

void names_in(const clang::Stmt* s, std::vector<const clang::ValueDecl*>& names) {
  if (s == nullptr) return;
  if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(s)) names.push_back(root_of(name->getDecl()));
  for (const clang::Stmt* child : s->children()) names_in(child, names);
}

const clang::CXXMethodDecl* closure_call(clang::QualType type) {
  const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  return record != nullptr && record->isLambda() ? record->getLambdaCallOperator() : nullptr;
}

/// A parameter that what it is given may be changed through.
bool is_open(const clang::ASTContext& context, clang::QualType type) {
  const auto array = array_of(context, type);
  if (array && (array->is_view || array->is_pointer)) return !array->is_constant;
  return type->isReferenceType() && !type.getNonReferenceType().isConstQualified();
}

/// Functions of the library that change what they are given.
bool is_changing(const clang::FunctionDecl* callee) {
  constexpr std::string_view kNames[] = {"swap", "fill", "fill_n", "copy", "sort", "iota", "transform"};
  return callee->getDeclName().isIdentifier() &&
         std::ranges::find(kNames, std::string_view(callee->getName())) != std::end(kNames);
}

void changed_by(const clang::CallExpr* call, std::vector<const clang::ValueDecl*>& changed) {
  const clang::FunctionDecl* callee = call->getDirectCallee();
  const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(callee);
  const bool is_operator = llvm::isa<clang::CXXOperatorCallExpr>(call) && method != nullptr;
  const unsigned skipped = is_operator ? 1 : 0;
  if (method != nullptr && method->getParent()->isLambda()) {
    changed_in(method->getBody(), changed);
  } else if (method != nullptr && !method->isConst() && !method->isStatic()) {
    const auto* of = llvm::dyn_cast<clang::CXXMemberCallExpr>(call);
    const bool is_read =
        method->getDeclName().getCXXOverloadedOperator() == clang::OO_Subscript ||
        (of != nullptr && array_of(callee->getASTContext(), of->getImplicitObjectArgument()->getType()) &&
         method->getNameAsString() != "fill" && method->getNameAsString() != "swap");
    if (!is_read) changed.push_back(root_of(is_operator ? call->getArg(0) : of->getImplicitObjectArgument()));
  }
  for (unsigned k = 0; k < callee->getNumParams() && k + skipped < call->getNumArgs(); ++k) {
    const clang::Expr* given = call->getArg(k + skipped);
    const clang::QualType type = callee->getParamDecl(k)->getType();
    if (const auto* closure = closure_call(type))
      changed_in(closure->getBody(), changed);
    else if (callee->isInStdNamespace() ? is_changing(callee) : is_open(callee->getASTContext(), type))
      changed.push_back(root_of(given));
  }
}

}  // namespace

void changed_in(const clang::Stmt* s, std::vector<const clang::ValueDecl*>& changed) {
  if (s == nullptr) return;
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(s); binary && binary->isAssignmentOp())
    changed.push_back(root_of(binary->getLHS()));
  if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(s); unary && unary->isIncrementDecrementOp())
    changed.push_back(root_of(unary->getSubExpr()));
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(s); call && call->getDirectCallee())
    changed_by(call, changed);
  if (llvm::isa<clang::LambdaExpr>(s)) return;  // that is done where it is called
  for (const clang::Stmt* child : s->children()) changed_in(child, changed);
}

// ---------------------------------------------------------------- what may be the same

/// Two names of one thing, or references and arrays of one type that a caller may have made so.
bool Body::may_be_same(const clang::ValueDecl* a, const clang::ValueDecl* b) const {
  if (a == nullptr || b == nullptr) return false;
  if (a == b) return true;
  const auto scalar = [&](const clang::ValueDecl* of) {
    const auto array = array_of(reader_.context(), of->getType());
    return array ? std::optional(array->element) : type_of(of->getType());
  };
  const auto is_given = [&](const clang::ValueDecl* of) {
    const auto* parameter = llvm::dyn_cast<clang::ParmVarDecl>(of);
    const bool is_own = of->getDeclContext() == function_;
    if (!is_own) return true;
    return parameter != nullptr && (of->getType()->isReferenceType() || of->getType()->isPointerType() ||
                                    of->getType()->isRecordType());
  };
  return is_given(a) && is_given(b) && scalar(a) == scalar(b);
}

bool Body::changes(const clang::Stmt* body, const clang::Stmt* expression) const {
  std::vector<const clang::ValueDecl*> names, changed;
  changed_in(body, changed);
  if (changed.empty()) return false;
  names_in(expression, names);
  return std::ranges::any_of(names, [&](const auto* name) {
    return std::ranges::any_of(changed, [&](const auto* other) { return may_be_same(name, other); });
  });
}

/// Whether what an lvalue names is changed: the variable, or any element of the array.
bool Body::changes_named(const clang::Stmt* body, const clang::Expr* named) const {
  std::vector<const clang::ValueDecl*> changed;
  changed_in(body, changed);
  const clang::ValueDecl* root = root_of(named);
  return root == nullptr ||
         std::ranges::any_of(changed, [&](const auto* other) { return may_be_same(root, other); });
}

bool Body::changes_anything(const clang::Stmt* body) const {
  std::vector<const clang::ValueDecl*> changed;
  changed_in(body, changed);
  return !changed.empty();
}

/// Whether a call may change what its caller knows by another name.
bool Body::is_open_function(const clang::FunctionDecl* function) const {
  const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(function);
  if (method != nullptr && method->getParent()->isLambda() && method->getParent()->capture_size() > 0)
    return true;
  return std::ranges::any_of(function->parameters(), [&](const auto* parameter) {
    return is_open(reader_.context(), parameter->getType()) || closure_call(parameter->getType()) != nullptr;
  });
}

/// Of what C++ does in an order that it does not say, none changes what another one names.
bool Body::is_ordered(std::span<const clang::Expr* const> parts) {
  for (const clang::Expr* one : parts)
    for (const clang::Expr* other : parts)
      if (one != other && changes(one, other)) {
        reader_.refuse(one->getSourceRange(),
                       "C++ does not say whether this change comes before what is used beside it; make it a "
                       "statement of its own");
        return false;
      }
  return true;
}

// ---------------------------------------------------------------- effects

/// An expression for what it does.
NodeId Body::effect(const clang::Expr* e) {
  e = e->IgnoreParens();
  const clang::SourceRange at = e->getSourceRange();
  if (const auto* whole = llvm::dyn_cast<clang::ExprWithCleanups>(e)) return effect(whole->getSubExpr());
  if (const auto* cast = llvm::dyn_cast<clang::CastExpr>(e); cast && cast->getCastKind() == clang::CK_ToVoid)
    return effect(cast->getSubExpr());
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(e)) {
    if (binary->isAssignmentOp()) return assign(binary);
    if (binary->isCommaOp()) {
      const NodeId both[] = {effect(binary->getLHS()), effect(binary->getRHS())};
      return reader_.add({.kind = Kind::block}, both, at);
    }
  }
  if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(e); unary && unary->isIncrementDecrementOp())
    return step(unary);
  if (const auto* choice = llvm::dyn_cast<clang::ConditionalOperator>(e);
      choice && choice->getType()->isVoidType()) {
    const NodeId children[] = {condition(choice->getCond()), effect(choice->getTrueExpr()),
                               effect(choice->getFalseExpr())};
    return reader_.add({.kind = Kind::branch}, children, at);
  }
  // assert: nobody comes back from there.
  if (const auto* call = llvm::dyn_cast<clang::CallExpr>(e);
      call && call->getDirectCallee() && call->getDirectCallee()->isNoReturn())
    return empty(at);
  if (!e->HasSideEffects(reader_.context())) return empty(at);
  return expression(e);
}

/// What is assigned to: a variable, or an array's element. `first` is to be done before.
std::optional<Body::Target> Body::target(const clang::Expr* to, bool twice) {
  to = to->IgnoreParens();
  if (const auto id = scalar(to)) {
    if (*id == NodeId::none) return {};
    const Node& named = (*this)[*id];
    return Target{.id = named.id, .type = named.type};
  }
  const auto place = element(to);
  if (!place) return {};
  if (array_types_.at(place->array).is_constant) {
    reader_.refuse(to->getSourceRange(), "the elements of '" + made_.variables[place->array].name +
                                             "' cannot be changed; copy them to a local array");
    return {};
  }
  Target made{.id = place->array, .type = made_.variables[place->array].type, .index = place->index};
  if (twice && changes_anything(to)) {  // so that it is done once
    const std::uint32_t index = variable(nullptr, {.name = "", .type = Type::i64});
    made.first = reader_.add({.kind = Kind::assign, .type = Type::i64, .id = index},
                             std::span(&place->index, 1), to->getSourceRange());
    made.index =
        reader_.add({.kind = Kind::variable, .type = Type::i64, .id = index}, {}, to->getSourceRange());
  }
  return made;
}

NodeId Body::read(const Target& target, clang::SourceRange at) {
  if (!target.index)
    return reader_.add({.kind = Kind::variable, .type = target.type, .id = target.id}, {}, at);
  return reader_.add({.kind = Kind::element, .type = target.type, .id = target.id},
                     std::span(&*target.index, 1), at);
}

NodeId Body::write(const Target& target, NodeId value, clang::SourceRange at) {
  value = converted(value, target.type, at);
  if (!target.index)
    return reader_.add({.kind = Kind::assign, .type = target.type, .id = target.id}, std::span(&value, 1),
                       at);
  const NodeId children[] = {*target.index, value};
  return reader_.add({.kind = Kind::assign_element, .type = target.type, .id = target.id}, children, at);
}

NodeId Body::in_turn(std::span<const NodeId> statements, clang::SourceRange at) {
  return statements.size() == 1 ? statements[0] : reader_.add({.kind = Kind::block}, statements, at);
}

/// The assignment, and what was assigned to: as a value that is read again.
std::pair<NodeId, NodeId> Body::assignment(const clang::BinaryOperator* assignment, bool is_value) {
  const clang::SourceRange at = assignment->getSourceRange();
  const clang::Expr *to = assignment->getLHS(), *from = assignment->getRHS();
  const auto* compound = llvm::dyn_cast<clang::CompoundAssignOperator>(assignment);
  constexpr auto kNone = NodeId::none;
  if (type_of(to->getType()) == Type::nothing || !type_of(to->getType()))
    return {reader_.refuse(at, "this assignment is not supported; it is not one of numbers"), kNone};
  NodeId right = expression(from);
  if (right == kNone) return {kNone, kNone};
  const auto found = target(to, is_value || compound != nullptr);
  if (!found) return {kNone, kNone};
  std::vector<NodeId> statements;
  if (found->first) {  // the right side comes before that
    const Type type = (*this)[right].type;
    const std::uint32_t kept = variable(nullptr, {.name = "", .type = type});
    statements.push_back(
        reader_.add({.kind = Kind::assign, .type = type, .id = kept}, std::span(&right, 1), at));
    statements.push_back(*found->first);
    right = reader_.add({.kind = Kind::variable, .type = type, .id = kept}, {}, at);
  }
  if (compound != nullptr) {
    const auto type = type_of(compound->getComputationLHSType());
    if (!type || is_integer(*type) == is_float(*type))
      return {reader_.refuse(at, "this assignment is not supported; it is not one of numbers"), kNone};
    const auto operation = clang::BinaryOperator::getOpForCompoundAssignment(compound->getOpcode());
    right = arithmetic(operation, converted(read(*found, to->getSourceRange()), *type, at), right, compound);
    if (right == kNone) return {kNone, kNone};
    reader_.unit().nodes[static_cast<std::uint32_t>(right)].bits |= kRightFirst;
  }
  statements.push_back(write(*found, right, at));
  return {in_turn(statements, at), is_value ? read(*found, at) : kNone};
}

NodeId Body::assign(const clang::BinaryOperator* of) { return assignment(of, false).first; }

NodeId Body::assigned(const clang::BinaryOperator* of) {
  const auto [done, value] = assignment(of, true);
  const NodeId both[] = {done, value};
  if (done == NodeId::none) return done;
  return reader_.add({.kind = Kind::before, .type = (*this)[value].type}, both, of->getSourceRange());
}

NodeId Body::step(const clang::UnaryOperator* step) {
  const clang::SourceRange at = step->getSourceRange();
  const auto found = target(step->getSubExpr(), true);
  if (!found) return NodeId::none;
  std::vector<NodeId> statements;
  if (found->first) statements.push_back(*found->first);
  statements.push_back(stepped(*found, step));
  return in_turn(statements, at);
}

NodeId Body::stepped(const Target& target, const clang::UnaryOperator* step) {
  const clang::SourceRange at = step->getSourceRange();
  const NodeId both[] = {read(target, at),
                         is_float(target.type) ? number(target.type, 1, at) : integer(target.type, 1, at)};
  const Operator op = step->isIncrementOp() ? Operator::add : Operator::subtract;
  return write(target, reader_.add({.kind = Kind::binary, .type = target.type, .op = op}, both, at), at);
}

/// i++ is what i was, ++i what it is.
NodeId Body::step_value(const clang::UnaryOperator* step) {
  const clang::SourceRange at = step->getSourceRange();
  const auto found = target(step->getSubExpr(), true);
  if (!found) return NodeId::none;
  const NodeId value = read(*found, at), done = stepped(*found, step);
  const bool is_after = step->isPostfix();
  const NodeId both[] = {is_after ? value : done, is_after ? done : value};
  const NodeId made =
      reader_.add({.kind = is_after ? Kind::after : Kind::before, .type = found->type}, both, at);
  if (!found->first) return made;
  const NodeId all[] = {*found->first, made};
  return reader_.add({.kind = Kind::before, .type = found->type}, all, at);
}

}  // namespace mc::cxx
