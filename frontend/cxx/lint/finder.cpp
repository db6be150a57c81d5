// A source is read as its build does; what is wrong with a text is said by Clang at its place in the literal.
#include "frontend/cxx/lint/finder.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include <clang/Driver/Options.h>
#include <clang/Tooling/CompilationDatabase.h>
#include <clang/Tooling/JSONCompilationDatabase.h>
#include <clang/Tooling/Tooling.h>
#include <llvm/Option/ArgList.h>
#include <llvm/Option/OptTable.h>
#include <llvm/Support/FileSystem.h>

#include "frontend/cxx/lint/literal.hpp"
#include "frontend/cxx/lint/uses.hpp"
#include "frontend/cxx/problems.hpp"

namespace mc::cxx {
namespace {

using Units = std::vector<std::unique_ptr<clang::ASTUnit>>;

/// Flags that only another compiler knows.
clang::tooling::CommandLineArguments without_unknown(const clang::tooling::CommandLineArguments& flags) {
  std::vector<const char*> given;
  for (const std::string& flag : flags) given.push_back(flag.c_str());
  unsigned missing = 0, count = 0;
  const llvm::opt::InputArgList parsed = clang::driver::getDriverOptTable().ParseArgs(
      llvm::ArrayRef(given).drop_front(), missing, count,
      llvm::opt::Visibility(clang::driver::options::ClangOption));
  std::vector<bool> is_kept(given.size(), true);
  for (const llvm::opt::Arg* each : parsed)
    if (each->getOption().getKind() == llvm::opt::Option::UnknownClass) is_kept[each->getIndex() + 1] = false;
  clang::tooling::CommandLineArguments kept;
  for (std::size_t k = 0; k < flags.size(); ++k)
    if (is_kept[k]) kept.push_back(flags[k]);
  return kept;
}

/// The commands that compile the file, and whether these are none of a build: what it needs then stands in
/// the flags.
struct Commands {
  std::unique_ptr<clang::tooling::CompilationDatabase> all;
  bool is_alone = false;
};
Commands commands(const Linted& source, std::string& reason) {
  const std::string file = source.build + "/compile_commands.json";
  if (!source.build.empty() && llvm::sys::fs::exists(file)) {
    const auto known = clang::tooling::JSONCompilationDatabase::loadFromFile(
        file, reason, clang::tooling::JSONCommandLineSyntax::AutoDetect);
    if (known == nullptr) {
      reason = file + ": " + reason;
      return {};
    }
    const bool is_listed = !known->getCompileCommands(clang::tooling::getAbsolutePath(source.file)).empty();
    if (!is_listed) reason = source.file + " is not in " + file + ": it is read by another file's flags";
  }
  if (!source.build.empty()) {
    std::string trouble;
    auto all = clang::tooling::CompilationDatabase::loadFromDirectory(source.build, trouble);
    if (all == nullptr) reason = trouble;
    return {std::move(all)};
  }
  if (auto found = clang::tooling::CompilationDatabase::autoDetectFromSource(source.file, reason))
    return {std::move(found)};
  const std::vector<std::string> flags = {"-std=c++23"};
  return {std::make_unique<clang::tooling::FixedCompilationDatabase>(".", flags), true};
}

Units units(const Linted& source, Problems& problems) {
  std::string reason;
  const auto [database, is_alone] = commands(source, reason);
  if (database == nullptr) {
    problems.all.push_back({reason, "error: " + reason + "\n", {}});
    return {};
  }
  const std::string guessed = source.build.empty() ? "" : reason;
  clang::tooling::ClangTool tool(*database, {source.file});
  tool.setDiagnosticConsumer(&problems);
  tool.setPrintErrorMessage(false);
  tool.appendArgumentsAdjuster([](const auto& flags, llvm::StringRef) { return without_unknown(flags); });
  clang::tooling::CommandLineArguments more = {"-w", "-resource-dir=" MC_CLANG_RESOURCES};
  more.insert(more.end(), source.flags.begin(), source.flags.end());
  tool.appendArgumentsAdjuster(
      clang::tooling::getInsertArgumentAdjuster(more, clang::tooling::ArgumentInsertPosition::END));
  if (is_alone)  // messages call it as the user did
    tool.appendArgumentsAdjuster([&](clang::tooling::CommandLineArguments flags, llvm::StringRef file) {
      std::ranges::replace(flags, file.str(), source.file);
      return flags;
    });
  Units units;
  const std::size_t before = problems.all.size();
  if (tool.buildASTs(units) != 0 && problems.all.size() == before)
    problems.all.push_back(
        {"the file cannot be read", "error: " + source.file + ": the file cannot be read\n", {}});
  std::erase(units, nullptr);
  for (std::size_t k = before; k < problems.all.size() && !guessed.empty(); ++k)
    problems.all[k].rendered += "note: " + guessed + "\n";
  return units;
}

/// The texts of one call, checked.
class Checking {
 public:
  Checking(clang::ASTContext& context, const Calls& calls) : context_(context), calls_(calls) {}

  void check(const TextCall& text, const Module::Checker& checker) {
    Site site{.place = place_of(text.call),
              .program = {},
              .has_density = text.density != nullptr,
              .density = {},
              .has_functions = text.has_functions};
    program_ = text.program == nullptr ? std::nullopt : literal_of(text.program, context_);
    density_ = text.density == nullptr ? std::nullopt : literal_of(text.density, context_);
    site.is_known = program_ && (density_ || text.density == nullptr);
    if (program_) site.program = program_->text();
    if (density_) site.density = density_->text();
    for (const clang::CallExpr* use : calls_.uses) {
      const auto origins = calls_.origins(object(use));
      if (std::ranges::find(origins, text.compile) == origins.end()) continue;
      if (auto asked = use_of(use, context_)) site.uses.push_back(std::move(*asked));
    }
    checker.check(checker.to, site, this,
                  [](void* self, const Remark& remark) { static_cast<Checking*>(self)->report(remark); });
  }

 private:
  std::string place_of(const clang::CallExpr* call) const {
    const clang::SourceManager& sources = context_.getSourceManager();
    return sources.getExpansionLoc(call->getBeginLoc()).printToString(sources);
  }

  static const clang::Expr* object(const clang::CallExpr* use) {
    if (const auto* method = llvm::dyn_cast<clang::CXXMemberCallExpr>(use))
      return method->getImplicitObjectArgument();
    return use->getArg(0);
  }

  void report(const Remark& remark) {
    const Literal& literal = remark.in_density ? *density_ : *program_;
    // Of a stretch that goes on in the next line Clang would show all lines.
    const std::uint64_t end = std::min<std::uint64_t>(remark.end, literal.text().find('\n', remark.begin));
    const clang::CharSourceRange range = literal.source(remark.begin, end);
    const auto level = remark.is_note ? clang::DiagnosticsEngine::Note : clang::DiagnosticsEngine::Error;
    const clang::DiagnosticBuilder said = say(context_, range.getBegin(), remark.message, level);
    said << range;
    if (!remark.meant.empty() && literal.is_verbatim(remark.begin, remark.end))
      said << clang::FixItHint::CreateReplacement(range, remark.meant);
  }

  clang::ASTContext& context_;
  const Calls& calls_;
  std::optional<Literal> program_, density_;
};

}  // namespace

void find(const Linted& source, const Module::Checker& checker) {
  Problems problems(source.colour);
  for (const std::unique_ptr<clang::ASTUnit>& unit : units(source, problems)) {
    const Calls calls = calls_in(unit->getASTContext());
    unit->getDiagnostics().setErrorLimit(0);  // how many there may be is for the language to say
    problems.hear(*unit, [&] {
      Checking checking(unit->getASTContext(), calls);
      for (const TextCall& text : calls.texts) checking.check(text, checker);
    });
  }
  for (const Problem& problem : problems.all) checker.wrong(checker.to, problem);
}

}  // namespace mc::cxx
