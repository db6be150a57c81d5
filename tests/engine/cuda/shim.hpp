// CUDA's words for a source compiled as plain C++: a block's threads are fibers on one CPU thread, which a
// barrier makes take turns. One block after another.
#pragma once

#include <math.h>
#include <string.h>
#include <ucontext.h>

#include <cstddef>
#include <stdexcept>
#include <vector>

#define __device__
#define __global__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(threads, blocks)

namespace shim {

inline constexpr unsigned kThreads = 256;
inline constexpr std::size_t kStackBytes = std::size_t{256} << 10;

struct Index {
  unsigned x = 0;
};

/// A kernel's arguments and the fibers of the block at work.
struct Block {
  using Kernel = void (*)(unsigned long long, unsigned long long, unsigned long long, unsigned long long,
                          const double*, double*, double*);
  struct Call {
    Kernel kernel;
    unsigned long long seed, first, tiles, samples;
    const double* numbers;
    double *memory, *records;
  };

  Call call{};
  Index block, thread, grid;
  ucontext_t scheduler{};
  ucontext_t fibers[kThreads]{};
  bool is_done[kThreads]{};
  std::vector<char> stacks = std::vector<char>(kThreads * kStackBytes);

  void launch(const Call& wanted, unsigned blocks) {
    call = wanted;
    grid.x = blocks;
    for (block.x = 0; block.x < blocks; ++block.x) run();
  }

  void wait() { swapcontext(&fibers[thread.x], &scheduler); }

 private:
  void run();
  static void enter();
};

inline Block the_block;

inline void Block::enter() {
  Block& b = the_block;
  const Call& c = b.call;
  c.kernel(c.seed, c.first, c.tiles, c.samples, c.numbers, c.memory, c.records);
  b.is_done[b.thread.x] = true;
}

/// Every thread as far as its next barrier, again and again. A barrier is one for all threads.
inline void Block::run() {
  for (unsigned k = 0; k < kThreads; ++k) {
    is_done[k] = false;
    getcontext(&fibers[k]);
    fibers[k].uc_stack.ss_sp = stacks.data() + k * kStackBytes;
    fibers[k].uc_stack.ss_size = kStackBytes;
    fibers[k].uc_link = &scheduler;
    makecontext(&fibers[k], &enter, 0);
  }
  for (unsigned done = 0; done == 0;) {
    for (unsigned k = 0; k < kThreads; ++k) {
      thread.x = k;
      swapcontext(&scheduler, &fibers[k]);
      done += is_done[k] ? 1 : 0;
    }
    if (done != 0 && done != kThreads) throw std::logic_error("some threads ended where others wait");
  }
}

}  // namespace shim

#define threadIdx shim::the_block.thread
#define blockIdx shim::the_block.block
#define gridDim shim::the_block.grid

inline void __syncthreads() { shim::the_block.wait(); }

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
