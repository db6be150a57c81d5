// Statements. A `for` that goes from one number to another counts; every other loop is general, and runs
// until its condition fails.
#include <algorithm>

#include <clang/AST/StmtCXX.h>

#include "frontend/cxx/reading.hpp"

namespace mc::cxx {
namespace {

/// What a message calls a statement that there is none of here, and what to write instead.
struct Refused {
  clang::Stmt::StmtClass kind;
  const char* message;
};

constexpr Refused kRefused[] = {
    {clang::Stmt::CaseStmtClass, "a case inside another statement is not supported; write it in the switch"},
    {clang::Stmt::DefaultStmtClass,
     "a case inside another statement is not supported; write it in the switch"},
    {clang::Stmt::GotoStmtClass, "'goto' is not supported; write a loop, or if and else"},
    {clang::Stmt::IndirectGotoStmtClass, "'goto' is not supported; write a loop, or if and else"},
    {clang::Stmt::LabelStmtClass, "a label is not supported; write a loop, or if and else"},
    {clang::Stmt::GCCAsmStmtClass, "assembly is not supported; write it in C++"},
    {clang::Stmt::MSAsmStmtClass, "assembly is not supported; write it in C++"},
    {clang::Stmt::CXXTryStmtClass, "'try' is not supported; return NaN where there is no value"},
    {clang::Stmt::CoreturnStmtClass, "a coroutine is not supported; write a function"},
};

}  // namespace

NodeId Body::statement(const clang::Stmt* s) {
  using enum clang::Stmt::StmtClass;
  const clang::SourceRange at = s->getSourceRange();
  const auto* refused = std::ranges::find(kRefused, s->getStmtClass(), &Refused::kind);
  if (refused != std::end(kRefused)) return reader_.refuse(s->getBeginLoc(), refused->message);
  switch (s->getStmtClass()) {
    case CompoundStmtClass:
      return block(llvm::cast<clang::CompoundStmt>(s));
    case DeclStmtClass: {
      std::vector<NodeId> all;
      for (const clang::Decl* declared : llvm::cast<clang::DeclStmt>(s)->decls()) {
        if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(declared);
            variable && llvm::isa<clang::DecompositionDecl>(variable))
          all.push_back(
              reader_.refuse(at, "a structured binding is not supported; use variables of their own"));
        else if (variable != nullptr)
          all.push_back(declare(variable));
        else if ((llvm::isa<clang::TagDecl>(declared) && !llvm::isa<clang::EnumDecl>(declared)) ||
                 llvm::isa<clang::FunctionDecl>(declared))
          all.push_back(
              reader_.refuse(at, "a type or function inside a function is not supported; use variables"));
      }
      return reader_.add({.kind = Kind::block}, all, at);
    }
    case IfStmtClass:
      return branch(llvm::cast<clang::IfStmt>(s));
    case SwitchStmtClass:
      return choose_case(llvm::cast<clang::SwitchStmt>(s));
    case ForStmtClass:
      return counted(llvm::cast<clang::ForStmt>(s));
    case CXXForRangeStmtClass:
      return over_range(llvm::cast<clang::CXXForRangeStmt>(s));
    case WhileStmtClass: {
      const auto* loop = llvm::cast<clang::WhileStmt>(s);
      if (loop->getConditionVariable() != nullptr)
        return reader_.refuse(
            at, "a variable in a loop's condition is not supported; declare it before the loop");
      const NodeId children[] = {condition(loop->getCond()), statement(loop->getBody()), empty(at)};
      return reader_.add({.kind = Kind::repeat}, children, loop->getWhileLoc());
    }
    case DoStmtClass: {
      const auto* loop = llvm::cast<clang::DoStmt>(s);
      const NodeId body = statement(loop->getBody());
      const NodeId children[] = {condition(loop->getCond()), body, empty(at)};
      return reader_.add({.kind = Kind::repeat, .bits = 1}, children, loop->getDoLoc());
    }
    case ReturnStmtClass:
      return leave(llvm::cast<clang::ReturnStmt>(s));
    case BreakStmtClass:
      return reader_.add({.kind = Kind::stop}, {}, at);
    case ContinueStmtClass:
      return reader_.add({.kind = Kind::skip}, {}, at);
    case NullStmtClass:
      return empty(at);
    case AttributedStmtClass:
      return statement(llvm::cast<clang::AttributedStmt>(s)->getSubStmt());
    default:
      break;
  }
  if (const auto* expression = llvm::dyn_cast<clang::Expr>(s)) return effect(expression);
  return reader_.refuse(
      at, std::string("this kind of statement (") + s->getStmtClassName() + ") is not supported");
}

NodeId Body::block(const clang::CompoundStmt* block) {
  std::vector<NodeId> all;
  for (const clang::Stmt* each : block->body()) all.push_back(statement(each));
  return reader_.add({.kind = Kind::block}, all, block->getSourceRange());
}

NodeId Body::branch(const clang::IfStmt* branch) {
  const clang::SourceRange at = branch->getSourceRange();
  std::vector<NodeId> before;
  if (branch->getInit() != nullptr) before.push_back(statement(branch->getInit()));
  if (branch->getConditionVariable() != nullptr)
    return reader_.refuse(at, "a variable in a condition is not supported; declare it before the 'if'");
  if (branch->isConsteval()) return reader_.refuse(at, "'if consteval' is not supported; use 'if constexpr'");
  if (branch->isConstexpr()) {  // what is not taken need not have a meaning
    clang::Expr::EvalResult holds;
    const bool is_known = branch->getCond()->EvaluateAsRValue(holds, reader_.context()) && holds.Val.isInt();
    const clang::Stmt* taken =
        is_known && holds.Val.getInt().getBoolValue() ? branch->getThen() : branch->getElse();
    before.push_back(taken == nullptr ? empty(at) : statement(taken));
    return reader_.add({.kind = Kind::block}, before, at);
  }
  const NodeId holds = condition(branch->getCond());
  if (holds != NodeId::none && (*this)[holds].kind == Kind::number) {  // as of a template's parameter
    const clang::Stmt* taken = (*this)[holds].bits != 0 ? branch->getThen() : branch->getElse();
    before.push_back(taken == nullptr ? empty(at) : statement(taken));
    return reader_.add({.kind = Kind::block}, before, at);
  }
  std::vector<NodeId> children = {holds, statement(branch->getThen())};
  if (branch->getElse() != nullptr) children.push_back(statement(branch->getElse()));
  before.push_back(reader_.add({.kind = Kind::branch}, children, branch->getIfLoc()));
  return reader_.add({.kind = Kind::block}, before, at);
}

/// What stands between two labels is done where a label before it was met and nothing has left the switch
/// since: so cases fall through as they do in C++.
NodeId Body::choose_case(const clang::SwitchStmt* choice) {
  const clang::SourceRange at = choice->getSwitchLoc();
  const auto* body = llvm::dyn_cast<clang::CompoundStmt>(choice->getBody());
  if (choice->getConditionVariable() != nullptr)
    return reader_.refuse(at, "a variable in a condition is not supported; declare it before the 'switch'");
  if (body == nullptr) return reader_.refuse(at, "a 'switch' without braces is not supported; write { }");
  std::vector<NodeId> all;
  if (choice->getInit() != nullptr) all.push_back(statement(choice->getInit()));
  const NodeId value = expression(choice->getCond());
  if (value == NodeId::none) return value;
  const Type type = (*this)[value].type;
  const std::uint32_t chosen = variable(nullptr, {.name = "", .type = type});
  const std::uint32_t met = variable(nullptr, {.name = "", .type = Type::boolean});
  const auto set = [&](std::uint32_t id, Type of, NodeId to) {
    all.push_back(reader_.add({.kind = Kind::assign, .type = of, .id = id}, std::span(&to, 1), at));
  };
  const auto is_met = [&] {
    return reader_.add({.kind = Kind::variable, .type = Type::boolean, .id = met}, {}, at);
  };
  const auto either = [&](NodeId a, NodeId b) {
    const NodeId children[] = {a, integer(Type::boolean, 1, at), b};
    return reader_.add({.kind = Kind::choose, .type = Type::boolean}, children, at);
  };
  const auto is_case = [&](const clang::CaseStmt* label) {
    if (label->caseStmtIsGNURange())
      return reader_.refuse(label->getSourceRange(), "a range of cases is not supported; write each");
    const auto number = label->getLHS()->EvaluateKnownConstInt(reader_.context()).getExtValue();
    const NodeId both[] = {reader_.add({.kind = Kind::variable, .type = type, .id = chosen}, {}, at),
                           integer(type, number, label->getLHS()->getSourceRange())};
    return reader_.add({.kind = Kind::binary, .type = Type::boolean, .op = Operator::equal}, both, at);
  };
  const auto is_none = [&] {
    NodeId any = integer(Type::boolean, 0, at);
    for (const auto* label = choice->getSwitchCaseList(); label != nullptr;
         label = label->getNextSwitchCase())
      if (const auto* known = llvm::dyn_cast<clang::CaseStmt>(label)) any = either(any, is_case(known));
    return reader_.add({.kind = Kind::unary, .type = Type::boolean, .op = Operator::logical_not},
                       std::span(&any, 1), at);
  };
  set(chosen, type, value);
  set(met, Type::boolean, integer(Type::boolean, 0, at));
  std::vector<NodeId> part;
  const auto end_part = [&] {
    if (part.empty()) return;
    const NodeId children[] = {is_met(), reader_.add({.kind = Kind::block}, part, at)};
    all.push_back(reader_.add({.kind = Kind::branch}, children, at));
    part.clear();
  };
  for (const clang::Stmt* each : body->body()) {
    for (const auto* label = llvm::dyn_cast<clang::SwitchCase>(each); label != nullptr;
         label = llvm::dyn_cast<clang::SwitchCase>(each)) {
      end_part();
      const auto* known = llvm::dyn_cast<clang::CaseStmt>(label);
      set(met, Type::boolean, either(is_met(), known != nullptr ? is_case(known) : is_none()));
      each = label->getSubStmt();
    }
    part.push_back(statement(each));
  }
  end_part();
  const NodeId block = reader_.add({.kind = Kind::block}, all, at);
  return reader_.add({.kind = Kind::once}, std::span(&block, 1), at);
}

// ---------------------------------------------------------------- loops

namespace {

/// What counts in a loop's head: for (int i = a; i < b; i += c), others beside it.
struct Head {
  const clang::VarDecl* index;
  const clang::BinaryOperator* test;
  bool is_flipped;      ///< b > i
  std::int64_t offset;  ///< i + offset < b
};

bool names(const clang::Expr* e, const clang::VarDecl* variable) {
  const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(e->IgnoreParenImpCasts());
  return name != nullptr && name->getDecl() == variable;
}

/// What is added to the variable, if that is all: 1 of i + 1.
std::optional<std::int64_t> offset_of(const clang::Expr* e, const clang::VarDecl* variable,
                                      const clang::ASTContext& context) {
  if (names(e, variable)) return 0;
  const auto* sum = llvm::dyn_cast<clang::BinaryOperator>(e->IgnoreParenImpCasts());
  if (sum == nullptr || !sum->isAdditiveOp() || !names(sum->getLHS(), variable)) return {};
  clang::Expr::EvalResult value;
  constexpr std::int64_t kMost = 1'000'000;
  if (!sum->getRHS()->EvaluateAsInt(value, context)) return {};
  const std::int64_t offset = value.Val.getInt().getExtValue();
  if (offset < 0 || offset > kMost) return {};
  return sum->getOpcode() == clang::BO_Add ? offset : -offset;
}

/// Whether `i + c < bound` is `i < bound - c`: where there are signs, for what does not fit has no meaning;
/// else from a number that is not negative up to one that is not huge.
bool may_move(std::int64_t offset, const clang::VarDecl* index, const clang::BinaryOperator* test,
              bool is_flipped, const clang::ASTContext& context) {
  if (offset == 0 || test->getLHS()->IgnoreParens()->getType()->isSignedIntegerType()) return true;
  const auto opcode =
      is_flipped ? clang::BinaryOperator::reverseComparisonOp(test->getOpcode()) : test->getOpcode();
  clang::Expr::EvalResult begin;
  if (offset < 0 || (opcode != clang::BO_LT && opcode != clang::BO_LE) ||
      !index->getInit()->EvaluateAsInt(begin, context) || begin.Val.getInt().isNegative())
    return false;
  const clang::Expr* bound = is_flipped ? test->getLHS() : test->getRHS();
  const auto* member = llvm::dyn_cast<clang::CXXMemberCallExpr>(bound->IgnoreParenImpCasts());
  const bool is_size = member != nullptr && member->getMethodDecl()->getNameAsString() == "size";
  return is_size || bound->isIntegerConstantExpr(context);
}

std::optional<Head> head_of(const clang::ForStmt* loop, const clang::ASTContext& context) {
  const auto* declared = llvm::dyn_cast_or_null<clang::DeclStmt>(loop->getInit());
  const auto* test = llvm::dyn_cast_or_null<clang::BinaryOperator>(
      loop->getCond() ? loop->getCond()->IgnoreParenImpCasts() : nullptr);
  if (declared == nullptr || test == nullptr || !test->isComparisonOp() || loop->getInc() == nullptr)
    return {};
  for (const clang::Decl* each : declared->decls()) {
    const auto* index = llvm::dyn_cast<clang::VarDecl>(each);
    if (index == nullptr || index->getInit() == nullptr || index->getType()->isReferenceType()) return {};
    for (const bool is_flipped : {false, true}) {
      const auto offset = offset_of(is_flipped ? test->getRHS() : test->getLHS(), index, context);
      if (offset && may_move(*offset, index, test, is_flipped, context))
        return Head{index, test, is_flipped, *offset};
    }
  }
  return {};
}

/// By how much an expression steps the variable; nothing where it does not, or by what is not known.
std::optional<std::int64_t> step_of(const clang::Expr* e, const clang::VarDecl* index,
                                    const clang::ASTContext& context) {
  e = e->IgnoreParens();
  if (const auto* one = llvm::dyn_cast<clang::UnaryOperator>(e);
      one && one->isIncrementDecrementOp() && names(one->getSubExpr(), index))
    return one->isIncrementOp() ? 1 : -1;
  const auto* by = llvm::dyn_cast<clang::CompoundAssignOperator>(e);
  clang::Expr::EvalResult value;
  if (by == nullptr || !names(by->getLHS(), index) || !by->getRHS()->EvaluateAsInt(value, context)) return {};
  const std::int64_t step = value.Val.getInt().getExtValue();
  if (step == 0 || step == INT64_MIN) return {};
  if (by->getOpcode() == clang::BO_AddAssign) return step;
  if (by->getOpcode() == clang::BO_SubAssign) return -step;
  return {};
}

void comma_parts(const clang::Expr* e, std::vector<const clang::Expr*>& parts) {
  const auto* comma = llvm::dyn_cast<clang::BinaryOperator>(e->IgnoreParens());
  if (comma == nullptr || !comma->isCommaOp()) return parts.push_back(e);
  comma_parts(comma->getLHS(), parts);
  comma_parts(comma->getRHS(), parts);
}

/// The comparison that goes on while the index steps towards the bound; nothing where it steps away.
std::optional<Operator> direction(clang::BinaryOperatorKind opcode, std::int64_t step) {
  if (opcode == clang::BO_LT && step > 0) return Operator::less;
  if (opcode == clang::BO_LE && step > 0) return Operator::less_equal;
  if (opcode == clang::BO_GT && step < 0) return Operator::greater;
  if (opcode == clang::BO_GE && step < 0) return Operator::greater_equal;
  if (opcode == clang::BO_NE && (step == 1 || step == -1)) return Operator::unequal;
  return {};
}

}  // namespace

/// Where the body changes neither the index nor the bound, nor does anything in the head but the step.
NodeId Body::counted(const clang::ForStmt* loop) {
  const auto head = head_of(loop, reader_.context());
  if (!head) return general(loop);
  const auto type = type_of(head->index->getType());
  const clang::Expr* bound = head->is_flipped ? head->test->getLHS() : head->test->getRHS();
  const auto bound_type = type_of(bound->getType());
  if (!type || !is_integer(*type) || !bound_type || !is_integer(*bound_type)) return general(loop);
  std::vector<const clang::Expr*> steps, others;
  comma_parts(loop->getInc(), steps);
  std::optional<std::int64_t> step;
  const clang::Expr* stepping = nullptr;
  for (const clang::Expr* each : steps) {
    const auto by = step_of(each, head->index, reader_.context());
    if (by && step) return general(loop);
    if (by)
      step = by, stepping = each;
    else
      others.push_back(each);
  }
  const auto opcode = head->is_flipped ? clang::BinaryOperator::reverseComparisonOp(head->test->getOpcode())
                                       : head->test->getOpcode();
  const auto op = step ? direction(opcode, *step) : std::nullopt;
  if (!op || changes(loop->getBody(), head->test) || changes_anything(head->test)) return general(loop);
  for (const clang::Expr* other : others)  // the index stands in the test
    if (changes(other, head->test) || changes(stepping, other)) return general(loop);
  const clang::SourceRange at = loop->getForLoc();
  std::vector<NodeId> before;
  NodeId begin = NodeId::none;
  for (const clang::Decl* each : llvm::cast<clang::DeclStmt>(loop->getInit())->decls()) {
    if (each != head->index) {
      before.push_back(declare(llvm::cast<clang::VarDecl>(each)));
      continue;
    }
    begin = converted(expression(head->index->getInit()), *type, at);
    if (llvm::cast<clang::DeclStmt>(loop->getInit())->isSingleDecl()) break;
    // What is declared after it may change what it begins with.
    const std::uint32_t kept = variable(nullptr, {.name = "", .type = *type});
    before.push_back(
        reader_.add({.kind = Kind::assign, .type = *type, .id = kept}, std::span(&begin, 1), at));
    begin = reader_.add({.kind = Kind::variable, .type = *type, .id = kept}, {}, at);
  }
  NodeId end = expression(bound);
  if (head->offset != 0) {
    const NodeId both[] = {converted(end, Type::i64, at), integer(Type::i64, head->offset, at)};
    end = reader_.add({.kind = Kind::binary, .type = Type::i64, .op = Operator::subtract}, both, at);
  }
  const std::uint32_t id = variable(head->index, {.name = head->index->getNameAsString(), .type = *type});
  std::vector<NodeId> children = {begin, end, statement(loop->getBody())}, after;
  for (const clang::Expr* other : others) after.push_back(effect(other));
  if (!after.empty()) children.push_back(reader_.add({.kind = Kind::block}, after, at));
  before.push_back(reader_.add(
      {.kind = Kind::counted, .type = *type, .op = *op, .id = id, .bits = static_cast<std::uint64_t>(*step)},
      children, at));
  return in_turn(before, at);
}

NodeId Body::general(const clang::ForStmt* loop) {
  const clang::SourceRange at = loop->getForLoc();
  if (loop->getConditionVariable() != nullptr)
    return reader_.refuse(at,
                          "a variable in a loop's condition is not supported; declare it before the loop");
  const NodeId before = loop->getInit() != nullptr ? statement(loop->getInit()) : empty(at);
  const NodeId holds =
      loop->getCond() != nullptr ? condition(loop->getCond()) : integer(Type::boolean, 1, at);
  const NodeId body = statement(loop->getBody());
  const NodeId children[] = {holds, body, loop->getInc() != nullptr ? effect(loop->getInc()) : empty(at)};
  const NodeId both[] = {before, reader_.add({.kind = Kind::repeat}, children, at)};
  return reader_.add({.kind = Kind::block}, both, at);
}

NodeId Body::over_range(const clang::CXXForRangeStmt* loop) {
  const clang::SourceRange at = loop->getForLoc();
  const clang::VarDecl* each = loop->getLoopVariable();
  const auto over = array(loop->getRangeInit());
  const auto type = type_of(each->getType());
  if (!over) return NodeId::none;
  if (!type || array_types_.at(*over).columns > 0)
    return reader_.refuse(each->getSourceRange(), "a loop over rows is not supported; use indices");
  const Type element = made_.variables[*over].type;
  const clang::QualType named = each->getType().getNonReferenceType();
  const bool is_name = each->getType()->isReferenceType() && element == *type &&
                       (!named.isConstQualified() || changes_named(loop->getBody(), loop->getRangeInit()));
  if (is_name && !named.isConstQualified() && array_types_.at(*over).is_constant &&
      changes_anything(loop->getBody()))
    return reader_.refuse(each->getSourceRange(), "the elements of '" + made_.variables[*over].name +
                                                      "' cannot be changed; copy them to a local array");
  const std::uint32_t index = variable(nullptr, {.name = "", .type = Type::i64});
  const std::uint32_t id = variable(each, {.name = each->getNameAsString(),
                                           .type = *type,
                                           .by_reference = is_name,
                                           .is_constant = named.isConstQualified()});
  const NodeId at_index = reader_.add({.kind = Kind::variable, .type = Type::i64, .id = index}, {}, at);
  NodeId value =
      reader_.add({.kind = Kind::element, .type = element, .id = *over}, std::span(&at_index, 1), at);
  if (!is_name) value = converted(value, *type, at);
  const NodeId body[] = {reader_.add({.kind = is_name ? Kind::bind : Kind::assign, .type = *type, .id = id},
                                     std::span(&value, 1), at),
                         statement(loop->getBody())};
  return each_of(*over, body, index, at);
}

NodeId Body::leave(const clang::ReturnStmt* leave) {
  const clang::SourceRange at = leave->getSourceRange();
  if (leave->getRetValue() == nullptr) return reader_.add({.kind = Kind::leave}, {}, at);
  const NodeId value = converted(expression(leave->getRetValue()), made_.result, at);
  return reader_.add({.kind = Kind::leave}, std::span(&value, 1), at);
}

}  // namespace mc::cxx
