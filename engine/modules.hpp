// How the library finds and opens the modules that it needs only sometimes.
#pragma once

#include <dlfcn.h>

#include <cstdlib>
#include <expected>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace mc {

/// The file in each of `folders`, which have colons between ($ORIGIN is the dynamic linker's word for the
/// folder of who asks); where the environment variable is set, that file and no other.
inline std::vector<std::string> module_places(const char* variable, std::string_view folders,
                                              std::string_view file) {
  const char* given = secure_getenv(variable);
  if (given != nullptr && *given != '\0') return {given};
  std::vector<std::string> all;
  for (const auto folder : std::views::split(folders, ':'))
    all.push_back(std::string(folder.begin(), folder.end()).append("/").append(file));
  return all;
}

/// What a module shows under `symbol`, from the first of the places where one of this build lies; else why
/// none of them is it. What was opened stays so.
template <class Module, class IsOfThisBuild>
std::expected<const Module*, std::string> open_module(const std::vector<std::string>& places,
                                                      const char* symbol,
                                                      const IsOfThisBuild& is_of_this_build) {
  std::string reasons;
  for (const std::string& path : places) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    const auto* module = library == nullptr ? nullptr : static_cast<const Module*>(dlsym(library, symbol));
    if (module != nullptr && is_of_this_build(*module)) return module;
    reasons.append(reasons.empty() ? "" : "; ");
    reasons += library == nullptr ? dlerror() : path + " is of another build than this library";
    if (library != nullptr) dlclose(library);
  }
  return std::unexpected(reasons);
}

}  // namespace mc
