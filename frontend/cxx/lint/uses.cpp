// Boxes, options, parameters and arrays as a call writes them down. Only shapes and types count: numbers are
// no part of what is compiled.
#include "frontend/cxx/lint/uses.hpp"

#include <algorithm>
#include <string>

#include <clang/AST/DeclTemplate.h>
#include <clang/Analysis/Analyses/ExprMutationAnalyzer.h>

#include "frontend/cxx/lint/literal.hpp"

namespace mc::cxx {
namespace {

std::string record_name(clang::QualType type) {
  const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  return record == nullptr ? "" : record->getQualifiedNameAsString();
}

/// What nothing was given for, whether in a list or in a call.
bool is_default(const clang::Expr* e) {
  return llvm::isa<clang::CXXDefaultInitExpr, clang::CXXDefaultArgExpr>(e);
}

/// A variable may be made of itself.
constexpr int kMostSteps = 64;

class Reading {
 public:
  explicit Reading(clang::ASTContext& context) : context_(context) {}

  std::optional<Use> read(const clang::CallExpr* call) {
    const auto* method = llvm::dyn_cast_or_null<clang::CXXMethodDecl>(call->getDirectCallee());
    if (method == nullptr || !kind(method)) return {};
    const unsigned shift = llvm::isa<clang::CXXOperatorCallExpr>(call) ? 1 : 0;  // the object is an argument
    for (unsigned k = 0; k < method->getNumParams() && k + shift < call->getNumArgs(); ++k)
      argument(method->getParamDecl(k)->getType(), call->getArg(k + shift));
    return std::move(use_);
  }

 private:
  bool kind(const clang::CXXMethodDecl* method) {
    if (method->getOverloadedOperator() == clang::OO_Call) {
      use_.kind = Use::Kind::reduce;
      return record_name(method->getParamDecl(0)->getType()) == "std::initializer_list";  // else: at a point
    }
    const llvm::StringRef name = method->getIdentifier() == nullptr ? "" : method->getName();
    if (name == "estimate" || name == "run") return true;
    if (name == "sample") use_.kind = Use::Kind::sample;
    if (name == "map") use_.kind = Use::Kind::map;
    if (name == "reduce" || name == "bind") use_.kind = Use::Kind::reduce;
    return use_.kind != Use::Kind::estimate;
  }

  void argument(clang::QualType type, const clang::Expr* given) {
    const std::string name = record_name(type);
    if (name == "mc::Box") box(given);
    if (name == "mc::Options" || name == "mc::DataOptions") options(given);
    if (name == "mc::Output") outputs({given});
    if (name == "std::vector") parameters(given);  // of bind()
    if (name == "std::span" && use_.kind != Use::Kind::sample) use_.is_known = false;
    if (name != "std::initializer_list") return;
    const auto list = elements(given);
    if (!list || list->empty()) return unknown();
    if (record_name((*list)[0]->getType()) == "mc::Output")
      outputs(*list);
    else
      for (const clang::Expr* each : *list) input(each);
  }

  void unknown() { use_.is_known = false; }

  /// The expression itself, or what a variable that never changes was made of.
  const clang::Expr* value(const clang::Expr* e) {
    for (int step = 0; step < kMostSteps; ++step) {
      e = e->IgnoreParenImpCasts()->IgnoreImplicit()->IgnoreParenImpCasts();
      if (const auto* cast = llvm::dyn_cast<clang::CXXFunctionalCastExpr>(e)) {
        e = cast->getSubExpr();
      } else if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e);
                 made != nullptr && made->getConstructor()->isCopyOrMoveConstructor()) {
        e = made->getArg(0);
      } else if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(e)) {
        const auto* variable = llvm::dyn_cast<clang::VarDecl>(name->getDecl());
        if (variable == nullptr || !variable->hasInit() || llvm::isa<clang::ParmVarDecl>(variable) ||
            changes(variable))
          return e;
        e = variable->getInit();
      } else {
        return e;
      }
    }
    return e;
  }

  bool changes(const clang::VarDecl* variable) {
    if (variable->getType().isConstQualified()) return false;
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(variable->getDeclContext());
    if (function == nullptr || !function->hasBody()) return true;
    return clang::ExprMutationAnalyzer(*function->getBody(), context_).isMutated(variable);
  }

  std::optional<std::uint64_t> whole(const clang::Expr* e) {
    clang::Expr::EvalResult result;
    if (e->isValueDependent() || !e->EvaluateAsInt(result, context_)) return {};
    return result.Val.getInt().getZExtValue();
  }

  /// What the value is called; empty where the source does not tell it, or its type has no names.
  llvm::StringRef enumerator(const clang::Expr* e) {
    const auto number = whole(e);
    const auto* type = e->getType()->getAs<clang::EnumType>();
    if (!number || type == nullptr) return "";
    for (const clang::EnumConstantDecl* each : type->getDecl()->enumerators())
      if (each->getInitVal().getZExtValue() == *number) return each->getName();
    return "";
  }

  /// {a, b, c}, or a std::vector or std::initializer_list made of it.
  std::optional<std::vector<const clang::Expr*>> elements(const clang::Expr* e) {
    e = value(e);
    if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e)) {
      if (made->getNumArgs() == 0 || is_default(made->getArg(0))) return std::vector<const clang::Expr*>();
      if (record_name(made->getArg(0)->getType()) != "std::initializer_list") return {};
      return elements(made->getArg(0));
    }
    if (const auto* list = llvm::dyn_cast<clang::CXXStdInitializerListExpr>(e))
      return elements(list->getSubExpr());
    const auto* list = llvm::dyn_cast<clang::InitListExpr>(e);
    if (list == nullptr) return {};
    return std::vector<const clang::Expr*>(list->inits().begin(), list->inits().end());
  }

  // ---- mc::box(10, 0.0, 1.0), mc::box({0, 0}, {1, 1})
  void box(const clang::Expr* given) {
    const clang::Expr* e = value(given);
    const clang::Expr* first = nullptr;
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(e); call && call->getNumArgs() > 1)
      first = call->getArg(0);
    if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e); made && made->getNumArgs() > 1)
      first = made->getArg(0);
    if (first == nullptr) return unknown();
    use_.is_cube = first->getType()->isIntegerType();
    if (use_.is_cube) {
      use_.dim = whole(first).value_or(0);
    } else if (const auto list = elements(first)) {
      use_.dim = list->size();
    }
    if (use_.dim == 0) unknown();
  }

  // ---- {.samples = 1000, .parameters = {{"K", 105}}, .precision = mc::Precision::f32}
  void options(const clang::Expr* given) {
    if (is_default(given)) return;
    const clang::Expr* e = value(given);
    if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e); made && made->getNumArgs() == 0)
      return;
    const auto* list = llvm::dyn_cast<clang::InitListExpr>(e);
    const clang::RecordDecl* record = e->getType()->getAsRecordDecl();
    if (list != nullptr && !list->isSemanticForm()) list = list->getSemanticForm();
    if (list == nullptr || record == nullptr) {
      use_.has_options = false;
      return;
    }
    for (const clang::FieldDecl* field : record->fields())
      if (field->getFieldIndex() < list->getNumInits() && !is_default(list->getInit(field->getFieldIndex())))
        option(field->getName(), list->getInit(field->getFieldIndex()));
  }

  void option(llvm::StringRef name, const clang::Expr* e) {
    if (name == "precision") use_.is_single = enumerator(e) == "f32";
    if (name == "generator") use_.generator = whole(e).value_or(0);
    if (name == "backend") use_.is_interpreted = enumerator(e) == "interpreter";
    if (name == "parameters") parameters(e);
    if (name != "box") return;
    const auto* optional = llvm::dyn_cast<clang::CXXConstructExpr>(value(e));
    if (optional == nullptr || optional->getNumArgs() == 0) return unknown();
    box(optional->getArg(0));
  }

  void parameters(const clang::Expr* given) {
    if (is_default(given)) return;
    const auto pairs = elements(given);
    if (!pairs) {
      use_.has_options = false;
      return;
    }
    for (const clang::Expr* each : *pairs) {
      const auto* pair = llvm::dyn_cast<clang::CXXConstructExpr>(value(each));
      if (pair == nullptr || pair->getNumArgs() != 2) return unknown();
      if (!named(pair->getArg(0))) return unknown();
      shape(pair->getArg(1), use_.names.back());
    }
  }

  /// Adds the name, if it is known.
  bool named(const clang::Expr* e) {
    const auto name = literal_of(e, context_);
    if (name) use_.names.push_back({.name = name->text()});
    return name.has_value();
  }

  /// A parameter's: a number, {1, 2, 3}, {{1, 0}, {0, 1}}, or a vector that is written like these.
  void shape(const clang::Expr* given, Named& to) {
    const clang::Expr* e = value(given);
    if (e->getType()->isArithmeticType()) return;
    const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e);
    if (made == nullptr || made->getNumArgs() == 0) return unknown();
    const clang::Expr* first = made->getArg(0);
    if (record_name(e->getType()) == "mc::Parameter" && first->getType()->isArithmeticType()) {
      if (made->getNumArgs() == 1) return;
      return matrix(made, to);
    }
    const auto list = elements(first);
    if (!list || list->empty()) return unknown();
    to.rank = 1;
    to.rows = list->size();
    if (record_name((*list)[0]->getType()) != "std::initializer_list") return;
    const auto row = elements((*list)[0]);
    if (!row || row->empty()) return unknown();
    to.rank = 2;
    to.columns = row->size();
  }

  /// Parameter(rows, columns, …)
  void matrix(const clang::CXXConstructExpr* made, Named& to) {
    const auto rows = whole(made->getArg(0)), columns = whole(made->getArg(1));
    if (!rows || !columns || *rows == 0 || *columns == 0) return unknown();
    to.rank = 2;
    to.rows = *rows;
    to.columns = *columns;
  }

  // ---- {{"a", 10}, {"x", x}}, {{"x", mc::NumberType::f64}}
  void input(const clang::Expr* each) {
    const auto* pair = llvm::dyn_cast<clang::InitListExpr>(value(each));
    if (pair == nullptr || pair->getNumInits() != 2 || !named(pair->getInit(0))) return unknown();
    const clang::Expr* what = value(pair->getInit(1));
    if (what->getType()->isEnumeralType()) {
      const auto number = whole(what);
      if (!number) return unknown();
      use_.names.back().rank = 1;
      use_.names.back().type = *number == 1 ? "float" : "double";
      return;
    }
    if (what->getType()->isArithmeticType()) return;
    const auto type = numbers_of(what);
    if (!type) return unknown();
    if (type->empty()) return;
    use_.names.back().rank = 1;
    use_.names.back().type = *type;
  }

  void outputs(const std::vector<const clang::Expr*>& given) {
    for (const clang::Expr* each : given) {
      const auto type = numbers_of(value(each));
      if (!type || type->empty()) return unknown();
      use_.outputs.push_back(*type);
    }
  }

  /// Of what mc::Input or mc::Output are made of: the numbers' type, none for a number, nothing for what is
  /// on a GPU or not known.
  std::optional<std::string> numbers_of(const clang::Expr* e) {
    const std::string name = record_name(e->getType());
    if (name == "mc::Input" || name == "mc::Output") {
      const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e);
      if (made == nullptr || made->getNumArgs() == 0) return {};
      return numbers_of(made->getArg(0)->IgnoreParenImpCasts());
    }
    clang::QualType type = e->getType().getNonReferenceType();
    if (type->isArithmeticType()) return "";
    if (type->isPointerType()) return spelled(type->getPointeeType());
    if (const auto* array = type->getAsArrayTypeUnsafe()) return spelled(array->getElementType());
    const auto* record =
        llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl());
    if (record == nullptr || !record->isInStdNamespace() || record->getTemplateArgs().size() == 0 ||
        record->getTemplateArgs()[0].getKind() != clang::TemplateArgument::Type)
      return {};
    return spelled(record->getTemplateArgs()[0].getAsType());
  }

  static std::string spelled(clang::QualType type) {
    return type.getCanonicalType().getUnqualifiedType().getAsString();
  }

  clang::ASTContext& context_;
  Use use_;
};

}  // namespace

std::optional<Use> use_of(const clang::CallExpr* call, clang::ASTContext& context) {
  return Reading(context).read(call);
}

}  // namespace mc::cxx
