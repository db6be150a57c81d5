// Machine code by kernel, shared by all moments of the process, so that equal kernels are compiled once, and
// through the disk by all processes of a user. Keeps a bounded amount; code that a moment uses lives on
// whether it is kept here or not.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "engine/cache/disk.hpp"
#include "engine/cache/single_flight.hpp"
#include "engine/ir/kernel.hpp"
#include "engine/llvm/compiler.hpp"

namespace mc {

class MachineCodes {
  using Cache = cache::SingleFlight<std::string, const jit::Compiled>;

 public:
  using Answer = Cache::Answer;

  /// What is asked for, borrowed. What is equal does not depend on the name, which tools are told.
  struct Wanted {
    const ir::Kernel& kernel;
    unsigned vector_bits;
    std::string_view name = {};
    bool streams = false;  ///< jit::Options
  };

  /// A host that compiles a million programs must not fill its memory: an operation was measured to take 150
  /// bytes in its key, kernel and code, so this is some 150 MB.
  static constexpr std::size_t kMostOperations = 1'000'000;

  /// What a kernel counts in addition, for its pages and its place in LLVM's session: 30 KB, and two of the
  /// 65,530 mappings that Linux gives a process. So there are two thousand kernels at most.
  static constexpr std::size_t kPages = 500;

  /// The process's own, which begins with the environment's folder on disk. LLVM is set up by the first
  /// compile, not by asking for this.
  static MachineCodes& shared();

  explicit MachineCodes(std::size_t most_operations = kMostOperations);
  ~MachineCodes();  ///< waits for what is being made
  MachineCodes(const MachineCodes&) = delete;
  MachineCodes& operator=(const MachineCodes&) = delete;

  /// Where machine code is looked for, and kept, from now on; null: nowhere.
  void use(std::shared_ptr<const cache::Disk> disk);
  std::shared_ptr<const cache::Disk> disk() const;

  /// Throws jit::Error.
  Answer get(const Wanted& wanted);

  /// Nothing where a stop came first: the largest kernels take many seconds to compile, and LLVM cannot be
  /// interrupted. It goes on behind the caller's back, for whoever asks next; where there is no thread to be
  /// had for that, the caller makes it himself.
  std::optional<Answer> get(const Wanted& wanted, const std::stop_token& stop);

  /// Makes it on a thread of its own and calls `then` there with the answer, or `failed`: that one here,
  /// where there is no thread to be had.
  void make_behind(const Wanted& wanted, std::function<void(const Answer&)> then,
                   std::function<void()> failed);

  /// What is in memory, made by whoever; null where nothing is. Some ten microseconds for a small kernel.
  std::shared_ptr<const jit::Compiled> find(const Wanted& wanted) const;

  /// How many were put there so far: as long as that stays the same, there is nothing new to be found.
  std::uint64_t made() const { return made_.load(std::memory_order_relaxed); }

  /// What a compile of so many operations is expected to take, from those that the process has seen.
  double expected_ms(std::size_t operations) const;

  /// The same for machine code that is on the disk.
  double expected_load_ms(std::size_t operations) const;

  /// Whether it seems to be there: some ten microseconds for a small kernel.
  bool is_on_disk(const Wanted& wanted) const;

  /// What is done behind: whether a fork() waits for it. Drivers fork themselves while a device is started.
  enum class Work { compile, device };
  /// Does it on a thread of its own, which the end of the process waits for; false where that has begun, or
  /// there is no thread more.
  bool behind(std::function<void()> work, Work kind);

  /// Waits for what is being made; from then on nothing is made behind anybody's back.
  void finish();

  /// Around a fork(): waits for the compiles behind, and lets none begin, until after_fork(). The child has
  /// none of the threads, so it forgets those that start a device: that is of no use to it.
  void before_fork();
  void after_fork(bool is_child);

  std::size_t size() const { return cache_.values().size(); }
  std::uint64_t compiles() const { return compiles_; }  ///< begun so far

  /// From now on perf and gdb are shown what is made, by its name; it then stays where it is until the
  /// process ends. Throws std::system_error where there can be no map for perf.
  void show_to_tools();

 private:
  struct Making;
  struct Maker {
    std::shared_ptr<const std::atomic<bool>> has_ended;
    std::thread thread;
  };
  /// An answer and the key that it is kept under on disk, where this call has made it.
  struct Obtained {
    Answer answer{};
    std::string key;
  };
  Obtained obtain(const Wanted& wanted);
  void keep(const Obtained& obtained) const;
  std::optional<Answer> at_hand(const Wanted& wanted);
  std::shared_ptr<Making> start(const Wanted& wanted, std::function<void(const Making&)> then = {});
  void heed_environment();
  bool is_shown();
  void show(const jit::Compiled& code, std::string_view name);
  std::shared_ptr<const jit::Compiled> compile(const ir::Kernel& kernel, const jit::Options& options);
  void join_those_that_ended();

  Answer kept(const std::string& key, const std::function<std::shared_ptr<const jit::Compiled>()>& make);
  void learn(const jit::Compiled& code);

  struct Shown;  ///< what tools are told

  Cache cache_;
  std::atomic<std::uint64_t> compiles_ = 0, made_ = 0;
  std::mutex showing_;  ///< of shown_
  std::unique_ptr<Shown> shown_;
  /// What compiles and loads took, as a multiple of what was thought at first.
  std::atomic<double> slowness_ = 1, load_slowness_ = 1;
  mutable std::mutex disk_mutex_;  ///< of disk_
  std::shared_ptr<const cache::Disk> disk_;
  std::mutex mutex_;  ///< of makers_, compiling_ and is_finished_
  std::list<Maker> makers_;
  unsigned compiling_ = 0;  ///< of the makers
  std::condition_variable compiled_;
  bool is_finished_ = false;
};

/// What a call is told that asked for a back end that cannot be had: DeviceError.
[[noreturn]] void refuse(const jit::Error& error);

}  // namespace mc
