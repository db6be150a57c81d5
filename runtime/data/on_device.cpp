// Each thread keeps a device's queue full: while one stretch is computed there, it gathers the next one's
// numbers and scatters the last one's results.
#include "runtime/data/on_device.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/data/mapping.hpp"
#include "runtime/schedule/pool.hpp"

namespace mc::runtime {
namespace {

using kernels::DataQueue;
using kernels::kReduceTile;

/// Of the host's threads a device needs that many to have its numbers gathered as fast as they can be copied.
constexpr unsigned kThreadsADevice = 4;

/// A pass at work, shared by its threads.
class OnDevice {
 public:
  /// `records`: where those of a reduction's tiles go, `folds` numbers each.
  OnDevice(const Pass& pass, const OnDevices& on, double* records, std::size_t folds)
      : pass_(pass), on_(on), records_(records), folds_(folds) {}

  /// False where it was stopped.
  bool run() {
    auto work = [this, caller = std::this_thread::get_id()]() noexcept {
      take_part(std::this_thread::get_id() == caller);
    };
    Pool::shared().run(helpers(), work);
    if (failure_) std::rethrow_exception(failure_);
    return done_ == pass_.count;
  }

 private:
  struct Stretch {
    std::uint64_t first = 0, count = 0;
  };

  unsigned helpers() const {
    if (!on_.addresses.empty()) return 0;
    const std::uint64_t worth = pass_.count / (std::uint64_t{1} << 20);  // less is one stretch
    const std::uint64_t most = on_.devices.size() * kThreadsADevice;
    return static_cast<unsigned>(
               std::clamp<std::uint64_t>(std::min<std::uint64_t>(pass_.threads, most), 1, worth + 1)) -
           1;
  }

  void take_part(bool is_caller) noexcept {
    try {
      const kernels::DataDevice& device = *on_.devices[next_device_++ % on_.devices.size()];
      go_through(*device.open({.scalars = pass_.scalars.data(), .arrays = pass_.arrays}, on_.addresses),
                 is_caller);
    } catch (...) {
      halted_ = true;
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void go_through(DataQueue& queue, bool is_caller) {
    std::vector<Trail> trails;
    if (on_.addresses.empty()) trails = trails_of(pass_, 0, queue.most_data());
    std::array<Stretch, DataQueue::kDepth> under_way;
    unsigned begun = 0, finished = 0;
    for (;;) {
      while (begun - finished < DataQueue::kDepth && !halted()) {
        const Stretch next = take(queue.most_data());
        if (next.count == 0) break;
        gather(queue, next);
        queue.begin(next.first, next.count);
        under_way[begun++ % DataQueue::kDepth] = next;
      }
      if (begun == finished) return;
      const Stretch stretch = under_way[finished++ % DataQueue::kDepth];
      queue.finish();
      scatter(queue, stretch);
      for (const Trail& trail : trails) trail.passed(stretch.first / queue.most_data());
      const std::uint64_t done = done_.fetch_add(stretch.count) + stretch.count;
      if (is_caller && pass_.progress) pass_.progress(done);
    }
  }

  bool halted() {
    if (pass_.stop.stop_requested()) halted_ = true;
    return halted_;
  }

  Stretch take(std::uint64_t most) {
    const std::uint64_t first = next_.fetch_add(most);
    if (first >= pass_.count) return {};
    return {first, std::min(most, pass_.count - first)};
  }

  void gather(DataQueue& queue, Stretch stretch) const {
    if (!on_.addresses.empty()) return;
    for (std::size_t k = 0; k < pass_.reads.size(); ++k)
      copy(pass_.reads[k].array, stretch.first, stretch.count, queue.input(k));
  }

  void scatter(const DataQueue& queue, Stretch stretch) const {
    const std::uint64_t tiles = (stretch.count + kReduceTile - 1) / kReduceTile;
    std::copy_n(queue.records(), tiles * folds_, records_ + stretch.first / kReduceTile * folds_);
    if (!on_.addresses.empty()) return;
    for (std::size_t k = 0; k < pass_.writes.size(); ++k)
      copy(queue.output(pass_.reads.size() + k), pass_.writes[k].array, stretch.first, stretch.count);
  }

  const Pass& pass_;
  const OnDevices& on_;
  double* records_;
  const std::size_t folds_;
  std::atomic<std::uint64_t> next_ = 0, done_ = 0;
  std::atomic<unsigned> next_device_ = 0;
  std::atomic<bool> halted_ = false;
  std::mutex mutex_;  ///< of failure_
  std::exception_ptr failure_;
};

}  // namespace

bool map(const Map& job, const OnDevices& on) {
  return job.count == 0 || OnDevice(job, on, nullptr, 0).run();
}

bool reduce(const Reduce& job, const OnDevices& on, double* results) {
  if (job.count == 0) return reduce(job, results);
  const std::size_t tiles = (job.count + kReduceTile - 1) / kReduceTile, folds = job.folds.size();
  std::vector<double> records(tiles * folds);
  if (!OnDevice(job, on, records.data(), folds).run()) return false;
  for (std::size_t k = 0; k < folds; ++k)
    results[k] = kernels::fold_tiles(job.folds[k], records.data() + k, tiles, folds);
  return true;
}

}  // namespace mc::runtime
