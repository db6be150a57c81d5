// The host's side of the module's boundary. The module is looked for beside what this is linked into (the
// program, or a shared library), then where it was built or installed; where the environment has
// MC_LLVM_MODULE, only there. Once open it stays so: machine code and LLVM's threads have no end that could
// be waited for.
#include "engine/llvm/loading.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/llvm/module.hpp"
#include "engine/modules.hpp"

namespace mc {
extern const char* const kEmitterFingerprint;  ///< CMakeLists.txt
}

namespace mc::jit {
namespace {

void append(void* to, std::string_view text) { static_cast<std::string*>(to)->append(text); }

/// What the module compiled. Its texts come across the boundary, all else is called directly.
class Foreign final : public Compiled {
 public:
  Foreign(const Module& module, std::unique_ptr<Compiled> inner, double load_ms)
      : module_(module),
        inner_(std::move(inner)),
        scratch_bytes_(inner_->scratch_bytes()),
        timing_(inner_->timing()) {
    timing_.load_ms = load_ms;
    timing_.begin -= std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double, std::milli>(load_ms));
  }

  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    return inner_->run(arguments, first, last, steps, out, scratch);
  }
  unsigned granule() const override { return inner_->granule(); }
  std::size_t scratch_bytes() const override { return scratch_bytes_; }
  unsigned outputs() const override { return inner_->outputs(); }
  const Timing& timing() const override { return timing_; }
  std::span<const std::byte> code() const override { return inner_->code(); }
  std::string_view object() const override { return inner_->object(); }
  void forget_object() const override { inner_->forget_object(); }
  std::size_t operations() const override { return inner_->operations(); }
  std::string llvm_text() const override { return text(&Compiled::llvm_text); }
  std::string assembly_text() const override { return text(&Compiled::assembly_text); }

 private:
  std::string text(std::string (Compiled::*member)() const) const {
    std::string text;
    if (!module_.text(*inner_, member, &append, &text)) throw Error(text);
    return text;
  }

  const Module& module_;
  std::unique_ptr<Compiled> inner_;
  const std::size_t scratch_bytes_;  ///< asked for before each call
  Timing timing_;
};

bool is_of_this_build(const Module& module) {
  return std::string_view(module.stamp) == MC_MODULE_STAMP &&
         std::string_view(module.emitter) == kEmitterFingerprint;
}

const Module& opened() {
  const auto module = open_module<Module>(module_places("MC_LLVM_MODULE", MC_MODULE_PLACES, MC_MODULE_FILE),
                                          kModuleSymbol, is_of_this_build);
  if (!module) throw Error("its module is not there (" + module.error() + ")");
  return **module;
}

std::atomic<const Module*> loaded = nullptr;

/// Milliseconds go to who has loaded it.
const Module& load(double& ms) {
  static std::mutex loading;
  const auto start = std::chrono::steady_clock::now();
  const std::lock_guard lock(loading);
  if (loaded == nullptr) loaded = &opened();
  ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return *loaded;
}

}  // namespace

std::unique_ptr<Compiled> load_and_compile(const ir::Kernel& kernel, const Options& options) {
  double load_ms = 0;
  const Module* module = loaded;
  if (module == nullptr) module = &load(load_ms);
  std::string reason;
  std::unique_ptr<Compiled> compiled(module->compile(kernel, options, &append, &reason));
  if (!compiled) throw Error(reason);
  return std::make_unique<Foreign>(*module, std::move(compiled), load_ms);
}

double expected_load_ms() {
  constexpr double kThought = 10;
  return loaded.load(std::memory_order_relaxed) != nullptr ? 0 : kThought;
}

}  // namespace mc::jit
