// How lanes are laid out in registers.
#pragma once

namespace mc::jit {

inline constexpr unsigned kMaxInterleave = 8;

struct Shape {
  unsigned lanes;        ///< of one vector: its bits / 64, or / 32 (lanes.hpp)
  unsigned interleave;   ///< vectors computed side by side, so that each fills the latencies of the others
  bool streams = false;  ///< what is put into data arrays goes past the caches
  unsigned group() const { return lanes * interleave; }
};

}  // namespace mc::jit
