// A kernel's object file in executable memory without LLVM: what lies on the disk runs a millisecond after it
// was asked for, in a process that never loads a compiler. Reads what our own code generator writes for
// x86-64 (ELF, a few kinds of relocations) and nothing else; what it does not know is refused, and the kernel
// compiled anew.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace mc::jit {

class Image {
 public:
  /// Null where the object is not one that can be linked here.
  static std::unique_ptr<Image> link(std::string_view object, std::string_view symbol);
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  /// Bytes of the symbol's code in an object, 0 where it is not there: what gdb is told. LLVM's own header
  /// for that does not compile with clang 19 over GCC 12's library.
  static std::size_t bytes_of(std::string_view object, std::string_view symbol);

  void* address() const { return address_; }  ///< of the symbol

 private:
  Image(void* memory, std::size_t bytes, void* address) : memory_(memory), bytes_(bytes), address_(address) {}

  void* memory_;
  std::size_t bytes_;
  void* address_;
};

}  // namespace mc::jit
