// The key is the kernel's text: what is equal there is equal in every bit that it computes.
#include "frontend/api/machine_codes.hpp"

#include <condition_variable>

#include "engine/ir/text.hpp"

namespace mc {

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
  ~WaitAtTheEnd() {
    if (MachineCodes* codes = shared_codes.load(std::memory_order_acquire)) codes->finish();
  }
};
thread_local WaitAtTheEnd wait_at_the_end;

/// A thread's object is made when it is first used; clang drops a use that only initialises what is unused.
[[gnu::constructor]] void wait_at_the_end_of_this_thread() {
  [[maybe_unused]] const volatile WaitAtTheEnd* volatile used = &wait_at_the_end;
}

}  // namespace

MachineCodes& MachineCodes::shared() {
  static MachineCodes codes;
  shared_codes.store(&codes, std::memory_order_release);
  return codes;
}

MachineCodes::MachineCodes(std::size_t most_operations)
    : cache_({.most = most_operations,
              .weight = [](const jit::Compiled& each) { return kPages + each.operations(); }}) {}

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

MachineCodes::Answer MachineCodes::get(const ir::Kernel& kernel, unsigned vector_bits, bool streams) {
  const std::string key = std::to_string(vector_bits) + (streams ? " streams\n" : "\n") + ir::print(kernel);
  return cache_.get(key, [&]() -> std::shared_ptr<const jit::Compiled> {
    jit::Options options;
    options.vector_bits = vector_bits;
    options.streams = streams;
    std::shared_ptr<const jit::Compiled> code = jit::compile(kernel, options);
    learn(*code);
    return code;
  });
}

std::optional<MachineCodes::Answer> MachineCodes::get(const ir::Kernel& kernel, unsigned vector_bits,
                                                      const std::stop_token& stop) {
  if (!stop.stop_possible()) return get(kernel, vector_bits);
  const std::shared_ptr<Making> making = start(kernel, vector_bits);
  std::unique_lock lock(making->mutex);
  if (!making->ended.wait(lock, stop, [&] { return making->has_ended; })) return std::nullopt;
  if (making->failure) std::rethrow_exception(making->failure);
  return making->answer;
}

void MachineCodes::make_behind(const ir::Kernel& kernel, unsigned vector_bits,
                               std::function<void(const Answer&)> then, std::function<void()> failed) {
  start(kernel, vector_bits, [then = std::move(then), failed = std::move(failed)](const Making& making) {
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
                                                          std::function<void(const Making&)> then) {
  auto making = std::make_shared<Making>();
  const std::lock_guard lock(mutex_);
  if (is_finished_) {
    making->failure = std::make_exception_ptr(jit::Error("the process is ending"));
    making->has_ended = true;
    if (then) then(*making);
    return making;
  }
  const auto make = [this, making, kernel, vector_bits, then = std::move(then)] {
    Answer answer{};
    std::exception_ptr failure;
    try {
      answer = get(kernel, vector_bits);
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
