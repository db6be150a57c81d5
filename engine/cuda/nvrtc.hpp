// CUDA's own compiler, opened at run time: libnvrtc of CUDA 12 or 13. Safe from many threads.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cuda/translate.hpp"

namespace mc::cuda {

/// A compute capability, as 90 for 9.0.
using Architecture = int;

/// No contraction, no flush to zero, IEEE's division and square root: docs/contract.md.
inline constexpr std::string_view kOptionsText =
    " -std=c++20 -default-device -fmad=false -ftz=false -prec-div=true -prec-sqrt=true -restrict";

/// What NVRTC made of a source, and what its assembler says of it.
struct Assembled {
  Architecture architecture = 0;  ///< what it was compiled for; no later than what was asked for
  /// Machine code; empty where the compiler knows no architecture of the device's generation. Such a device's
  /// driver makes its own of the PTX.
  std::string cubin;
  std::string ptx;
  unsigned registers = 0;     ///< a thread
  unsigned stack_bytes = 0;   ///< a thread, spills among them
  unsigned spill_bytes = 0;   ///< a thread, stores and loads together
  unsigned shared_bytes = 0;  ///< a block
  double compile_ms = 0;      ///< of kept ones: that finding and loading them took
};

/// Where NVRTC is looked for, beside a driver for that version of CUDA (12040 for 12.4; 0: none is open). A
/// driver loads what compilers of its own major version and of older ones made.
std::span<const char* const> nvrtc_names(int driver_version);

class Nvrtc {
 public:
  /// The process's. Throws Error where there is none, or it is too old; asks again the next time.
  static const Nvrtc& get();

  int major() const { return major_; }
  int minor() const { return minor_; }
  const std::vector<Architecture>& architectures() const { return architectures_; }  ///< ascending

  /// Throws Error with the compiler's own words.
  Assembled compile(const std::string& source, Architecture wanted) const;

 private:
  struct Functions;
  Nvrtc();
  Architecture best_for(Architecture wanted) const;

  const Functions* functions_;
  int major_ = 0, minor_ = 0;
  std::vector<Architecture> architectures_;
};

}  // namespace mc::cuda
