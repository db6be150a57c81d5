// Memory of a call: on its stack while there is little, so that small calls look for none.
#pragma once

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
    if (size <= most) return;
    many_ = std::make_unique_for_overwrite<std::byte[]>(size * sizeof(T));
    data_ = reinterpret_cast<T*>(many_.get());
  }
  Few(const Few&) = delete;
  Few& operator=(const Few&) = delete;

  T* data() { return data_; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t k) { return data_[k]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }

 private:
  std::size_t size_;
  T* data_ = reinterpret_cast<T*>(few_);
  std::unique_ptr<std::byte[]> many_;
  alignas(T) std::byte few_[most * sizeof(T)];  // bytes, so that nobody fills them
};

}  // namespace mc::runtime
