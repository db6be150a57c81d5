// A system call the first time a thread asks.
#include "engine/stages.hpp"

#if defined(__linux__)
#include <unistd.h>
#else
#include <functional>
#include <thread>
#endif

namespace mc {

std::uint64_t thread_number() {
#if defined(__linux__)
  thread_local const auto number = static_cast<std::uint64_t>(gettid());
#else
  thread_local const std::uint64_t number = std::hash<std::thread::id>()(std::this_thread::get_id());
#endif
  return number;
}

}  // namespace mc
