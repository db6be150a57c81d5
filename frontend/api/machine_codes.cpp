// The key is the kernel's text: what is equal there is equal in every bit that it computes.
#include "frontend/api/machine_codes.hpp"

#include <condition_variable>
#include <cstdlib>
#include <system_error>

#include "engine/ir/text.hpp"
#include "engine/tools/perf_map.hpp"

namespace mc {

/// MC_DEBUG_JIT asks for it too, for hosts that have no switch of their own: Julia, Python, Node and .NET
/// have such a variable as well. Where perf's map cannot be written gdb is still told.
struct MachineCodes::Shown {
  std::optional<tools::PerfMap> map;
};

/// What a thread that compiles shares with who waits for it.
struct MachineCodes::Making {
  std::mutex mutex;
  std::condition_variable_any ended;
  bool has_ended = false;
  Answer answer{};
  std::exception_ptr failure;
};

namespace {

std::atomic<MachineCodes*> shared_codes = nullptr;

/// At the end of a process LLVM's static objects go, those first that the latest compile has made, while a
/// compile may still be under way. The main thread's own objects go before all static ones: so this one of
/// them waits. It is made when the library is loaded, which the main thread does.
struct WaitAtTheEnd {
  bool is_here = true;
  ~WaitAtTheEnd() {
    if (MachineCodes* codes = shared_codes.load(std::memory_order_acquire)) codes->finish();
  }
};
bool asks_for_tools() {
  const char* value = std::getenv("MC_DEBUG_JIT");
  return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

thread_local WaitAtTheEnd wait_at_the_end;
[[maybe_unused]] const bool is_waited_for = wait_at_the_end.is_here;

}  // namespace

MachineCodes& MachineCodes::shared() {
  static MachineCodes codes;
  static const bool is_set_up = [] {
    codes.heed_environment();
    shared_codes.store(&codes, std::memory_order_release);
    return true;
  }();
  static_cast<void>(is_set_up);
  return codes;
}

MachineCodes::MachineCodes(std::size_t most_operations)
    : cache_({.most = most_operations,
              .weight = [](const jit::Compiled& each) { return kPages + each.operations(); }}) {}

void MachineCodes::heed_environment() {
  if (!asks_for_tools()) return;
  shown_ = std::make_unique<Shown>();
  try {
    shown_->map.emplace();
  } catch (const std::system_error&) {
    // perf will see no names, and nobody is there to be told.
  }
}

void MachineCodes::show_to_tools() {
  auto shown = std::make_unique<Shown>();
  const std::lock_guard lock(showing_);
  if (shown_ && shown_->map) return;
  shown->map.emplace();
  shown_ = std::move(shown);
}

bool MachineCodes::is_shown() {
  const std::lock_guard lock(showing_);
  return shown_ != nullptr;
}

void MachineCodes::show(const jit::Compiled& code, std::string_view name) {
  const std::lock_guard lock(showing_);
  if (!shown_ || !shown_->map) return;
  if (!shown_->map->is_mine()) try {
      shown_->map.emplace();
    } catch (const std::system_error&) {
      shown_->map.reset();
      return;
    }
  shown_->map->add(code.code(), name);
}

MachineCodes::~MachineCodes() { finish(); }

void MachineCodes::finish() {
  std::list<Maker> makers;
  {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
    makers.swap(makers_);
  }
  for (Maker& each : makers) each.thread.join();
}

MachineCodes::Answer MachineCodes::get(const ir::Kernel& kernel, unsigned vector_bits,
                                       std::string_view name) {
  const std::string key = std::to_string(vector_bits) + "\n" + ir::print(kernel);
  return cache_.get(key, [&] {
    jit::Options options;
    options.vector_bits = vector_bits;
    if (is_shown()) options.name = tools::symbol_name(name, key);
    return compile(kernel, options);
  });
}

std::shared_ptr<const jit::Compiled> MachineCodes::compile(const ir::Kernel& kernel,
                                                           const jit::Options& options) {
  ++compiles_;
  std::shared_ptr<const jit::Compiled> code = jit::compile(kernel, options);
  if (!options.name.empty()) show(*code, options.name);
  learn(*code);
  return code;
}

std::optional<MachineCodes::Answer> MachineCodes::get(const ir::Kernel& kernel, unsigned vector_bits,
                                                      const std::stop_token& stop, std::string_view name) {
  if (!stop.stop_possible()) return get(kernel, vector_bits, name);
  const std::shared_ptr<Making> making = start(kernel, vector_bits, name);
  std::unique_lock lock(making->mutex);
  if (!making->ended.wait(lock, stop, [&] { return making->has_ended; })) return std::nullopt;
  if (making->failure) std::rethrow_exception(making->failure);
  return making->answer;
}

void MachineCodes::make_behind(const ir::Kernel& kernel, unsigned vector_bits,
                               std::function<void(const Answer&)> then, std::function<void()> failed,
                               std::string_view name) {
  start(kernel, vector_bits, name,
        [then = std::move(then), failed = std::move(failed)](const Making& making) {
          making.failure ? failed() : then(making.answer);
        });
}

namespace {

/// On one core of 2023, before anything is measured: LLVM's start and then each operation.
double thought_at_first(std::size_t operations) { return 4 + 0.03 * static_cast<double>(operations); }

}  // namespace

double MachineCodes::expected_ms(std::size_t operations) const {
  return slowness_ * thought_at_first(operations);
}

/// The latest few count most.
void MachineCodes::learn(const jit::Compiled& code) {
  const double now = code.timing().total_ms() / thought_at_first(code.operations());
  slowness_ = 0.7 * slowness_ + 0.3 * now;
}

std::shared_ptr<MachineCodes::Making> MachineCodes::start(const ir::Kernel& kernel, unsigned vector_bits,
                                                          std::string_view name,
                                                          std::function<void(const Making&)> then) {
  auto making = std::make_shared<Making>();
  const std::lock_guard lock(mutex_);
  if (is_finished_) {
    making->failure = std::make_exception_ptr(jit::Error("the process is ending"));
    making->has_ended = true;
    if (then) then(*making);
    return making;
  }
  const auto make = [this, making, kernel, vector_bits, name = std::string(name), then = std::move(then)] {
    Answer answer{};
    std::exception_ptr failure;
    try {
      answer = get(kernel, vector_bits, name);
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(making->mutex);
    making->answer = std::move(answer);
    making->failure = std::move(failure);
    if (then) then(*making);
    making->has_ended = true;
    making->ended.notify_all();
  };
  join_those_that_ended();
  makers_.push_back({making, std::thread(make)});
  return making;
}

void MachineCodes::join_those_that_ended() {
  for (auto at = makers_.begin(); at != makers_.end();) {
    std::unique_lock lock(at->making->mutex);
    const bool has_ended = at->making->has_ended;
    lock.unlock();
    if (has_ended) at->thread.join();
    at = has_ended ? makers_.erase(at) : std::next(at);
  }
}

}  // namespace mc
