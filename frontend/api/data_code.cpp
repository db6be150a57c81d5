// When a pass over data is worth a compile.
#include "frontend/api/data_code.hpp"

#include "engine/interpreter/interpreter.hpp"

namespace mc {
namespace {

/// What the interpreter takes for an operation of a datum: some 15 ns for a column of 256.
constexpr double kNsAnOperation = 0.06;

}  // namespace

DataCode::DataCode(ir::Kernel kernel, unsigned vector_bits)
    : kernel_(std::move(kernel)), vector_bits_(vector_bits), code_(std::make_shared<Code>()) {
  code_->interpreter = interpreter::interpret(kernel_);
  code_->current = code_->interpreter.get();
  code_->interpreted = code_->interpreter.get();
}

const std::atomic<const kernels::Executable*>& DataCode::serve(Backend backend, std::uint64_t count) {
  if (backend == Backend::cuda) refuse_cuda();
  if (backend == Backend::interpreter) return code_->interpreted;
  if (backend == Backend::llvm) compiled();
  if (code_->state != State::interpreted) return code_->current;
  const double ms =
      static_cast<double>(count) * static_cast<double>(kernel_.nodes.size()) * kNsAnOperation * 1e-6;
  spent_ms_ = spent_ms_ + ms;
  State expected = State::interpreted;
  if (spent_ms_ > MachineCodes::shared().expected_ms(kernel_.nodes.size()) &&
      code_->state.compare_exchange_strong(expected, State::asked))
    MachineCodes::shared().make_behind(
        kernel_, vector_bits_,
        [code = code_](const MachineCodes::Answer& answer) { code->keep(answer.value); }, [] {});
  return code_->current;
}

const kernels::Executable& DataCode::compiled() {
  if (code_->state != State::compiled) try {
      code_->keep(MachineCodes::shared().get(kernel_, vector_bits_).value);
    } catch (const jit::Error& error) {
      refuse(error);
    }
  return *code_->current.load(std::memory_order_acquire);
}

const kernels::Executable* DataCode::streaming() {
  if (code_->state != State::compiled) return nullptr;
  const std::lock_guard lock(code_->keeping);
  if (!code_->streaming) try {
      code_->streaming = MachineCodes::shared().get(kernel_, vector_bits_, {}, true).value;
    } catch (const jit::Error&) {
      return nullptr;  // what goes through the caches gives the same
    }
  return code_->streaming.get();
}

/// Of several that came with the same code the first one stays.
void DataCode::Code::keep(std::shared_ptr<const jit::Compiled> code) {
  const std::lock_guard lock(keeping);
  if (machine_code) return;
  machine_code = std::move(code);
  current.store(machine_code.get(), std::memory_order_release);
  state = State::compiled;
}

}  // namespace mc
