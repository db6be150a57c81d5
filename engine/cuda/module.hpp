// A source as machine code on a device: from the disk, from another device's, or compiled.
#pragma once

#include <cstddef>
#include <string>

#include "engine/cache/disk.hpp"
#include "engine/cuda/driver.hpp"
#include "engine/cuda/nvrtc.hpp"

namespace mc::cuda {

class Module {
 public:
  /// `like` is the same source on another device, which may be of the same kind. What is compiled is kept on
  /// the disk, where one is given. Throws Error.
  Module(const Device& device, const std::string& source, std::size_t operations, const cache::Disk* disk,
         const Module* like = nullptr);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  Function function(const char* name) const;  ///< throws Error
  /// Blocks of so many threads that run on the device side by side.
  unsigned resident_blocks(Function function, unsigned threads) const;

  const Device& device() const { return device_; }
  const Assembled& assembled() const { return assembled_; }
  bool is_from_disk() const { return is_from_disk_; }

 private:
  explicit Module(const Device& device) : device_(device) {}  ///< once this is done the destructor runs
  Result load();
  bool load_from(const cache::Disk* disk, const std::string& key);

  const Device& device_;
  Assembled assembled_;
  bool is_from_disk_ = false;
  ModuleHandle module_ = nullptr;
};

}  // namespace mc::cuda
