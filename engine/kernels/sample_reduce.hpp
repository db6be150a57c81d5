// The sample-and-reduce kernel: each lane draws its samples, evaluates the moment's values and accumulates
// their statistics about a pivot. All of it is IR. And how a tile is computed with such a kernel once it is
// executable.
#pragma once

#include <functional>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "engine/ir/expression.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/kernels/statistics.hpp"
#include "engine/random/stream.hpp"

namespace mc::kernels {

struct SampleReduce {
  random::Generator generator = random::Generator::xoshiro256pp;
  std::vector<Group> groups;
  /// Looks at every value and leaves non-finite samples out, counting them. Without it such a value poisons
  /// the lane's sums, and the tile is computed again by the kernel with it: the fast loop needs no test.
  bool screened = false;
};

/// Builds one sample: draws from the stream, gives the groups' values one after another.
using Sample = std::function<std::vector<ir::X>(ir::Builder&, random::Stream&)>;

/// The kernel, with mathematical functions still in it (passes::lower comes next). It has a loop over the
/// samples of a lane at the top and puts out Layout::kernel's columns. `scalars` and `arrays` as in
/// Builder::finish. Throws std::invalid_argument where `sample` does not give as many values as the groups
/// have.
ir::Kernel sample_reduce(const SampleReduce& shape, const Sample& sample, std::uint32_t scalars,
                         std::vector<std::uint32_t> arrays = {});

/// Memory aligned to 64 bytes that only ever grows. What was in it is lost when it does; new memory is
/// zeroed.
class Buffer {
 public:
  void reserve(std::size_t bytes);
  std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(std::byte* p) const noexcept { ::operator delete[](p, kAlignment); }
  };
  std::unique_ptr<std::byte[], Free> data_;
  std::size_t size_ = 0;
};

/// Working memory of compute_tile, to be kept and used again by one thread.
class TileWorkspace {
 public:
  /// To be called before compute_tile whenever layout or executable is another than the last time.
  void reserve(const Layout& layout, const Executable& executable);

  double* columns() { return reinterpret_cast<double*>(columns_.data()); }  ///< Layout::kernel_size × kLanes
  double* second() { return reinterpret_cast<double*>(second_.data()); }    ///< the same again
  std::byte* scratch() { return scratch_.data(); }
  std::size_t bytes() const { return columns_.size() + second_.size() + scratch_.size(); }

 private:
  Buffer columns_, second_, scratch_;
};

/// The statistics of one tile's first `samples` (1..8192) samples. Allocates nothing. False: the kernel was
/// asked to stop, and `record` means nothing.
bool compute_tile(const Layout& layout, const Executable& executable, const Arguments& arguments,
                  std::uint64_t samples, TileWorkspace& workspace, double* record);

}  // namespace mc::kernels
