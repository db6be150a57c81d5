// What a source asks of a moment, as far as it can be read without being run. Part of the module.
#pragma once

#include <optional>

#include "frontend/cxx/lint/calls.hpp"
#include "frontend/cxx/lint/found.hpp"

namespace mc::cxx {

/// The call of a member of mc::Moment; nothing for what needs no kernel.
std::optional<Use> use_of(const clang::CallExpr* call, clang::ASTContext& context);

}  // namespace mc::cxx
