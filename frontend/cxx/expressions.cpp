// Expressions, elements of arrays, and what the compiler knows to be constant.
#include <algorithm>
#include <bit>

#include <clang/AST/ExprCXX.h>

#include "frontend/cxx/reading.hpp"

namespace mc::cxx {
namespace {

std::optional<bool> known_truth(const clang::Expr* e, const clang::ASTContext& context) {
  bool holds = false;
  if (e->isValueDependent() || !e->EvaluateAsBooleanCondition(holds, context)) return {};
  return holds;
}

/// Whether a zero is divided by, anywhere in it where it is computed.
const clang::Expr* zero_divisor(const clang::Stmt* s, const clang::ASTContext& context) {
  if (s == nullptr) return nullptr;
  if (const auto* choice = llvm::dyn_cast<clang::ConditionalOperator>(s))
    if (const auto holds = known_truth(choice->getCond(), context))
      return zero_divisor(*holds ? choice->getTrueExpr() : choice->getFalseExpr(), context);
  if (const auto* both = llvm::dyn_cast<clang::BinaryOperator>(s); both && both->isLogicalOp())
    if (const auto left = known_truth(both->getLHS(), context))
      if (*left != (both->getOpcode() == clang::BO_LAnd)) return zero_divisor(both->getLHS(), context);
  if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(s)) {
    const auto op = binary->getOpcode();
    if (op == clang::BO_Div || op == clang::BO_Rem || op == clang::BO_DivAssign ||
        op == clang::BO_RemAssign) {
      clang::Expr::EvalResult value;
      const bool is_known = !binary->getRHS()->isValueDependent() &&
                            binary->getRHS()->EvaluateAsRValue(value, context) && !value.HasSideEffects;
      if (is_known && ((value.Val.isInt() && value.Val.getInt() == 0) ||
                       (value.Val.isFloat() && value.Val.getFloat().isZero())))
        return binary->getRHS();
    }
  }
  for (const clang::Stmt* child : s->children())
    if (const clang::Expr* found = zero_divisor(child, context)) return found;
  return nullptr;
}

std::string division_by_zero(const clang::Expr* divisor) {
  if (!divisor->getType()->isRealFloatingType()) return "division by zero";
  return "division by zero; for what is infinite write std::numeric_limits<double>::infinity()";
}

Operator operator_of(clang::BinaryOperatorKind kind) {
  switch (kind) {
    case clang::BO_Add:
      return Operator::add;
    case clang::BO_Sub:
      return Operator::subtract;
    case clang::BO_Mul:
      return Operator::multiply;
    case clang::BO_Div:
      return Operator::divide;
    case clang::BO_Rem:
      return Operator::remainder;
    case clang::BO_And:
      return Operator::bit_and;
    case clang::BO_Or:
      return Operator::bit_or;
    case clang::BO_Xor:
      return Operator::bit_xor;
    case clang::BO_Shl:
      return Operator::shift_left;
    case clang::BO_Shr:
      return Operator::shift_right;
    case clang::BO_LT:
      return Operator::less;
    case clang::BO_LE:
      return Operator::less_equal;
    case clang::BO_GT:
      return Operator::greater;
    case clang::BO_GE:
      return Operator::greater_equal;
    case clang::BO_EQ:
      return Operator::equal;
    default:
      return Operator::unequal;
  }
}

bool is_comparison(Operator op) { return Operator::less <= op && op <= Operator::unequal; }

/// What a message says of an expression that there is none of here.
struct Refused {
  clang::Stmt::StmtClass kind;
  const char* message;
};

constexpr Refused kRefused[] = {
    {clang::Stmt::StringLiteralClass, "a string is not supported; a moment computes with numbers"},
    {clang::Stmt::CXXNewExprClass, "'new' is not supported; use a local array of a constant size"},
    {clang::Stmt::CXXDeleteExprClass, "'delete' is not supported; use a local array of a constant size"},
    {clang::Stmt::CXXThrowExprClass, "'throw' is not supported; return NaN where there is no value"},
    {clang::Stmt::CXXThisExprClass, "'this' is not supported; write a function that takes what it needs"},
    {clang::Stmt::LambdaExprClass, "a lambda is not supported here; give it a name, or write a function"},
    {clang::Stmt::MemberExprClass, "a member of a class is not supported; use variables and arrays"},
    {clang::Stmt::CXXConstructExprClass,
     "an object of a class is not supported; use numbers and arrays of them"},
    {clang::Stmt::CXXTemporaryObjectExprClass,
     "an object of a class is not supported; use numbers and arrays of them"},
    {clang::Stmt::CXXTypeidExprClass, "'typeid' is not supported; a moment computes with numbers"},
    {clang::Stmt::CXXDynamicCastExprClass, "'dynamic_cast' is not supported; a moment computes with numbers"},
    {clang::Stmt::CXXReinterpretCastExprClass, "'reinterpret_cast' is not supported; convert the number"},
};

}  // namespace

// ---------------------------------------------------------------- constants

NodeId Body::integer(Type type, std::int64_t value, clang::SourceRange at) {
  return reader_.add({.type = type, .bits = static_cast<std::uint64_t>(value)}, {}, at);
}

NodeId Body::number(Type type, double value, clang::SourceRange at) {
  if (!is_float(type)) return integer(type, static_cast<std::int64_t>(value), at);
  const std::uint64_t bits = type == Type::f32 ? std::bit_cast<std::uint32_t>(static_cast<float>(value))
                                               : std::bit_cast<std::uint64_t>(value);
  return reader_.add({.type = type, .bits = bits}, {}, at);
}

/// What the compiler can compute by itself.
std::optional<NodeId> Body::constant(const clang::Expr* e) {
  const auto type = type_of(e->getType());
  clang::Expr::EvalResult value;
  if (!type || *type == Type::nothing || e->isValueDependent() || e->HasSideEffects(reader_.context(), false))
    return {};
  if (!e->EvaluateAsRValue(value, reader_.context()) || value.HasSideEffects) return {};
  if (!value.Val.isInt() && !value.Val.isFloat()) return {};
  if (const clang::Expr* divisor = zero_divisor(e, reader_.context()))
    return reader_.refuse(divisor->getSourceRange(), division_by_zero(divisor));
  std::uint64_t bits = 0;
  if (value.Val.isInt())
    bits = static_cast<std::uint64_t>(value.Val.getInt().getExtValue());
  else
    bits = value.Val.getFloat().bitcastToAPInt().getZExtValue();
  return reader_.add({.type = *type, .bits = bits}, {}, e->getSourceRange());
}

// ---------------------------------------------------------------- expressions

NodeId Body::expression(const clang::Expr* e) {
  e = e->IgnoreParens();
  const clang::SourceRange at = e->getSourceRange();
  const auto* refused = std::ranges::find(kRefused, e->getStmtClass(), &Refused::kind);
  if (const auto known = constant(e)) return *known;
  if (const auto* whole = llvm::dyn_cast<clang::FullExpr>(e)) return expression(whole->getSubExpr());
  if (const auto* made = llvm::dyn_cast<clang::MaterializeTemporaryExpr>(e))
    return expression(made->getSubExpr());
  if (const auto* given = llvm::dyn_cast<clang::CXXDefaultArgExpr>(e)) return expression(given->getExpr());
  if (const auto* replaced = llvm::dyn_cast<clang::SubstNonTypeTemplateParmExpr>(e))
    return expression(replaced->getReplacement());
  if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(e); list && list->getNumInits() == 1)
    return expression(list->getInit(0));
  if (refused != std::end(kRefused)) return reader_.refuse(at, refused->message);
  if (const auto* conversion = llvm::dyn_cast<clang::CastExpr>(e)) return cast(conversion);
  if (const auto* operation = llvm::dyn_cast<clang::UnaryOperator>(e)) return unary(operation);
  if (const auto* operation = llvm::dyn_cast<clang::BinaryOperator>(e)) return binary(operation);
  if (const auto* known = llvm::dyn_cast<clang::DeclRefExpr>(e)) return name(known);
  if (const auto* choice = llvm::dyn_cast<clang::ConditionalOperator>(e)) {
    const auto type = type_of(e->getType());
    if (!type)
      return reader_.refuse(at, "a choice between values of type '" +
                                    spelled(e->getType(), reader_.context()) + "' is not supported");
    if (*type == Type::nothing)
      return reader_.refuse(at, "a choice without a value is not supported; write if and else");
    const NodeId holds = condition(choice->getCond());
    if (holds != NodeId::none &&
        (*this)[holds].kind == Kind::number)  // the other arm need not have a meaning
      return converted(expression((*this)[holds].bits != 0 ? choice->getTrueExpr() : choice->getFalseExpr()),
                       *type, at);
    const NodeId children[] = {holds, converted(expression(choice->getTrueExpr()), *type, at),
                               converted(expression(choice->getFalseExpr()), *type, at)};
    return reader_.add({.kind = Kind::choose, .type = *type}, children, at);
  }
  if (llvm::isa<clang::ArraySubscriptExpr>(e)) return element_value(e);
  if (const auto* called = llvm::dyn_cast<clang::CallExpr>(e)) return call(called);
  return reader_.refuse(
      at, std::string("this kind of expression (") + e->getStmtClassName() + ") is not supported");
}

NodeId Body::condition(const clang::Expr* e) {
  return converted(expression(e), Type::boolean, e->getSourceRange());
}

NodeId Body::converted(NodeId value, Type type, clang::SourceRange at) {
  if (value == NodeId::none || (*this)[value].type == type) return value;
  if ((*this)[value].type == Type::nothing) return reader_.refuse(at, "there is no value here");
  return reader_.add({.kind = Kind::convert, .type = type}, std::span(&value, 1), at);
}

NodeId Body::cast(const clang::CastExpr* cast) {
  const clang::SourceRange at = cast->getSourceRange();
  switch (cast->getCastKind()) {
    case clang::CK_LValueToRValue:
    case clang::CK_NoOp:
      return expression(cast->getSubExpr());
    case clang::CK_IntegralCast:
    case clang::CK_IntegralToBoolean:
    case clang::CK_IntegralToFloating:
    case clang::CK_FloatingToIntegral:
    case clang::CK_FloatingToBoolean:
    case clang::CK_FloatingCast:
      if (const auto type = type_of(cast->getType()))
        return converted(expression(cast->getSubExpr()), *type, at);
      break;
    case clang::CK_ToVoid:
      return effect(cast->getSubExpr());
    case clang::CK_ArrayToPointerDecay:
      if (llvm::isa<clang::StringLiteral>(cast->getSubExpr()->IgnoreParens()))
        return expression(cast->getSubExpr());
      break;
    default:
      break;
  }
  return reader_.refuse(at, "a conversion from '" +
                                spelled(cast->getSubExpr()->getType(), reader_.context()) + "' to '" +
                                spelled(cast->getType(), reader_.context()) +
                                "' is not supported; use double, float, int, long or bool");
}

NodeId Body::unary(const clang::UnaryOperator* operation) {
  const clang::SourceRange at = operation->getSourceRange();
  if (operation->isIncrementDecrementOp()) return step_value(operation);
  if (operation->getOpcode() == clang::UO_Deref) return element_value(operation);
  if (operation->getOpcode() == clang::UO_AddrOf)
    return reader_.refuse(at, "an address is not supported; use the array and an index");
  const NodeId of = operation->getOpcode() == clang::UO_LNot ? condition(operation->getSubExpr())
                                                             : expression(operation->getSubExpr());
  if (of == NodeId::none) return of;
  const Type type = (*this)[of].type;
  switch (operation->getOpcode()) {
    case clang::UO_Plus:
      return of;
    case clang::UO_Minus:
      return reader_.add({.kind = Kind::unary, .type = type, .op = Operator::negate}, std::span(&of, 1), at);
    case clang::UO_Not:
      return reader_.add({.kind = Kind::unary, .type = type, .op = Operator::bit_not}, std::span(&of, 1), at);
    case clang::UO_LNot:
      return reader_.add({.kind = Kind::unary, .type = type, .op = Operator::logical_not}, std::span(&of, 1),
                         at);
    default:
      return reader_.refuse(at, "this operator is not supported");
  }
}

NodeId Body::binary(const clang::BinaryOperator* operation) {
  const clang::SourceRange at = operation->getSourceRange();
  if (operation->isAssignmentOp()) return assigned(operation);
  if (operation->isCommaOp()) {
    const NodeId both[] = {effect(operation->getLHS()), expression(operation->getRHS())};
    if (both[0] == NodeId::none || both[1] == NodeId::none) return NodeId::none;
    return reader_.add({.kind = Kind::before, .type = (*this)[both[1]].type}, both, at);
  }
  if (operation->isPtrMemOp() || operation->getLHS()->getType()->isPointerType() ||
      operation->getRHS()->getType()->isPointerType())
    return reader_.refuse(at, "pointer arithmetic is not supported; write x[i]");
  if (operation->isLogicalOp()) {  // what need not be looked at is not, where that is known
    const NodeId left = condition(operation->getLHS()), right = condition(operation->getRHS());
    const bool is_and = operation->getOpcode() == clang::BO_LAnd;
    const NodeId settled = integer(Type::boolean, is_and ? 0 : 1, at);
    const NodeId children[] = {left, is_and ? right : settled, is_and ? settled : right};
    return reader_.add({.kind = Kind::choose, .type = Type::boolean}, children, at);
  }
  const clang::Expr* parts[] = {operation->getLHS(), operation->getRHS()};
  if (!operation->isShiftOp() && !is_ordered(parts)) return NodeId::none;
  const NodeId left = expression(parts[0]), right = expression(parts[1]);
  return arithmetic(operation->getOpcode(), left, right, operation);
}

namespace {
bool may_contract(const clang::BinaryOperator* operation, const clang::ASTContext& context) {
  return operation->getFPFeaturesInEffect(context.getLangOpts()).allowFPContractWithinStatement();
}
}  // namespace

/// `from` is where it is written. Contraction is what a source asks for with #pragma STDC FP_CONTRACT ON.
NodeId Body::arithmetic(clang::BinaryOperatorKind kind, NodeId a, NodeId b,
                        const clang::BinaryOperator* from) {
  const clang::SourceRange at = from->getSourceRange();
  if (a == NodeId::none || b == NodeId::none) return NodeId::none;
  const Operator op = operator_of(kind);
  const Type type = (*this)[a].type;
  if (op == Operator::divide || op == Operator::remainder)
    if (const clang::Expr* divisor = zero_divisor(from, reader_.context()); divisor == from->getRHS())
      return reader_.refuse(divisor->getSourceRange(), division_by_zero(divisor));
  b = converted(b, type, at);
  if ((op == Operator::add || op == Operator::subtract) && is_float(type) &&
      may_contract(from, reader_.context()))
    for (const auto& [side, node] : {std::pair(from->getLHS(), a), std::pair(from->getRHS(), b)}) {
      const auto* product = llvm::dyn_cast<clang::BinaryOperator>(side->IgnoreParens());
      Node& made = reader_.unit().nodes[static_cast<std::uint32_t>(node)];
      if (product != nullptr && product->getOpcode() == clang::BO_Mul && made.kind == Kind::binary &&
          may_contract(product, reader_.context()))
        made.bits |= kContracts;
    }
  const NodeId both[] = {a, b};
  return reader_.add({.kind = Kind::binary, .type = is_comparison(op) ? Type::boolean : type, .op = op}, both,
                     at);
}

NodeId Body::name(const clang::DeclRefExpr* name) { return *scalar(name); }

}  // namespace mc::cxx
