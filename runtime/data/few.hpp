// Memory of a call: on its stack while there is little, so that small calls look for none.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace mc::runtime {

/// `size` numbers or pointers, whatever they are at first.
template <class T, std::size_t most>
class Few {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit Few(std::size_t size) : size_(size) {
    if (size > most) many_ = std::make_unique_for_overwrite<T[]>(size);
  }
  Few(const Few&) = delete;
  Few& operator=(const Few&) = delete;

  T* data() { return many_ ? many_.get() : few_.data(); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t k) { return data()[k]; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }

 private:
  std::size_t size_;
  std::unique_ptr<T[]> many_;
  std::array<T, most> few_;
};

}  // namespace mc::runtime
