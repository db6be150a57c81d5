#include "frontend/cxx/problems.hpp"

#include <clang/AST/ASTContext.h>

namespace mc::cxx {

Problems::Problems(bool colour) : Problems(new clang::DiagnosticOptions) {
  options_->ShowColors = colour;
  stream_.enable_colors(colour);
}

Problems::Problems(clang::DiagnosticOptions* options)
    : clang::TextDiagnosticPrinter(stream_, options), options_(options), stream_(text_) {
  stream_.SetUnbuffered();
}

void Problems::HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) {
  clang::TextDiagnosticPrinter::HandleDiagnostic(level, info);
  std::string rendered = std::move(text_);
  text_.clear();
  if (level >= clang::DiagnosticsEngine::Error) {
    llvm::SmallString<128> message;
    info.FormatDiagnostic(message);
    std::string place;
    if (info.getLocation().isValid()) place = info.getLocation().printToString(info.getSourceManager());
    all.push_back({std::string(message), std::move(rendered), std::move(place)});
  } else if (level == clang::DiagnosticsEngine::Note && !all.empty()) {
    all.back().rendered += rendered;
  }
}

clang::DiagnosticBuilder say(clang::ASTContext& context, clang::SourceLocation at, const std::string& message,
                             clang::DiagnosticsEngine::Level level) {
  clang::DiagnosticsEngine& engine = context.getDiagnostics();
  return engine.Report(at, engine.getDiagnosticIDs()->getCustomDiagID(
                               static_cast<clang::DiagnosticIDs::Level>(level), "%0"))
         << message;
}

}  // namespace mc::cxx
