/// \file
/// C++ functions as moments: the source is read by Clang, and compiled like a program of the language.
///
///     auto f = mc::cxx::compile("lecture.cpp", "f");       // double f(const double* x, int n)
///     f.estimate(mc::box(10, 0.0, 1.0));
///
/// What C++ says of such a function is kept: the order of evaluation, the precision, and no contraction that
/// the source did not ask for. docs/cxx.md says which C++ it may be.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

namespace mc::cxx {

/// A function of a C++ source.
struct Function {
  std::string source;  ///< a file's name; or the source itself, which has a line's end or a brace in it
  std::string name;    ///< of the function, possibly with its namespaces: ns::f
  std::vector<std::string> flags = {};  ///< for the compiler, for example -I and -D
};

/// The function as a bare expression: its first vector, or number, is what is sampled on a box, the others
/// are the moment's parameters. Throws Error, whose text is Clang's where it is about the source.
/// DeviceError where this Moment cannot read C++. Clang takes hundredths of a second, and tenths for large
/// headers. Everything here may be called from many threads at once.
[[nodiscard]] MC_API Moment compile(std::string_view source_or_file, std::string_view name,
                                    const Limits& limits = {});
/// The same with flags for the compiler.
[[nodiscard]] MC_API Moment compile(const Function& moment, const Limits& limits = {});

/// With a density over the box; vectors of it named lo and hi are the box's bounds.
[[nodiscard]] MC_API Moment compile(const Function& moment, const Function& density,
                                    const Limits& limits = {});

/// A program of the language that calls the functions by their names: "x ~ normal(0, 1)^3; E[f(x)]".
[[nodiscard]] MC_API Moment compile_program(std::string_view program, std::span<const Function> functions,
                                            const Limits& limits = {});

}  // namespace mc::cxx
