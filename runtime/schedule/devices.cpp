// Devices compute tiles beside the CPU, or alone: a thread drives each, batch by batch.
#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

#include "runtime/schedule/work.hpp"

namespace mc::runtime {

/// Drives a device that nobody drives, as long as there are tiles; false if there is none of either.
bool Run::drive_device(Workspace& workspace, bool is_caller) {
  const kernels::Devices& all = devices();
  const auto known = static_cast<int>(std::min<std::size_t>(all.size(), 64));
  std::uint64_t taken = taken_devices_.load(std::memory_order_relaxed);
  int number = 0;
  do {
    number = std::countr_one(taken);
    if (number >= known) return false;
  } while (!taken_devices_.compare_exchange_weak(taken, taken | std::uint64_t{1} << number));
  try {
    const bool did_some = by_device(*all[static_cast<std::size_t>(number)], static_cast<std::size_t>(number),
                                    workspace, is_caller);
    taken_devices_ &= ~(std::uint64_t{1} << number);
    return did_some;
  } catch (const DeviceLeft&) {
    return true;  // nobody takes it again
  }
}

/// Beside the CPU at most half of what is left: nobody is to wait long for the other.
std::uint64_t Run::wanted_of(const Driven& driven) const {
  if (!has_cpu()) return driven.wanted();
  return std::min(driven.wanted(), std::max<std::uint64_t>(shares_.untouched() / 2, 1));
}

/// Than one thread of the CPU, which would rather compute than drive it. The first batch is the device's
/// start.
bool Run::is_slow(const Driven& driven) const {
  const double cpu_ns = cpu_ns_;
  return has_cpu() && cpu_ns > 0 && driven.finished() > 1 && driven.tile_ns() > cpu_ns;
}

/// While one batch is computed, the last one's records are added up.
bool Run::by_device(const kernels::Device& device, std::size_t number, Workspace& workspace, bool is_caller) {
  if (const std::uint64_t done = samples_ - reused_; cpu_ns_ == 0 && done > 0) {
    const std::chrono::duration<double, std::nano> elapsed = Clock::now() - start_;
    cpu_ns_ = elapsed.count() * threads_ * kTileSamples / static_cast<double>(done);
  }
  Driven& driven = *ask_device(number, [&] { return &this->driven(device, number); });
  bool did_some = false;
  for (;; did_some = true) {
    while (!driven.is_full() && !halted_ && !is_slow(driven)) {
      const Tiles next = shares_.take(wanted_of(driven));
      if (next.empty()) break;
      ask_device(number, [&] { begin_batch(driven, next); });
    }
    if (driven.is_idle() || halted_) break;
    if (job_.timed && !did_some) begin_stretch(workspace, nullptr);
    take_batch(driven, workspace, ask_device(number, [&] { return driven.finish(); }));
    hand_in(workspace);
    if (is_caller) tell(workspace);
  }
  end_stretch(workspace);
  if (is_slow(driven)) {
    const std::scoped_lock lock(mutex_);
    outcome_.has_slow_devices = true;
    throw DeviceLeft();
  }
  return did_some;
}

void Run::begin_batch(Driven& driven, Tiles tiles) {
  try {
    driven.begin(tiles);
  } catch (...) {
    shares_.give_back(tiles);
    throw;
  }
}

/// A stop does not lose what is computed already, but for what the screened kernel would still have to do.
void Run::take_batch(Driven& driven, Workspace& workspace, const Driven::Batch& batch) {
  const Wrong wrong = job_.screened ? not_finite(batch) : Wrong{};
  const Driven::Batch screened = screen(driven, wrong);
  bool goes_on = true;
  for (std::uint64_t k = 0; k < batch.trees.count() && goes_on; ++k) {
    const Tree tree = batch.trees[k];
    const bool is_wrong = wrong.holds(tree);
    if (is_given_up(batch, k)) continue;
    if (is_wrong && screened.records != nullptr) continue;  // those of finite values are the same in both
    if (is_wrong && !is_finite(batch, k))
      goes_on = compute_screened(workspace, tree);
    else
      take_tree(workspace, batch, k);
  }
  if (screened.records == nullptr) return;
  for (std::uint64_t k = 0; k < screened.trees.count(); ++k)
    if (!is_given_up(screened, k)) take_tree(workspace, screened, k);
}

void Run::take_tree(Workspace& workspace, const Driven::Batch& batch, std::uint64_t k) {
  const std::size_t size = job_.layout->size;
  double* record = workspace.own.fresh();
  std::copy_n(batch.records + k * size, size, record);
  note(workspace, batch.trees[k], record, nullptr);
}

Run::Wrong Run::not_finite(const Driven::Batch& batch) const {
  Wrong wrong;
  for (std::uint64_t k = 0; k < batch.trees.count(); ++k) {
    if (is_given_up(batch, k) || is_finite(batch, k)) continue;
    const Tree tree = batch.trees[k];
    wrong.tiles = {wrong.count == 0 ? tree.first : wrong.tiles.first, tree.first + tree.tiles()};
    ++wrong.count;
  }
  return wrong;
}

/// As the stop had come.
bool Run::is_given_up(const Driven::Batch& batch, std::uint64_t k) const {
  return batch.records[k * job_.layout->size] < 0;
}

bool Run::is_finite(const Driven::Batch& batch, std::uint64_t k) const {
  return kernels::is_finite(*job_.layout, batch.records + k * job_.layout->size);
}

Driven::Batch Run::screen(Driven& driven, const Wrong& wrong) {
  if (wrong.count > 0) try {
      return driven.screen(wrong.tiles, wrong.count);
    } catch (...) {
      // The CPU does it; where the device has failed, what comes next shows that.
    }
  return {};
}

/// False: halted.
bool Run::compute_screened(Workspace& workspace, const Tree& tree) {
  for (std::uint64_t tile = tree.first; tile < tree.first + tree.tiles(); ++tile) {
    double* record = workspace.own.fresh();
    if (halted_.load(std::memory_order_relaxed) || !compute_with(screened(), workspace, tile, record))
      return false;
    note(workspace, {tile, 0}, record, &screened());
  }
  return true;
}

/// The run's own of that device, made by the first stage that gets that far.
Driven& Run::driven(const kernels::Device& device, std::size_t number) {
  std::unique_ptr<Driven>* mine = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    if (driven_.size() < devices().size()) driven_.resize(devices().size());
    mine = &driven_[number];
  }
  if (!*mine) {
    std::function<const kernels::Device*()> screened;
    if (job_.screened_there) screened = [this, number] { return job_.screened_there(number); };
    kernels::Arguments arguments = job_.arguments;
    arguments.stop = &halted_;
    *mine = std::make_unique<Driven>(device, arguments, job_.samples, std::move(screened));
    const std::scoped_lock lock(mutex_);
    ++outcome_.devices;
  }
  return **mine;
}

/// Amid a handler: what the device was to do others do. Where there are none, the run ends with what is done;
/// of nothing the failure is all there is.
void Run::leave_device(std::size_t number) {
  std::string words = "it failed";
  try {
    throw;
  } catch (const std::exception& error) {
    words = error.what();
  } catch (...) {
  }
  const std::scoped_lock lock(mutex_);
  if (outcome_.failed.empty()) outcome_.failure = words;
  outcome_.failed.push_back(number);
  if (number < driven_.size() && driven_[number]) {
    for (const Tiles tiles : driven_[number]->left()) shares_.give_back(tiles);
    driven_[number].reset();
  }
  if (has_cpu() || outcome_.failed.size() < devices().size()) return;
  if (samples_ == reused_) throw;
  halted_ = true;
}

}  // namespace mc::runtime
