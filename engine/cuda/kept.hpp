// Cubins kept on disk: under which key and in which form.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cuda/nvrtc.hpp"

namespace mc::cuda {

/// All that a cubin depends on, as text: two lines that say for which device and with which options, then the
/// source. NVRTC's version is no part of it: all of them give the same bits, and where there is none, what
/// another one made still runs.
std::string key_of(const std::string& source, Architecture device, std::size_t operations);

/// What is kept, and back; nothing comes of what is not of this form.
std::string packed(const Assembled& made);
std::optional<Assembled> unpacked(std::string_view payload);

/// What an entry of the disk cache is, by its key.
struct Description {
  std::size_t operations = 0;  ///< of its kernel
  Architecture device = 0;
  bool is_usable = false;  ///< by this version
};
/// Nothing where it is no cubin.
std::optional<Description> described(std::string_view key);

}  // namespace mc::cuda
