// Threads that stay: started when first asked for, as many as the most that anyone asked for, shared by all
// callers.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace mc::runtime {

class Pool {
 public:
  /// The process's own. Its threads are joined when the program ends.
  static Pool& shared();

  Pool() = default;
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Calls `work` in the calling thread and in up to `helpers` threads of the pool; returns when all calls
  /// that began have returned. A caller never waits for a thread to become free, so runs may be nested and
  /// many at once. `work` must not throw.
  template <class Work>
  void run(unsigned helpers, Work& work) {
    Offer offer{.call = [](void* w) { (*static_cast<Work*>(w))(); }, .work = &work, .wanted = helpers};
    run(offer);
  }

  std::size_t threads() const;

  static constexpr unsigned kMostThreads = 1024;  ///< a limit against a slip of the pen, not of the design

 private:
  /// Work that helpers may join; lives on its caller's stack.
  struct Offer {
    void (*call)(void*);
    void* work;
    unsigned wanted;      ///< helpers that may still join
    unsigned active = 0;  ///< helpers at work
    std::condition_variable left{};
  };

  void run(Offer& offer);
  void publish(Offer& offer);
  void withdraw(Offer& offer);
  void grow(unsigned threads);
  void serve();

  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  std::vector<Offer*> offers_;  ///< those that still want helpers, oldest first
  std::vector<std::thread> threads_;
  bool ends_ = false;
};

}  // namespace mc::runtime
