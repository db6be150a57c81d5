// Calls: of the library's functions, of what arrays know of themselves, and of the user's own.
#include <algorithm>
#include <string_view>

#include <clang/AST/ExprCXX.h>
#include <clang/Basic/SourceManager.h>

#include "frontend/cxx/reading.hpp"

namespace mc::cxx {
namespace {

/// Functions of the standard library by their names there.
struct Row {
  std::string_view name;
  Math math;
  unsigned arity;
};

constexpr Row kMath[] = {
    {"exp", Math::exp, 1},           {"exp2", Math::exp2, 1},       {"expm1", Math::expm1, 1},
    {"log", Math::log, 1},           {"log2", Math::log2, 1},       {"log10", Math::log10, 1},
    {"log1p", Math::log1p, 1},       {"pow", Math::pow, 2},         {"sqrt", Math::sqrt, 1},
    {"cbrt", Math::cbrt, 1},         {"hypot", Math::hypot, 2},     {"sin", Math::sin, 1},
    {"cos", Math::cos, 1},           {"tan", Math::tan, 1},         {"asin", Math::asin, 1},
    {"acos", Math::acos, 1},         {"atan", Math::atan, 1},       {"atan2", Math::atan2, 2},
    {"sinh", Math::sinh, 1},         {"cosh", Math::cosh, 1},       {"tanh", Math::tanh, 1},
    {"asinh", Math::asinh, 1},       {"acosh", Math::acosh, 1},     {"atanh", Math::atanh, 1},
    {"erf", Math::erf, 1},           {"erfc", Math::erfc, 1},       {"tgamma", Math::gamma, 1},
    {"lgamma", Math::lgamma, 1},     {"fabs", Math::abs, 1},        {"abs", Math::abs, 1},
    {"floor", Math::floor, 1},       {"ceil", Math::ceil, 1},       {"trunc", Math::trunc, 1},
    {"rint", Math::rint, 1},         {"nearbyint", Math::rint, 1},  {"round", Math::round, 1},
    {"fma", Math::fma, 3},           {"fmin", Math::fmin, 2},       {"fmax", Math::fmax, 2},
    {"min", Math::min, 2},           {"max", Math::max, 2},         {"isnan", Math::isnan, 1},
    {"copysign", Math::copysign, 2}, {"signbit", Math::signbit, 1}, {"isinf", Math::isinf, 1},
    {"isfinite", Math::isfinite, 1}, {"fmod", Math::fmod, 2},       {"fdim", Math::fdim, 2},
};

bool gives_truth(Math math) {
  return math == Math::signbit || math == Math::isnan || math == Math::isinf || math == Math::isfinite;
}

/// std::exp, exp, expf, __builtin_exp.
const Row* row_of(std::string_view name, Type result) {
  constexpr std::string_view kBuiltin = "__builtin_";
  if (name.starts_with(kBuiltin)) name.remove_prefix(kBuiltin.size());
  const auto* row = std::ranges::find(kMath, name, &Row::name);
  if (row == std::end(kMath) && result == Type::f32 && name.ends_with('f')) {
    name.remove_suffix(1);
    row = std::ranges::find(kMath, name, &Row::name);
  }
  return row == std::end(kMath) ? nullptr : row;
}

}  // namespace

NodeId Body::call(const clang::CallExpr* call) {
  const clang::SourceRange at = call->getSourceRange();
  const clang::FunctionDecl* callee = call->getDirectCallee();
  if (callee == nullptr)
    return reader_.refuse(at, "a call through a pointer is not supported; call the function by its name");
  const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(callee);
  if (method != nullptr && method->isVirtual())
    return reader_.refuse(at, "a virtual call is not supported; call a function that is known by its name");
  if (const auto* operation = llvm::dyn_cast<clang::CXXOperatorCallExpr>(call)) {
    if (operation->getOperator() == clang::OO_Subscript) return element_value(call);
    if (operation->getOperator() == clang::OO_Equal)
      if (const auto to = array_of(reader_.context(), call->getArg(0)->getType());
          to && to->extent > 0 && !to->is_view) {
        const auto id = array(call->getArg(0));
        return id ? all_assigned(*id, call->getArg(1), at) : NodeId::none;
      }
    if (operation->getOperator() == clang::OO_Call && method != nullptr && method->getParent()->isLambda())
      return own_call(callee, call, 1);
    return reader_.refuse(at, "an operator of a class is not supported; use numbers and arrays of them");
  }
  if (llvm::isa<clang::CXXMemberCallExpr>(call)) {
    if (const auto made = member(call)) return *made;
    return reader_.refuse(at, "the member function '" + callee->getNameAsString() +
                                  "' is not supported; write a function that takes what it needs");
  }
  if (const auto made = math(callee, call)) return *made;
  if (const auto made = algorithm(callee, call)) return *made;
  if (reader_.context().getSourceManager().isInSystemHeader(callee->getLocation()) ||
      callee->getBuiltinID() != 0)
    return reader_.refuse(
        at, "the library's '" + callee->getNameAsString() + "' " +
                (callee->getDeclName().isIdentifier() && row_of(callee->getName(), Type::f64) != nullptr
                     ? "with " + std::to_string(call->getNumArgs()) + " arguments "
                     : "") +
                "is not supported; write it out, or use a function of <cmath> that docs/cxx.md lists");
  return own_call(callee, call, 0);
}

std::optional<NodeId> Body::math(const clang::FunctionDecl* callee, const clang::CallExpr* call) {
  const bool is_library = callee->isInStdNamespace() || callee->getBuiltinID() != 0 ||
                          reader_.context().getSourceManager().isInSystemHeader(callee->getLocation());
  if (!is_library || callee->getDeclName().isIdentifier() == false) return {};
  const clang::SourceRange at = call->getSourceRange();
  const auto type = type_of(call->getType());
  if (!type) return {};
  const std::string_view name = callee->getName();
  std::vector<NodeId> operands;
  const auto read = [&](Type as) {
    for (const clang::Expr* argument : call->arguments())
      operands.push_back(converted(expression(argument), as, argument->getSourceRange()));
  };
  if (name == "clamp" && call->getNumArgs() == 3) {
    read(*type);
    if (std::ranges::find(operands, NodeId::none) != operands.end()) return NodeId::none;
    const auto less = [&](NodeId a, NodeId b) {
      const NodeId both[] = {a, b};
      return reader_.add({.kind = Kind::binary, .type = Type::boolean, .op = Operator::less}, both, at);
    };
    const NodeId inner[] = {less(operands[2], operands[0]), operands[2], operands[0]};
    const NodeId outer[] = {less(operands[0], operands[1]), operands[1],
                            reader_.add({.kind = Kind::choose, .type = *type}, inner, at)};
    return reader_.add({.kind = Kind::choose, .type = *type}, outer, at);
  }
  const Row* row = row_of(name, *type);
  if (row == nullptr || call->getNumArgs() != row->arity) return {};
  Type as = *type;
  if (gives_truth(row->math)) {
    const auto given = type_of(call->getArg(0)->getType());
    as = given == Type::f32 ? Type::f32 : Type::f64;
  }
  const bool takes_integers = row->math == Math::min || row->math == Math::max || row->math == Math::abs;
  if (!is_float(as) && !takes_integers) return {};
  read(as);
  return reader_.add({.kind = Kind::math, .type = *type, .math = row->math}, operands, at);
}

/// What arrays know of themselves.
std::optional<NodeId> Body::member(const clang::CallExpr* call) {
  const auto* of = llvm::cast<clang::CXXMemberCallExpr>(call);
  const clang::SourceRange at = call->getSourceRange();
  if (!array_of(reader_.context(), of->getImplicitObjectArgument()->getType())) return {};
  const std::string name = of->getMethodDecl()->getNameAsString();
  if (name == "size" || name == "empty") {
    const auto id = array(of->getImplicitObjectArgument());
    if (!id) return NodeId::none;
    const NodeId length = reader_.add({.kind = Kind::length, .type = Type::i64, .id = *id}, {}, at);
    if (name == "size") return converted(length, Type::u64, at);
    const NodeId both[] = {length, integer(Type::i64, 0, at)};
    return reader_.add({.kind = Kind::binary, .type = Type::boolean, .op = Operator::equal}, both, at);
  }
  if (name == "front" || name == "back" || name == "at") return element_value(call);
  if (name == "fill" && call->getNumArgs() == 1) {
    const auto id = array(of->getImplicitObjectArgument());
    return id ? filled(*id, call->getArg(0), at) : NodeId::none;
  }
  return {};
}

NodeId Body::own_call(const clang::FunctionDecl* callee, const clang::CallExpr* call, unsigned skipped) {
  const clang::SourceRange at = call->getSourceRange();
  const auto number = reader_.function(callee, at);
  if (!number) return NodeId::none;
  const std::span given(call->getArgs() + skipped, callee->getNumParams());
  if (!is_ordered(given)) return NodeId::none;
  std::vector<NodeId> arguments, first;
  for (unsigned k = 0; k < callee->getNumParams(); ++k) {
    const clang::ParmVarDecl* parameter = callee->getParamDecl(k);
    const auto* closure = parameter->getType().getNonReferenceType()->getAsCXXRecordDecl();
    if (closure == nullptr || !closure->isLambda())
      arguments.push_back(argument(callee, parameter, given[k]));
    else if (llvm::isa<clang::LambdaExpr>(given[k]->IgnoreImplicit()))
      first.push_back(close(closure, given[k]->getSourceRange()));
  }
  for (const clang::ValueDecl* each : std::vector(reader_.captured[*number])) {
    const auto id = known(each, at);
    if (!id) return NodeId::none;
    const Variable& variable = made_.variables[*id];
    arguments.push_back(reader_.add({.kind = Kind::variable,
                                     .type = variable.is_array ? Type::nothing : variable.type,
                                     .id = *id,
                                     .bits = kByReference},
                                    {}, at));
  }
  const Type result = type_of(callee->getReturnType()).value_or(Type::f64);
  const NodeId made = reader_.add({.kind = Kind::call, .type = result, .id = *number}, arguments, at);
  if (first.empty()) return made;
  first.push_back(made);
  if (result == Type::nothing) return reader_.add({.kind = Kind::block}, first, at);
  const NodeId both[] = {reader_.add({.kind = Kind::block}, std::span(first).first(first.size() - 1), at),
                         made};
  return reader_.add({.kind = Kind::before, .type = result}, both, at);
}

}  // namespace mc::cxx
