// One mutex for everything: it is taken a few times a run, never while work is done.
#include "runtime/schedule/pool.hpp"

#include <algorithm>
#include <system_error>

#include <pthread.h>

namespace mc::runtime {

namespace {

/// A forked process has a copy of the pool and none of its threads. That copy's condition variable waits for
/// them to leave it, when it is destroyed and now and then when it wakes somebody: so the new process takes a
/// new pool and never touches the old one.
class Owner {
 public:
  Owner() {
    current = new Pool;
    pthread_atfork(nullptr, nullptr, [] { current = new Pool; });
  }
  ~Owner() { delete current; }
  static inline Pool* current = nullptr;
};

}  // namespace

Pool& Pool::shared() {
  static const Owner owner;
  return *Owner::current;
}

Pool::~Pool() {
  {
    const std::scoped_lock lock(mutex_);
    ends_ = true;
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::size_t Pool::threads() const {
  const std::scoped_lock lock(mutex_);
  return threads_.size();
}

void Pool::run(Offer& offer) {
  if (offer.wanted > 0) publish(offer);
  offer.call(offer.work);
  withdraw(offer);
}

void Pool::publish(Offer& offer) {
  const unsigned helpers = offer.wanted;
  {
    const std::scoped_lock lock(mutex_);
    grow(std::min(helpers, kMostThreads));
    offers_.push_back(&offer);
  }
  for (unsigned k = 0; k < helpers && k < kMostThreads; ++k) wanted_.notify_one();
}

void Pool::withdraw(Offer& offer) {
  std::unique_lock lock(mutex_);
  std::erase(offers_, &offer);
  offer.left.wait(lock, [&] { return offer.active == 0; });
}

void Pool::grow(unsigned threads) {
  try {
    while (threads_.size() < threads) threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {
    // No more threads to be had: whoever asked does more of the work itself.
  }
}

void Pool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [&] { return ends_ || !offers_.empty(); });
    if (ends_) return;
    Offer& offer = *offers_.front();
    ++offer.active;
    if (--offer.wanted == 0) offers_.erase(offers_.begin());
    lock.unlock();
    offer.call(offer.work);
    lock.lock();
    // Under the lock: once it is released with nobody active, the offer may be gone.
    if (--offer.active == 0) offer.left.notify_one();
  }
}

}  // namespace mc::runtime
