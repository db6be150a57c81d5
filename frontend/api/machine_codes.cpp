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

MachineCodes& MachineCodes::shared() {
  jit::set_up();  // so that LLVM is still there when the threads below are waited for
  static MachineCodes codes;
  return codes;
}

MachineCodes::MachineCodes(std::size_t most_operations)
    : cache_({.most = most_operations,
              .weight = [](const jit::Compiled& each) { return kPages + each.operations(); }}) {}

MachineCodes::~MachineCodes() {
  for (Maker& each : makers_) each.thread.join();
}

MachineCodes::Answer MachineCodes::get(const ir::Kernel& kernel, unsigned vector_bits) {
  const std::string key = std::to_string(vector_bits) + "\n" + ir::print(kernel);
  return cache_.get(key, [&]() -> std::shared_ptr<const jit::Compiled> {
    jit::Options options;
    options.vector_bits = vector_bits;
    return jit::compile(kernel, options);
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

std::shared_ptr<MachineCodes::Making> MachineCodes::start(const ir::Kernel& kernel, unsigned vector_bits) {
  auto making = std::make_shared<Making>();
  const auto make = [this, making, kernel, vector_bits] {
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
    making->has_ended = true;
    making->ended.notify_all();
  };
  const std::lock_guard lock(mutex_);
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
