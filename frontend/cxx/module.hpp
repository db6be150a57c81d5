// What the module with Clang in it exports, and what the library that opens it expects. Nothing that one side
// has allocated is freed by the other and no exception goes across: the tree and the problems are copied by
// who is told of them. Only classes of the same build may meet: hence the stamp.
#pragma once

#include "frontend/cxx/function.hpp"
#include "frontend/cxx/lint/found.hpp"

namespace mc::cxx {

struct Module {
  /// Told of what was read, or of each problem.
  struct Listener {
    void* to;
    void (*read)(void* to, const Unit& unit);
    void (*wrong)(void* to, const Problem& problem);
  };

  /// Asked what is wrong with the texts of each call that the lint finds, and told of each problem.
  struct Checker {
    void* to;
    void (*check)(void* to, const Site& site, void* sink, void (*remark)(void* sink, const Remark& remark));
    void (*wrong)(void* to, const Problem& problem);
  };

  const char* stamp;  ///< a hash over the headers that both sides see, made by CMake
  void (*read)(const Request& request, const Listener& listener) noexcept;
  void (*lint)(const Linted& source, const Checker& checker) noexcept;
};

inline constexpr char kModuleSymbol[] = "mc_cxx_module";

}  // namespace mc::cxx
