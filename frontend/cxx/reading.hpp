// The reader's inside, shared by its files:
//   reader.cpp        parsing, finding the function, what problems look like
//   declarations.cpp  functions, their parameters, variables, types
//   references.cpp    references, arguments, variables of functions around
//   statements.cpp    statements; which loops count
//   effects.cpp       what is changed, in statements and inside expressions
//   expressions.cpp   expressions, what is constant
//   elements.cpp      arrays and their elements
//   calls.cpp         calls, of the library's functions and of others
//   algorithms.cpp    functions of the library that go through an array
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>

#include "frontend/cxx/function.hpp"

namespace mc::cxx {

/// One translation unit, whose functions become a Unit's.
class Reader {
 public:
  explicit Reader(clang::ASTContext& context) : context_(context) {}

  /// Reads the asked function, then what it calls.
  void read(const clang::FunctionDecl* asked);
  Unit take() { return std::move(unit_); }

  clang::ASTContext& context() const { return context_; }

  /// The function's number; none where it cannot be one, which has been said. `call` is where it is needed.
  std::optional<std::uint32_t> function(const clang::FunctionDecl* callee, clang::SourceRange call);

  // ---- what trees are made of
  NodeId add(Node node, std::span<const NodeId> children, clang::SourceRange at);
  std::uint32_t place(clang::SourceRange at);
  Unit& unit() { return unit_; }

  /// Variables of functions around that a closure uses: its last parameters.
  std::unordered_map<std::uint32_t, std::vector<const clang::ValueDecl*>> captured;

  /// An error at that place: what is wrong, and after a semicolon what to write instead. Gives no node.
  NodeId refuse(clang::SourceRange at, const std::string& message);

 private:
  clang::ASTContext& context_;
  Unit unit_;
  const char* line_begin_ = nullptr;  ///< of the line whose text is the last place's
  std::shared_ptr<const std::string> line_text_;
  std::unordered_map<const clang::FunctionDecl*, std::uint32_t> numbers_;
  std::vector<const clang::FunctionDecl*> reading_;  ///< those being read, the callers first
};

/// The types that a tree has, and the arrays; nothing for others.
std::optional<Type> type_of(clang::QualType type);

/// What a type says of an array: its elements, how many (0: any number), and its columns where it is a
/// matrix.
struct ArrayType {
  Type element = Type::f64;
  std::uint64_t extent = 0;
  std::uint64_t columns = 0;  ///< of T[rows][columns]; 0 for a vector
  bool is_pointer = false;
  bool is_view = false;     ///< a std::span
  bool is_constant = true;  ///< its elements cannot be assigned
};
std::optional<ArrayType> array_of(const clang::ASTContext& context, clang::QualType type);

/// What a statement may change: what it assigns, steps, or gives to a function by reference. By the
/// variables themselves, as far as references tell.
void changed_in(const clang::Stmt* s, std::vector<const clang::ValueDecl*>& changed);

std::string spelled(clang::QualType type, const clang::ASTContext& context);

/// One function's body.
class Body {
 public:
  Body(Reader& reader, const clang::FunctionDecl* function) : reader_(reader), function_(function) {}

  Definition read(bool is_asked);
  std::vector<const clang::ValueDecl*> captures() { return std::move(captured_); }

 private:
  // ---- declarations.cpp
  std::string what_is_wrong(bool is_asked) const;
  void parameters(bool is_asked);
  void array_parameter(const clang::ParmVarDecl* parameter, const ArrayType& array, bool is_asked);
  void scalar_parameter(const clang::ParmVarDecl* parameter, bool is_asked);
  std::uint32_t variable(const clang::VarDecl* declaration, Variable variable);
  NodeId declare(const clang::VarDecl* declaration);
  NodeId declare_now(const clang::VarDecl* declaration);
  NodeId declare_array(const clang::VarDecl* declaration, const ArrayType& array);
  NodeId declare_elements(const clang::VarDecl* declaration, const ArrayType& array, std::uint32_t id);
  std::optional<std::uint32_t> table(const clang::VarDecl* declaration, const ArrayType& array);
  std::optional<std::uint32_t> known(const clang::ValueDecl* declaration, clang::SourceRange at);

  // ---- references.cpp
  NodeId declare_reference(const clang::VarDecl* declaration, Type type);
  NodeId named(const clang::Expr* e, Type type);
  std::optional<NodeId> scalar(const clang::Expr* e);
  NodeId argument(const clang::FunctionDecl* callee, const clang::ParmVarDecl* parameter,
                  const clang::Expr* given);
  const clang::ValueDecl* meant(const clang::ValueDecl* declaration) const;
  std::optional<std::uint32_t> captured(const clang::ValueDecl* declaration);
  NodeId close(const clang::CXXRecordDecl* closure, clang::SourceRange at);

  // ---- statements.cpp
  NodeId statement(const clang::Stmt* statement);
  NodeId block(const clang::CompoundStmt* block);
  NodeId branch(const clang::IfStmt* branch);
  NodeId choose_case(const clang::SwitchStmt* choice);
  NodeId counted(const clang::ForStmt* loop);
  NodeId each_of(std::uint32_t array, std::span<const NodeId> body, std::uint32_t index,
                 clang::SourceRange at);
  NodeId general(const clang::ForStmt* loop);
  NodeId over_range(const clang::CXXForRangeStmt* loop);
  NodeId leave(const clang::ReturnStmt* leave);
  NodeId empty(clang::SourceRange at) { return reader_.add({.kind = Kind::block}, {}, at); }

  // ---- effects.cpp
  NodeId effect(const clang::Expr* expression);
  /// What is assigned to: a variable, or an element of an array.
  struct Target {
    std::uint32_t id;
    Type type;
    std::optional<NodeId> index = {};  ///< of an element
    std::optional<NodeId> first = {};  ///< to be done before, once
  };
  std::optional<Target> target(const clang::Expr* to, bool twice);
  NodeId read(const Target& target, clang::SourceRange at);
  NodeId write(const Target& target, NodeId value, clang::SourceRange at);
  NodeId in_turn(std::span<const NodeId> statements, clang::SourceRange at);
  std::pair<NodeId, NodeId> assignment(const clang::BinaryOperator* assignment, bool is_value);
  NodeId assign(const clang::BinaryOperator* assignment);
  NodeId assigned(const clang::BinaryOperator* assignment);
  NodeId step(const clang::UnaryOperator* step);
  NodeId stepped(const Target& target, const clang::UnaryOperator* step);
  NodeId step_value(const clang::UnaryOperator* step);
  bool may_be_same(const clang::ValueDecl* a, const clang::ValueDecl* b) const;
  bool changes(const clang::Stmt* body, const clang::Stmt* expression) const;
  bool changes_named(const clang::Stmt* body, const clang::Expr* named) const;
  bool changes_anything(const clang::Stmt* body) const;
  bool is_open_function(const clang::FunctionDecl* function) const;
  bool is_ordered(std::span<const clang::Expr* const> parts);

  // ---- expressions.cpp
  NodeId expression(const clang::Expr* expression);
  NodeId condition(const clang::Expr* expression);
  NodeId converted(NodeId value, Type type, clang::SourceRange at);
  NodeId number(Type type, double value, clang::SourceRange at);
  NodeId integer(Type type, std::int64_t value, clang::SourceRange at);
  std::optional<NodeId> constant(const clang::Expr* expression);
  NodeId cast(const clang::CastExpr* cast);
  NodeId unary(const clang::UnaryOperator* operation);
  NodeId binary(const clang::BinaryOperator* operation);
  NodeId arithmetic(clang::BinaryOperatorKind kind, NodeId a, NodeId b, const clang::BinaryOperator* from);
  NodeId name(const clang::DeclRefExpr* name);

  // ---- elements.cpp
  /// An element of an array: which, and which element.
  struct Element {
    std::uint32_t array;
    NodeId index;
  };
  std::optional<Element> element(const clang::Expr* expression);
  std::optional<Element> element_of(const clang::Expr* base, const clang::Expr* index, clang::SourceRange at);
  std::optional<std::uint32_t> array(const clang::Expr* expression);
  NodeId element_value(const clang::Expr* expression);
  NodeId all_assigned(std::uint32_t to, const clang::Expr* from, clang::SourceRange at);

  // ---- calls.cpp
  NodeId call(const clang::CallExpr* call);
  NodeId own_call(const clang::FunctionDecl* callee, const clang::CallExpr* call, unsigned skipped);
  std::optional<NodeId> math(const clang::FunctionDecl* callee, const clang::CallExpr* call);
  std::optional<NodeId> member(const clang::CallExpr* call);
  std::optional<NodeId> algorithm(const clang::FunctionDecl* callee, const clang::CallExpr* call);
  NodeId swapped(const clang::CallExpr* call);
  NodeId filled(std::uint32_t array, const clang::Expr* with, clang::SourceRange at);
  NodeId accumulated(std::uint32_t array, const clang::CallExpr* call);

  const Node& operator[](NodeId id) const { return reader_.unit()[id]; }

  Reader& reader_;
  const clang::FunctionDecl* function_;
  Definition made_;
  std::unordered_map<const clang::ValueDecl*, std::uint32_t> variables_;
  std::vector<const clang::ValueDecl*> captured_;
  std::unordered_set<const clang::ValueDecl*> refused_;       ///< of these enough has been said
  std::unordered_map<std::uint32_t, ArrayType> array_types_;  ///< by the number of the variable
};

}  // namespace mc::cxx
