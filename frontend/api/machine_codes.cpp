// The key is the kernel's text: what is equal there is equal in every bit that it computes.
#include "frontend/api/machine_codes.hpp"

#include <condition_variable>

#include "engine/cache/folder.hpp"
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
  bool is_here = true;
  ~WaitAtTheEnd() {
    if (MachineCodes* codes = shared_codes.load(std::memory_order_acquire)) codes->finish();
  }
};
thread_local WaitAtTheEnd wait_at_the_end;
[[maybe_unused]] const bool is_waited_for = wait_at_the_end.is_here;

}  // namespace

MachineCodes& MachineCodes::shared() {
  static MachineCodes codes;
  [[maybe_unused]] static const bool kBegun =
      (codes.use(std::make_shared<const cache::Disk>(cache::folder_of_environment())), true);
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

void MachineCodes::use(std::shared_ptr<const cache::Disk> disk) {
  const std::lock_guard lock(disk_mutex_);
  disk_ = std::move(disk);
}

std::shared_ptr<const cache::Disk> MachineCodes::disk() const {
  const std::lock_guard lock(disk_mutex_);
  return disk_;
}

jit::Options MachineCodes::options(unsigned vector_bits) const {
  jit::Options options;
  options.vector_bits = vector_bits;
  options.disk = disk();
  return options;
}

MachineCodes::Answer MachineCodes::obtain(const ir::Kernel& kernel, unsigned vector_bits) {
  const std::string text = ir::print(kernel);
  const std::string key = std::to_string(vector_bits) + "\n" + text;
  return cache_.get(key, [&]() -> std::shared_ptr<const jit::Compiled> {
    std::shared_ptr<const jit::Compiled> code = jit::compile(kernel, options(vector_bits), text);
    learn(*code);
    return code;
  });
}

/// Nobody waits for the disk, only the end of the process does.
MachineCodes::Answer MachineCodes::get(const ir::Kernel& kernel, unsigned vector_bits) {
  Answer answer = obtain(kernel, vector_bits);
  if (answer.made && disk() && !answer.value->is_from_disk()) behind([code = answer.value] { code->keep(); });
  return answer;
}

bool MachineCodes::is_on_disk(const ir::Kernel& kernel, unsigned vector_bits) const {
  return jit::is_kept(kernel, options(vector_bits));
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

/// From the disk: a thread, the linker's start, reading, linking.
double load_thought_at_first(std::size_t operations) { return 1 + 0.001 * static_cast<double>(operations); }

/// The latest few count most.
void move_towards(std::atomic<double>& slowness, double now) { slowness = 0.7 * slowness + 0.3 * now; }

}  // namespace

double MachineCodes::expected_ms(std::size_t operations) const {
  return slowness_ * thought_at_first(operations);
}

double MachineCodes::expected_load_ms(std::size_t operations) const {
  return load_slowness_ * load_thought_at_first(operations);
}

void MachineCodes::learn(const jit::Compiled& code) {
  const double ms = code.timing().total_ms();
  if (code.is_from_disk())
    move_towards(load_slowness_, ms / load_thought_at_first(code.operations()));
  else
    move_towards(slowness_, ms / thought_at_first(code.operations()));
}

/// The disk comes last, when whoever waited has what he wants.
std::shared_ptr<MachineCodes::Making> MachineCodes::start(const ir::Kernel& kernel, unsigned vector_bits,
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
  const auto make = [this, end, kernel, vector_bits] {
    Answer answer{};
    std::exception_ptr failure;
    try {
      answer = obtain(kernel, vector_bits);
    } catch (...) {
      failure = std::current_exception();
    }
    end(answer, failure);
    if (answer.made) answer.value->keep();
  };
  if (!behind(make)) end({}, std::make_exception_ptr(jit::Error("the process is ending")));
  return making;
}

/// Does it on a thread of its own; false where the process is ending.
bool MachineCodes::behind(std::function<void()> work) {
  auto has_ended = std::make_shared<std::atomic<bool>>(false);
  const std::lock_guard lock(mutex_);
  if (is_finished_) return false;
  join_those_that_ended();
  makers_.push_back({has_ended, std::thread([has_ended, work = std::move(work)] {
                       work();
                       *has_ended = true;
                     })});
  return true;
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

}  // namespace mc
