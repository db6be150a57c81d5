/// \file
/// The texts of programs in C++ sources, checked where they stand: what `moment lint` does.
///
///     mc::cxx::lint({"pricing.cpp"}, {.build = "build"}).problems   // each with a caret in the literal
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <mc/mc.hpp>

namespace mc::cxx {

/// How lint() goes about it.
struct LintOptions {
  std::string build = {};  ///< the folder of compile_commands.json; else it is looked for above each file
  std::vector<std::string> flags = {};  ///< more of them for the compiler, for example -I and -D
  bool colour = false;                  ///< in what is rendered
  /// Machine code for what the sources ask of their programs is made now and kept on disk, as far as it can
  /// be read there (docs/cxx.md). Nothing is made of a source with problems.
  bool warm = false;
};

/// What lint() has found.
struct LintReport {
  std::vector<Diagnostic> problems;  ///< in the order of the files; rendered as Clang does
  std::size_t texts = 0;             ///< programs and densities' moments that were checked
  std::size_t unknown = 0;           ///< calls whose texts only the running program knows
  std::size_t warmed = 0;            ///< what is asked of them, and machine code of it is on disk now
  /// Calls of which no machine code was made, and why: "file:line:column: …".
  std::vector<std::string> cold;
};

/// Checks what mc::compile, mc::try_compile and mc::cxx::compile_program are given in these sources. A source
/// that does not compile is a problem too. Throws DeviceError where C++ cannot be read, and
/// ArgumentError where a file or the build's is not there, or machine code is to be kept and cannot. Takes as
/// long as Clang takes to parse them. May be called from many threads at once.
[[nodiscard]] MC_API LintReport lint(const std::vector<std::string>& files, const LintOptions& options = {});

}  // namespace mc::cxx
