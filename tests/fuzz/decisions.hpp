// A fuzzer's bytes read as decisions, one byte each. Where they end every decision is the first one, so that
// any bytes make a finite thing, and fewer of them a smaller one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mc::fuzz {

class Decisions {
 public:
  explicit Decisions(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  /// One of `n` choices, n ≤ 256; 0, the simplest, past the end.
  unsigned below(unsigned n) { return at_ < bytes_.size() ? bytes_[at_++] % n : 0; }
  /// No past the end.
  bool chance(unsigned percent) { return below(100) > 99 - percent; }
  bool ended() const { return at_ >= bytes_.size(); }

  template <class T, std::size_t n>
  const T& of(const T (&choices)[n]) {
    return choices[below(static_cast<unsigned>(n))];
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace mc::fuzz
