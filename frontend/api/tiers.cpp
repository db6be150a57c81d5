// Choosing between interpreter and machine code, and making each once.
#include "frontend/api/tiers.hpp"

#include "engine/interpreter/interpreter.hpp"

namespace mc {
namespace {

/// What the interpreter was measured to take for an operation of a sample or datum, by the process's latest
/// runs; a column operation of 256 lanes takes some 15 ns on a core of 2023.
std::atomic<double> ns_an_operation = 0.06;

/// Operations one sample takes: bodies counted as often as their loops turn, the loop over samples, or over
/// data, once.
double operations(const ir::Kernel& kernel, ir::RegionId region) {
  double count = 0;
  for (ir::Value v : kernel[region].body) {
    const ir::Node& node = kernel[v];
    count += 1;
    if (node.op != ir::Op::loop) continue;
    const ir::Loop& loop = kernel[static_cast<ir::LoopId>(node.immediate)];
    count += ir::expected_rounds(kernel, loop, 1) * operations(kernel, loop.body);
  }
  return count;
}

}  // namespace

Tiers::Tiers(ir::Kernel kernel, unsigned vector_bits, std::string name, bool streams)
    : kernel_(std::move(kernel)),
      vector_bits_(vector_bits),
      name_(std::move(name)),
      streams_(streams),
      code_(std::make_shared<Code>()),
      operations_(operations(kernel_, ir::kEntry)) {
  code_->interpreter = interpreter::interpret(kernel_);
  code_->interpreted = code_->interpreter.get();
  code_->current = code_->interpreter.get();
}

const Tiers::Current& Tiers::serve(Backend backend, const std::stop_token& stop) {
  switch (backend) {
    case Backend::interpreter:
      return code_->interpreted;
    case Backend::llvm:
      if (!stop.stop_requested()) compiled(stop);
      break;
    case Backend::automatic:
    case Backend::cuda:  // beside whose devices nobody computes
      if (is_undecided()) take_what_is_there();
      break;
  }
  return code_->current;
}

/// Machine code that an equal kernel got costs nothing, so no work is too small for it. To look for it takes
/// the kernel's text: that is done when something new was made since the last look.
void Tiers::take_what_is_there() {
  MachineCodes& codes = MachineCodes::shared();
  const std::uint64_t made = codes.made();
  if (seen_.exchange(made, std::memory_order_relaxed) == made) return;
  if (auto code = codes.find(wanted())) code_->keep({std::move(code), false});
}

/// Renting for as long as buying would cost, and then buying, costs at most twice what a prophet pays.
/// Machine code that is on the disk is cheaper; whether it is there is not even asked before that would pay.
bool Tiers::ask_if_worth(double ms) {
  const MachineCodes& codes = MachineCodes::shared();
  const std::size_t size = kernel_.nodes.size();
  const double interpreted_ms = spent_ms_ + ms;
  if (interpreted_ms <= codes.expected_ms(size) &&
      (interpreted_ms <= codes.expected_load_ms(size) || !is_on_disk()))
    return false;
  ask();
  return true;
}

Tiers::Price Tiers::price() {
  const MachineCodes& codes = MachineCodes::shared();
  const std::size_t size = kernel_.nodes.size();
  const bool on_disk = is_on_disk();
  return {on_disk ? codes.expected_load_ms(size) : codes.expected_ms(size), on_disk};
}

/// Asked once: what another process puts there later is found when this one compiles.
bool Tiers::is_on_disk() {
  if (on_disk_ == Known::unasked)
    on_disk_ = MachineCodes::shared().is_on_disk(wanted()) ? Known::yes : Known::no;
  return on_disk_ == Known::yes;
}

void Tiers::ask() {
  State expected = State::interpreted;
  if (!code_->state.compare_exchange_strong(expected, State::asked)) return;
  MachineCodes::shared().make_behind(
      wanted(), [code = code_](const MachineCodes::Answer& answer) { code->keep(answer); },
      [code = code_] {
        State asked = State::asked;  // who waited for another compile may have got it
        code->state.compare_exchange_strong(asked, State::failed);
      });
}

const jit::Compiled* Tiers::compiled(const std::stop_token& stop) {
  if (const jit::Compiled* code = ready()) return code;
  try {
    const auto answer = MachineCodes::shared().get(wanted(), stop);
    return answer ? &code_->keep(*answer) : nullptr;
  } catch (const jit::Error& error) {
    refuse(error);
  }
}

/// Code that came from the disk compiles for that.
std::string Tiers::text(std::string (jit::Compiled::*member)() const) {
  const jit::Compiled& code = compiled();
  try {
    return (code.*member)();
  } catch (const jit::Error& error) {
    refuse(error);
  }
}

/// Of several that came with the same code the first one stays.
const jit::Compiled& Tiers::Code::keep(const MachineCodes::Answer& answer) {
  const std::lock_guard lock(keeping);
  if (machine_code) return *machine_code;
  machine_code = answer.value;
  shared = !answer.made;
  ready.store(machine_code.get(), std::memory_order_release);
  current.store(machine_code.get(), std::memory_order_release);
  state = State::compiled;
  return *machine_code;
}

Backend Tiers::back_end(const kernels::Executable* e) const {
  return e == nullptr ? Backend::cuda : is_machine_code(e) ? Backend::llvm : Backend::interpreter;
}

double Tiers::expected_ms(std::uint64_t count) const {
  return static_cast<double>(count) * operations_ * ns_an_operation * 1e-6;
}

void Tiers::account(std::uint64_t count, double ms) {
  spent_ms_ = spent_ms_ + ms;
  // Threads that waited for each other would make it look slow; as few as a tile's are one thread's.
  if (count <= kernels::kTileSamples && count >= kernels::kTileSamples / 8)
    ns_an_operation = 0.9 * ns_an_operation + 0.1 * ms * 1e6 / static_cast<double>(count) / operations_;
}

}  // namespace mc
