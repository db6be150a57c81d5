#include "engine/cuda/library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "engine/cuda/translate.hpp"

namespace mc::cuda {

Library::Library(const char* what, const char* variable, std::span<const char* const> names) : what_(what) {
  const char* given = secure_getenv(variable);
  const std::vector<const char*> places = given != nullptr && *given != '\0'
                                              ? std::vector<const char*>{given}
                                              : std::vector<const char*>(names.begin(), names.end());
  std::string reason;  // of the first name: the others are guesses
  for (const char* place : places) {
    handle_ = dlopen(place, RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) {
      path_ = place;
      return;
    }
    if (reason.empty()) reason = dlerror();
  }
  throw Error(fmt::format("{} is not there ({})", what, reason));
}

void* Library::address(const char* name) const {
  if (void* found = dlsym(handle_, name)) return found;
  throw Error(fmt::format("{} ({}) is too old: it has no {}", what_, path_, name));
}

}  // namespace mc::cuda
