// The key is the kernel's text: what is equal there is equal in every bit that it computes.
#include "frontend/api/machine_codes.hpp"

#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <system_error>

#include <pthread.h>

#include "engine/cache/folder.hpp"
#include "engine/ir/text.hpp"
#include "engine/llvm/kept.hpp"
#include "engine/llvm/loading.hpp"
#include "engine/tools/perf_map.hpp"
#include "frontend/api/errors.hpp"

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

/// Does it, unless there are none yet, or none any more.
template <class Do>
void with_shared_codes(Do&& what) {
  if (MachineCodes* codes = shared_codes.load(std::memory_order_acquire)) std::invoke(what, *codes);
}

/// At the end of a process LLVM's static objects go, those first that the latest compile has made, while a
/// compile may still be under way. The main thread's own objects go before all static ones: so this one of
/// them waits. It is made when the library is loaded, which the main thread does.
struct WaitAtTheEnd {
  ~WaitAtTheEnd() { with_shared_codes(&MachineCodes::finish); }
};

bool asks_for_tools() {
  const char* value = secure_getenv("MC_DEBUG_JIT");
  return value != nullptr && *value != '\0' && std::string_view(value) != "0";
}

thread_local WaitAtTheEnd wait_at_the_end;

/// A thread's object is made when it is first used; clang drops a use that only initialises what is unused.
[[gnu::constructor]] void wait_at_the_end_of_this_thread() {
  [[maybe_unused]] const volatile WaitAtTheEnd* volatile used = &wait_at_the_end;
}

}  // namespace

MachineCodes& MachineCodes::shared() {
  static MachineCodes codes;
  static const bool is_set_up = [] {
    codes.use(std::make_shared<const cache::Disk>(cache::folder_of_environment()));
    codes.heed_environment();
    shared_codes.store(&codes, std::memory_order_release);
    pthread_atfork([] { with_shared_codes([](MachineCodes& each) { each.before_fork(); }); },
                   [] { with_shared_codes([](MachineCodes& each) { each.after_fork(false); }); },
                   [] { with_shared_codes([](MachineCodes& each) { each.after_fork(true); }); });
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

MachineCodes::~MachineCodes() {
  MachineCodes* self = this;
  shared_codes.compare_exchange_strong(self, nullptr);
  finish();
}

void MachineCodes::finish() {
  std::list<Maker> makers;
  {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
    makers.swap(makers_);
  }
  for (Maker& each : makers) each.thread.join();
}

void MachineCodes::before_fork() {
  std::unique_lock lock(mutex_);
  compiled_.wait(lock, [this] { return compiling_ == 0; });
  lock.release();
}

void MachineCodes::after_fork(bool is_child) {
  if (is_child)
    (new std::list<Maker>)->swap(makers_);  // threads that are not there can neither be joined nor detached
  mutex_.unlock();
}

void MachineCodes::use(std::shared_ptr<const cache::Disk> disk) {
  const std::lock_guard lock(disk_mutex_);
  disk_ = std::move(disk);
}

std::shared_ptr<const cache::Disk> MachineCodes::disk() const {
  const std::lock_guard lock(disk_mutex_);
  return disk_;
}

namespace {

jit::Options options_of(const MachineCodes::Wanted& wanted) {
  jit::Options options;
  options.vector_bits = wanted.vector_bits;
  options.streams = wanted.streams;
  return options;
}

std::string memory_key(const MachineCodes::Wanted& wanted, std::string_view text) {
  return (std::to_string(wanted.vector_bits) + (wanted.streams ? " streams\n" : "\n")).append(text);
}

}  // namespace

/// From the cache, or put there.
MachineCodes::Answer MachineCodes::kept(const std::string& key,
                                        const std::function<std::shared_ptr<const jit::Compiled>()>& make) {
  Answer answer = cache_.get(key, make);
  if (answer.made) ++made_;
  return answer;
}

MachineCodes::Obtained MachineCodes::obtain(const Wanted& wanted) {
  const std::string text = ir::print(wanted.kernel);
  const std::string key = memory_key(wanted, text);
  Obtained obtained;
  obtained.answer = kept(key, [&]() -> std::shared_ptr<const jit::Compiled> {
    jit::Options options = options_of(wanted);
    if (is_shown()) options.name = tools::symbol_name(wanted.name, key);
    const auto disk = options.name.empty() ? this->disk() : nullptr;  // what lies there has no names
    std::shared_ptr<const jit::Compiled> code;
    if (disk) obtained.key = jit::key_of(wanted.kernel, options, text);
    if (disk) code = jit::from_disk(*disk, obtained.key, wanted.kernel, options);
    if (!code) code = compile(wanted.kernel, options);
    learn(*code);
    return code;
  });
  return obtained;
}

/// Of what this call has made. No part of obtain(), so that nobody waits for a disk.
void MachineCodes::keep(const Obtained& obtained) const {
  const auto& [answer, key] = obtained;
  if (!answer.made || answer.value->is_from_disk()) return;
  const auto disk = this->disk();
  if (disk && !key.empty()) disk->put(key, jit::packed(*answer.value));
  answer.value->forget_object();
}

/// Nobody waits for the disk, only the end of the process does.
MachineCodes::Answer MachineCodes::get(const Wanted& wanted) {
  const Obtained obtained = obtain(wanted);
  if (!obtained.answer.made || obtained.answer.value->is_from_disk()) return obtained.answer;
  if (!disk() || !behind([this, obtained] { keep(obtained); }, Work::compile))
    obtained.answer.value->forget_object();
  return obtained.answer;
}

std::shared_ptr<const jit::Compiled> MachineCodes::find(const Wanted& wanted) const {
  return cache_.find(memory_key(wanted, ir::print(wanted.kernel))).value_or(nullptr);
}

/// What is there sooner than a thread would be: in memory, or whole and of use on the disk.
std::optional<MachineCodes::Answer> MachineCodes::at_hand(const Wanted& wanted) {
  const std::string text = ir::print(wanted.kernel), key = memory_key(wanted, text);
  if (const auto known = cache_.find(key))
    return *known ? std::optional(Answer{*known, false}) : std::nullopt;
  const auto disk = is_shown() ? nullptr : this->disk();
  if (!disk) return std::nullopt;
  const jit::Options options = options_of(wanted);
  std::shared_ptr<const jit::Compiled> code =
      jit::from_disk(*disk, jit::key_of(wanted.kernel, options, text), wanted.kernel, options);
  if (!code) return std::nullopt;
  learn(*code);
  return kept(key, [&] { return code; });
}

bool MachineCodes::is_on_disk(const Wanted& wanted) const {
  const auto disk = this->disk();
  return disk && disk->may_have(jit::key_of(wanted.kernel, options_of(wanted)));
}

std::shared_ptr<const jit::Compiled> MachineCodes::compile(const ir::Kernel& kernel,
                                                           const jit::Options& options) {
  ++compiles_;
  std::shared_ptr<const jit::Compiled> code = jit::load_and_compile(kernel, options);
  if (!options.name.empty()) show(*code, options.name);
  return code;
}

std::optional<MachineCodes::Answer> MachineCodes::get(const Wanted& wanted, const std::stop_token& stop) {
  if (!stop.stop_possible()) return get(wanted);
  if (auto answer = at_hand(wanted)) return answer;
  const std::shared_ptr<Making> making = start(wanted);
  if (!making) return get(wanted);
  if (stop.stop_requested()) return std::nullopt;  // even where the code has come meanwhile
  std::unique_lock lock(making->mutex);
  if (!making->ended.wait(lock, stop, [&] { return making->has_ended; })) return std::nullopt;
  if (making->failure) std::rethrow_exception(making->failure);
  return making->answer;
}

void MachineCodes::make_behind(const Wanted& wanted, std::function<void(const Answer&)> then,
                               std::function<void()> failed) {
  const auto tell = [then = std::move(then), failed](const Making& making) {
    making.failure ? failed() : then(making.answer);
  };
  if (!start(wanted, tell)) failed();
}

namespace {

/// On one core of 2023, before anything is measured: LLVM's start and then each operation; loading comes to
/// that.
double thought_at_first(std::size_t operations) { return 4 + 0.03 * static_cast<double>(operations); }

/// From the disk: a thread, reading, linking.
double load_thought_at_first(std::size_t operations) { return 0.3 + 0.001 * static_cast<double>(operations); }

/// The latest few count most.
void move_towards(std::atomic<double>& slowness, double now) { slowness = 0.7 * slowness + 0.3 * now; }

}  // namespace

double MachineCodes::expected_ms(std::size_t operations) const {
  return slowness_ * thought_at_first(operations) + jit::expected_load_ms();
}

double MachineCodes::expected_load_ms(std::size_t operations) const {
  return load_slowness_ * load_thought_at_first(operations);
}

void MachineCodes::learn(const jit::Compiled& code) {
  const double ms = code.timing().total_ms() - code.timing().load_ms;
  if (code.is_from_disk())
    move_towards(load_slowness_, ms / load_thought_at_first(code.operations()));
  else
    move_towards(slowness_, ms / thought_at_first(code.operations()));
}

/// Null where there is no thread for it. The disk comes last, when whoever waited has what he wants.
std::shared_ptr<MachineCodes::Making> MachineCodes::start(const Wanted& wanted,
                                                          std::function<void(const Making&)> then) {
  auto making = std::make_shared<Making>();
  const auto end = [making, then = std::move(then)](Answer answer, std::exception_ptr failure) {
    const std::lock_guard lock(making->mutex);
    making->answer = std::move(answer);
    making->failure = std::move(failure);
    if (then) then(*making);
    making->has_ended = true;
    making->ended.notify_all();
  };
  const auto make = [this, end, kernel = wanted.kernel, vector_bits = wanted.vector_bits,
                     name = std::string(wanted.name), streams = wanted.streams] {
    Obtained obtained;
    std::exception_ptr failure;
    try {
      obtained = obtain({kernel, vector_bits, name, streams});
    } catch (...) {
      failure = std::current_exception();
    }
    end(obtained.answer, failure);
    keep(obtained);
  };
  return behind(make, Work::compile) ? making : nullptr;
}

bool MachineCodes::behind(std::function<void()> work, Work kind) try {
  auto has_ended = std::make_shared<std::atomic<bool>>(false);
  const unsigned compiles = kind == Work::compile ? 1 : 0;
  const std::lock_guard lock(mutex_);
  if (is_finished_) return false;
  join_those_that_ended();
  makers_.push_back({has_ended, std::thread([this, has_ended, compiles, work = std::move(work)] {
                       work();
                       {
                         const std::lock_guard ending(mutex_);
                         compiling_ -= compiles;
                       }
                       compiled_.notify_all();
                       *has_ended = true;
                     })});
  compiling_ += compiles;
  return true;
} catch (const std::system_error&) {
  return false;
}

void MachineCodes::join_those_that_ended() {
  for (auto at = makers_.begin(); at != makers_.end();) {
    if (!*at->has_ended) {
      ++at;
      continue;
    }
    at->thread.join();
    at = makers_.erase(at);
  }
}

void refuse(const jit::Error& error) {
  fail<DeviceError>(std::string("LLVM could not compile the kernel: ") + error.what(),
                    "the interpreter needs no compiler: choose it as the back end");
}

}  // namespace mc
