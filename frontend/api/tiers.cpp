// Choosing between interpreter and machine code, and making each once.
#include "frontend/api/tiers.hpp"

#include <algorithm>

#include "engine/interpreter/interpreter.hpp"
#include "engine/stages.hpp"

namespace mc {
namespace {

/// What the interpreter was measured to take for an operation of a sample, by the process's latest runs; a
/// column operation of 256 lanes takes some 15 ns on a core of 2023.
std::atomic<double> ns_an_operation = 0.06;

/// Operations one sample takes: bodies counted as often as their loops turn, the loop over samples once.
double operations(const ir::Kernel& kernel, ir::RegionId region) {
  double count = 0;
  for (ir::Value v : kernel[region].body) {
    const ir::Node& node = kernel[v];
    count += 1;
    if (node.op != ir::Op::loop) continue;
    const ir::Node& turns = kernel[node.operands[0]];
    const ir::Loop& loop = kernel[static_cast<ir::LoopId>(node.immediate)];
    const double rounds = loop.settles()                 ? ir::kSettledRounds
                          : turns.op == ir::Op::constant ? static_cast<double>(turns.immediate)
                                                         : 1;
    count += rounds * operations(kernel, loop.body);
  }
  return count;
}

}  // namespace

Tiers::Tiers(ir::Kernel kernel, std::function<ir::Kernel()> screened, unsigned vector_bits, std::string name)
    : kernel_(std::move(kernel)),
      make_screened_(std::move(screened)),
      vector_bits_(vector_bits),
      name_(std::move(name)),
      code_(std::make_shared<Code>()),
      operations_(operations(kernel_, ir::kEntry)) {
  code_->interpreter = interpreter::interpret(kernel_);
  code_->current = code_->interpreter.get();
}

void Tiers::serve(runtime::Job& job, Backend backend) {
  job.fast = code_->interpreter.get();
  if (backend == Backend::interpreter) return;
  if (const jit::Compiled* code = ready()) {
    job.fast = code;
  } else if (backend == Backend::automatic) {
    serve_the_best(job);
  } else if (!job.stop.stop_requested()) {  // a stopped run computes nothing, so it does not matter with what
    if (code = compiled(job.stop); code != nullptr) job.fast = code;
  }
}

/// What is there when a tile begins. Where the job is surely large the compiler starts now; else the first
/// tiles tell: then, as for jobs before, what is already spent counts too, for more like them may come.
void Tiers::serve_the_best(runtime::Job& job) {
  job.tier = &code_->current;
  if (code_->state != State::interpreted) return;
  constexpr double kSurely = 4;  // the guess is seldom as wrong as that
  const double guess_ms = static_cast<double>(job.samples) * operations_ * ns_an_operation * 1e-6;
  if (is_worth_compiling(spent_ms_ + guess_ms / (kSurely * std::max(1u, job.threads)))) return ask();
  job.watch = [this, samples = job.samples](std::uint64_t done, std::chrono::nanoseconds elapsed) {
    const double all_ms = milliseconds(elapsed) * static_cast<double>(samples) / static_cast<double>(done);
    if (!is_worth_compiling(spent_ms_ + all_ms)) return done < samples;
    ask();
    return false;
  };
}

/// Renting for as long as buying would cost, and then buying, costs at most twice what a prophet pays.
/// Machine code that is on the disk is cheaper; whether it is there is not even asked before that would pay.
bool Tiers::is_worth_compiling(double interpreted_ms) {
  const MachineCodes& codes = MachineCodes::shared();
  const std::size_t size = kernel_.nodes.size();
  return interpreted_ms > codes.expected_ms(size) ||
         (interpreted_ms > codes.expected_load_ms(size) && is_on_disk());
}

/// Asked once: what another process puts there later is found when this one compiles.
bool Tiers::is_on_disk() {
  if (on_disk_ == Known::unasked)
    on_disk_ = MachineCodes::shared().is_on_disk(kernel_, vector_bits_) ? Known::yes : Known::no;
  return on_disk_ == Known::yes;
}

/// Starts the compiler, unless somebody did. Where code generation is forbidden the interpreter goes on: it
/// gives the same bits.
void Tiers::ask() {
  State expected = State::interpreted;
  if (!code_->state.compare_exchange_strong(expected, State::asked)) return;
  MachineCodes::shared().make_behind(
      kernel_, vector_bits_, [code = code_](const MachineCodes::Answer& answer) { code->keep(answer); },
      [code = code_] { code->state = State::failed; }, name_);
}

const jit::Compiled* Tiers::compiled(const std::stop_token& stop) {
  if (const jit::Compiled* code = ready()) return code;
  try {
    const auto answer = MachineCodes::shared().get(kernel_, vector_bits_, stop, name_);
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

const kernels::Executable& Tiers::screened() {
  std::call_once(screened_once_, [this] { screened_ = interpreter::interpret(make_screened_()); });
  return *screened_;
}

void Tiers::account(const runtime::Outcome& outcome, double milliseconds) {
  const auto& used = outcome.executables;
  if (used.size() != 1 || used[0].executable != code_->interpreter.get()) return;
  spent_ms_ = spent_ms_ + milliseconds;
  // Threads that waited for each other would make it look slow; one tile is one thread's.
  if (outcome.samples <= kernels::kTileSamples && outcome.samples >= kernels::kTileSamples / 8)
    ns_an_operation =
        0.9 * ns_an_operation + 0.1 * milliseconds * 1e6 / static_cast<double>(outcome.samples) / operations_;
}

}  // namespace mc
