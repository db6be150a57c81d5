// What a back end makes of a kernel for the CPU, and how it is called: the interface between engine and
// runtime.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace mc::kernels {

/// Of the reproducibility contract that all of this follows (docs/contract.md).
inline constexpr int kContract = 1;

inline constexpr unsigned kLanes = 256;  ///< lanes a tile
inline constexpr unsigned kSteps = 32;   ///< samples a lane takes in a full tile
inline constexpr std::uint64_t kTileSamples = std::uint64_t{kLanes} * kSteps;  ///< 8192

/// Set to ask calls that are under way to end; only ever read by the kernels.
using StopFlag = std::atomic<bool>;
static_assert(sizeof(StopFlag) == 1 && StopFlag::is_always_lock_free, "machine code reads it as a byte");

inline constinit const StopFlag kNeverStopped{false};

/// A table's rows as they lie in memory: the columns of one side by side, at any address.
struct Table {
  const std::byte* data = nullptr;
  std::uint64_t rows = 0;   ///< 1 or more
  std::int64_t stride = 0;  ///< bytes from one row to the next
};

/// A kernel's arguments; the arrays and the flag are borrowed and must outlive the call.
struct Arguments {
  std::uint64_t seed = 0;
  std::uint64_t tile = 0;
  const double* scalars = nullptr;
  const double* const* arrays = nullptr;
  /// Data arrays, each from the datum of the call's step 0 and lane 0 on: the datum of step k and lane ℓ is
  /// number k·lanes + ℓ, of doubles or floats as the kernel says.
  void* const* data = nullptr;
  const Table* tables = nullptr;
  std::uint64_t lanes = kLanes;  ///< that share a step of the data
  std::uint64_t rest = 0;        ///< lanes [0, rest) go one step of the data further than the others
  const StopFlag* stop = &kNeverStopped;
};

/// A kernel made executable by one back end. Immutable; `run` may be called from many threads at once.
class Executable {
 public:
  virtual ~Executable() = default;

  /// Runs lanes [first, last) for `steps` samples each; first and last are multiples of granule(). Column k
  /// of the result goes to out[k*kLanes + lane]. `scratch` has scratch_bytes() bytes aligned to 64. Does not
  /// allocate.
  ///
  /// False: arguments.stop was set while there was still some way to go, and `out` means nothing. A kernel
  /// that takes long looks at the flag every few milliseconds, one that does not need not look at all.
  virtual bool run(const Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
                   double* out, std::byte* scratch) const = 0;

  virtual unsigned granule() const = 0;                      ///< lanes it computes at once; divides kLanes
  virtual unsigned data_lanes() const { return granule(); }  ///< that go through a map fastest
  virtual std::size_t scratch_bytes() const = 0;             ///< working memory of one call
  virtual unsigned outputs() const = 0;                      ///< columns of the result
};

}  // namespace mc::kernels
