// From an argument to the literal behind it, and from a text's bytes to the source.
#include "frontend/cxx/lint/literal.hpp"

#include <algorithm>

#include <clang/AST/APValue.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Basic/TargetInfo.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/LiteralSupport.h>

namespace mc::cxx {
namespace {

bool is_text(clang::QualType type) {
  const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
  return record != nullptr && record->isInStdNamespace() && record->getIdentifier() != nullptr &&
         (record->getName() == "basic_string_view" || record->getName() == "basic_string");
}

bool is_narrow_pointer(clang::QualType type) {
  return type->isPointerType() && type->getPointeeType()->isCharType();
}

/// What a constant was made of. One that may change is nothing.
const clang::Expr* initialiser(const clang::DeclRefExpr* name) {
  const auto* variable = llvm::dyn_cast<clang::VarDecl>(name->getDecl());
  if (variable == nullptr) return nullptr;
  const clang::QualType type = variable->getType();
  const bool is_constant =
      variable->isConstexpr() || type.isConstQualified() ||
      (type->isArrayType() && type->getAsArrayTypeUnsafe()->getElementType().isConstQualified());
  return is_constant ? variable->getAnyInitializer() : nullptr;
}

/// A std::string_view or std::string of one text, and nothing else that is given.
const clang::Expr* made_of(const clang::CXXConstructExpr* made) {
  if (!is_text(made->getType()) || made->getNumArgs() == 0) return nullptr;
  for (unsigned k = 1; k < made->getNumArgs(); ++k)
    if (!llvm::isa<clang::CXXDefaultArgExpr>(made->getArg(k))) return nullptr;
  const clang::Expr* from = made->getArg(0);
  return is_text(from->getType()) || is_narrow_pointer(from->getType()) ? from : nullptr;
}

/// A literal, and whether a zero byte ends its text as of a C string.
struct Found {
  const clang::StringLiteral* literal = nullptr;
  bool ends_at_zero = true;
};

/// By what is written: works for constants of functions, too, of which constant expressions may not hold
/// addresses.
Found literal_behind(const clang::Expr* e) {
  Found found;
  constexpr int kMostSteps = 64;  // a variable may be made of itself
  for (int step = 0; e != nullptr && step < kMostSteps; ++step) {
    e = e->IgnoreParenImpCasts()->IgnoreImplicit()->IgnoreParens();
    if (const auto* literal = llvm::dyn_cast<clang::StringLiteral>(e)) {
      if (literal->getCharByteWidth() == 1) found.literal = literal;
      return found;
    }
    if (const auto* suffixed = llvm::dyn_cast<clang::UserDefinedLiteral>(e)) {
      if (!is_text(suffixed->getType())) return {};
      found.ends_at_zero = false;
      e = suffixed->getArg(0);
    } else if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(e)) {
      e = made_of(made);
    } else if (const auto* cast = llvm::dyn_cast<clang::ExplicitCastExpr>(e)) {
      e = cast->getSubExpr();
    } else if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(e)) {
      const bool converts = llvm::isa_and_nonnull<clang::CXXConversionDecl>(call->getMethodDecl());
      e = converts && is_text(call->getImplicitObjectArgument()->getType())
              ? call->getImplicitObjectArgument()
              : nullptr;
    } else if (const auto* name = llvm::dyn_cast<clang::DeclRefExpr>(e)) {
      e = initialiser(name);
    } else {
      return {};
    }
  }
  return {};
}

/// A view as a constant expression: its length, and what it points to.
struct View {
  std::uint64_t size = 0;
  const clang::APValue* address = nullptr;
};

std::optional<View> view_of(const clang::APValue& value) {
  View view;
  if (!value.isStruct() || value.getStructNumFields() != 2) return {};
  for (unsigned k = 0; k < 2; ++k) {
    const clang::APValue& field = value.getStructField(k);
    if (field.isInt()) view.size = field.getInt().getZExtValue();
    if (field.isLValue()) view.address = &field;
  }
  if (view.address == nullptr || view.address->isNullPointer()) return {};
  return view;
}

const clang::StringLiteral* literal_at(const clang::APValue::LValueBase& base) {
  const clang::Expr* from = base.dyn_cast<const clang::Expr*>();
  if (const auto* declared = base.dyn_cast<const clang::ValueDecl*>())
    if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(declared)) from = variable->getAnyInitializer();
  return from == nullptr ? nullptr : llvm::dyn_cast<clang::StringLiteral>(from->IgnoreParenImpCasts());
}

/// The characters of an array that the compiler computed.
std::optional<std::string> characters(const clang::APValue::LValueBase& base) {
  const auto* declared = base.dyn_cast<const clang::ValueDecl*>();
  const auto* variable = llvm::dyn_cast_or_null<clang::VarDecl>(declared);
  const clang::APValue* value = variable == nullptr ? nullptr : variable->evaluateValue();
  while (value != nullptr && value->isStruct() && value->getStructNumFields() == 1)
    value = &value->getStructField(0);  // std::array
  if (value == nullptr || !value->isArray()) return {};
  std::string text;
  for (unsigned k = 0; k < value->getArraySize(); ++k) {
    const clang::APValue& each =
        k < value->getArrayInitializedElts() ? value->getArrayInitializedElt(k) : value->getArrayFiller();
    if (!each.isInt()) return {};
    text += static_cast<char>(each.getInt().getZExtValue());
  }
  return text;
}

/// Whether a literal's token is R"(…)".
bool is_raw(llvm::StringRef spelled) {
  const std::size_t quote = spelled.find('"');
  return quote != 0 && quote != llvm::StringRef::npos && spelled[quote - 1] == 'R';
}

/// The place of each byte of a raw string in its token, and that of the end.
std::vector<std::uint32_t> raw_offsets(llvm::StringRef spelled, std::uint64_t size) {
  std::vector<std::uint32_t> offsets;
  auto at = static_cast<std::uint32_t>(spelled.find('(') + 1);
  for (std::uint64_t byte = 0; byte <= size; ++byte) {
    if (spelled.substr(at).starts_with("\r\n")) ++at;  // one byte of the literal
    offsets.push_back(at++);
  }
  return offsets;
}

}  // namespace

/// As clang::StringLiteral::getLocationOfByte, which is off behind \r\n and behind a backslash that ends a
/// line of a raw string.
void Literal::map(const clang::StringLiteral* literal) {
  const clang::SourceManager& sources = context_->getSourceManager();
  std::uint64_t first = 0;
  for (unsigned k = 0; k < literal->getNumConcatenated(); ++k) {
    const clang::SourceLocation at = literal->getStrTokenLoc(k);
    const auto [file, offset] = sources.getDecomposedLoc(sources.getSpellingLoc(at));
    const llvm::StringRef buffer = sources.getBufferData(file);
    clang::Lexer lexer(sources.getLocForStartOfFile(file), context_->getLangOpts(), buffer.begin(),
                       buffer.begin() + offset, buffer.end());
    clang::Token token;
    lexer.LexFromRawLexer(token);
    const clang::StringLiteralParser parser(token, sources, context_->getLangOpts(),
                                            context_->getTargetInfo());
    Piece piece{.token = at, .first = first, .size = parser.GetStringLength(), .offsets = {}};
    const llvm::StringRef spelled = buffer.substr(offset, token.getLength());
    piece.is_raw = is_raw(spelled);
    if (piece.is_raw) piece.offsets = raw_offsets(spelled, piece.size);
    for (unsigned byte = 0; byte <= piece.size && !piece.is_raw; ++byte)
      piece.offsets.push_back(parser.getOffsetOfStringByte(token, byte));
    first += piece.size;
    pieces_.push_back(std::move(piece));
  }
}

/// An end belongs to the piece of the byte before it.
clang::SourceLocation Literal::place(std::uint64_t byte, bool is_end) const {
  byte += skipped_;
  const auto holds = [&](const Piece& piece) {
    return is_end ? byte <= piece.first + piece.size && byte > piece.first : byte < piece.first + piece.size;
  };
  auto piece = std::ranges::find_if(pieces_, holds);
  if (piece == pieces_.end()) piece = pieces_.end() - 1;
  const std::uint64_t local = std::min(byte - std::min(byte, piece->first), piece->size);
  const std::uint32_t offset = piece->offsets[local];
  return piece->is_raw ? piece->token.getLocWithOffset(static_cast<int>(offset))
                       : clang::Lexer::AdvanceToTokenCharacter(
                             piece->token, offset, context_->getSourceManager(), context_->getLangOpts());
}

clang::CharSourceRange Literal::source(std::uint64_t begin, std::uint64_t end) const {
  if (pieces_.empty()) return clang::CharSourceRange::getTokenRange(argument_->getSourceRange());
  const clang::SourceLocation first = place(begin, false);
  return clang::CharSourceRange::getCharRange(first, end > begin ? place(end, true) : first);
}

bool Literal::is_verbatim(std::uint64_t begin, std::uint64_t end) const {
  if (pieces_.empty() || end > text_.size() || end <= begin) return false;
  bool is_invalid = false;
  const llvm::StringRef written = clang::Lexer::getSourceText(
      source(begin, end), context_->getSourceManager(), context_->getLangOpts(), &is_invalid);
  return !is_invalid && written == llvm::StringRef(text_).slice(begin, end);
}

std::optional<Literal> literal_of(const clang::Expr* argument, const clang::ASTContext& context) {
  if (argument->isValueDependent() || argument->isTypeDependent()) return {};
  Literal found;
  found.context_ = &context;
  found.argument_ = argument;
  if (const auto [literal, ends_at_zero] = literal_behind(argument); literal != nullptr) {
    const llvm::StringRef all = literal->getString();
    found.text_ = (ends_at_zero ? all.split('\0').first : all).str();
    found.map(literal);
    return found;
  }
  clang::Expr::EvalResult result;
  if (!argument->EvaluateAsConstantExpr(result, context)) return {};
  const auto view = view_of(result.Val);
  if (!view) return {};
  const clang::APValue::LValueBase base = view->address->getLValueBase();
  const std::uint64_t first = static_cast<std::uint64_t>(view->address->getLValueOffset().getQuantity());
  const clang::StringLiteral* literal = literal_at(base);
  const std::optional<std::string> all = literal != nullptr ? literal->getString().str() : characters(base);
  if (!all || first > all->size() || view->size > all->size() - first) return {};
  found.text_ = all->substr(first, view->size);
  found.skipped_ = first;
  if (literal != nullptr) found.map(literal);
  return found;
}

}  // namespace mc::cxx
