// Functions with their parameters, variables, and the types there are.
#include <algorithm>

#include <clang/AST/DeclTemplate.h>

#include "frontend/cxx/reading.hpp"

namespace mc::cxx {

std::string spelled(clang::QualType type, const clang::ASTContext& context) {
  return type.getAsString(context.getPrintingPolicy());
}

std::optional<Type> type_of(clang::QualType type) {
  if (const auto* names = type.getNonReferenceType()->getAs<clang::EnumType>())
    return type_of(names->getDecl()->getIntegerType());
  const auto* builtin = type.getNonReferenceType().getCanonicalType()->getAs<clang::BuiltinType>();
  if (builtin == nullptr) return {};
  switch (builtin->getKind()) {
    case clang::BuiltinType::Void:
      return Type::nothing;
    case clang::BuiltinType::Bool:
      return Type::boolean;
    case clang::BuiltinType::Int:
      return Type::i32;
    case clang::BuiltinType::UInt:
      return Type::u32;
    case clang::BuiltinType::Long:
    case clang::BuiltinType::LongLong:
      return Type::i64;
    case clang::BuiltinType::ULong:
    case clang::BuiltinType::ULongLong:
      return Type::u64;
    case clang::BuiltinType::Float:
      return Type::f32;
    case clang::BuiltinType::Double:
      return Type::f64;
    default:
      return {};
  }
}

namespace {

/// std::array, std::span or std::vector.
const clang::ClassTemplateSpecializationDecl* standard_array(clang::QualType type) {
  const auto* record =
      llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl());
  if (record == nullptr || !record->isInStdNamespace()) return nullptr;
  const llvm::StringRef name = record->getName();
  return name == "array" || name == "span" || name == "vector" ? record : nullptr;
}

}  // namespace

std::optional<ArrayType> array_of(const clang::ASTContext& context, clang::QualType type) {
  type = type.getNonReferenceType();
  if (const auto* pointer = type->getAs<clang::PointerType>()) {
    const auto element = type_of(pointer->getPointeeType());
    if (!element) return {};
    return ArrayType{
        .element = *element, .is_pointer = true, .is_constant = pointer->getPointeeType().isConstQualified()};
  }
  if (const auto* array = context.getAsConstantArrayType(type)) {
    clang::QualType element = array->getElementType();
    const std::uint64_t extent = array->getSize().getZExtValue();
    std::uint64_t columns = 0;
    if (const auto* row = context.getAsConstantArrayType(element))
      columns = row->getSize().getZExtValue(), element = row->getElementType();
    const auto known = type_of(element);
    if (!known) return {};
    return ArrayType{.element = *known,
                     .extent = extent * std::max<std::uint64_t>(columns, 1),
                     .columns = columns,
                     .is_constant = element.isConstQualified()};
  }
  const auto* record = standard_array(type);
  if (record == nullptr) return {};
  const auto& arguments = record->getTemplateArgs();
  const clang::QualType element = arguments[0].getAsType();
  const auto known = type_of(element);
  if (!known) return {};
  const bool is_view = record->getName() == "span";
  ArrayType array{.element = *known,
                  .is_view = is_view,
                  .is_constant = element.isConstQualified() || (type.isConstQualified() && !is_view)};
  if (record->getName() == "array") array.extent = arguments[1].getAsIntegral().getZExtValue();
  if (record->getName() == "span" && !arguments[1].getAsIntegral().isAllOnes())
    array.extent = arguments[1].getAsIntegral().getZExtValue();
  return array;
}

// ---------------------------------------------------------------- functions

Definition Body::read(bool is_asked) {
  made_.name = function_->getQualifiedNameAsString();
  made_.place = reader_.place(function_->getNameInfo().getSourceRange());
  const std::string wrong = what_is_wrong(is_asked);
  if (!wrong.empty()) {
    const clang::SourceRange result = function_->getReturnTypeSourceRange();
    reader_.refuse(result.isValid() ? result : function_->getNameInfo().getSourceRange(), wrong);
    return std::move(made_);
  }
  made_.result = *type_of(function_->getReturnType());
  parameters(is_asked);
  made_.body = statement(function_->getBody());
  return std::move(made_);
}

/// Of the function as a whole; nothing is said of its body then.
std::string Body::what_is_wrong(bool is_asked) const {
  if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(function_)) {
    if (is_asked && method->getParent()->isLambda() && method->getParent()->capture_size() > 0)
      return "a lambda that captures is not supported here; give it a parameter";
    if (!method->getParent()->isLambda() && !method->isStatic())
      return "a member function is not supported; write a function that takes what it needs";
  }
  if (function_->isVariadic()) return "a variable number of arguments is not supported; name each";
  const auto result = type_of(function_->getReturnType());
  const std::string type = spelled(function_->getReturnType(), reader_.context());
  if (!result || function_->getReturnType()->isReferenceType())
    return "a function that returns '" + type + "' is not supported; return a double or another number";
  if (is_asked && *result != Type::f64 && *result != Type::f32 && *result != Type::boolean)
    return "a moment's function returns double, float or bool, not '" + type + "'; convert what it returns";
  return {};
}

namespace {
/// One without a name is called by its place.
std::string name_of(const clang::ParmVarDecl* parameter) {
  const std::string name = parameter->getNameAsString();
  return name.empty() ? "x" + std::to_string(parameter->getFunctionScopeIndex() + 1) : name;
}
}  // namespace

void Body::parameters(bool is_asked) {
  const auto all = function_->parameters();
  for (std::size_t k = 0; k < all.size(); ++k) {
    const clang::ParmVarDecl* parameter = all[k];
    const auto* closure = parameter->getType().getNonReferenceType()->getAsCXXRecordDecl();
    if (closure != nullptr && closure->isLambda()) continue;  // it is read where it is called
    const auto array = array_of(reader_.context(), parameter->getType());
    if (!array) {
      scalar_parameter(parameter, is_asked);
      continue;
    }
    array_parameter(parameter, *array, is_asked);
    if (!is_asked || !array->is_pointer) continue;
    // Of the asked function, an integer that follows a pointer, or pointers, is their length.
    const std::size_t first = k;
    for (; k + 1 < all.size(); ++k) {
      const auto other = array_of(reader_.context(), all[k + 1]->getType());
      if (!other || !other->is_pointer) break;
      array_parameter(all[k + 1], *other, is_asked);
      made_.variables[variables_.at(all[k + 1])].length_of = variables_.at(all[first]);
    }
    const auto next = k + 1 < all.size() ? type_of(all[k + 1]->getType()) : std::nullopt;
    if (!next || !is_integer(*next)) {
      reader_.refuse(parameter->getSourceRange(), "how many elements '" + parameter->getNameAsString() +
                                                      "' has is not known; let 'int n' follow it, or take a "
                                                      "std::span<const double>");
      continue;
    }
    ++k;
    Variable length{.name = name_of(all[k]), .type = *next};
    length.length_of = variables_.at(all[first]);
    variable(all[k], std::move(length));  // it is no parameter: the array brings it along
  }
}

void Body::array_parameter(const clang::ParmVarDecl* parameter, const ArrayType& array, bool is_asked) {
  Variable made{.name = name_of(parameter), .type = array.element, .is_array = true, .by_reference = true};
  made.extent = array.extent;
  if (is_asked && !is_float(array.element))
    reader_.refuse(parameter->getSourceRange(), "a moment's function takes arrays of double or float only");
  else if (is_asked && !array.is_constant && !parameter->getType()->isRecordType())
    reader_.refuse(
        parameter->getSourceRange(),
        "the elements of '" + made.name + "' may be changed, and a sample is not to be; make them const");
  const bool is_value = parameter->getType()->isRecordType() && !array.is_view;
  ArrayType type = array;
  if (is_value && !is_asked && array.extent > 0 && changes_anything(function_->getBody()))
    made.by_reference = false, made.is_copy = true;
  else if (is_value || (is_asked && parameter->getType()->isRecordType()))
    type.is_constant = true;
  const std::uint32_t id = variable(parameter, std::move(made));
  array_types_.emplace(id, type);
  made_.parameters.push_back(id);
}

void Body::scalar_parameter(const clang::ParmVarDecl* parameter, bool is_asked) {
  const auto type = type_of(parameter->getType());
  if (!type) {
    reader_.refuse(
        parameter->getSourceRange(),
        "a parameter of type '" + spelled(parameter->getType(), reader_.context()) +
            "' is not supported; take a double, a pointer and a length, a std::span or a std::array");
    refused_.insert(parameter);
    return;
  }
  const bool is_reference = parameter->getType()->isReferenceType();
  const bool changes = is_reference && !parameter->getType().getNonReferenceType().isConstQualified();
  if (is_asked && changes)
    reader_.refuse(parameter->getSourceRange(),
                   "a moment's function has one result, the value it returns; take '" +
                       parameter->getNameAsString() + "' by value");
  Variable made{.name = name_of(parameter),
                .type = *type,
                .by_reference = is_reference && !is_asked,
                .is_constant = !changes};
  made_.parameters.push_back(variable(parameter, std::move(made)));
}

// ---------------------------------------------------------------- variables

std::uint32_t Body::variable(const clang::VarDecl* declaration, Variable variable) {
  const auto id = static_cast<std::uint32_t>(made_.variables.size());
  if (declaration != nullptr) {
    variable.place = reader_.place(declaration->getLocation());
    variables_.emplace(declaration, id);
  }
  made_.variables.push_back(std::move(variable));
  return id;
}

NodeId Body::declare(const clang::VarDecl* declaration) {
  const NodeId declared = declare_now(declaration);
  if (declared == NodeId::none) refused_.insert(declaration);
  return declared;
}

NodeId Body::declare_now(const clang::VarDecl* declaration) {
  const clang::SourceRange at = declaration->getSourceRange();
  if (declaration->getType().isVolatileQualified())
    return reader_.refuse(at, "a volatile variable is not supported; leave out volatile");
  if (const auto* closure = declaration->getType()->getAsCXXRecordDecl(); closure && closure->isLambda()) {
    const auto* written = declaration->getInit()
                              ? llvm::dyn_cast<clang::LambdaExpr>(declaration->getInit()->IgnoreImplicit())
                              : nullptr;
    return written != nullptr ? close(closure, at) : empty(at);  // it is read where it is called
  }
  if (declaration->getType()->isPointerType())
    return reader_.refuse(at, "a pointer is not supported as a variable; use the array and an index");
  if (const auto array = array_of(reader_.context(), declaration->getType()))
    return declare_array(declaration, *array);
  if (declaration->isStaticLocal() && !declaration->getType().isConstQualified())
    return reader_.refuse(at,
                          "a static local variable is not supported; make it constexpr, or an ordinary one");
  const auto type = type_of(declaration->getType());
  if (declaration->getType()->isVariableArrayType())
    return reader_.refuse(at, "the size of an array has to be constant; make it constexpr");
  if (!type)
    return reader_.refuse(at,
                          "a variable of type '" + spelled(declaration->getType(), reader_.context()) +
                              "' is not supported; use double, float, int, long, bool, or an array of them");
  if (declaration->getType()->isReferenceType()) return declare_reference(declaration, *type);
  const std::uint32_t id = variable(declaration, {.name = declaration->getNameAsString(), .type = *type});
  if (declaration->getInit() == nullptr) return empty(at);
  const NodeId value = converted(expression(declaration->getInit()), *type, at);
  return reader_.add({.kind = Kind::assign, .type = *type, .id = id}, std::span(&value, 1), at);
}

/// `double a[3] = {1, 2};`: what is not written is 0. Without braces nothing is assigned.
NodeId Body::declare_array(const clang::VarDecl* declaration, const ArrayType& array) {
  const clang::SourceRange at = declaration->getSourceRange();
  const bool is_reference = declaration->getType()->isReferenceType();
  if (declaration->isConstexpr() || (array.is_constant && !is_reference && !array.is_view))
    if (table(declaration, array)) return empty(at);
  if (declaration->isStaticLocal())
    return reader_.refuse(at,
                          "a static local variable is not supported; make it constexpr, or an ordinary one");
  if ((is_reference || array.is_view) && declaration->getInit() != nullptr) {
    const auto source = this->array(declaration->getInit());
    if (!source) return NodeId::none;
    variables_.emplace(declaration, *source);
    return empty(at);
  }
  if (array.extent == 0)
    return reader_.refuse(at, "a variable of type '" + spelled(declaration->getType(), reader_.context()) +
                                  "' is not supported; use an array whose size is constant: constexpr int n");
  constexpr std::uint64_t kMost = 4096;
  if (array.extent > kMost)
    return reader_.refuse(at, "a local array has at most " + std::to_string(kMost) + " elements");
  Variable made{.name = declaration->getNameAsString(), .type = array.element, .is_array = true};
  made.extent = array.extent;
  const std::uint32_t id = variable(declaration, std::move(made));
  array_types_.emplace(id, array);
  return declare_elements(declaration, array, id);
}

NodeId Body::declare_elements(const clang::VarDecl* declaration, const ArrayType& array, std::uint32_t id) {
  const clang::SourceRange at = declaration->getSourceRange();
  const clang::Expr* written = declaration->getInit();
  if (written == nullptr) return empty(at);
  written = written->IgnoreImplicit();
  if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(written)) {
    if (made->getConstructor()->isDefaultConstructor()) return empty(at);  // std::array<double, 3> a;
    if (made->getConstructor()->isCopyOrMoveConstructor()) return all_assigned(id, made->getArg(0), at);
  }
  std::vector<const clang::Expr*> values;
  const auto flatten = [&](const auto& self, const clang::Expr* e) -> bool {
    const auto* list = llvm::dyn_cast<clang::InitListExpr>(e->IgnoreImplicit());
    if (list == nullptr) return values.push_back(e), true;
    if (list->isTransparent()) return self(self, list->getInit(0));
    for (const clang::Expr* each : list->inits())
      if (!self(self, each)) return false;
    if (array.columns > 0 && list != written)  // the rest of a row
      while (values.size() % array.columns != 0) values.push_back(nullptr);
    return true;
  };
  if (!llvm::isa<clang::InitListExpr>(written) || !flatten(flatten, written))
    return reader_.refuse(at, "an array is not supported as a value; copy its elements in a loop");
  values.resize(array.extent, nullptr);
  std::vector<NodeId> stores;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const bool is_zero = values[k] == nullptr || llvm::isa<clang::ImplicitValueInitExpr>(values[k]);
    const NodeId value = is_zero
                             ? number(array.element, 0, at)
                             : converted(expression(values[k]), array.element, values[k]->getSourceRange());
    const NodeId children[] = {integer(Type::i64, static_cast<std::int64_t>(k), at), value};
    stores.push_back(
        reader_.add({.kind = Kind::assign_element, .type = array.element, .id = id}, children, at));
  }
  return reader_.add({.kind = Kind::block}, stores, at);
}

/// A constant array: its elements are numbers.
std::optional<std::uint32_t> Body::table(const clang::VarDecl* declaration, const ArrayType& array) {
  if (declaration->getInit() == nullptr || declaration->getType()->isReferenceType()) return {};
  const clang::APValue* value = declaration->evaluateValue();
  if (value == nullptr) return {};
  Variable made{.name = declaration->getNameAsString(), .type = array.element, .is_array = true};
  made.extent = array.extent;
  const auto add = [&](const auto& self, const clang::APValue& part) -> void {
    if (part.isStruct()) return self(self, part.getStructField(0));  // std::array
    if (part.isArray())
      for (unsigned k = 0; k < part.getArraySize(); ++k)
        self(self,
             k < part.getArrayInitializedElts() ? part.getArrayInitializedElt(k) : part.getArrayFiller());
    if (part.isInt()) made.table.push_back(static_cast<std::uint64_t>(part.getInt().getExtValue()));
    if (part.isFloat()) made.table.push_back(part.getFloat().bitcastToAPInt().getZExtValue());
  };
  add(add, *value);
  if (made.table.size() != array.extent) return {};
  ArrayType constant = array;
  constant.is_constant = true;
  const std::uint32_t id = variable(declaration, std::move(made));
  array_types_.emplace(id, constant);
  return id;
}

/// The variable that a name is; one that lives outside the function has to be constant.
std::optional<std::uint32_t> Body::known(const clang::ValueDecl* declaration, clang::SourceRange at) {
  declaration = meant(declaration);
  if (const auto found = variables_.find(declaration); found != variables_.end()) return found->second;
  if (refused_.contains(declaration)) return {};
  const auto* variable = llvm::dyn_cast<clang::VarDecl>(declaration);
  if (variable != nullptr)
    if (const auto array = array_of(reader_.context(), variable->getType());
        array && (variable->isConstexpr() || array->is_constant) && !llvm::isa<clang::ParmVarDecl>(variable))
      if (const auto made = table(variable, *array)) return made;
  const bool is_outer = variable == nullptr
                            ? llvm::isa<clang::FieldDecl>(declaration)
                            : variable->isLocalVarDeclOrParm() && variable->getDeclContext() != function_;
  if (is_outer)
    if (const auto made = captured(declaration)) return made;
  if (variable != nullptr && !variable->isLocalVarDeclOrParm())
    reader_.refuse(
        at, "the global variable '" + variable->getNameAsString() +
                "' is not known here to be constant; make it constexpr, or a parameter of the function");
  else if (variable == nullptr || !variable->isInvalidDecl())
    reader_.refuse(at, "'" + declaration->getNameAsString() + "' is not supported here");
  return {};
}

}  // namespace mc::cxx
