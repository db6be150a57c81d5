// The calls of a translation unit that the lint is about. Part of the module.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>

namespace mc::cxx {

/// A call that is given a program's text, by mc::compile or by a function that hands its parameter on to
/// that.
struct TextCall {
  const clang::CallExpr* call = nullptr;  ///< where it is written
  const clang::CallExpr* compile =
      nullptr;                           ///< the call of mc::compile that makes the moment: mostly the same
  const clang::Expr* program = nullptr;  ///< null where a template or an overload has yet to decide
  const clang::Expr* density = nullptr;  ///< null: there is none
  bool has_functions = false;            ///< mc::cxx::compile_program
};

/// Everything that is found in one walk.
struct Calls {
  std::vector<TextCall> texts;
  std::vector<const clang::CallExpr*> uses;  ///< what is asked of moments
  /// Calls of each function that is defined in what is read.
  std::unordered_map<const clang::FunctionDecl*, std::vector<const clang::CallExpr*>> of;
  /// What variables and members are given: at their beginning, or later.
  std::unordered_map<const clang::ValueDecl*, std::vector<const clang::Expr*>> given;

  /// The calls that make the moment which the expression stands for.
  std::vector<const clang::CallExpr*> origins(const clang::Expr* moment) const;

 private:
  void collect(const clang::Expr* moment, unsigned depth, std::vector<const clang::CallExpr*>& found) const;
};

/// Headers of the system are passed by. Texts that a function hands on are followed to its calls.
Calls calls_in(clang::ASTContext& context);

}  // namespace mc::cxx
