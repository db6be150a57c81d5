// A cache in which each value is made once, however many threads ask for it at the same time: the first makes
// it, the others wait for it.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace mc::cache {

/// Values by key, shared and immutable. A value that could not be made (the maker threw) is forgotten, and
/// everyone who waited for it gets the exception.
template <class Key, class T, class Hash = std::hash<Key>>
class SingleFlight {
 public:
  using Pointer = std::shared_ptr<T>;

  struct Answer {
    Pointer value;
    bool made;  ///< this call made it; otherwise it was there, or another thread made it
  };

  template <class Make>
  Answer get(const Key& key, Make&& make) {
    std::promise<Pointer> promise;
    std::shared_future<Pointer> future;
    {
      const std::lock_guard lock(mutex_);
      auto [entry, is_new] = entries_.try_emplace(key);
      if (!is_new)
        future = entry->second;
      else
        entry->second = promise.get_future().share();
    }
    if (future.valid()) return {future.get(), false};
    try {
      Pointer value = std::forward<Make>(make)();
      promise.set_value(value);
      return {std::move(value), true};
    } catch (...) {
      {
        const std::lock_guard lock(mutex_);
        entries_.erase(key);
      }
      promise.set_exception(std::current_exception());
      throw;
    }
  }

  /// The value if it is made already.
  Pointer find(const Key& key) const {
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.find(key);
    if (entry == entries_.end() ||
        entry->second.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
      return {};
    return entry->second.get();
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<Key, std::shared_future<Pointer>, Hash> entries_;
};

}  // namespace mc::cache
