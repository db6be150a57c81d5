// Parsing the source, finding the function that is asked for, and problems as Clang renders them.
#include "frontend/cxx/reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <clang/AST/DeclTemplate.h>
#include <clang/Frontend/ASTUnit.h>
#include <clang/Lex/Lexer.h>
#include <clang/Tooling/Tooling.h>

#include "frontend/cxx/problems.hpp"
#include "frontend/cxx/reading.hpp"

namespace mc::cxx {
namespace {

std::unique_ptr<clang::ASTUnit> parse(const Request& request, const std::string& text, Problems& problems) {
  // Warnings are not ours. No compiler is run, but where it would lie tells where the library's headers do.
  std::vector<std::string> flags = {"-std=c++23", "-fsyntax-only", "-w", "-ffp-contract=off",
                                    "-resource-dir=" MC_CLANG_RESOURCES};
  flags.insert(flags.end(), request.flags.begin(), request.flags.end());
  return clang::tooling::buildASTFromCodeWithArgs(
      text, flags, request.file, MC_CLANG, std::make_shared<clang::PCHContainerOperations>(),
      clang::tooling::getClangSyntaxOnlyAdjuster(), {}, &problems);
}

/// Whether what stands in it is found outside of it, too: namespace { }, inline namespace.
bool is_transparent(const clang::NamespaceDecl* space) {
  return space->isAnonymousNamespace() || space->isInline();
}

/// A scope, with those whose names are found in it.
void with_transparent(const clang::DeclContext* scope, std::vector<const clang::DeclContext*>& scopes) {
  if (std::ranges::find(scopes, scope) != scopes.end()) return;
  scopes.push_back(scope);
  for (const clang::Decl* each : scope->decls())
    if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(each); space && is_transparent(space))
      with_transparent(space, scopes);
}

/// f<double, 3> without what stands in <>.
llvm::StringRef without_arguments(llvm::StringRef name) { return name.split('<').first.rtrim(); }

/// Everything of that name: ns::f is looked for in namespace ns, or in class ns.
std::vector<const clang::NamedDecl*> named(clang::ASTContext& context, llvm::StringRef name) {
  name = without_arguments(name);
  std::vector<const clang::DeclContext*> scopes;
  with_transparent(context.getTranslationUnitDecl(), scopes);
  std::vector<const clang::NamedDecl*> found;
  while (true) {
    const auto [head, tail] = name.split("::");
    std::vector<const clang::DeclContext*> inner;
    found.clear();
    for (const clang::DeclContext* scope : scopes)
      for (const clang::NamedDecl* decl : scope->lookup(&context.Idents.get(head))) {
        found.push_back(decl);
        if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl))
          for (const clang::NamespaceDecl* part : space->redecls()) with_transparent(part, inner);
        if (const auto* record = llvm::dyn_cast<clang::CXXRecordDecl>(decl);
            record && record->hasDefinition())
          inner.push_back(record->getDefinition());
      }
    if (tail.empty()) return found;
    name = tail, scopes = std::move(inner);
  }
}

/// A function, or the one that a lambda is.
const clang::FunctionDecl* function_in(const clang::NamedDecl* decl) {
  if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl)) return function;
  const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl);
  if (variable == nullptr) return nullptr;
  const auto* closure = variable->getType().getNonReferenceType()->getAsCXXRecordDecl();
  return closure != nullptr && closure->isLambda() ? closure->getLambdaCallOperator() : nullptr;
}

bool is_generic(const clang::NamedDecl* decl) {
  if (llvm::isa<clang::FunctionTemplateDecl>(decl)) return true;
  const clang::FunctionDecl* function = function_in(decl);
  return function != nullptr && function->isDependentContext();
}

/// What stands behind a template's text, so that there is one for double.
constexpr std::string_view kPicked = "mc_picked_function";
std::string with_pick(const Request& request, const clang::FunctionTemplateDecl& pattern) {
  std::string asked = request.function;
  if (asked.find('<') == std::string::npos) {
    std::string arguments;
    for (const clang::NamedDecl* parameter : *pattern.getTemplateParameters())
      if (llvm::isa<clang::TemplateTypeParmDecl>(parameter) && !parameter->isParameterPack())
        arguments += arguments.empty() ? "double" : ", double";
    asked += "<" + arguments + ">";
  }
  return request.text + "\n[[maybe_unused]] static constexpr auto* " + std::string(kPicked) + " = &" + asked +
         ";\n";
}

/// A parameter that has to be said: it is no type, and has no default.
const clang::NonTypeTemplateParmDecl* open_parameter(const clang::FunctionTemplateDecl& pattern) {
  for (const clang::NamedDecl* parameter : *pattern.getTemplateParameters())
    if (const auto* value = llvm::dyn_cast<clang::NonTypeTemplateParmDecl>(parameter);
        value && !value->hasDefaultArgument() && !value->isParameterPack())
      return value;
  return nullptr;
}

/// What of the text that we put behind the user's is wrong is wrong with what was asked for.
void in_users_words(const Request& request, std::vector<Problem>& problems) {
  const auto lines = std::ranges::count(request.text, '\n') + 1;
  for (Problem& problem : problems) {
    const std::size_t end = problem.place.rfind(':');
    const std::size_t begin = end == std::string::npos ? end : problem.place.rfind(':', end - 1);
    if (begin == std::string::npos || std::atol(problem.place.c_str() + begin + 1) <= lines) continue;
    problem.message = "there is no '" + request.function +
                      "' that a moment can be made of; say all of the "
                      "template's parameters, as in f<double, 3>";
    problem.rendered = "error: " + problem.message + "\n";
    problem.place.clear();
  }
}

/// The function whose name is nearest, among those that the file itself has; empty where none is near.
std::string nearest(const clang::ASTContext& context, const clang::DeclContext* scope, llvm::StringRef name,
                    unsigned& distance) {
  std::string found;
  const clang::SourceManager& sources = context.getSourceManager();
  for (const clang::Decl* each : scope->decls()) {
    if (!sources.isInMainFile(sources.getExpansionLoc(each->getLocation()))) continue;
    if (const auto* inner = llvm::dyn_cast<clang::DeclContext>(each);
        inner && llvm::isa<clang::NamespaceDecl, clang::CXXRecordDecl>(each))
      if (std::string better = nearest(context, inner, name, distance); !better.empty())
        found = std::move(better);
    const auto* decl = llvm::dyn_cast<clang::NamedDecl>(each);
    if (decl == nullptr || !decl->getDeclName().isIdentifier() ||
        (!llvm::isa<clang::FunctionTemplateDecl>(decl) && function_in(decl) == nullptr))
      continue;
    if (const unsigned here = name.edit_distance(decl->getName(), true, distance); here < distance)
      distance = here, found = decl->getQualifiedNameAsString();
  }
  constexpr std::string_view kNameless = "(anonymous namespace)::";
  if (const std::size_t at = found.find(kNameless); at != std::string::npos)
    found.erase(at, kNameless.size());
  return found;
}

const clang::FunctionDecl* picked(clang::ASTContext& context) {
  for (const clang::NamedDecl* decl : named(context, kPicked))
    if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl); variable && variable->getInit())
      if (const auto* address = llvm::dyn_cast<clang::UnaryOperator>(variable->getInit()->IgnoreImpCasts()))
        if (const auto* to = llvm::dyn_cast<clang::DeclRefExpr>(address->getSubExpr()->IgnoreParens()))
          return llvm::dyn_cast<clang::FunctionDecl>(to->getDecl());
  return nullptr;
}

/// The one function of that name; what else there may be is refused.
const clang::NamedDecl* the_function(clang::ASTContext& context, const std::string& name) {
  std::vector<const clang::NamedDecl*> functions;
  const std::vector<const clang::NamedDecl*> all = named(context, name);
  for (const clang::NamedDecl* decl : all) {
    if (!is_generic(decl) && function_in(decl) == nullptr) continue;
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl);
    if (function != nullptr) decl = function->getCanonicalDecl();
    if (std::ranges::find(functions, decl) == functions.end()) functions.push_back(decl);
  }
  if (functions.size() == 1) return functions[0];
  if (functions.size() > 1)
    say(context, functions[1]->getLocation(),
        "'" + name + "' is overloaded, so which one is meant is not known; give this one another name");
  else if (!all.empty())
    say(context, all[0]->getLocation(), "'" + name + "' is not a function");
  else {
    const llvm::StringRef last = without_arguments(name).rsplit("::").second;
    const llvm::StringRef plain = last.empty() ? without_arguments(name) : last;
    const auto size = static_cast<unsigned>(plain.size());
    unsigned distance = std::min((size + 2) / 3 + 1, size);  // nearer than that
    const std::string near = nearest(context, context.getTranslationUnitDecl(), plain, distance);
    say(context, {},
        "there is no function '" + name + "' in this file" +
            (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  return nullptr;
}

}  // namespace

Reading read(const Request& request) {
  Problems problems;
  Reading reading;
  std::unique_ptr<clang::ASTUnit> unit = parse(request, request.text, problems);
  if (unit == nullptr)
    problems.all.push_back({"the compiler cannot be run", "error: the compiler cannot be run\n", {}});
  if (!problems.all.empty()) return {{}, std::move(problems.all)};

  const clang::NamedDecl* found = nullptr;
  problems.hear(*unit, [&] { found = the_function(unit->getASTContext(), request.function); });
  const clang::FunctionDecl* function = nullptr;
  if (found != nullptr && is_generic(found)) {
    const auto* pattern = llvm::dyn_cast<clang::FunctionTemplateDecl>(found);
    if (pattern == nullptr) {
      problems.hear(*unit, [&] {
        say(unit->getASTContext(), found->getLocation(),
            "a generic lambda is not supported; write its parameters as double");
      });
    } else if (const auto* open = open_parameter(*pattern);
               open && request.function.find('<') == std::string::npos) {
      problems.hear(*unit, [&] {
        say(unit->getASTContext(), open->getLocation(),
            "the parameter '" + open->getNameAsString() + "' of '" + request.function +
                "' is not known; ask for it by all its parameters, as in " + request.function +
                "<double, 3>");
      });
    } else {
      const std::string text = with_pick(request, *pattern);
      unit = parse(request, text, problems);
      in_users_words(request, problems.all);
      if (problems.all.empty()) function = picked(unit->getASTContext());
    }
  } else if (found != nullptr) {
    function = function_in(found);
  }
  if (function != nullptr) {
    Reader reader(unit->getASTContext());
    problems.hear(*unit, [&] { reader.read(function); });
    reading.unit = reader.take();
  }
  reading.problems = std::move(problems.all);
  return reading;
}

void Reader::read(const clang::FunctionDecl* asked) { function(asked, asked->getSourceRange()); }

std::optional<std::uint32_t> Reader::function(const clang::FunctionDecl* callee, clang::SourceRange call) {
  const clang::FunctionDecl* definition = callee->getDefinition();
  const std::string name = callee->getNameAsString();
  if (definition == nullptr || !definition->hasBody()) {
    refuse(call,
           "'" + name + "' has no definition in this translation unit; write its body here, or include it");
    return {};
  }
  if (std::ranges::find(reading_, definition) != reading_.end()) {
    refuse(call, "recursion is not supported ('" + name + "' calls itself); write a loop");
    return {};
  }
  if (const auto known = numbers_.find(definition); known != numbers_.end()) return known->second;
  constexpr std::size_t kMostDeep = 64;  // what Limits::calls can be raised to
  if (reading_.size() > kMostDeep) {
    refuse(call, "functions that call each other are read at most " + std::to_string(kMostDeep) +
                     " deep; write some of them out");
    return {};
  }
  const auto number = static_cast<std::uint32_t>(unit_.functions.size());
  unit_.functions.emplace_back();
  reading_.push_back(definition);
  Body body(*this, definition);
  unit_.functions[number] = body.read(number == 0);
  reading_.pop_back();
  captured[number] = body.captures();
  numbers_.emplace(definition, number);
  return number;
}

NodeId Reader::refuse(clang::SourceRange at, const std::string& message) {
  clang::DiagnosticsEngine& engine = context_.getDiagnostics();
  engine.Report(at.getBegin(), engine.getCustomDiagID(clang::DiagnosticsEngine::Error, "%0"))
      << message << clang::CharSourceRange::getTokenRange(at);
  return NodeId::none;
}

NodeId Reader::add(Node node, std::span<const NodeId> children, clang::SourceRange at) {
  if (std::ranges::find(children, NodeId::none) != children.end())
    return NodeId::none;  // it has been refused
  node.first = static_cast<std::uint32_t>(unit_.children.size());
  node.count = static_cast<std::uint32_t>(children.size());
  unit_.children.insert(unit_.children.end(), children.begin(), children.end());
  node.place = place(at);
  unit_.nodes.push_back(node);
  return static_cast<NodeId>(unit_.nodes.size() - 1);
}

std::uint32_t Reader::place(clang::SourceRange at) {
  const clang::SourceManager& sources = context_.getSourceManager();
  const clang::PresumedLoc where = sources.getPresumedLoc(sources.getExpansionLoc(at.getBegin()));
  Place place;
  if (where.isValid()) {
    const auto [file, offset] = sources.getDecomposedExpansionLoc(at.getBegin());
    const llvm::StringRef text = sources.getBufferData(file).substr(offset - (where.getColumn() - 1));
    place.file = where.getFilename();
    place.line = where.getLine();
    place.column = where.getColumn();
    if (text.data() != line_begin_) {
      line_begin_ = text.data();
      line_text_ =
          std::make_shared<const std::string>(text.take_until([](char c) { return c == '\n' || c == '\r'; }));
    }
    place.line_text = line_text_;
    const clang::SourceLocation end = clang::Lexer::getLocForEndOfToken(sources.getExpansionLoc(at.getEnd()),
                                                                        0, sources, context_.getLangOpts());
    const unsigned end_offset = sources.getDecomposedLoc(end).second;
    if (end_offset > offset)
      place.length =
          std::min(end_offset - offset, static_cast<unsigned>(line_text_->size()) + 1 - place.column);
  }
  unit_.places.push_back(std::move(place));
  return static_cast<std::uint32_t>(unit_.places.size() - 1);
}

}  // namespace mc::cxx
