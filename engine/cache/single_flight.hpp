// A cache in which each value is made once, however many threads ask for it at the same time: the first makes
// it, the others wait for it, and nobody waits for a value that he did not ask for. Bounded: what was not
// used for the longest time goes first.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mc::cache {

/// Values by key, shared: one that is forgotten lives on while somebody uses it. A value that could not be
/// made (the maker threw) is forgotten too, and everyone who waited for it gets the exception.
///
/// With a transparent Hash and Equal, `get` takes whatever these take and turns into a Key: a lookup need not
/// build one.
template <class Key, class T, class Hash = std::hash<Key>, class Equal = std::equal_to<>>
class SingleFlight {
 public:
  using Pointer = std::shared_ptr<T>;

  struct Answer {
    Pointer value;
    bool made;  ///< this call made it; otherwise it was there, or another thread made it
  };

  /// How much is kept: values whose weights add up to `most`, and always the newest one.
  struct Bound {
    std::size_t most = std::numeric_limits<std::size_t>::max();
    std::function<std::size_t(const T&)> weight = [](const T&) { return std::size_t{1}; };
  };

  SingleFlight() = default;
  explicit SingleFlight(Bound bound) : bound_(std::move(bound)) {}

  template <class Wanted, class Make>
  Answer get(const Wanted& wanted, Make&& make) {
    std::promise<Pointer> promise;
    const Claim claim = claim_or_join(wanted, promise);
    if (claim.value) return {claim.value, false};
    if (claim.flight.valid()) return {claim.flight.get(), false};
    try {
      Pointer value = std::forward<Make>(make)();
      keep(*claim.own, value);
      promise.set_value(value);
      return {std::move(value), true};
    } catch (...) {
      forget(wanted);  // first, so that who comes after the failure tries again
      promise.set_exception(std::current_exception());
      throw;
    }
  }

  /// The value if it is there, without waiting: null while somebody makes it, nothing where nobody does.
  template <class Wanted>
  std::optional<Pointer> find(const Wanted& wanted) const {
    const std::shared_lock lock(mutex_);
    const auto known = entries_.find(wanted);
    if (known == entries_.end()) return std::nullopt;
    return join(known->second).value;
  }

  /// Those that are made, in the order of their making.
  std::vector<Pointer> values() const {
    std::vector<std::pair<std::uint64_t, Pointer>> made;
    {
      const std::shared_lock lock(mutex_);
      for (const auto& [key, entry] : entries_)
        if (entry.value) made.emplace_back(entry.made, entry.value);
    }
    std::ranges::sort(made, {}, &std::pair<std::uint64_t, Pointer>::first);
    std::vector<Pointer> values;
    for (auto& [when, value] : made) values.push_back(std::move(value));
    return values;
  }

 private:
  struct Entry {
    std::shared_future<Pointer> flight;  ///< of who makes it
    Pointer value;                       ///< once it is made
    std::size_t weight = 0;
    std::uint64_t made = 0;                      ///< when, on clock_
    mutable std::atomic<std::uint64_t> used{0};  ///< when last, on clock_
  };
  using Entries = std::unordered_map<Key, Entry, Hash, Equal>;

  /// What a call finds: the value, or who makes it, or that it has to make it itself.
  struct Claim {
    Pointer value;
    std::shared_future<Pointer> flight;
    Entry* own = nullptr;
  };

  template <class Wanted>
  Claim claim_or_join(const Wanted& wanted, std::promise<Pointer>& promise) {
    {
      const std::shared_lock lock(mutex_);  // the usual case, in which callers do not hinder each other
      if (const auto known = entries_.find(wanted); known != entries_.end()) return join(known->second);
    }
    Key key(wanted);
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = entries_.try_emplace(std::move(key));
    if (!is_new) return join(at->second);
    at->second.flight = promise.get_future().share();
    return {.value = {}, .flight = {}, .own = &at->second};
  }

  Claim join(const Entry& entry) const {
    entry.used.store(++clock_, std::memory_order_relaxed);
    if (entry.value) return {.value = entry.value, .flight = {}};
    return {.value = {}, .flight = entry.flight};
  }

  template <class Wanted>
  void forget(const Wanted& wanted) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(wanted);
    total_ -= at->second.weight;
    entries_.erase(at);
  }

  /// Entries in the making stay where they are, so `entry` is still there.
  void keep(Entry& entry, const Pointer& value) {
    std::vector<Pointer> forgotten;  // destroyed without the lock
    const std::size_t weight = bound_.weight(*value);
    const std::lock_guard lock(mutex_);
    entry.value = value;
    entry.weight = weight;
    entry.made = ++clock_;
    entry.used.store(entry.made, std::memory_order_relaxed);
    total_ += weight;
    while (total_ > bound_.most && forget_oldest(entry, forgotten)) {
    }
  }

  /// A look at every entry: seldom, beside the making of a value, and there are never very many.
  bool forget_oldest(const Entry& newest, std::vector<Pointer>& forgotten) {
    auto oldest = entries_.end();
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
      if (!at->second.value || &at->second == &newest) continue;
      if (oldest == entries_.end() || at->second.used < oldest->second.used) oldest = at;
    }
    if (oldest == entries_.end()) return false;
    total_ -= oldest->second.weight;
    forgotten.push_back(std::move(oldest->second.value));
    entries_.erase(oldest);
    return true;
  }

  const Bound bound_;
  mutable std::shared_mutex mutex_;  ///< of entries_ and total_; never held while a value is made
  Entries entries_;
  std::size_t total_ = 0;  ///< weight of what is made
  mutable std::atomic<std::uint64_t> clock_{0};
};

}  // namespace mc::cache
