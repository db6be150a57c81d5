// The module's side of its border.
#include "frontend/cxx/module.hpp"

#include <exception>

#include "frontend/cxx/lint/finder.hpp"
#include "frontend/cxx/reader.hpp"

/// Static objects in the module, LLVM's above all, are never destroyed: see engine/llvm/module.cpp.
extern "C" [[gnu::visibility("hidden")]] int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }

namespace mc::cxx {
namespace {

/// Whatever goes wrong is told as a problem.
template <class Listener, class Work>
void guarded(const Listener& listener, const Work& work) noexcept {
  const auto wrong = [&](const char* what) {
    listener.wrong(listener.to, {what, std::string("error: ") + what + "\n", {}});
  };
  try {
    work();
  } catch (const std::exception& error) {
    wrong(error.what());
  } catch (...) {
    wrong("unknown error");
  }
}

void read_here(const Request& request, const Module::Listener& listener) noexcept {
  guarded(listener, [&] {
    const Reading reading = read(request);
    for (const Problem& problem : reading.problems) listener.wrong(listener.to, problem);
    if (reading.problems.empty()) listener.read(listener.to, reading.unit);
  });
}

void lint_here(const Linted& source, const Module::Checker& checker) noexcept {
  guarded(checker, [&] { find(source, checker); });
}

}  // namespace

extern "C" [[gnu::visibility("default")]] const Module mc_cxx_module;
const Module mc_cxx_module{MC_MODULE_STAMP, &read_here, &lint_here};

}  // namespace mc::cxx
