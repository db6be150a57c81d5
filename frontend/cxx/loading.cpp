// The host's side of the module's border; engine/llvm/loading.cpp is its model. The module is looked for
// beside what this is linked into, then where it was built; where the environment has MC_CXX_MODULE, only
// there.
#include "frontend/cxx/loading.hpp"

#include <exception>
#include <mutex>
#include <string_view>

#include "engine/modules.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/cxx/module.hpp"

namespace mc::cxx {
namespace {

#if defined(MC_MODULE_STAMP)

const Module& opened() {
  const auto is_of_this_build = [](const Module& module) {
    return std::string_view(module.stamp) == MC_MODULE_STAMP;
  };
  const auto module = open_module<Module>(module_places("MC_CXX_MODULE", MC_MODULE_PLACES, MC_MODULE_FILE),
                                          kModuleSymbol, is_of_this_build);
  if (!module)
    fail<DeviceError>("C++ functions: the module that reads them is not there (" + module.error() + ")");
  return **module;
}

#else

const Module& opened() {
  fail<DeviceError>("C++ functions: this build cannot read them",
                    "configure it with libclang-19-dev installed");
}

#endif

/// Once open it stays so.
const Module& module() {
  static std::mutex opening;
  static const Module* known = nullptr;
  const std::lock_guard lock(opening);
  if (known == nullptr) known = &opened();
  return *known;
}

}  // namespace

Outcome load_and_read(const Request& request) {
  Outcome outcome;
  const Module::Listener listener{
      .to = &outcome,
      .read = [](void* to, const Unit& unit) { static_cast<Outcome*>(to)->unit = unit; },
      .wrong = [](void* to,
                  const Problem& problem) { static_cast<Outcome*>(to)->problems.push_back(problem); },
  };
  module().read(request, listener);
  return outcome;
}

namespace {

/// No exception goes through the module.
struct Guard {
  const Checker& checker;
  std::exception_ptr thrown = {};

  void run(const auto& work) noexcept {
    try {
      if (!thrown) work();
    } catch (...) {
      thrown = std::current_exception();
    }
  }
};

}  // namespace

void load_and_lint(const Linted& source, const Checker& checker) {
  Guard guard{checker};
  const Module::Checker listener{
      .to = &guard,
      .check =
          [](void* to, const Site& site, void* sink, void (*remark)(void*, const Remark&)) {
            auto& self = *static_cast<Guard*>(to);
            self.run([&] { self.checker.check(site, [&](const Remark& each) { remark(sink, each); }); });
          },
      .wrong =
          [](void* to, const Problem& problem) {
            auto& self = *static_cast<Guard*>(to);
            self.run([&] { self.checker.wrong(problem); });
          },
  };
  module().lint(source, listener);
  if (guard.thrown) std::rethrow_exception(guard.thrown);
}

}  // namespace mc::cxx
