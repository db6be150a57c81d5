// Functions of the library that go through an array, or change what they are given.
#include <algorithm>

#include <clang/AST/ExprCXX.h>

#include "frontend/cxx/reading.hpp"

namespace mc::cxx {
namespace {

/// x in x.begin(), x.end(), std::begin(x), std::end(x), where that is which.
const clang::Expr* bound_of(const clang::Expr* e, llvm::StringRef which) {
  e = e->IgnoreImplicit();
  if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e); made && made->getNumArgs() == 1)
    e = made->getArg(0)->IgnoreImplicit();
  if (const auto* of = llvm::dyn_cast<clang::CXXMemberCallExpr>(e)) {
    const std::string name = of->getMethodDecl()->getNameAsString();
    return name == which || name == "c" + which.str() ? of->getImplicitObjectArgument() : nullptr;
  }
  const auto* call = llvm::dyn_cast<clang::CallExpr>(e);
  if (call == nullptr || call->getDirectCallee() == nullptr || call->getNumArgs() != 1) return nullptr;
  const clang::FunctionDecl* callee = call->getDirectCallee();
  return callee->getDeclName().isIdentifier() && callee->getName() == which ? call->getArg(0) : nullptr;
}

/// What numbers of both types are added as.
Type common(Type a, Type b) { return std::max({a, b, Type::i32}); }

}  // namespace

/// Goes through an array: `index` is the variable that counts.
NodeId Body::each_of(std::uint32_t array, std::span<const NodeId> body, std::uint32_t index,
                     clang::SourceRange at) {
  const NodeId children[] = {integer(Type::i64, 0, at),
                             reader_.add({.kind = Kind::length, .type = Type::i64, .id = array}, {}, at),
                             reader_.add({.kind = Kind::block}, body, at)};
  return reader_.add({.kind = Kind::counted, .type = Type::i64, .op = Operator::less, .id = index, .bits = 1},
                     children, at);
}

std::optional<NodeId> Body::algorithm(const clang::FunctionDecl* callee, const clang::CallExpr* call) {
  if (!callee->isInStdNamespace() || !callee->getDeclName().isIdentifier()) return {};
  const llvm::StringRef name = callee->getName();
  if (name == "swap" && call->getNumArgs() == 2) return swapped(call);
  if ((name != "accumulate" && name != "fill") || call->getNumArgs() != 3) return {};
  const clang::Expr *begin = bound_of(call->getArg(0), "begin"), *end = bound_of(call->getArg(1), "end");
  if (begin == nullptr || end == nullptr) return {};
  const auto first = array(begin), last = array(end);
  if (!first || !last) return NodeId::none;
  if (first != last) return {};
  if (name == "fill") return filled(*first, call->getArg(2), call->getSourceRange());
  return accumulated(*first, call);
}

NodeId Body::swapped(const clang::CallExpr* call) {
  const clang::SourceRange at = call->getSourceRange();
  const clang::Expr *a = call->getArg(0), *b = call->getArg(1);
  if (changes_anything(a) || changes_anything(b))
    return reader_.refuse(at,
                          "a change inside what is swapped is not supported; make it a statement of its own");
  if (const auto type = array_of(reader_.context(), a->getType())) {
    const auto one = array(a);
    Variable made{.name = "", .type = type->element, .is_array = true};
    made.extent = type->extent;
    const std::uint32_t kept = variable(nullptr, std::move(made));
    array_types_.emplace(kept, *type);
    if (!one || !array(b)) return NodeId::none;
    const NodeId from_kept = reader_.add({.kind = Kind::variable, .id = kept}, {}, at);
    const NodeId statements[] = {
        all_assigned(kept, a, at), all_assigned(*one, b, at),
        reader_.add({.kind = Kind::assign_array, .id = *array(b)}, std::span(&from_kept, 1), at)};
    return reader_.add({.kind = Kind::block}, statements, at);
  }
  const auto one = target(a, true), other = target(b, true);
  if (!one || !other) return NodeId::none;
  const std::uint32_t kept = variable(nullptr, {.name = "", .type = one->type});
  const Target between{.id = kept, .type = one->type};
  const NodeId statements[] = {write(between, read(*one, at), at), write(*one, read(*other, at), at),
                               write(*other, read(between, at), at)};
  return reader_.add({.kind = Kind::block}, statements, at);
}

NodeId Body::filled(std::uint32_t array, const clang::Expr* with, clang::SourceRange at) {
  if (array_types_.at(array).is_constant)
    return reader_.refuse(at, "the elements of '" + made_.variables[array].name +
                                  "' cannot be changed; copy them to a local array");
  const Type type = made_.variables[array].type;
  const std::uint32_t value = variable(nullptr, {.name = "", .type = type});
  const std::uint32_t index = variable(nullptr, {.name = "", .type = Type::i64});
  const Target kept{.id = value, .type = type};
  const NodeId counter = reader_.add({.kind = Kind::variable, .type = Type::i64, .id = index}, {}, at);
  const NodeId store = write({.id = array, .type = type, .index = counter}, read(kept, at), at);
  const NodeId both[] = {write(kept, expression(with), at), each_of(array, std::span(&store, 1), index, at)};
  return reader_.add({.kind = Kind::block}, both, at);
}

/// The sum has the type of what it begins with: of doubles from 0 on, that is an int.
NodeId Body::accumulated(std::uint32_t array, const clang::CallExpr* call) {
  const clang::SourceRange at = call->getSourceRange();
  const auto type = type_of(call->getType());
  if (!type || *type == Type::nothing)
    return reader_.refuse(at, "a sum of this type is not supported; begin with 0.0");
  const Type element = made_.variables[array].type, as = common(*type, element);
  const std::uint32_t sum = variable(nullptr, {.name = "", .type = *type});
  const std::uint32_t index = variable(nullptr, {.name = "", .type = Type::i64});
  const Target total{.id = sum, .type = *type};
  const NodeId counter = reader_.add({.kind = Kind::variable, .type = Type::i64, .id = index}, {}, at);
  const NodeId both[] = {converted(read(total, at), as, at),
                         converted(read({.id = array, .type = element, .index = counter}, at), as, at)};
  const NodeId added =
      write(total, reader_.add({.kind = Kind::binary, .type = as, .op = Operator::add}, both, at), at);
  const NodeId statements[] = {write(total, expression(call->getArg(2)), at),
                               each_of(array, std::span(&added, 1), index, at)};
  const NodeId made[] = {reader_.add({.kind = Kind::block}, statements, at), read(total, at)};
  return reader_.add({.kind = Kind::before, .type = *type}, made, at);
}

}  // namespace mc::cxx
