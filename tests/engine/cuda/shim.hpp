// CUDA's words for a source compiled as plain C++: a block's threads are fibers on one CPU thread, which a
// barrier makes take turns, in one order and another: what forgets a barrier gets other numbers. One block
// after another. Headers are C's, as each kernel's compile reads them.
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#define __device__
#define __global__
#define __forceinline__ inline
#define __shared__ static
#define __constant__ static const
#define __launch_bounds__(...)

/// Hidden: each module has its own fibers, whose code goes with it.
namespace [[gnu::visibility("hidden")]] shim {

inline constexpr unsigned kMostThreads = 256;
inline constexpr size_t kStackBytes = size_t{256} << 10;

struct Index {
  unsigned x = 0;
};

/// Where a fiber goes on. The compilers' own jumps: swapcontext() asks the kernel for the signals' mask each
/// time, which takes longer than what most threads do between two barriers.
struct Place {
  void* at[5]{};

  [[noreturn, gnu::noinline]] void go_on() { __builtin_longjmp(at, 1); }  // GCC: not where a setjmp is
};

/// A kernel's call and the fibers of the block at work.
struct Block {
  void (*call)(const void* what) = nullptr;
  const void* what = nullptr;
  Index block, thread, grid;
  unsigned threads = 0;  ///< a power of two
  unsigned turns = 0;
  Place scheduler;
  Place fibers[kMostThreads];
  bool is_started[kMostThreads]{}, is_done[kMostThreads]{};
  char stacks[kMostThreads * kStackBytes]{};

  template <class Call>
  void launch(unsigned blocks, unsigned threads_each, const Call& wanted) {
    call = [](const void* given) { (*static_cast<const Call*>(given))(); };
    what = &wanted;
    grid.x = blocks;
    threads = threads_each;
    for (block.x = 0; block.x < blocks; ++block.x) run();
  }

  __attribute__((noinline)) void wait() {
    asm volatile("" ::: "memory");  // what other threads write meanwhile is no business of the compiler's
    if (__builtin_setjmp(fibers[thread.x].at) == 0) scheduler.go_on();
    asm volatile("" ::: "memory");
  }

 private:
  void run();
  void go_on();
  void start();
  static void enter();

  /// Whose turn is the k-th: up, down or shuffled, in no order that a kernel's own rounds could keep pace
  /// with.
  unsigned thread_of(unsigned k) const {
    switch ((turns * 2654435761u >> 16) % 3) {
      case 0:
        return k;
      case 1:
        return threads - 1 - k;
      default:
        return (77 * k + turns) % threads;
    }
  }
};

inline constinit Block the_block;

/// What a fiber does for ever: its thread's part of one block after another.
inline void Block::enter() {
  for (Block& b = the_block;; b.wait()) {
    b.call(b.what);
    b.is_done[b.thread.x] = true;
  }
}

__attribute__((noinline)) inline void Block::start() {
  is_started[thread.x] = true;
  ucontext_t fiber;
  getcontext(&fiber);
  fiber.uc_stack.ss_sp = stacks + thread.x * kStackBytes;
  fiber.uc_stack.ss_size = kStackBytes;
  fiber.uc_link = nullptr;
  makecontext(&fiber, &enter, 0);
  setcontext(&fiber);
}

/// The thread, as far as its next barrier or its end.
__attribute__((noinline)) inline void Block::go_on() {
  if (__builtin_setjmp(scheduler.at) != 0) return;
  if (!is_started[thread.x]) start();
  fibers[thread.x].go_on();
}

/// Every thread as far as its next barrier, again and again. A barrier is one for all threads.
inline void Block::run() {
  for (unsigned k = 0; k < threads; ++k) is_done[k] = false;
  for (unsigned done = 0; done == 0; ++turns) {
    for (unsigned k = 0; k < threads; ++k) {
      thread.x = thread_of(k);
      go_on();
      done += is_done[thread.x] ? 1 : 0;
    }
    if (done == 0 || done == threads) continue;
    fputs("some threads ended where others wait\n", stderr);
    abort();
  }
}

}  // namespace shim

#define threadIdx shim::the_block.thread
#define blockIdx shim::the_block.block
#define gridDim shim::the_block.grid

inline void __syncthreads() { shim::the_block.wait(); }

/// Each thread adds its part between two barriers; a third keeps the next sum apart.
inline int __syncthreads_or(int part) {
  static bool any;
  if (threadIdx.x == 0) any = false;
  shim::the_block.wait();
  if (part != 0) any = true;
  shim::the_block.wait();
  const int all = any ? 1 : 0;
  shim::the_block.wait();
  return all;
}

template <class To, class From>
inline To mc_same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}
inline unsigned long long __double_as_longlong(double a) { return mc_same_bits<unsigned long long>(a); }
inline double __longlong_as_double(unsigned long long a) { return mc_same_bits<double>(a); }
inline unsigned __float_as_uint(float a) { return mc_same_bits<unsigned>(a); }
inline float __uint_as_float(unsigned a) { return mc_same_bits<float>(a); }
/// The lower half of high:low >> n.
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned n) {
  return static_cast<unsigned>(((static_cast<unsigned long long>(high) << 32) | low) >> (n & 31));
}
