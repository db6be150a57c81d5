// Machine code by kernel, shared by all moments of the process, so that equal kernels are compiled once.
// Keeps a bounded amount; code that a moment uses lives on whether it is kept here or not.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "engine/cache/single_flight.hpp"
#include "engine/ir/kernel.hpp"
#include "engine/llvm/compiler.hpp"

namespace mc {

class MachineCodes {
  using Cache = cache::SingleFlight<std::string, const jit::Compiled>;

 public:
  using Answer = Cache::Answer;

  /// A host that compiles a million programs must not fill its memory: an operation was measured to take 150
  /// bytes in its key, kernel and code, so this is some 150 MB.
  static constexpr std::size_t kMostOperations = 1'000'000;

  /// What a kernel counts in addition, for its pages and its place in LLVM's session: 30 KB, and two of the
  /// 65,530 mappings that Linux gives a process. So there are two thousand kernels at most.
  static constexpr std::size_t kPages = 500;

  /// The process's own. LLVM is set up by the first compile, not by asking for this.
  static MachineCodes& shared();

  explicit MachineCodes(std::size_t most_operations = kMostOperations);
  ~MachineCodes();  ///< waits for what is being made
  MachineCodes(const MachineCodes&) = delete;
  MachineCodes& operator=(const MachineCodes&) = delete;

  /// Throws jit::Error. `streams`: jit::Options.
  Answer get(const ir::Kernel& kernel, unsigned vector_bits, bool streams = false);

  /// Nothing where a stop came first: the largest kernels take many seconds to compile, and LLVM cannot be
  /// interrupted. It goes on behind the caller's back, for whoever asks next.
  std::optional<Answer> get(const ir::Kernel& kernel, unsigned vector_bits, const std::stop_token& stop);

  /// Makes it on a thread of its own and calls `then` there with the answer; never, where it cannot be made.
  void make_behind(const ir::Kernel& kernel, unsigned vector_bits, std::function<void(const Answer&)> then,
                   std::function<void()> failed);

  /// What a compile of so many operations is expected to take, from those that the process has seen.
  double expected_ms(std::size_t operations) const;

  /// Waits for what is being made; from then on nothing is made behind anybody's back.
  void finish();

  std::size_t size() const { return cache_.values().size(); }

 private:
  struct Making;
  struct Maker {
    std::shared_ptr<Making> making;
    std::thread thread;
  };
  std::shared_ptr<Making> start(const ir::Kernel& kernel, unsigned vector_bits,
                                std::function<void(const Making&)> then = {});
  void join_those_that_ended();

  void learn(const jit::Compiled& code);

  Cache cache_;
  std::atomic<double> slowness_ = 1;  ///< what compiles took, as a multiple of what was thought at first
  std::mutex mutex_;                  ///< of makers_
  std::list<Maker> makers_;
  bool is_finished_ = false;
};

}  // namespace mc
