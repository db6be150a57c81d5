// A shared library that is opened when it is first needed, and may not be there.
#pragma once

#include <span>
#include <string>
#include <type_traits>

namespace mc::cuda {

class Library {
 public:
  /// Opens the first of these names that is there; where the environment variable is set, only what it names.
  /// Throws Error, which says that `what` is not there and why. What is open stays so.
  Library(const char* what, const char* variable, std::span<const char* const> names);

  const std::string& path() const { return path_; }  ///< as it was opened

  /// Makes `function` the library's function of that name. Throws Error where it has none.
  template <class F>
  void find(F*& function, const char* name) const {
    static_assert(std::is_function_v<F>);
    function = reinterpret_cast<F*>(address(name));
  }

 private:
  void* address(const char* name) const;

  const char* what_;
  std::string path_;
  void* handle_ = nullptr;
};

}  // namespace mc::cuda
