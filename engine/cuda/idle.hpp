// Channels that no call uses just now: a few for each device, for whichever kernel needs one next, so that a
// thousand moments do not keep a thousand streams and their pinned memory.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/cuda/resources.hpp"

namespace mc::cuda {

/// Of Channel, which is made of a Device, knows device(), and gives up by trim() what is too large to be
/// kept.
template <class Channel>
class Idle {
 public:
  static Idle& shared() {
    static Idle& idle = *new Idle;  // calls may outlive statics
    static const bool is_known =
        (when_short_of_memory([](const Device& device) { shared().clear(device); }), true);
    (void)is_known;
    return idle;
  }

  /// One whose work is over, or a new one.
  std::unique_ptr<Channel> lease(const Device& device) {
    {
      const std::lock_guard lock(mutex_);
      std::vector<std::unique_ptr<Channel>>& idle = of_device_[&device];
      if (!idle.empty()) {
        std::unique_ptr<Channel> channel = std::move(idle.back());
        idle.pop_back();
        return channel;
      }
    }
    return std::make_unique<Channel>(device);
  }

  /// Its work is over, and nothing of it has failed.
  void give_back(std::unique_ptr<Channel> channel) {
    channel->trim();
    const std::lock_guard lock(mutex_);
    std::vector<std::unique_ptr<Channel>>& idle = of_device_[&channel->device()];
    if (idle.size() < kMost) idle.push_back(std::move(channel));
  }

 private:
  static constexpr std::size_t kMost = 8;  ///< for each device: what as many threads use side by side

  void clear(const Device& device) {
    std::vector<std::unique_ptr<Channel>> idle;  // goes when the lock is gone
    const std::lock_guard lock(mutex_);
    idle.swap(of_device_[&device]);
  }

  std::mutex mutex_;
  std::map<const Device*, std::vector<std::unique_ptr<Channel>>> of_device_;
};

}  // namespace mc::cuda
