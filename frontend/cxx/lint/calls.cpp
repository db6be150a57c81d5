// One walk over the translation unit.
#include "frontend/cxx/lint/calls.hpp"

#include <algorithm>

#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Analysis/Analyses/ExprMutationAnalyzer.h>
#include <clang/Basic/SourceManager.h>

namespace mc::cxx {
namespace {

bool is_moment(clang::QualType type) {
  const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  return record != nullptr && record->getQualifiedNameAsString() == "mc::Moment";
}

bool is_view(clang::QualType type) {
  const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  return record != nullptr && record->isInStdNamespace() && record->getIdentifier() != nullptr &&
         record->getName() == "basic_string_view";
}

bool is_compile(llvm::StringRef name) { return name == "mc::compile" || name == "mc::try_compile"; }
bool is_compile_program(llvm::StringRef name) { return name == "mc::cxx::compile_program"; }

class Walk : public clang::RecursiveASTVisitor<Walk> {
 public:
  Walk(clang::ASTContext& context, Calls& calls) : context_(context), calls_(calls) {}

  /// What a library's headers hold is none of the user's.
  bool TraverseDecl(clang::Decl* decl) {
    if (decl != nullptr && !llvm::isa<clang::TranslationUnitDecl>(decl) &&
        context_.getSourceManager().isInSystemHeader(decl->getLocation()))
      return true;
    return clang::RecursiveASTVisitor<Walk>::TraverseDecl(decl);
  }

  bool VisitCallExpr(clang::CallExpr* call) {
    if (const clang::FunctionDecl* callee = call->getDirectCallee())
      called(call, callee);
    else if (const auto* names = llvm::dyn_cast<clang::OverloadExpr>(call->getCallee()->IgnoreParens()))
      undecided(call, names);
    if (const auto* assignment = llvm::dyn_cast<clang::CXXOperatorCallExpr>(call))
      if (assignment->getOperator() == clang::OO_Equal) gives(assignment->getArg(0), assignment->getArg(1));
    return true;
  }

  bool VisitVarDecl(clang::VarDecl* variable) {
    if (variable->hasInit() && !llvm::isa<clang::ParmVarDecl>(variable)) give(variable, variable->getInit());
    return true;
  }

  bool VisitFieldDecl(clang::FieldDecl* field) {
    if (field->hasInClassInitializer()) give(field, field->getInClassInitializer());
    return true;
  }

  bool VisitCXXConstructorDecl(clang::CXXConstructorDecl* constructor) {
    for (const clang::CXXCtorInitializer* each : constructor->inits())
      if (each->isMemberInitializer() && each->isWritten()) give(each->getMember(), each->getInit());
    return true;
  }

 private:
  void give(const clang::ValueDecl* to, const clang::Expr* value) {
    if (value != nullptr) calls_.given[to].push_back(value);
  }

  void gives(const clang::Expr* to, const clang::Expr* value) {
    to = to->IgnoreParenImpCasts();
    if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(to)) give(name->getDecl(), value);
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(to)) give(member->getMemberDecl(), value);
  }

  void called(clang::CallExpr* call, const clang::FunctionDecl* callee) {
    if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(callee)) {
      if (is_moment(context_.getRecordType(method->getParent()))) calls_.uses.push_back(call);
    }
    calls_.of[callee->getCanonicalDecl()].push_back(call);
    const std::string name = callee->getQualifiedNameAsString();
    if (is_compile_program(name)) {
      calls_.texts.push_back({call, call, call->getArg(0), nullptr, true});
    } else if (is_compile(name) && callee->getNumParams() > 1) {
      const bool has_density = is_view(callee->getParamDecl(1)->getType());
      calls_.texts.push_back({call, call, call->getArg(0), has_density ? call->getArg(1) : nullptr});
    }
  }

  /// A call that depends on a template's parameters.
  void undecided(clang::CallExpr* call, const clang::OverloadExpr* names) {
    const auto is_ours = [](const clang::NamedDecl* each) {
      const std::string name = each->getQualifiedNameAsString();
      return is_compile(name) || is_compile_program(name);
    };
    if (std::ranges::any_of(names->decls(), is_ours)) calls_.texts.push_back({call, call});
  }

  clang::ASTContext& context_;
  Calls& calls_;
};

/// text.c_str(), text.data(), and what a std::string becomes by itself.
bool gives_text(const clang::CXXMemberCallExpr* call) {
  const clang::CXXMethodDecl* method = call->getMethodDecl();
  if (method == nullptr || !method->getParent()->isInStdNamespace()) return false;
  const std::string name = method->getNameAsString();
  return llvm::isa<clang::CXXConversionDecl>(method) || name == "c_str" || name == "data";
}

/// The parameter that is handed on, if it is one: as a view of it, perhaps.
const clang::ParmVarDecl* parameter_behind(const clang::Expr* e) {
  while (e != nullptr) {
    e = e->IgnoreParenImpCasts()->IgnoreImplicit()->IgnoreParenImpCasts();
    if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(e))
      return llvm::dyn_cast<clang::ParmVarDecl>(name->getDecl());
    if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e))
      e = made->getNumArgs() > 0 ? made->getArg(0) : nullptr;
    else if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(e))
      e = gives_text(call) ? call->getImplicitObjectArgument() : nullptr;
    else
      return nullptr;
  }
  return nullptr;
}

bool changes(const clang::ParmVarDecl* parameter, clang::ASTContext& context) {
  const auto* function =
      parameter == nullptr ? nullptr : llvm::dyn_cast<clang::FunctionDecl>(parameter->getDeclContext());
  return function != nullptr && function->hasBody() &&
         clang::ExprMutationAnalyzer(*function->getBody(), context).isMutated(parameter);
}

/// What a call gives for a parameter of the function it calls.
const clang::Expr* argument(const clang::CallExpr* call, const clang::ParmVarDecl* parameter) {
  unsigned index = parameter->getFunctionScopeIndex();
  if (const auto* method = llvm::dyn_cast_or_null<clang::CXXMethodDecl>(call->getDirectCallee());
      method != nullptr && llvm::isa<clang::CXXOperatorCallExpr>(call) && method->isInstance())
    ++index;
  return index < call->getNumArgs() ? call->getArg(index) : nullptr;
}

/// The same text where the function that hands it on is called; empty where it does not hand one on, or
/// nobody calls it here.
std::vector<TextCall> handed_on(const TextCall& text, const Calls& calls, clang::ASTContext& context) {
  if (text.program == nullptr) return {};
  const clang::ParmVarDecl* program = parameter_behind(text.program);
  const clang::ParmVarDecl* density = text.density == nullptr ? nullptr : parameter_behind(text.density);
  const clang::ParmVarDecl* one = program != nullptr ? program : density;
  const auto* function =
      one == nullptr ? nullptr : llvm::dyn_cast<clang::FunctionDecl>(one->getDeclContext());
  if (function == nullptr || changes(program, context) || changes(density, context)) return {};
  const auto known = calls.of.find(function->getCanonicalDecl());
  if (known == calls.of.end()) return {};
  std::vector<TextCall> all;
  for (const clang::CallExpr* call : known->second) {
    TextCall there = text;
    there.call = call;
    if (program != nullptr) there.program = argument(call, program);
    if (density != nullptr) there.density = argument(call, density);
    if (there.program != nullptr && (text.density == nullptr || there.density != nullptr))
      all.push_back(there);
  }
  return all;
}

/// Functions may hand on to functions; those that call themselves would go on for ever.
void follow(Calls& calls, clang::ASTContext& context) {
  constexpr int kDeepest = 8;
  for (int depth = 0; depth < kDeepest; ++depth) {
    std::vector<TextCall> all;
    bool any = false;
    for (const TextCall& text : calls.texts) {
      std::vector<TextCall> there = handed_on(text, calls, context);
      any |= !there.empty();
      if (there.empty())
        all.push_back(text);
      else
        all.insert(all.end(), there.begin(), there.end());
    }
    if (!any || all.size() > 10 * (calls.texts.size() + 100)) return;
    calls.texts = std::move(all);
  }
}

}  // namespace

std::vector<const clang::CallExpr*> Calls::origins(const clang::Expr* moment) const {
  std::vector<const clang::CallExpr*> found;
  collect(moment, 0, found);
  return found;
}

/// Through copies, std::move, what a try_compile gives, and variables.
void Calls::collect(const clang::Expr* e, unsigned depth, std::vector<const clang::CallExpr*>& found) const {
  constexpr unsigned kDeepest = 20;
  if (e == nullptr || depth > kDeepest) return;
  e = e->IgnoreParenImpCasts()->IgnoreImplicit()->IgnoreParenImpCasts();
  const clang::ValueDecl* holder = nullptr;
  if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(e)) holder = name->getDecl();
  if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(e)) holder = member->getMemberDecl();
  if (holder != nullptr) {
    if (const auto known = given.find(holder); known != given.end())
      for (const clang::Expr* value : known->second) collect(value, depth + 1, found);
    return;
  }
  if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e))
    return made->getNumArgs() > 0 ? collect(made->getArg(0), depth + 1, found) : void();
  if (const auto* cast = llvm::dyn_cast<clang::ExplicitCastExpr>(e))
    return collect(cast->getSubExpr(), depth + 1, found);
  if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(e))
    return list->getNumInits() == 1 ? collect(list->getInit(0), depth + 1, found) : void();
  const auto* call = llvm::dyn_cast<clang::CallExpr>(e);
  if (call == nullptr) return;
  const auto is_this = [&](const TextCall& text) { return text.compile == call; };
  if (std::ranges::any_of(texts, is_this)) {
    found.push_back(call);
  } else if (const auto* operation = llvm::dyn_cast<clang::CXXOperatorCallExpr>(call)) {
    collect(operation->getArg(0), depth + 1, found);  // * and ->
  } else if (const auto* method = llvm::dyn_cast<clang::CXXMemberCallExpr>(call)) {
    collect(method->getImplicitObjectArgument(), depth + 1, found);  // value()
  } else if (call->isCallToStdMove()) {
    collect(call->getArg(0), depth + 1, found);
  }
}

Calls calls_in(clang::ASTContext& context) {
  Calls calls;
  Walk(context, calls).TraverseDecl(context.getTranslationUnitDecl());
  follow(calls, context);
  return calls;
}

}  // namespace mc::cxx
