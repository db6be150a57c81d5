// What Clang says of a source, kept as it renders it. Part of the module.
#pragma once

#include <string>
#include <vector>

#include <clang/Basic/Diagnostic.h>
#include <clang/Frontend/ASTUnit.h>
#include <clang/Frontend/TextDiagnosticPrinter.h>
#include <llvm/Support/raw_ostream.h>

#include "frontend/cxx/function.hpp"

namespace mc::cxx {

/// Keeps each error with the notes that follow it.
class Problems final : public clang::TextDiagnosticPrinter {
 public:
  explicit Problems(bool colour = false);

  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) override;

  /// Runs with the unit's diagnostics coming here.
  template <class Work>
  void hear(clang::ASTUnit& unit, const Work& work) {
    unit.getDiagnostics().setClient(this, false);
    BeginSourceFile(unit.getLangOpts(), &unit.getPreprocessor());
    work();
    EndSourceFile();
  }

  std::vector<Problem> all;

 private:
  explicit Problems(clang::DiagnosticOptions* options);

  llvm::IntrusiveRefCntPtr<clang::DiagnosticOptions> options_;
  std::string text_;
  llvm::raw_string_ostream stream_;
};

/// What is wrong, at its place.
clang::DiagnosticBuilder say(clang::ASTContext& context, clang::SourceLocation at, const std::string& message,
                             clang::DiagnosticsEngine::Level level = clang::DiagnosticsEngine::Error);

}  // namespace mc::cxx
