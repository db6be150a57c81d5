// What the lint finds in a C++ source, as the module (which sees Clang) hands it to the library (which knows
// the language): calls that are given a program's text, and what is asked of the moments they make. Plain
// data: it crosses the border of the module.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mc::cxx {

/// An array's numbers, or a parameter's shape, that a call gives a name. Its name is empty where only a
/// sample could tell it; nothing is asked of such a call.
struct Named {
  std::string name;
  unsigned rank = 0;
  std::uint64_t rows = 1, columns = 1;
  std::string type = {};  ///< of an array in C++: double, float, …; empty for a number
};

/// Something that is asked of a moment where it is used, as far as the source tells.
struct Use {
  enum class Kind : std::uint8_t { estimate, sample, map, reduce };
  Kind kind = Kind::estimate;
  bool is_known = true;           ///< whether the source tells the shapes that it depends on
  std::uint64_t dim = 0;          ///< of the box; 0: none is given
  bool is_cube = true;            ///< the box has one interval for all coordinates
  bool has_options = true;        ///< the names below are those that the call gives; else it may give any
  bool is_single = false;         ///< Precision::f32
  std::uint64_t generator = 0;    ///< by its number
  bool is_interpreted = false;    ///< Backend::interpreter: there is nothing to compile
  std::vector<Named> names = {};  ///< parameters; or what a map or a reduction is given
  std::vector<std::string> outputs = {};  ///< a map's: their types in C++
};

/// A call that is given a program's text.
struct Site {
  std::string place;  ///< file:line:column
  bool is_known = false;
  std::string program;
  bool has_density = false;
  std::string density;
  bool has_functions = false;  ///< C++ functions may be called by it that are not known here
  std::vector<Use> uses = {};
};

/// Something to say about a text: bytes begin to end of the program, or of the density.
struct Remark {
  bool is_note = false;  ///< which belongs to the remark before it
  bool in_density = false;
  std::uint64_t begin = 0, end = 0;
  std::string message;
  std::string meant;  ///< a name that was probably meant in place of these bytes; may be empty
};

/// A source to look through.
struct Linted {
  std::string file;
  std::string build;  ///< the folder of compile_commands.json; empty: it is looked for above the file
  std::vector<std::string> flags;  ///< more of them for the compiler
  bool colour = false;
};

}  // namespace mc::cxx
